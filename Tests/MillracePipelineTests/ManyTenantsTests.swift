import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import Testing

@testable import MillracePipeline

/// Many tenants in one process: all are served, none beyond its quota, and the trouble of one is
/// not the trouble of another.
@Suite(.timeLimit(.minutes(10)))
struct ManyTenantsTests {
  @Test func `all tenants are served within their quotas`() async throws {
    let count = 24
    var options = Bench.options(events: count * 20, eventsPerBlob: 2)
    options.tenants = SimulatorOptions.tenants(count)
    // What a minute may hold, as a sliding window sees it.
    options.quota = RequestQuota(requests: 600)
    let bench = try Bench(options)
    let tenants = options.tenants.enumerated().map { number, tenant in
      bench.tenantText(tenant, name: "tenant\(number)")
    }
    let text = bench.text(tenants).replacing(
      "requests_per_minute: 100000", with: "requests_per_minute: 600")
    let (outcome, status) = try await bench.runOnce(text: text, patience: .seconds(120))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    #expect(bench.simulator.statistics.requestsBeyondQuota == 0)
    let budgets = try #require(status.run?.budgets)
    #expect(budgets.count == count)
    #expect(budgets.allSatisfy { $0.throttled == 0 && $0.requestsPerMinute == 600 })
    #expect(budgets.allSatisfy { $0.requestsLastMinute <= 600 })
  }

  @Test func `throttling lowers the limit of the tenant, and is shown`() async throws {
    // Refused at random, so that it happens however slow the machine is.
    let bench = try Bench(Bench.options(events: 100, faults: [.throttle403]))
    let (outcome, status) = try await bench.runOnce(patience: .seconds(120))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    let budget = try #require(status.run?.budgets?.first)
    #expect(budget.throttled > 0)
    #expect(budget.throttled == status.run?.requestsThrottled)
    #expect(budget.requestsPerMinute < 100_000, "\(budget)")
    let metrics = Metrics.text(status)
    #expect(metrics.contains("millrace_tenant_requests_per_minute_limit{tenant=\"contoso\"}"))
    #expect(
      metrics.contains(
        "millrace_tenant_requests_throttled_total{tenant=\"contoso\"} \(budget.throttled)"))
  }

  @Test func `a tenant whose every answer hangs does not slow down another`() async throws {
    var slow = Bench.options(events: 200, eventsPerBlob: 1, faults: [.slowBodies])
    slow.faults.rate = 1
    // Four pieces to a body: an answer takes minutes.
    slow.faults.slowBodyPause = .seconds(60)
    let hanging = try Bench(slow)
    var quick = Bench.options(events: 600, eventsPerBlob: 2)
    quick.tenants = [SimulatorOptions.tenants(2)[1]]
    let bench = try Bench(quick)
    let tenants = bench.tenantText(quick.tenants[0], name: "quick")
    let stuck = hanging.tenantText(SimulatorOptions.tenants(1)[0], name: "stuck")
    let text = bench.text([tenants, stuck])
    let collector = try await Collector.open(
      Configuration.parse(Array(text.utf8), name: "test.yaml", environment: [:]), workers: 2,
      log: .silent)
    let running = Task { await collector.run(.continuous) }
    let expected = try bench.expectedLines()
    // All of the quick one arrives while the other's first answers are still on their way.
    while try await !collector.hasDelivered(expected.count) {
      await collector.changes()
    }
    #expect(hanging.simulator.statistics.requestCount > 0)
    collector.stop()
    running.cancel()
    _ = await running.value
    collector.close()
    #expect(try bench.rawLines() == expected)
  }
}

extension Collector {
  /// Whether every sink has so many events, as its cursor says: files are written to meanwhile.
  func hasDelivered(_ count: Int) async throws -> Bool {
    // A sink is known to the store once it has begun.
    let sinks = try await status().sinks
    return sinks.count == deliveries.count && sinks.allSatisfy { $0.deliveredEvents >= count }
  }

  /// Waits until something happened, or a moment at most: some changes are not told of.
  func changes() async {
    await activity.changed.wait(beyond: activity.changed.count, atMost: .milliseconds(50))
  }
}

extension Bench {
  /// A configuration for these tenants, with the sinks that are looked at.
  func text(_ tenants: [String]) -> String {
    """
    store: {path: '\(storePath)'}
    tenants:
    \(tenants.joined(separator: "\n"))
    sinks:
      raw: {type: file, path: '\(rawPath)', format: raw}
      archive: {type: file, path: '\(folder.path)/archive/{tenant}-{content_type}.ndjson'}
    """
  }

  /// The configuration of one tenant of this bench's service.
  func tenantText(_ tenant: SimulatedTenantOptions, name: String) -> String {
    """
      - id: \(tenant.tenantID)
        name: \(name)
        client_id: \(tenant.clientID)
        credential: {client_secret: 'simulated-secret'}
        cloud:
          login: '\(simulator.loginURL)'
          api: '\(simulator.baseURL)'
          resource: 'https://manage.office.com'
        requests_per_minute: 100000
        poll_interval: 1s
    """
  }
}
