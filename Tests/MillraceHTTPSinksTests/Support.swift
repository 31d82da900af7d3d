import MillraceCore
import MillraceHTTPSinks
import MillraceReceivers
import MillraceRuntime
import MillraceSinks
import Synchronization
import Testing

/// What a sink remembers nowhere: these need nothing of it.
struct NoLedger: SinkLedger {
  func files() async throws(SinkError) -> [SinkFile] { [] }
  func enter(_ file: SinkFile) async throws(SinkError) {}
}

let contoso = TenantID("41463f53-8812-40f4-890f-865bf6e35190")!

/// A batch of events with these ids, each of so many bytes at least.
func batch(
  _ ids: [String], sequence: Int64 = 1, padding: Int = 0, operation: String = "FileAccessed",
  recordType: String = "SharePointFileOperation"
) -> EventBatch {
  var batch = EventBatch()
  let origin = batch.index(
    of: EventOrigin(
      feed: Feed(tenant: contoso, contentType: .exchange), tenantName: "contoso"))
  for (index, id) in ids.enumerated() {
    let start = batch.bytes.count
    let text =
      #"{"id":"\#(id)","@timestamp":"2026-03-04T08:15:30.250Z","operation":"\#(operation)","#
      + #""pad":"\#(String(repeating: "x", count: padding))"}"# + "\n"
    batch.bytes += text.utf8
    let facts = batch.keep(.identity) { fact, give in
      let text = fact == .id ? id : fact == .operation ? operation : recordType
      Array(text.utf8).withUnsafeBufferPointer(give)
    }
    batch.lines.append(
      EventBatch.Line(
        range: start..<batch.bytes.count, origin: origin,
        time: Timestamp("2026-03-04T08:15:30.250Z")!,
        position: LogPosition(sequence: sequence, record: index), facts: facts))
  }
  return batch
}

/// `e1`, `e2` and so on.
func ids(_ count: Int, _ prefix: String = "e") -> [String] { (1...count).map { "\(prefix)\($0)" } }

/// Options that send one request at a time, so that the order is known.
func options(
  _ receiver: Receiver, events: Int = 1000, concurrency: Int = 1, path: String = "",
  authorization: String? = nil
) -> HTTPSinkOptions {
  var options = HTTPSinkOptions(name: "siem", origins: [receiver.url + path])
  options.eventsMax = events
  options.concurrency = concurrency
  if let authorization { options.identity = { [("Authorization", authorization)] } }
  return options
}

/// Waits for a state of a receiver.
func until(_ isThere: () -> Bool) async throws {
  let begun = ContinuousClock.now
  while !isThere() {
    try #require(begun.duration(to: .now) < .seconds(120), "it never came about")
    await Pulse().wait(beyond: 0, atMost: .milliseconds(5))
  }
}

/// The error of a delivery.
func failure(_ sink: HTTPSink, _ batch: EventBatch) async throws -> SinkError {
  try #require(
    await #expect(throws: SinkError.self) { try await sink.deliver(batch) })
}

/// Delivers as whoever delivers does: again and again while waiting alone may help; gives the
/// errors met on the way.
@discardableResult
func deliverPatiently(
  _ sink: HTTPSink, _ batch: EventBatch, tries: Int = 8
) async throws -> (receipt: SinkReceipt, errors: [SinkError]) {
  var errors: [SinkError] = []
  while true {
    do throws(SinkError) {
      return (try await sink.deliver(batch), errors)
    } catch {
      errors.append(error)
      guard error.isRetryable, errors.count < tries else { throw error }
    }
  }
}
