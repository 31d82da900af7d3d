import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import Testing

@testable import MillracePipeline

/// What happens while nobody looks is found afterwards, and what one feed may not read is no matter
/// of the others.
@Suite(.timeLimit(.minutes(10)))
struct MissedTimeTests {
  private func open(
    _ bench: Bench, clock: MovableClock, more: String = ""
  ) async throws -> Collector {
    let text = bench.configurationText().replacing(
      "poll_interval: 1s", with: "poll_interval: 1s" + more)
    return try await Collector.open(
      Configuration.parse(Array(text.utf8), name: "test.yaml", environment: [:]), workers: 2,
      log: .silent, clock: clock)
  }

  @Test func `a machine that sleeps for three days gets all that came meanwhile`() async throws {
    let clock = MovableClock()
    var options = Bench.options(events: 600, eventsPerBlob: 6)
    options.clock = clock
    options.ahead = .seconds(3 * 86_400 - 7200)
    let bench = try Bench(options)
    let expected = try bench.expectedLines()
    let collector = try await open(bench, clock: clock)
    let running = Task { await collector.run(.continuous) }
    let now = clock.now()
    let there = bench.simulator.oracle.blobs.filter { $0.created < now - .seconds(120) }
      .reduce(0) { $0 + $1.recordCount }
    #expect(there > 0 && there < expected.count, "some is there, and some comes")
    while try await !collector.hasDelivered(there) { await collector.changes() }
    #expect(try bench.rawLines().count < expected.count)
    // Both clocks go on while the machine stands still, and all tokens have ended.
    clock.set(ahead: .seconds(3 * 86_400))
    while try await !collector.hasDelivered(expected.count) { await collector.changes() }
    collector.stop()
    _ = await running.value
    collector.close()
    try bench.expectEveryRecordOnce()
    #expect(bench.simulator.statistics.listingsInFuture == 0)
  }

  @Test func `what appears late with an old time of creation is found by listing again`()
    async throws
  {
    var options = Bench.options(events: 300, eventsPerBlob: 6, faults: [.lateBlobs])
    // Long after each feed was listed for the first time.
    options.faults.lateAfterRequests = 150
    let bench = try Bench(options)
    let expected = try bench.expectedLines()
    let collector = try await open(
      bench, clock: MovableClock(), more: "\n    relist: {span: 6d, every: 1s}")
    let running = Task { await collector.run(.continuous) }
    while try await !collector.hasDelivered(expected.count) { await collector.changes() }
    collector.stop()
    _ = await running.value
    collector.close()
    try bench.expectEveryRecordOnce()
  }

  @Test func `a feed without its permission does not disturb the others`() async throws {
    var options = Bench.options(events: 200)
    var rule = FaultRule(.af10001)
    rule.contentTypes = [.dlp]
    rule.rate = 1
    options.faults.rules = [rule]
    let bench = try Bench(options)
    let (outcome, status) = try await bench.runOnce()
    #expect(outcome.ending == .owed && outcome.kinds == [.permissionMissing])
    #expect(outcome.owed.allSatisfy { $0.contains("DLP.All") }, "\(outcome.owed)")
    let others = bench.simulator.oracle.blobs.filter { $0.feed.contentType != .dlp }
    #expect(try bench.rawLines().count == others.reduce(0) { $0 + $1.recordCount })
    #expect(status.feeds.filter { $0.contentType != "DLP.All" }.allSatisfy { $0.owed == 0 })
  }
}
