import Foundation
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceSimulator
import Testing

/// Faults that no waiting mends: a single run ends, says what it owes, and delivers the rest.
@Suite(.timeLimit(.minutes(10)))
struct StandingFaultTests {
  @Test func `an entry that names no blob is owed, and all others are delivered`() async throws {
    let bench = try Bench(Bench.options(events: 100, faults: [.brokenEntry]))
    let (outcome, _) = try await bench.runOnce(patience: .seconds(30))
    #expect(outcome.ending == .owed)
    #expect(outcome.owed.count == 5, "one line for each feed: \(outcome.owed)")
    #expect(outcome.owed.allSatisfy { $0.contains("not listed completely: 1 entries") })
    try bench.expectEveryRecordOnce()
  }

  @Test(arguments: RequestQuota.Refusal.allCases)
  func `a single run waits no longer than its patience, however long the service asks it to`(
    refusal: RequestQuota.Refusal
  ) async throws {
    var options = Bench.options(events: 20)
    options.quota = RequestQuota(requests: 0, per: .seconds(3600), refusal: refusal)
    let bench = try Bench(options)
    let isNamed = { (outcome: RunOutcome) in outcome.owed.contains { $0.contains("AF429") } }
    let (outcome, _) = try await bench.runOwing(until: isNamed)
    #expect(outcome.ending == .owed)
    #expect(outcome.kinds == [.throttled])
    #expect(outcome.owed.contains { $0.contains("AF429: Too many") }, "\(outcome.owed)")
  }

  @Test func `what the first twelve hours hide is delivered after them`() async throws {
    let clock = MovableClock()
    var options = Bench.options(events: 60, faults: [.firstDelay])
    options.clock = clock
    options.tokenLifetime = .seconds(86_400)
    let bench = try Bench(options)
    let (early, _) = try await bench.runOnce()
    #expect(early.ending == .complete)
    #expect(try bench.rawLines().isEmpty)
    clock.set(ahead: .seconds(12 * 3600 + 60))
    let (late, _) = try await bench.runOnce()
    #expect(late.ending == .complete, "\(late.owed)")
    // The service's week has gone on: the oldest content is out of reach, and that is said.
    let horizon = clock.now() - Limits.windowReach
    let reachable = bench.simulator.oracle.blobs.filter { $0.created > horizon }
    #expect(try bench.rawLines().count == reachable.reduce(0) { $0 + $1.recordCount })
  }

  @Test func `without permission a single run says so and ends`() async throws {
    let bench = try Bench(Bench.options(events: 20, faults: [.noKey500]))
    let (outcome, _) = try await bench.runOnce()
    #expect(outcome.ending == .owed)
    #expect(outcome.kinds == [.permissionMissing])
  }

  @Test func `a record of five megabytes passes`() async throws {
    var options = Bench.options(events: 20)
    var rule = FaultRule(.hugeRecords)
    rule.contentTypes = [.dlp]
    options.faults.rules = [rule]
    let bench = try Bench(options)
    let (outcome, _) = try await bench.runOnce(patience: .seconds(60))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    #expect(try bench.rawLines().contains { $0.utf8.count > 5_000_000 })
  }
}
