import Foundation
import MillraceCore
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// An event that the service sends again is delivered once, and nothing else is ever held back.
@Suite(.timeLimit(.minutes(10)))
struct DeduplicationTests {
  private let id = "b921dd9f-70fc-2000-f88f-aae69070b170"

  @Test func `an event is delivered once, in one blob, in two, and days apart`() async throws {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record(id), record(id))) == [1])
    #expect(try await bench.skipped(blob(record("other"), record(id))) == [1])
    bench.now = bench.now + .seconds(7 * 86_400)
    #expect(try await bench.skipped(blob(record(id), record("third"))) == [0])
    let status = try await bench.store.status()
    #expect(status.repeats == 3)
    #expect(status.changedRepeats == 0)
    #expect(status.events == 3)
    #expect(status.feeds.map(\.repeats) == [3], "counted for the feed")
  }

  @Test func `what differs in tenant, record type or operation is another event`() async throws {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record(id))) == [])
    #expect(try await bench.skipped(blob(record(id)), tenant: 1) == [])
    #expect(try await bench.skipped(blob(record(id, type: 2))) == [])
    #expect(try await bench.skipped(blob(record(id, operation: "DlpRuleUndo"))) == [])
    #expect(try await bench.skipped(blob(record(id)), type: .general) == [0], "whatever the feed")
  }

  @Test func `a record without an Id is never a repeat`() async throws {
    let bench = try IndexBench()
    let nameless = blob(record(nil), record(nil), record(""), "{\"Id\":7}", "{\"Id\":7}")
    #expect(try await bench.skipped(nameless) == [])
    #expect(try await bench.skipped(nameless) == [])
  }

  @Test func `the order of members and escapes do not matter, other content is noticed`()
    async throws
  {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record("a/b", extra: ",\"X\":1"))) == [])
    let reordered =
      "{\"X\":1,\"RecordType\":1,\"Operation\":\"Set-Mailbox\",\"Id\":\"a/b\","
      + "\"CreationTime\":\"2026-03-01T11:00:00\"}"
    #expect(try await bench.skipped(blob(reordered)) == [0])
    #expect(try await bench.skipped(blob(record("a\\/b", extra: ",\"X\":1"))) == [0])
    #expect(try await bench.store.status().changedRepeats == 1, "the spelling of the escape")
    #expect(try await bench.skipped(blob(record("c"), record("a/b", extra: ",\"X\":2"))) == [1])
    #expect(try await bench.store.status().changedRepeats == 2)
    let listed = try await bench.store.read { (connection) throws(StoreError) in
      try connection.text(
        "SELECT group_concat(sequence || ':' || record || '>' || first_sequence) FROM changed_repeat"
      )
    }
    #expect(listed == "3:0>1,4:1>1")
  }

  @Test func `the window ends, and begins anew`() async throws {
    let bench = try IndexBench(window: .seconds(3600))
    #expect(try await bench.skipped(blob(record(id))) == [])
    bench.now = bench.now + .seconds(3600)
    #expect(try await bench.skipped(blob(record(id))) == [0])
    bench.now = bench.now + .seconds(1)
    #expect(try await bench.skipped(blob(record(id))) == [], "an hour and a second later")
    #expect(try await bench.skipped(blob(record(id))) == [0])
  }

  @Test func `switched off, everything is delivered`() async throws {
    let bench = try IndexBench(window: nil)
    #expect(try await bench.skipped(blob(record(id), record(id))) == [])
    #expect(try await bench.skipped(blob(record(id))) == [])
  }

  @Test func `a first that was dropped undelivered does not swallow the second`() async throws {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record(id))) == [])
    let dropped = try await bench.store.dropOldest(sinks: ["slow"], limit: 1, at: bench.now)
    #expect(dropped.undelivered == 1)
    #expect(try await bench.skipped(blob(record(id))) == [], "nobody ever got the first")
    #expect(try await bench.skipped(blob(record(id))) == [0])
  }

  @Test func `a first that was delivered and has gone since still stands for all`() async throws {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record(id))) == [])
    _ = try await bench.store.registerSink("s", from: .start, at: bench.now)
    try await bench.store.commitDelivery(
      of: "s", to: LogPosition(sequence: 2), events: 1, files: [], at: bench.now)
    let dropped = try await bench.store.dropDelivered(
      to: ["s"], before: nil, limit: 9, at: bench.now)
    #expect(dropped.bodies == 1 && dropped.undelivered == 0)
    #expect(try await bench.skipped(blob(record(id))) == [0])
  }

  @Test func `events of one digest are both delivered: a hit is never taken on its word`()
    async throws
  {
    let bench = try IndexBench()
    for number in 0..<3 { try await bench.append(blob(record("\(number)"), record("twice"))) }
    let deduplicator = try #require(bench.deduplicator)
    var entries: [ScannedEntry] = []
    for sequence in Int64(1)...3 {
      let stored = try #require(try await bench.store.storedEntry(sequence))
      let scanned = try #require(try ScannedEntry(stored, withKeys: true))
      let collision = [EventKey(high: 1, low: 1), EventKey(high: 1, low: 1)]
      entries.append(ScannedEntry(entry: scanned.entry, scan: scanned.scan, keys: collision))
    }
    let repeats = try await deduplicator.repeats(in: entries)
    for (number, found) in repeats.enumerated() {
      #expect(
        !found.contains { $0.record == 0 }, "body \(number): the digest alone decides nothing")
    }
  }

  @Test func `a restart forgets nothing, and a failed commit makes nothing its own repeat`()
    async throws
  {
    let bench = try IndexBench(keysMax: 8)
    for number in 0..<30 { #expect(try await bench.skipped(blob(record("\(number)"))) == []) }
    // Decided, and not committed: the disk was full, say. The keys are in memory already.
    try await bench.append(blob(record("new"), record("3")))
    let stored = try #require(try await bench.store.storedEntry(31))
    let scanned = try #require(try ScannedEntry(stored, withKeys: true))
    let first = try await bench.deduplicator?.repeats(in: [scanned])
    #expect(first?.first?.map(\.record) == [1])
    try await bench.decide()
    #expect(try await bench.store.storedEntry(31)?.head.decisions?.skipped == [1])
    try bench.restart()
    for number in 0..<30 {
      #expect(try await bench.skipped(blob(record("\(number)"), record("new"))) == [0, 1])
    }
  }
}
