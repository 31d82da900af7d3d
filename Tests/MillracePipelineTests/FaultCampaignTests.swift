import Foundation
import MillraceCore
import MillracePipeline
import MillraceSimulator
import Testing

/// The whole way through random bad days: a real store, real sockets, real files. What must hold is
/// always the same: every record listed and alive reaches every sink once; no token elsewhere; no
/// request beyond the quota; none of a time to come.
@Suite(.timeLimit(.minutes(30)))
struct FaultCampaignTests {
  /// Days that went wrong once, kept: 42, where starts are answered "already enabled".
  private static let kept: [UInt64] = [42]

  private static let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"

  /// Days that are soon over though faults strike on them, the waits after failures being real.
  private static let short: [UInt64] = [
    206, 208, 210, 213, 214, 215, 217, 218, 227, 230, 231, 233, 235, 237, 247, 251, 260, 266, 267,
    271, 274, 279, 285, 287, 304, 306, 311,
  ]

  /// The days of this run. Nightly ones are others each day of the year, so that a year sees a
  /// hundred thousand; a day that fails is named by its number and can be kept above.
  private static let seeds: [UInt64] = {
    guard isNightly else { return short }
    let day = UInt64(Date().timeIntervalSince1970) / 86_400
    // The one beyond them had five feeds count the failure of one token five times.
    return Array(1...200) + [20_783_011] + (0..<300).map { 1000 + day * 1000 + $0 }
  }()

  /// So many days pass side by side; those of one lane follow each other.
  private static let lanes = 24

  @Test(arguments: 0..<lanes)
  func `random bad days lose, double and leak nothing`(_ lane: Int) async throws {
    for (index, number) in (Self.kept + Self.seeds).enumerated() where index % Self.lanes == lane {
      try await passDay(number)
    }
  }

  private func passDay(_ number: UInt64) async throws {
    let seed = FaultSeed(number)
    let bench = try Bench(seed.options)
    var (outcome, _) = try await run(bench, seed)
    if seed.options.faults.faults.contains(.lateBlobs) { (outcome, _) = try await run(bench, seed) }
    let name = seed.testDescription
    #expect(outcome.ending == .complete, "\(name): \(outcome.owed)")
    try expectEveryEventOnce(bench, name)
    let statistics = bench.simulator.statistics
    #expect(statistics.foreignRequests == 0, "\(name)")
    #expect(statistics.foreignRequestsWithToken == 0, "\(name)")
    #expect(statistics.requestsWithoutPublisher == 0, "\(name)")
    #expect(statistics.requestsBeyondQuota == 0, "\(name)")
    #expect(statistics.listingsInFuture == 0, "\(name)")
  }

  private func run(
    _ bench: Bench, _ seed: FaultSeed
  ) async throws -> (outcome: RunOutcome, status: StatusReport) {
    let tenants = seed.options.tenants.count
    let text = bench.configurationText(tenants: tenants).replacing(
      "requests_per_minute: 100000", with: "requests_per_minute: \(FaultSeed.requestsPerMinute)")
    return try await bench.runOnce(text: text, patience: .seconds(180))
  }

  /// Compares by ids, as an event may come first in a place that writes it in other bytes.
  private func expectEveryEventOnce(_ bench: Bench, _ name: String) throws {
    let expected = try bench.simulator.oracle.expectedRecords().map(id).sorted()
    let raw = try bench.rawLines().map { try id(Array($0.utf8)) }.sorted()
    let isSame = raw == expected
    let missing = Set(expected).subtracting(raw)
    let doubled = raw.count - Set(raw).count
    #expect(isSame, "\(name): \(missing.count) missing, \(doubled) doubled")
    let native = try bench.nativeLines().map { line in
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(event?["id"] as? String)
    }
    let isSameNative = native.sorted() == expected
    #expect(isSameNative, "\(name): \(native.count) native events of \(expected.count)")
  }

  private func id(_ record: [UInt8]) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(record)) as? [String: Any]
    return try #require(object?["Id"] as? String)
  }
}
