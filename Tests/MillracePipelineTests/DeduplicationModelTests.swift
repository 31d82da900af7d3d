import Foundation
import MillraceCore
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Random streams of events, repeats and restarts against a plain dictionary.
@Suite(.timeLimit(.minutes(10)))
struct DeduplicationModelTests {
  /// Seeds that once failed stay; the others are as good as any.
  static let seeds: [UInt64] = [1, 2, 3, 4]

  @Test(arguments: seeds)
  func `runs, merges, expiry and restarts agree with a dictionary`(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let window = Duration.seconds(4 * 3600)
    // Few keys in memory and, in one case, no room for filters: everything goes through runs.
    let bench = try IndexBench(
      window: window, keysMax: 12, filterBytesMax: seed == 3 ? 0 : Limits.keyFilterBytesMax)
    var firsts: [Int: Timestamp] = [:]
    var next = 0
    for step in 0..<400 {
      bench.now = bench.now + .seconds(Int64.random(in: 0...120, using: &random))
      var numbers: [Int] = []
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        if next > 0, Int.random(in: 0..<3, using: &random) == 0 {
          numbers.append(Int.random(in: max(0, next - 300)..<next, using: &random))
        } else {
          numbers.append(next)
          next += 1
        }
      }
      var expected: [UInt32] = []
      for (ordinal, number) in numbers.enumerated() {
        if let first = firsts[number], bench.now - first <= window {
          expected.append(UInt32(ordinal))
        } else {
          firsts[number] = bench.now
        }
      }
      let body = "[" + numbers.map { record("id-\($0)") }.joined(separator: ",") + "]"
      let skipped = try await bench.skipped(body)
      #expect(skipped == expected, "seed \(seed), step \(step)")
      switch Int.random(in: 0..<10, using: &random) {
      case 0: try bench.restart()
      case 1...4: try await bench.maintain()
      default: break
      }
    }
    try await bench.maintain()
    let runs = try await bench.store.keyRuns()
    #expect(
      runs.contains { $0.level > 0 }, "runs were merged, or this test shows less than it says")
    #expect(runs.allSatisfy { bench.now - $0.newest <= window }, "old runs are gone")
    let rows = try await bench.store.read { (connection) throws(StoreError) in
      try connection.integer(
        """
        SELECT (SELECT count(*) FROM key_page WHERE run_id NOT IN (SELECT id FROM key_run))
          + (SELECT count(*) FROM key_filter WHERE run_id NOT IN (SELECT id FROM key_run))
          + (SELECT count(*) FROM key_run WHERE state <> 'complete')
        """)
    }
    #expect(rows == 0, "nothing is left of what was replaced")
  }

  @Test func `a filter never denies a key it was given, and seldom claims another`() {
    var random = SeededGenerator(seed: 5)
    var filter = KeyFilter(keyCount: 10_000)
    let keys = (0..<10_000).map { _ in EventKey(high: random.next(), low: random.next()) }
    for key in keys { filter.insert(key) }
    #expect(keys.allSatisfy { filter.mayContain($0) })
    let claimed = (0..<10_000).count { _ in
      filter.mayContain(EventKey(high: random.next(), low: random.next()))
    }
    #expect(claimed < 200, "\(claimed) of 10,000 strangers")
  }
}
