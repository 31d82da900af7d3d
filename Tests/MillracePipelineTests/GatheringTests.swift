import MillraceCore
import MillraceRuntime
import MillraceSinks
import Synchronization
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Events wait for others behind a batch that was not full, and no longer than they must. The time
/// that is set is longer than any test lives: whatever ends a wait here is not the clock.
@Suite(.timeLimit(.minutes(10)))
struct GatheringTests {
  private func collector(_ bench: SinkBench, _ sink: any Sink) throws -> Collector {
    try bench.collector([sink], batchEventsMax: 4) { $0.linger = .seconds(3600) }
  }

  /// Waits until a sink has got so many batches.
  private func until(_ sink: BatchSink, hasGot count: Int) async {
    while sink.batches.count < count {
      await sink.delivered.wait(beyond: UInt64(count - 1))
    }
  }

  @Test func `the first event goes out at once, and those behind it when they fill a batch`()
    async throws
  {
    let bench = try SinkBench()
    let sink = BatchSink()
    let collector = try collector(bench, sink)
    defer { collector.close() }
    let running = Task { await collector.run(.continuous) }
    try await collector.add(blob(record("1")))
    await until(sink, hasGot: 1)
    for number in 2...5 { try await collector.add(blob(record("\(number)"))) }
    await until(sink, hasGot: 2)
    #expect(sink.batches == [1, 4], "four are a batch, and did not go one by one")
    collector.stop()
    _ = await running.value
  }

  @Test func `a stop delivers what waits`() async throws {
    let bench = try SinkBench()
    let sink = BatchSink()
    let collector = try collector(bench, sink)
    defer { collector.close() }
    let running = Task { await collector.run(.continuous) }
    try await collector.add(blob(record("1")))
    await until(sink, hasGot: 1)
    try await collector.add(blob(record("2")))
    collector.stop()
    _ = await running.value
    #expect(sink.batches.reduce(0, +) == 2)
  }

  @Test func `a single run waits for nothing that will not come`() async throws {
    let bench = try SinkBench()
    let sink = BatchSink()
    let collector = try collector(bench, sink)
    defer { collector.close() }
    let running = Task { await collector.run(.once(patience: .seconds(300))) }
    try await collector.add(blob(record("1")))
    let outcome = await running.value
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(sink.batches.reduce(0, +) == 1)
  }
}

/// A sink that notes how large its batches are.
private final class BatchSink: Sink {
  let name = "batches"
  /// Beats with each batch.
  let delivered = Pulse()
  private let sizes = Mutex<[Int]>([])

  var batches: [Int] { sizes.withLock { $0 } }

  func open(ledger: any SinkLedger) async throws(SinkError) {}

  func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    sizes.withLock { $0.append(batch.lines.count) }
    delivered.beat()
    return SinkReceipt()
  }

  func committed(_ receipt: SinkReceipt) async {}

  func close() async {}
}
