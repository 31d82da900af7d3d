import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceSinks
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// What a sink gets of what the store holds, and what becomes of what it cannot have.
@Suite(.timeLimit(.minutes(10)))
struct ChosenEventTests {
  @Test func `what a filter leaves out moves the cursor, and is neither delivered nor owed`()
    async throws
  {
    let bench = try SinkBench()
    let sink = PickySink(name: "some")
    let collector = try bench.collector([sink]) { delivery in
      var reads = EventPattern()
      reads.operations = [TextPattern("MailItems*")]
      delivery.encoding.filter = EventFilter(include: [], exclude: [reads])
    }
    defer { collector.close() }
    try await collector.add(blob(record("1"), record("2", operation: "MailItemsAccessed")))
    try await collector.add(blob(record("3", operation: "MailItemsAccessed")))
    let outcome = await collector.run(.once(patience: .seconds(120)))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(await sink.received == [record("1")])
    let progress = collector.progress
    #expect(progress.processed == 3 && progress.indexed == 3, "a run that is done looks done")
    let status = try await collector.status()
    #expect(status.sinks.first?.deliveredEvents == 1 && status.sinks.first?.pendingBodies == 0)
    #expect(status.deadLetters == 0)
  }

  @Test func `a changed filter counts from here on, and leaves the cursors of others alone`()
    async throws
  {
    let bench = try SinkBench()
    let some = PickySink(name: "some")
    let all = PickySink(name: "all")
    try await bench.deliverAll([some, all]) { try await $0.add(blob(record("1"))) }
    let collector = try bench.collector([some, all]) { delivery in
      guard delivery.sink.name == "some" else { return }
      var settings = EventPattern()
      settings.operations = [TextPattern("set-mailbox")]
      delivery.encoding.filter = EventFilter(include: [], exclude: [settings])
    }
    defer { collector.close() }
    try await collector.add(blob(record("2")))
    _ = await collector.run(.once(patience: .seconds(120)))
    #expect(await some.received == [record("1")])
    #expect(await all.received == [record("1"), record("2")])
  }

  @Test func `a sink that is told when to give up turns what it cannot deliver into dead letters`()
    async throws
  {
    let bench = try SinkBench()
    let dead = PickySink(name: "dead")
    await dead.fail(times: .max)
    let alive = PickySink(name: "alive")
    let collector = try bench.collector([dead, alive]) { delivery in
      delivery.giveUpAfter = delivery.sink.name == "dead" ? .milliseconds(5) : nil
    }
    defer { collector.close() }
    try await collector.add(blob(record("1"), record("2")))
    let outcome = await collector.run(.once(patience: .seconds(120)))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(await dead.received.isEmpty)
    #expect(await alive.received == [record("1"), record("2")])
    let letters = try await collector.store.openDeadLetters(limit: 10)
    #expect(letters.map(\.sink) == ["dead", "dead"])
    #expect(letters.allSatisfy { $0.reason.hasPrefix("given up after") }, "\(letters)")
    #expect(letters.allSatisfy { $0.reason.contains("not now") }, "with the receiver's words")
    #expect(try await collector.store.deadLetterBytes(letters[1].id) == Array(record("2").utf8))
  }

  @Test func `without that it never gives up`() async throws {
    let bench = try SinkBench()
    let slow = PickySink(name: "slow")
    // Often enough to outlast any count that could be meant; each waits behind other tests.
    await slow.fail(times: 20)
    try await bench.deliverAll([slow]) { try await $0.add(blob(record("1"))) }
    #expect(await slow.received == [record("1")])
  }

  @Test func `a new sink begins with the first content that was created at its date`()
    async throws
  {
    let bench = try SinkBench()
    let first = PickySink(name: "first")
    // What is kept for a day would be gone before the next sink comes.
    let kept = Duration.seconds(86_400 * 36_500)
    do {
      let collector = try bench.collector([first], retention: kept)
      defer { collector.close() }
      for day in 1...4 {
        try await collector.add(blob(record("\(day)")), created: "2026-03-0\(day)T10:00:00Z")
      }
      _ = await collector.run(.once(patience: .seconds(120)))
    }
    for (date, ids) in [
      ("2026-03-03", ["3", "4"]), ("2026-03-02T10:00:00Z", ["2", "3", "4"]),
      ("2026-02-01", ["1", "2", "3", "4"]), ("2026-03-05", []),
    ] {
      let late = PickySink(name: "late-\(date.prefix(10))")
      let collector = try bench.collector([late], retention: kept) { delivery in
        guard let time = Timestamp(date) else { return }
        delivery.from = .time(time)
      }
      let outcome = await collector.run(.once(patience: .seconds(120)))
      collector.close()
      #expect(outcome.ending == .complete, "\(outcome.owed)")
      #expect(await late.received == ids.map { record($0) }, "\(date)")
    }
  }

  @Test func `a receiver that asks to be left alone is left alone for as long, within reason`()
    throws
  {
    let delivery = Delivery(
      sink: PickySink(name: "busy"), encoding: Encoding(format: .raw, raw: .off), from: .oldest,
      batchEventsMax: 1, batchBytesMax: 1, retryFirst: .seconds(1), retryMost: .seconds(300))
    func wait(_ attempt: Int, _ asked: Duration?, jitter: Double = 0.5) -> Duration {
      delivery.wait(beforeRetry: attempt, atLeast: asked, jitter: jitter)
    }
    #expect(wait(1, .seconds(120)) == .seconds(120))
    #expect(wait(1, nil) <= .seconds(1) && wait(1, .zero) == wait(1, nil))
    #expect(wait(20, .seconds(1)) > .seconds(100), "it asks for less than its failures deserve")
    #expect(wait(1, .seconds(86_400 * 365)) == Limits.receiverWaitMax)
  }

  @Test func `a sink that was removed keeps its cursor until it is forgotten`() async throws {
    let bench = try SinkBench()
    let old = PickySink(name: "old")
    try await bench.deliverAll([old]) { try await $0.add(blob(record("1"))) }
    let other = PickySink(name: "other")
    try await bench.deliverAll([other]) { collector in
      await #expect(throws: ControlError.self) {
        _ = try await collector.ask("/sinks/drop", SinkOrder(name: "other"))
      }
      let unknown =
        try await collector.ask("/sinks/drop", SinkOrder(name: "never")) as? SinkOutcome
      #expect(unknown?.dropped == false)
    }
    // It comes back, and goes on.
    try await bench.deliverAll([old]) { try await $0.add(blob(record("2"))) }
    #expect(await old.received == [record("1"), record("2")])
    // It is forgotten, and begins anew.
    try await bench.deliverAll([other]) { collector in
      let outcome = try await collector.ask("/sinks/drop", SinkOrder(name: "old")) as? SinkOutcome
      #expect(outcome?.dropped == true)
    }
    let again = PickySink(name: "old")
    try await bench.deliverAll([again])
    #expect(await again.received == [record("1"), record("2")])
  }
}
