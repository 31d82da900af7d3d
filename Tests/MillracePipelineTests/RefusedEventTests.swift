import MillraceCore
import MillraceEvents
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// An event that a sink refuses for good costs itself alone.
@Suite(.timeLimit(.minutes(10)))
struct RefusedEventTests {
  private let bad = record("bad")

  private func letters(_ collector: Collector) async throws -> [StoredDeadLetter] {
    try await collector.store.openDeadLetters(limit: 100)
  }

  @Test func `the event becomes a dead letter, and the rest of its batch goes on`() async throws {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    let other = PickySink(name: "other")
    let collector = try bench.collector([picky, other])
    defer { collector.close() }
    try await collector.add(blob(record("1"), bad, record("2")))
    try await collector.add(blob(record("3")))
    let outcome = await collector.run(.once(patience: .seconds(120)))
    #expect(outcome.ending == .complete, "what is refused is not owed: \(outcome.owed)")
    #expect(await picky.received == [record("1"), record("2"), record("3")])
    #expect(await other.received == [record("1"), bad, record("2"), record("3")])

    let letter = try #require(try await letters(collector).first)
    #expect(try await letters(collector).count == 1)
    #expect(letter.kind == .event && letter.sink == "picky" && letter.attempts == 1)
    #expect(letter.sequence == 1 && letter.record == 1 && letter.reason == "400: unknown field")
    #expect(try await collector.store.deadLetterBytes(letter.id) == Array(bad.utf8))

    let status = try await collector.status()
    let sink = try #require(status.sinks.first { $0.name == "picky" })
    #expect(sink.deliveredEvents == 3 && sink.refusedEvents == 1 && sink.pendingBodies == 0)
    #expect(status.deadLetters == 1)
    let alarm = try #require(status.run?.problems.first { $0.subject == "dead letters" })
    #expect(alarm.count == 1 && alarm.message.contains("millrace dead-letters list"))
    #expect(Metrics.text(status).contains("sink_events_refused_total{sink=\"picky\"} 1\n"))
  }

  @Test func `a native event that is refused keeps the record as the service wrote it`()
    async throws
  {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    let collector = try bench.collector([picky], format: .native)
    defer { collector.close() }
    try await collector.add("[\(bad) , \(record("good"))]")
    _ = await collector.run(.once(patience: .seconds(120)))
    #expect(await picky.received.count == 1)
    #expect(try await collector.store.deadLetterBytes(1) == Array(bad.utf8))
  }

  @Test func `a failure of the sink is no refusal: the same batch comes again`() async throws {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    await picky.fail(times: 3)
    try await bench.deliverAll([picky]) { try await $0.add(blob(record("1"), bad)) }
    #expect(await picky.received == [record("1")])
  }

  @Test func `a retry goes to the sink that refused it, and to no other, past deduplication`()
    async throws
  {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    let other = PickySink(name: "other")
    try await bench.deliverAll([picky, other]) { try await $0.add(blob(record("1"), bad)) }
    #expect(await picky.received == [record("1")])

    await picky.accept()
    let status = try await bench.deliverAll([picky, other]) { collector in
      var order = DeadLetterOrder()
      order.ids = [1]
      let outcome = try await collector.ask("/dead-letters/retry", order) as? DeadLetterOutcome
      #expect(outcome?.closed == 1 && outcome?.missing == [])
    }
    #expect(await picky.received == [record("1"), bad])
    #expect(await other.received == [record("1"), bad], "once, from its first place")
    #expect(status.deadLetters == 0 && status.repeats == 0)
    #expect(status.events == 2, "it is no new event")
    #expect(status.run?.problems.isEmpty == true)

    // The event still repeats its first place: the retry's is none that anyone looks at.
    try await bench.deliverAll([picky, other]) { try await $0.add(blob(bad, record("2"))) }
    #expect(await picky.received == [record("1"), bad, record("2")])
  }

  @Test func `what is refused again is a new letter with one attempt more`() async throws {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    try await bench.deliverAll([picky]) { try await $0.add(blob(bad)) }
    for attempt in 2...4 {
      let collector = try bench.collector([picky])
      defer { collector.close() }
      _ = try await collector.ask("/dead-letters/retry", DeadLetterOrder())
      let outcome = await collector.run(.once(patience: .seconds(120)))
      #expect(outcome.ending == .complete)
      let open = try await letters(collector)
      #expect(open.map(\.attempts) == [attempt] && open.map(\.kind) == [.event])
      #expect(
        try await collector.store.deadLetterBytes(try #require(open.first).id) == Array(bad.utf8))
    }
    #expect(await picky.received.isEmpty)
  }

  @Test func `a letter of a sink that is not configured any more is left as it is`() async throws {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("\"bad\"") }
    try await bench.deliverAll([picky]) { try await $0.add(blob(bad)) }
    try await bench.deliverAll([PickySink(name: "other")]) { collector in
      let outcome =
        try await collector.ask("/dead-letters/retry", DeadLetterOrder()) as? DeadLetterOutcome
      #expect(outcome?.closed == 0 && outcome?.withoutSink == [1])
      #expect(try await letters(collector).map(\.id) == [1])
      let dropped =
        try await collector.ask("/dead-letters/drop", DeadLetterOrder()) as? DeadLetterOutcome
      #expect(dropped?.closed == 1)
    }
  }

  @Test func `more letters than one transaction takes are all retried, each once`() async throws {
    let bench = try SinkBench()
    let picky = PickySink(name: "picky") { $0.contains("refuse") }
    let count = Limits.deadLettersPerWrite * 2 + 3
    let records = (0..<count).map { record("refuse \($0)") }
    try await bench.deliverAll([picky]) { collector in
      try await collector.add("[" + records.joined(separator: ",") + "]")
    }
    await picky.accept()
    let status = try await bench.deliverAll([picky]) { collector in
      let outcome =
        try await collector.ask("/dead-letters/retry", DeadLetterOrder()) as? DeadLetterOutcome
      #expect(outcome?.closed == count)
    }
    #expect(await picky.received.sorted() == records.sorted())
    #expect(status.deadLetters == 0)
  }
}
