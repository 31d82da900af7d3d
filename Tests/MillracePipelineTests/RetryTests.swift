import MillraceCore
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// What could not be parsed and is entered into the log again goes the normal way, without bringing
/// anything twice.
@Suite(.timeLimit(.minutes(10)))
struct RetryTests {
  /// Retries all that is open, decides, and returns what is open then.
  private func retry(_ bench: IndexBench) async throws -> [StoredDeadLetter] {
    let moment = bench.now
    let desk = DeadLetterDesk(store: bench.store, sinks: ["siem"], now: { moment })
    let open = try await bench.store.openDeadLetterCounts().values.reduce(0, +)
    let outcome = try await desk.retry(DeadLetterOrder())
    #expect(outcome.closed == open)
    try await bench.decide()
    return try await bench.store.openDeadLetters(limit: 100)
  }

  /// Gives a letter other bytes, as a parser that knows more would read them otherwise.
  private func mend(_ bench: IndexBench, _ id: Int64, to text: String) async throws {
    try await bench.store.write { (connection) throws(StoreError) in
      try connection.run("UPDATE dead_letter SET bytes = ?2 WHERE id = ?1") {
        (statement) throws(StoreError) in try statement.bind(1, id).bind(2, Array(text.utf8))
      }
    }
  }

  private func decisions(_ bench: IndexBench, _ sequence: Int64) async throws -> Decisions {
    try #require(try await bench.store.storedEntry(sequence)?.head.decisions)
  }

  @Test(arguments: [
    "7", "\"text\"", "null", "[1]", "{\"Id\":\"1\",\"a\":}", "{\"Id\":\"1\",\"a\":\"torn",
    "{\"Id\"",
    "{\"a\":[1,", "{]", "}",
  ])
  func `a record that cannot be parsed again stays one letter with the bytes it had`(
    text: String
  ) async throws {
    let bench = try IndexBench()
    try await bench.append("[\(record("good")),\(text)")
    try await bench.decide()
    // Bytes that are one letter, whatever else is said of the body they came in.
    let first = try await bench.store.openDeadLetters(limit: 10)
    let letter = try #require(first.first { $0.kind == .record } ?? first.first)
    _ = try await bench.store.dropDeadLetters(
      first.map(\.id).filter { $0 != letter.id }, at: bench.now)
    let bytes = try await bench.store.deadLetterBytes(letter.id)
    for attempt in 2...4 {
      let open = try await retry(bench)
      #expect(open.count == 1 && open.first?.kind == letter.kind, "\(open)")
      #expect(open.first?.attempts == attempt)
      let again = try await bench.store.deadLetterBytes(try #require(open.first).id)
      #expect(again == bytes)
    }
    #expect(try await bench.store.status().events == 1, "the good one, once")
  }

  @Test func `a record that can be parsed now is an event for all, unless it is known`()
    async throws
  {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record("known"), "1", "2")) == [1, 2])
    try await mend(bench, 1, to: record("new"))
    try await mend(bench, 2, to: record("known"))
    #expect(try await retry(bench).isEmpty)
    #expect(try await decisions(bench, 2).skipped == [])
    #expect(try await decisions(bench, 3).skipped == [0])
    let head = try #require(try await bench.store.storedEntry(2)?.head)
    #expect(head.onlySink == nil && head.attempt == 2)
    // It is known from here on.
    #expect(try await bench.skipped(blob(record("new"), record("other"))) == [0])
    let status = try await bench.store.status()
    #expect(status.events == 3 && status.deadLetters == 0 && status.repeats == 2)
  }

  @Test(arguments: [nil, Duration.seconds(3600)])
  func `of a blob that is retried, what was an event before its damage is none again`(
    window: Duration?
  ) async throws {
    // Neither deduplication that is off, nor a window that is over, nor the lack of an Id makes a
    // record an event twice.
    let bench = try IndexBench(window: window)
    let damaged = "[\(record("1")),7,\(record(nil))"
    #expect(try await bench.skipped(damaged) == [1])
    #expect(
      try await bench.store.openDeadLetterCounts() == [.blob: 1, .record: 1])
    let letters = try await bench.store.openDeadLetters(limit: 10)
    let whole = try #require(letters.first { $0.kind == .blob })
    let lone = try #require(letters.first { $0.kind == .record })
    _ = try await bench.store.dropDeadLetters([lone.id], at: bench.now)
    bench.now = bench.now + .seconds(7200)

    let again = try await retry(bench)
    #expect(again.map(\.kind) == [.blob] && again.map(\.attempts) == [2])
    #expect(try await decisions(bench, 2).skipped == [0, 1, 2])
    #expect(try await bench.store.deadLetterBytes(again[0].id) == Array(damaged.utf8))

    try await mend(bench, again[0].id, to: damaged + ",\(record("new"))]")
    #expect(try await retry(bench).isEmpty)
    #expect(try await decisions(bench, 3).skipped == [0, 1, 2], "only what is behind them is new")
    #expect(try await bench.store.status().events == 3)
    #expect(try await bench.store.deadLetter(whole.id)?.closing == .retried(as: 2))
    if window != nil {
      #expect(try await bench.skipped(blob(record("new"))) == [0], "and known from here on")
      #expect(
        try await bench.skipped(blob(record("1"))) == [], "its window was over before the retry")
    }
  }

  @Test func `an event that a sink refused is neither looked up nor kept`() async throws {
    let bench = try IndexBench()
    #expect(try await bench.skipped(blob(record("1"))) == [])
    _ = try await bench.store.registerSink("siem", from: .start, at: bench.now)
    try await bench.store.commitDelivery(
      of: "siem", to: LogPosition(sequence: 2),
      DeliveredBatch(
        events: 0,
        refused: [
          RefusedRecord(
            position: LogPosition(sequence: 1), reason: "no", bytes: Array(record("1").utf8))
        ]), at: bench.now)
    #expect(try await retry(bench).isEmpty)
    #expect(try await decisions(bench, 2).skipped == [], "this sink has not had it")
    let keys = try await bench.store.read { (connection) throws(StoreError) in
      try connection.integer("SELECT count(*) FROM key_block WHERE sequence = 2")
    }
    #expect(keys == 0)
    for _ in 1...2 {
      #expect(try await bench.skipped(blob(record("1"))) == [0])
      try bench.restart()
    }
  }
}
