import Foundation
import MillraceCore
import MillraceSimulator
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Blobs that are too large for memory go through a file and into the log in parts.
@Suite(.timeLimit(.minutes(10)))
struct HugeBlobTests {
  @Test func `every record of blobs of many megabytes reaches both sinks exactly once`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 24_000, eventsPerBlob: 12_000, seed: 3))
    let (outcome, status) = try await bench.runOnce()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    #expect(status.bodies > bench.simulator.statistics.blobsServed, "some came in parts")
    let store = try Store(folder: bench.storePath, access: .inspect)
    defer { store.close() }
    let facts = try await store.read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT max(part_count), max(byte_count), (SELECT max(length(bytes)) FROM body),
          (SELECT max(byte_count) FROM body),
          (SELECT count(*) FROM log WHERE part_count <> (
            SELECT count(*) FROM log AS others WHERE others.content_id = log.content_id))
        FROM log
        """,
        { (_) throws(StoreError) in },
        { (row) throws(StoreError) in (0..<5).map { row.integer($0) } })
    }
    let numbers = try #require(facts)
    #expect(numbers[0] > 3)
    #expect(numbers[1] <= Int64(Limits.ordinaryBlobBytesMax))
    #expect(numbers[2] <= 1 << 20 && numbers[3] <= 1 << 20, "rows are of bounded size")
    #expect(numbers[4] == 0, "the parts of a blob are all there")
  }

  @Test func `a huge blob that is cut short is fetched again`() async throws {
    var options = Bench.options(
      events: 12_000, eventsPerBlob: 12_000, seed: 7, faults: [.cutBodies])
    options.faults.rate = 0.2
    let bench = try Bench(options)
    let (outcome, _) = try await bench.runOnce()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
  }
}
