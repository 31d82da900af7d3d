#if Kafka
import CRDKafka
package import MillraceCore
package import MillraceRuntime
package import MillraceSinks

/// Sends events to Kafka. A delivery is done when all replicas have every message of it.
///
/// What a delivery that failed left with the producer stays there: it is sent as soon as a broker
/// takes it, under the number it has, and the next delivery of the same events waits for the rest.
/// So an outage doubles nothing while the process lives. What is sent again by another process, or
/// after the session broke off, may be there twice; the header `id` tells.
package actor KafkaSink: Sink {
  package nonisolated let name: String
  let options: KafkaOptions
  let log: Log
  /// librdkafka is polled here, and blocks here.
  private let thread = ThreadExecutor(name: "kafka")

  var producer: KafkaProducer?
  /// The events of the batch that the producer's reports are about.
  private var positions: [LogPosition] = []
  /// Events that no broker takes: their place in the batch, and why.
  var refusals: [Int: String] = [:]
  private var password: String?
  private var service: Task<Void, Never>?

  /// A sink; it connects to nobody until it is opened.
  package init(name: String, options: KafkaOptions, log: Log) {
    self.name = name
    self.options = options
    self.log = log
  }

  deinit {
    service?.cancel()
  }

  /// The thread of its own.
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  package func open(ledger: any SinkLedger) async throws(SinkError) {
    _ = try readyProducer()
    guard service == nil else { return }
    service = Task { [weak self] in
      while !Task.isCancelled {
        do { try await Task.sleep(for: Limits.kafkaServiceInterval) } catch { return }
        await self?.serve()
      }
    }
  }

  package func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    guard !batch.lines.isEmpty else { return SinkReceipt() }
    let producer = try producer(for: batch)
    // What failed before is tried again, as the receiver may have changed.
    producer.reports.forgive()
    refusals = [:]
    let outcomes = producer.reports.outcomes
    let messages = KafkaMessages(batch, options)
    try send(outcomes.indices.filter { outcomes[$0] == .unsent }, of: messages)
    try settle(messages)
    let refused = refusals.sorted { $0.key < $1.key }.map { index, reason in
      RefusedEvent(position: batch.lines[index].position, reason: reason)
    }
    positions = []
    return SinkReceipt(refused: refused)
  }

  package func committed(_ receipt: SinkReceipt) async {}

  package func close() async {
    service?.cancel()
    service = nil
    producer = nil
    positions = []
  }

  /// Serves callbacks between deliveries.
  private func serve() {
    producer?.poll(milliseconds: 0)
  }

  // MARK: Sessions

  /// The producer, ready for the messages of `batch`: where it stood with them, or at the start.
  private func producer(for batch: EventBatch) throws(SinkError) -> KafkaProducer {
    let wanted = batch.lines.map(\.position)
    var producer = try readyProducer()
    guard wanted != positions else { return producer }
    if producer.reports.pending > 0 {
      // Nobody waits any more for what another batch left with the producer.
      producer = try newProducer(outcomes: [])
    }
    producer.reports.begin(count: wanted.count)
    positions = wanted
    return producer
  }

  /// The producer that is there, or a new one: at first, after a fatal error, and when the password
  /// was exchanged.
  private func readyProducer() throws(SinkError) -> KafkaProducer {
    let current = try options.login?.password().get()
    if let producer, producer.fatality == nil, current == password { return producer }
    password = current
    return try newProducer(outcomes: producer?.reports.outcomes ?? [])
  }

  private func newProducer(outcomes: [KafkaOutcome]) throws(SinkError) -> KafkaProducer {
    // First the old one goes: what it still has must not be written behind what the new one sends.
    producer = nil
    let kept = positions
    positions = []
    let reports = KafkaReports(outcomes: outcomes, sink: name, log: log)
    let new = try KafkaProducer(options.settings(password: password), reports: reports, sink: name)
    producer = new
    if outcomes.count == kept.count { positions = kept }
    return new
  }
}
#endif
