extension Limits {
  // MARK: Kafka sinks

  /// The largest message that a sink can be told to send: brokers take a megabyte unless
  /// configured otherwise, and few are given more than ten.
  package static let kafkaMessageBytesMax = 16 << 20
  /// The largest message that a sink sends unless told otherwise: librdkafka's own bound, a little
  /// less than what a broker takes that is not configured (1,048,588 bytes).
  package static let kafkaMessageBytes = 1_000_000
  /// What librdkafka may hold of messages that are not acknowledged yet: a batch, twice a largest
  /// message, and room to send one batch while another is taken back.
  package static let kafkaQueueBytesMax = 2 * kafkaMessageBytesMax + 2 * batchBytesMax
  /// How long a delivery goes on after the last acknowledgement while a broker is in trouble:
  /// longer than an election of new leaders takes, short enough for a status page.
  package static let kafkaTroublePatience: Duration = .seconds(5)
  /// How long it goes on without an acknowledgement and without a word: twice the time that a
  /// broker has for one request.
  package static let kafkaSilencePatience: Duration = .seconds(60)
  /// How long it goes on without an acknowledgement when the collector is to stop.
  package static let kafkaStopPatience: Duration = .seconds(2)
  /// How often callbacks of librdkafka are served between deliveries, so that its words are not
  /// piled up.
  package static let kafkaServiceInterval: Duration = .seconds(1)
  /// The longest name of a topic (Kafka's `Topic.MAX_NAME_LENGTH`).
  package static let kafkaTopicNameMax = 249
}
