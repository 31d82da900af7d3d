package import MillraceCore
package import MillraceRuntime
import MillraceStreams

/// Sends events to a syslog receiver: RFC 5424 or 3164 over UDP, TCP, TLS or a unix socket.
///
/// Syslog has no acknowledgement. What stands in for one over a stream:
///
/// 1. A delivery counts once all of it is written, the receiver's *kernel* has acknowledged every
///    byte (a unix socket: its program has read it), and the connection is still there then. A new
///    connection that is secured is watched for a moment first.
/// 2. What its program had not read, or not kept, when it died is lost to it. So the last
///    deliveries stay in a window bounded by bytes and time, and are sent again over the next
///    connection when one ends unasked, whoever ended it and how: at least once, with the ids of
///    the events. A sink that has nothing to deliver looks after its connection, too.
/// 3. The window is memory: it is gone when Millrace is killed, which costs something only if the
///    receiver dies with bytes unread within the same moments. When Millrace is stopped, it waits
///    for the receiver to end the connection from its side, which it does once it has read all.
///
/// Over UDP nothing of this is possible.
package actor SyslogSink: Sink {
  package nonisolated let name: String
  /// The thread all calls of the network block.
  private nonisolated let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  let options: SyslogOptions
  let log: Log
  var writer: SyslogWriter
  var tls: TLSContext?
  var stream: StreamConnection?
  var datagrams: DatagramConnection?
  var window: ResendWindow
  /// Whether a connection ended unasked since the window was last sent.
  var owesWindow = false
  /// How long the next connection is watched before a delivery over it counts.
  var trial: Duration
  var alarm: AlarmClock.Alarm?
  /// Looks after the connection that failed in a row.
  var failedLooks = 0
  var isClosed = false

  /// How often the window was sent again.
  package var resendCount = 0
  /// Events that were larger than allowed, whatever became of them.
  package var oversizeCount: Int { writer.oversizeCount }
  /// Bytes that are kept for sending again.
  package var windowByteCount: Int { window.byteCount }

  /// A sink named `name`.
  package init(name: String, options: SyslogOptions, log: Log) {
    self.name = name
    self.options = options
    self.log = log
    writer = SyslogWriter(options)
    window = ResendWindow(bytesMax: options.resendBytes, timeMax: options.resendTime)
    trial = options.firstTrial
    executor = ThreadExecutor(name: "sink " + name)
  }

  /// Reads certificates; connections come with the first delivery.
  package func open(ledger: any SinkLedger) async throws(SinkError) {
    isClosed = false
    guard case .tls(_, let settings) = options.transport else { return }
    do throws(StreamError) { tls = try TLSContext(settings) } catch { throw failure(error) }
  }

  package func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    do throws(StreamError) {
      try makeReady()
      let refused = try stream == nil ? sendDatagrams(batch) : sendStream(batch)
      return SinkReceipt(refused: refused)
    } catch {
      if stream != nil { lose(error) }
      datagrams = nil
      throw failure(error)
    }
  }

  package func committed(_ receipt: SinkReceipt) async {}

  package func close() async {
    isClosed = true
    if let alarm { AlarmClock.shared.cancel(alarm) }
    alarm = nil
    leave()
    datagrams = nil
    window.clear()
  }

  // MARK: Streams

  private func sendStream(_ batch: EventBatch) throws(StreamError) -> [RefusedEvent] {
    guard let stream else { return [] }
    let framing = writer.framing
    var refused: [RefusedEvent] = []
    var sent: [[UInt8]] = []
    var chunk: [UInt8] = []
    // The window lets go of whole chunks, so that it must hold a few of them.
    let chunkBytes = min(Limits.syslogChunkBytes, max(options.resendBytes / 4, 4096))
    for line in batch.lines {
      let before = writer.oversizeCount
      let reason = batch.bytes.withUnsafeBufferPointer { bytes in
        writer.write(SyslogWriter.Bytes(rebasing: bytes[line.range.dropLast()])) {
          framing.append($0, to: &chunk)
        }
      }
      if let reason { refused.append(RefusedEvent(position: line.position, reason: reason)) }
      if writer.oversizeCount > before { tellOversize(line) }
      guard chunk.count >= chunkBytes else { continue }
      try stream.write(chunk, stallTime: options.stallTime)
      sent.append(chunk)
      chunk.removeAll(keepingCapacity: false)
    }
    try stream.write(chunk, stallTime: options.stallTime)
    if !chunk.isEmpty { sent.append(chunk) }
    try stream.awaitAcknowledgement(stallTime: options.stallTime)
    try outliveTrial(stream)
    window.add(sent)
    window.expire()
    lookLater(Limits.syslogLookInterval)
    return refused
  }

  // MARK: Datagrams

  private func sendDatagrams(_ batch: EventBatch) throws(StreamError) -> [RefusedEvent] {
    guard let datagrams else { return [] }
    let framing = writer.framing
    var refused: [RefusedEvent] = []
    var message: [UInt8] = []
    for line in batch.lines {
      let before = writer.oversizeCount
      var messages: [[UInt8]] = []
      let reason = batch.bytes.withUnsafeBufferPointer { bytes in
        writer.write(SyslogWriter.Bytes(rebasing: bytes[line.range.dropLast()])) {
          message.removeAll(keepingCapacity: true)
          framing.append($0, to: &message)
          messages.append(message)
        }
      }
      if let reason { refused.append(RefusedEvent(position: line.position, reason: reason)) }
      if writer.oversizeCount > before { tellOversize(line) }
      for message in messages {
        do throws(StreamError) {
          try datagrams.send(message, stallTime: options.stallTime)
        } catch {
          guard error.kind == .tooLarge else { throw error }
          refused.append(
            RefusedEvent(
              position: line.position,
              reason: "the network takes no datagram of \(message.count) bytes: lower"
                + " max_message_size, or use tcp:// or tls://"))
          break
        }
      }
    }
    try datagrams.settle(stallTime: options.stallTime)
    return refused
  }

  /// Says once in a while that events are larger than allowed.
  private func tellOversize(_ line: EventBatch.Line) {
    let count = writer.oversizeCount
    guard String(count).dropFirst().allSatisfy({ $0 == "0" }), String(count).first == "1" else {
      return
    }
    log.warning(
      "a message is larger than max_message_size (told for the 1st, 10th, 100th …)",
      [
        "sink": name, "bytes": "\(line.range.count)", "max": "\(options.messageBytesMax)",
        "so_far": "\(count)", "position": "\(line.position)",
      ])
  }
}
