#if Kafka
import CRDKafka
import MillraceCore
import MillraceSinks

// One delivery: messages out, reports in.

extension KafkaSink {
  /// Gives messages to the producer, in order, and waits for room where it is full.
  func send(_ indexes: [Int], of messages: KafkaMessages) throws(SinkError) {
    guard let producer else { throw closed }
    for index in indexes {
      var code = producer.send(messages[index], ticket: index)
      while code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
        let pending = producer.reports.pending
        try wait(for: producer) { $0.pending < pending }
        code = producer.send(messages[index], ticket: index)
      }
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
        producer.reports.refused(index, KafkaTrouble(code))
        continue
      }
      // Reports are taken in now and then, so that they are not piled up.
      if index.isMultiple(of: 1000) { producer.poll(milliseconds: 0) }
    }
  }

  /// Waits for every report of a batch, and decides about messages that no broker takes.
  func settle(_ messages: KafkaMessages) throws(SinkError) {
    guard let producer else { throw closed }
    try waitForAll(producer)
    let outcomes = producer.reports.outcomes
    for index in outcomes.indices {
      if case .failed(let trouble) = outcomes[index], !trouble.refusesMessage {
        throw failure(trouble, subject: messages.topic(of: index))
      }
    }
    // Messages travel together, and brokers refuse them together: the guilty are found by halving.
    let suspects = outcomes.indices.filter { isRefused(outcomes[$0]) }
    var groups = suspects.isEmpty ? [] : [suspects]
    while let group = groups.popLast() {
      let rest = messages.count == 1 ? group : try resend(group, of: messages, with: producer)
      if rest.isEmpty { continue }
      if group.count == 1 {
        refuse(group[0], of: messages, producer.reports.outcomes[group[0]])
      } else {
        // The first half comes first, to keep the order where it can be kept.
        let middle = (rest.count + 1) / 2
        groups.append(contentsOf: [Array(rest[middle...]), Array(rest[..<middle])])
        groups.removeAll { $0.isEmpty }
      }
    }
  }

  /// Sends a group once more, alone, and gives those that were refused again.
  private func resend(
    _ group: [Int], of messages: KafkaMessages, with producer: KafkaProducer
  ) throws(SinkError) -> [Int] {
    try send(group, of: messages)
    try waitForAll(producer)
    let outcomes = producer.reports.outcomes
    for index in group {
      if case .failed(let trouble) = outcomes[index], !trouble.refusesMessage {
        throw failure(trouble, subject: messages.topic(of: index))
      }
    }
    return group.filter { isRefused(outcomes[$0]) }
  }

  private func isRefused(_ outcome: KafkaOutcome) -> Bool {
    if case .failed(let trouble) = outcome { trouble.refusesMessage } else { false }
  }

  private func refuse(_ index: Int, of messages: KafkaMessages, _ outcome: KafkaOutcome) {
    guard case .failed(let trouble) = outcome else { return }
    let bytes = messages[index].value.count
    refusals[index] =
      "\(messages.topic(of: index)): \(trouble.name): \(trouble.message)"
      + " (\(bytes) bytes)"
  }

  // MARK: Waiting

  private func waitForAll(_ producer: KafkaProducer) throws(SinkError) {
    try wait(for: producer) { $0.pending == 0 }
  }

  /// Serves reports until `isOver`, or until there is no hope that it will be soon.
  private func wait(
    for producer: KafkaProducer, _ isOver: (KafkaReports) -> Bool
  ) throws(SinkError) {
    var acknowledged = producer.reports.acknowledged
    var since = ContinuousClock.now
    var inquiry = options.patience.trouble
    while !isOver(producer.reports) {
      producer.poll(milliseconds: 50)
      if let fatality = producer.fatality {
        throw failure(fatality, subject: "producer")
      }
      let now = producer.reports.acknowledged
      if now != acknowledged { (acknowledged, since) = (now, .now) }
      let silence = since.duration(to: .now)
      if let trouble = producer.reports.trouble, silence >= options.patience.trouble {
        throw failure(trouble, subject: options.brokers.joined(separator: ","))
      }
      if silence >= inquiry {
        inquiry = silence + Limits.kafkaTroublePatience
        if let (topic, trouble) = producer.inquire() { throw failure(trouble, subject: topic) }
      }
      guard silence < (Task.isCancelled ? options.patience.stop : options.patience.silence) else {
        throw SinkError(
          sink: name, operation: "deliver", subject: options.brokers.joined(separator: ","),
          message: "\(producer.reports.pending) messages were not acknowledged",
          hint: "what is queued is sent by itself when the brokers take it", kind: .unreachable)
      }
    }
  }

  private func failure(_ trouble: KafkaTrouble, subject: String) -> SinkError {
    trouble.failure(sink: name, operation: "deliver", subject: subject)
  }

  private var closed: SinkError {
    SinkError(
      sink: name, operation: "deliver", subject: "producer", message: "the sink is closed",
      kind: .other)
  }
}
#endif
