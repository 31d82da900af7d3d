import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

/// Plan files, quotas and many tenants in one simulator.
@Suite(.timeLimit(.minutes(10)))
struct PlanTests {
  private func plan(_ text: String) throws -> SimulationPlan {
    try SimulationPlan.parse(
      Array(text.utf8), name: "plan.yaml", words: SimulatorOptions.planWords, environment: [:])
  }

  private func world(
    _ text: String, tenants: Int = 1, clock: HandClock = HandClock()
  ) throws -> SimulatedWorld {
    var options = SimulatorOptions(
      tenants: SimulatorOptions.tenants(tenants), content: .generated(events: 100, seed: 7),
      eventsPerBlob: 10, faults: FaultPlan(rate: 0), clock: clock)
    options.follow(try plan(text))
    return try SimulatedWorld(options)
  }

  private func statuses(_ world: SimulatedWorld, _ count: Int, _ path: String) -> [Int] {
    (0..<count).map { _ in world.call("GET", path)?.status ?? 0 }
  }

  @Test func `a rule with a rate of 1 fails every attempt, as often as it says`() throws {
    let world = try world(
      """
      faults:
        - {fault: server-errors, rate: 1, requests: [list-subscriptions], times: 6}
      """)
    world.authenticate()
    let statuses = statuses(world, 9, "subscriptions/list")
    #expect(statuses[..<6].allSatisfy { $0 >= 500 })
    #expect(statuses[6...].allSatisfy { $0 == 200 })
  }

  @Test func `a rule comes and goes by the service's clock`() throws {
    let clock = HandClock()
    let world = try world(
      "{faults: [{fault: throttle-403, rate: 1, from: 10s, until: 20s}]}", clock: clock)
    world.authenticate()
    #expect(statuses(world, 3, "subscriptions/list") == [200, 200, 200])
    clock.advance(.seconds(10))
    #expect(statuses(world, 3, "subscriptions/list") == [403, 403, 403])
    clock.advance(.seconds(10))
    #expect(statuses(world, 3, "subscriptions/list") == [200, 200, 200])
  }

  @Test func `a rule concerns the tenants and the feeds it names`() throws {
    let world = try world(
      """
      faults:
        - {fault: resets, rate: 1, tenants: [tenant1.example.com]}
        - {fault: af50000, rate: 1, content_types: [Audit.Exchange]}
      """, tenants: 3)
    let other = SimulatorOptions.tenants(3)[1]
    #expect(world.login(tenant: other.tenantID) == nil)
    world.authenticate()
    world.subscribe()
    let now = world.clock.now()
    #expect(world.list(.exchange, from: now - .seconds(60), to: now)?.status == 500)
    #expect(world.list(.general, from: now - .seconds(60), to: now)?.status == 200)
  }

  @Test func `tenants have blobs, tokens and subscriptions of their own`() throws {
    let tenants = SimulatorOptions.tenants(50)
    #expect(Set(tenants.map(\.tenantID)).count == 50)
    #expect(Set(tenants.map(\.domain)).count == 50)
    let simulator = try Simulator(
      SimulatorOptions(tenants: tenants, content: .generated(events: 500, seed: 1)))
    #expect(Set(simulator.oracle.blobs.map(\.feed.tenant)).count == 50)
    #expect(simulator.oracle.expectedRecordCount == 500)
  }

  @Test(arguments: ["403", "429", "429-retry-after"])
  func `a quota lets so many requests through in each span`(_ form: String) throws {
    let clock = HandClock()
    let world = try world(
      "{quota: {requests: 3, per: 1m, answer: \(form)}}", clock: clock)
    world.authenticate()
    #expect(statuses(world, 3, "subscriptions/list") == [200, 200, 200])
    clock.advance(.seconds(20))
    let refusal = try #require(world.call("GET", "subscriptions/list"))
    #expect(refusal.status == Int(form.prefix(3)))
    #expect(refusal.text.contains("AF429"))
    #expect(refusal.text.contains("PublisherId=\(SimulatedWorld.publisher)"))
    #expect(refusal.header("Retry-After") == (form == "429-retry-after" ? "41" : nil))
    #expect((world.json(refusal.body) == nil) == (form == "403"), "single quotes are no JSON")
    clock.advance(.seconds(40))
    #expect(statuses(world, 4, "subscriptions/list").count { $0 == 200 } == 3)
    #expect(world.simulator.statistics.requestsBeyondQuota == 2)
  }

  @Test func `requests without a publisher share one bucket`() throws {
    let world = try world("{quota: {requests: 1, by: publisher}}")
    world.authenticate()
    #expect(world.call("GET", "subscriptions/list")?.status == 200)
    let bare = world.root() + "subscriptions/list"
    #expect(world.call("GET", target: bare)?.status == 200)
    let refusal = world.call("GET", target: bare)
    #expect(refusal?.text.contains("PublisherId=00000000-0000-0000-0000-000000000000") == true)
  }

  @Test func `a clock runs ahead and faster`() throws {
    let clock = HandClock()
    let service = ServiceClock(clock, ahead: .seconds(-60), speed: 100)
    #expect(service.now() == clock.now() - .seconds(60))
    clock.advance(.seconds(2))
    #expect(service.now() == clock.now() + .seconds(138))
    let options = try plan("{seed: 9, clock: {behind: 5m}, window_slack: 1h}")
    #expect(options.seed == 9 && options.clockAhead == .seconds(-300))
    #expect(options.windowSlack == .seconds(3600))
  }

  @Test func `what is wrong with a plan is said at once, with its place`() throws {
    let text = """
      sed: 1
      quota: {per: 1m}
      faults:
        - {fault: throttle-404}
        - {rate: 2, requests: [fetch]}
      """
    let error = #expect(throws: ConfigurationError.self) { try plan(text) }
    let lines = (error?.description ?? "").split(separator: "\n")
    #expect(lines.count == 6)
    for words in [
      "unknown key \"sed\"", "\"requests\" is missing", "did you mean \"throttle-40",
      "\"fault\" is missing", "is not a number from 0 to 1", "did you mean \"fetch-content\"?",
    ] {
      #expect(lines.contains { $0.contains(words) }, "\(words)")
    }
  }

  @Test func `listings of a time to come are counted`() throws {
    let world = try world("{}")
    world.authenticate()
    world.subscribe()
    let now = world.clock.now()
    _ = world.list(.general, from: now - .seconds(60), to: now)
    #expect(world.simulator.statistics.listingsInFuture == 0)
    _ = world.list(.general, from: now - .seconds(60), to: now + .seconds(60))
    #expect(world.simulator.statistics.listingsInFuture == 1)
  }
}
