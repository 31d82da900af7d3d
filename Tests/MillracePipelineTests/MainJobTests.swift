import Foundation
import MillraceCore
import MillracePipeline
import MillraceSimulator
import Testing

/// The whole way: a simulated tenant's records into files, exactly once, on good days and bad ones.
@Suite(.timeLimit(.minutes(10)))
struct MainJobTests {
  @Test func `every record of every blob reaches both sinks exactly once`() async throws {
    let bench = try Bench(Bench.options())
    let (outcome, status) = try await bench.runOnce()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    #expect(status.deadLetters == 0)
    #expect(bench.simulator.statistics.requestsWithoutPublisher == 0)
  }

  @Test func `a second run adds nothing and fetches nothing`() async throws {
    let bench = try Bench(Bench.options(events: 200))
    _ = try await bench.runOnce()
    let fetched = bench.simulator.statistics.blobsServed
    let (outcome, _) = try await bench.runOnce()
    #expect(outcome.ending == .complete)
    #expect(bench.simulator.statistics.blobsServed == fetched)
    try bench.expectEveryRecordOnce()
  }

  /// All faults that leave something to collect but the codes one by one, which random bad days
  /// have, and the huge record, which has a test of its own.
  private static let faults = SimulatedFault.allCases.filter {
    $0.effect != .lasts && $0 != .hugeRecords && !$0.rawValue.hasPrefix("af")
  }

  /// So many faults are tried side by side; those of one lane follow each other.
  private static let lanes = 10

  @Test(arguments: 0..<lanes)
  func `nothing is lost, doubled or leaked with a fault`(_ lane: Int) async throws {
    for (index, fault) in Self.faults.enumerated() where index % Self.lanes == lane {
      var options = Bench.options(events: 240, seed: 7, faults: [fault])
      // These take a pause of several seconds each time, or one that concerns every request.
      options.faults.rate = fault == .throttle403 || fault == .throttle429 ? 0.06 : 0.2
      options.faults.confineHugePages()
      try await expectComplete(try Bench(options), fault: fault.rawValue)
    }
  }

  @Test func `ids of content that are refused at first are asked for again`() async throws {
    var options = Bench.options(events: 240, seed: 7, faults: [.af20052])
    options.faults.rate = 0.06
    try await expectComplete(try Bench(options), fault: "af20052")
  }

  @Test func `nothing is lost, doubled or leaked with many faults at once`() async throws {
    var options = Bench.options(
      events: 240, seed: 11,
      faults: [
        .throttle403, .throttle429, .serverErrors, .cutBodies, .expiredBlobs, .repeatedListings,
        .shortTokens, .smallPages, .foreignContentURI, .brokenRecord, .unannounced,
      ])
    options.tokenLifetime = .seconds(5)
    // Each fault strikes seldom, as there are so many: the waits after failures are real.
    options.faults.rate = 0.05
    let bench = try Bench(options)
    try await expectComplete(bench, fault: "many")
  }

  private func expectComplete(_ bench: Bench, fault: String) async throws {
    // What appears late is found by a later run.
    var (outcome, _) = try await bench.runOnce()
    if fault == SimulatedFault.lateBlobs.rawValue { (outcome, _) = try await bench.runOnce() }
    #expect(outcome.ending == .complete, "\(fault): \(outcome.owed)")
    try bench.expectEveryRecordOnce(fault)
    let statistics = bench.simulator.statistics
    #expect(statistics.foreignRequestsWithToken == 0, "\(fault)")
    #expect(statistics.foreignRequests == 0, "\(fault)")
    #expect(statistics.requestsWithoutPublisher == 0, "\(fault)")
  }
}
