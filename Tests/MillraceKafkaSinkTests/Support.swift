#if Kafka
import CRDKafka
import MillraceCore
import MillraceRuntime
import MillraceSinks
import Synchronization

@testable import MillraceKafkaSink

/// One event of a test.
struct TestEvent {
  var id: String
  var user = "megan@contoso.example"
  var tenant = "contoso"
  var contentType = ContentType.exchange
  /// Bytes of padding.
  var padding = 0

  var value: String {
    #"{"id":"\#(id)","padding":"\#(String(repeating: "x", count: padding))"}"#
  }
}

/// A batch of events, in order; the first is record `first` of the log.
func batch(_ events: [TestEvent], first: Int = 0) -> EventBatch {
  var batch = EventBatch()
  for (index, event) in events.enumerated() {
    let start = batch.bytes.count
    batch.bytes += Array((event.value + "\n").utf8)
    let feed = Feed(
      tenant: TenantID("41463f53-8812-40f4-890f-865bf6e35190")!, contentType: event.contentType)
    let origin = batch.index(of: EventOrigin(feed: feed, tenantName: event.tenant))
    let facts = batch.keep([.id, .user]) { fact, keep in
      let text = fact == .id ? event.id : fact == .user ? event.user : ""
      Array(text.utf8).withUnsafeBufferPointer { keep($0) }
    }
    batch.lines.append(
      EventBatch.Line(
        range: start..<batch.bytes.count, origin: origin,
        time: Timestamp("2026-03-04T08:15:30Z")!,
        position: LogPosition(sequence: 1, record: first + index), facts: facts))
  }
  return batch
}

/// Events with numbers for ids.
func events(_ numbers: Range<Int>, padding: Int = 0) -> [TestEvent] {
  numbers.map { TestEvent(id: "event-\($0)", padding: padding) }
}

/// A batch of such events, each at the place in the log that its number says.
func batch(_ numbers: Range<Int>) -> EventBatch {
  batch(events(numbers), first: numbers.lowerBound)
}

func ids(_ numbers: Range<Int>) -> [String] { numbers.map { "event-\($0)" } }

/// A sink to `audit` on a cluster, quick to say that brokers are in trouble.
func sink(
  _ addresses: String, log: Log = .silent, _ change: (inout KafkaOptions) -> Void = { _ in }
) -> KafkaSink {
  var options = KafkaOptions(
    brokers: addresses.split(separator: ",").map(String.init), topic: KafkaTopic([.text("audit")]))
  options.patience.trouble = .milliseconds(100)
  change(&options)
  return KafkaSink(name: "bus", options: options, log: log)
}

/// Delivers until it works, as whoever delivers does.
func deliverPatiently(_ batch: EventBatch, to sink: KafkaSink) async throws -> SinkReceipt {
  let begun = ContinuousClock.now
  while true {
    do throws(SinkError) {
      return try await sink.deliver(batch)
    } catch {
      guard begun.duration(to: .now) < .seconds(120) else { throw error }
    }
  }
}

/// A ledger for sinks that need none.
struct NoLedger: SinkLedger {
  func files() async throws(SinkError) -> [SinkFile] { [] }
  func enter(_ file: SinkFile) async throws(SinkError) {}
}

/// Keeps the lines of a log.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var log: Log {
    Log(level: .debug) { [self] line in lines.withLock { $0.append(line) } }
  }
}

extension KafkaSink {
  /// Ends the producer's session as a broker would that lost its memory of it.
  func breakOff() {
    guard let producer else { return }
    rd_kafka_test_fatal_error(
      producer.handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "broken off by a test")
  }

  /// Which session it is.
  var session: ObjectIdentifier? { producer.map { ObjectIdentifier($0) } }
}
#endif
