import Foundation
import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSinks
import Testing

/// The sink for pipes, against real ones.
@Suite(.timeLimit(.minutes(10)))
struct StdoutSinkTests {
  let ledger = LedgerDouble()
  let leavings = ConditionLock(0)

  private func openSink(on descriptor: Int32) async throws -> StdoutSink {
    let sink = StdoutSink(name: "out", descriptor: descriptor) { [leavings] in
      leavings.withLock { $0 += 1 }
      leavings.signal()
    }
    try await sink.open(ledger: ledger)
    return sink
  }

  /// Lines that are more than any pipe or socket holds.
  private static let many: [TestEvent] = (0..<20_000).map { index in
    TestEvent(line: "event \(index) " + String(repeating: "x", count: index % 97))
  }

  @Test(arguments: ReadingPipe.Kind.allCases)
  func `every line arrives, in order, however slowly it is read`(
    kind: ReadingPipe.Kind
  ) async throws {
    let pipe = try ReadingPipe(kind)
    let sink = try await openSink(on: pipe.writing)
    let reading = Task { await pipe.readAll(chunk: 1000) }
    try await deliver(batch(StdoutSinkTests.many), to: sink, ledger)
    try await deliver(batch("end"), to: sink, ledger)
    await sink.close()
    pipe.closeWriting()
    let text = String(decoding: await reading.value, as: UTF8.self)
    #expect(text == (StdoutSinkTests.many.map(\.line) + ["end"]).map { $0 + "\n" }.joined())
    #expect(leavings.withLock { $0 } == 0)
  }

  @Test(arguments: ReadingPipe.Kind.allCases)
  func `whether calls wait is left as others have it`(kind: ReadingPipe.Kind) async throws {
    let pipe = try ReadingPipe(kind)
    let before = fcntl(pipe.writing, F_GETFL)
    let sink = try await openSink(on: pipe.writing)
    try await deliver(batch("1"), to: sink, ledger)
    #expect(fcntl(pipe.writing, F_GETFL) == before)
    await sink.close()
    #expect(fcntl(pipe.writing, F_GETFL) == before)
  }

  @Test(arguments: ReadingPipe.Kind.allCases)
  func `a reader that goes away is told, and what it did not get does not count`(
    kind: ReadingPipe.Kind
  ) async throws {
    let pipe = try ReadingPipe(kind)
    let sink = try await openSink(on: pipe.writing)
    let delivery = Task { try await sink.deliver(batch(StdoutSinkTests.many)) }
    await pipe.read(atLeast: 10)
    pipe.closeReading()
    await #expect(throws: SinkError.self) { _ = try await delivery.value }
    #expect(leavings.withLock { $0 } >= 1)
    await sink.close()
  }

  @Test func `a reader that goes away is missed though nothing is written`() async throws {
    let pipe = try ReadingPipe(.pipe)
    let sink = try await openSink(on: pipe.writing)
    pipe.closeReading()
    await withCheckedContinuation { continuation in
      startThread(name: "test") { [leavings] in
        leavings.wait({ $0 > 0 }, then: { _ in })
        continuation.resume()
      }
    }
    await sink.close()
  }

  @Test(arguments: ReadingPipe.Kind.allCases)
  func `a reader that does not read keeps nobody from stopping`(
    kind: ReadingPipe.Kind
  ) async throws {
    let pipe = try ReadingPipe(kind)
    let sink = try await openSink(on: pipe.writing)
    let delivery = Task { try await sink.deliver(batch(StdoutSinkTests.many)) }
    await pipe.read(atLeast: 10)
    delivery.cancel()
    await #expect(throws: SinkError.self) { _ = try await delivery.value }
    await sink.close()
  }

  @Test(arguments: ReadingPipe.Kind.allCases)
  func `what was written before a failure is not written again`(
    kind: ReadingPipe.Kind
  ) async throws {
    let pipe = try ReadingPipe(kind)
    let sink = try await openSink(on: pipe.writing)
    let stopped = Task { try await sink.deliver(batch(StdoutSinkTests.many)) }
    // So much was read that the sink is in the midst of it, and waits.
    var text = await pipe.read(atLeast: 200_000)
    stopped.cancel()
    await #expect(throws: SinkError.self) { _ = try await stopped.value }
    let reading = Task { await pipe.readAll(chunk: 1 << 16) }
    try await deliver(batch(StdoutSinkTests.many), to: sink, ledger)
    try await deliver(batch("end"), to: sink, ledger)
    await sink.close()
    pipe.closeWriting()
    text += await reading.value
    #expect(
      String(decoding: text, as: UTF8.self)
        == (StdoutSinkTests.many.map(\.line) + ["end"]).map { $0 + "\n" }.joined())
  }

  @Test func `a file behind standard output is written to where others left it`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("before\n", to: "out")
    let descriptor = open(folder.path + "/out", O_WRONLY | O_APPEND | O_CLOEXEC)
    let sink = try await openSink(on: descriptor)
    try await deliver(batch("1", "2"), to: sink, ledger)
    await sink.close()
    close(descriptor)
    #expect(try folder.text("out") == "before\n1\n2\n")
  }

  @Test func `standard output that is closed is said`() async throws {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    do {
      _ = try await openSink(on: descriptor)
      Issue.record("it was opened")
    } catch let error as SinkError {
      #expect(error.code == "EBADF" && error.hint.contains("standard output"), "\(error)")
    }
  }

  @Test func `a full disk behind standard output is a failure that passes`() async throws {
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let sink = try await openSink(on: descriptor)
    do {
      _ = try await sink.deliver(batch("1"))
      Issue.record("it was written")
    } catch {
      #expect(error.kind == .noSpace && error.isRetryable, "\(error)")
    }
    #expect(leavings.withLock { $0 } == 0)
    await sink.close()
  }
}
