import Glibc
package import MillraceCore
import MillraceRuntime

/// Writes events to standard output, for pipes: each at least once.
///
/// What was handed to the kernel counts as delivered; nobody on this side can know what a reader
/// made of it. A reader that is slow makes `deliver` wait, and nothing else. A reader that goes
/// away is told to whoever made the sink, before anything is committed that it did not get: for a
/// program in a pipe that is its end, as it is for `cat`.
package actor StdoutSink: Sink {
  package nonisolated let name: String
  /// The thread that waits for the reader.
  private nonisolated let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private let descriptor: Int32
  private let readerLeft: @Sendable () -> Void
  private var output: PatientOutput?
  private var watch: Task<Void, Never>?
  /// The events of a failed delivery that were written all the same; they are not written again.
  private var written: Set<LogPosition> = []
  /// The rest of a line whose beginning was written.
  private var unfinished: [UInt8] = []

  /// A sink that writes to a descriptor, which stays the caller's.
  ///
  /// - Parameter readerLeft: called when nobody reads any more, possibly more than once.
  package init(
    name: String, descriptor: Int32 = STDOUT_FILENO, readerLeft: @escaping @Sendable () -> Void
  ) {
    self.name = name
    self.descriptor = descriptor
    self.readerLeft = readerLeft
    executor = ThreadExecutor(name: "sink " + name)
  }

  package func open(ledger: any SinkLedger) async throws(SinkError) {
    do {
      output = try PatientOutput(descriptor)
    } catch {
      throw failure("open", error.code)
    }
    if watch == nil { watch = startWatch() }
  }

  package func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    guard let output else { preconditionFailure("a sink is opened before it delivers") }
    if !unfinished.isEmpty {
      let (count, failed) = output.write(unfinished[...])
      unfinished.removeFirst(count)
      if let failed { throw failure("write", failed.code) }
    }
    for range in owed(batch) {
      let (count, failed) = output.write(batch.bytes[range])
      guard let failed else { continue }
      remember(batch, upTo: range.lowerBound + count)
      throw failure("write", failed.code)
    }
    written = []
    return SinkReceipt()
  }

  package func committed(_ receipt: SinkReceipt) async {}

  package func close() async {
    watch?.cancel()
    watch = nil
    output = nil
  }

  /// The bytes of the lines that were not written before; neighbours are joined.
  private func owed(_ batch: EventBatch) -> [Range<Int>] {
    if written.isEmpty { return [batch.bytes.indices] }
    var group = PathGroup(path: "")
    for line in batch.lines where !written.contains(line.position) { group.add(line.range) }
    return group.ranges
  }

  /// Notes what was written of a batch whose delivery fails at a byte.
  private func remember(_ batch: EventBatch, upTo end: Int) {
    for line in batch.lines where line.range.lowerBound < end {
      guard written.insert(line.position).inserted, line.range.upperBound > end else { continue }
      unfinished = Array(batch.bytes[end..<line.range.upperBound])
    }
  }

  /// Looks now and then whether somebody still reads: whoever has nothing to write would learn it
  /// with the next event, hours later.
  private func startWatch() -> Task<Void, Never> {
    Task { [weak self] in
      while !Task.isCancelled {
        do { try await Task.sleep(for: Limits.stdoutWatchInterval) } catch { return }
        await self?.lookForReader()
      }
    }
  }

  private func lookForReader() {
    if output?.isReaderGone ?? false { readerLeft() }
  }

  private func failure(_ operation: String, _ code: Int32) -> SinkError {
    switch code {
    case EPIPE, ECONNRESET:
      readerLeft()
      return SinkError(
        sink: name, operation: operation, subject: "standard output", code: errorName(code),
        message: "nobody reads it any more", kind: .unreachable)
    case EBADF:
      return SinkError(
        sink: name, operation: operation, subject: "standard output", code: errorName(code),
        message: "it is closed", hint: "start Millrace with standard output open", kind: .notRegular
      )
    case ECANCELED:
      return SinkError(
        sink: name, operation: operation, subject: "standard output",
        message: "stopped while waiting for the reader", kind: .other)
    default:
      return SinkError(
        sink: name, operation: operation, subject: "standard output", errorNumber: code)
    }
  }
}
