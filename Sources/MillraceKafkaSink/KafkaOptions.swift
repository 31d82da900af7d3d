#if Kafka

import MillraceCore
package import MillraceSinks

/// What a Kafka sink is told.
package struct KafkaOptions: Sendable {
  /// What a message's key is made of: messages with one key stay in order, in one partition.
  package enum Key: String, CaseIterable, Sendable {
    /// No key: messages go to any partition.
    case none
    /// The tenant's id.
    case tenant
    /// Who acted; events without one have no key.
    case user
  }

  /// Who signs in (SASL).
  package struct Login: Sendable {
    /// Kafka's name of the mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
    package let mechanism: String
    /// Who.
    package let username: String
    /// Reads the password; asked before each delivery, so that it can be exchanged.
    package let password: @Sendable () -> Result<String, SinkError>

    /// A login.
    package init(
      mechanism: String, username: String,
      password: @escaping @Sendable () -> Result<String, SinkError>
    ) {
      self.mechanism = mechanism
      self.username = username
      self.password = password
    }
  }

  /// Files of what it takes to trust brokers and to be trusted, all PEM.
  package struct TLS: Sendable {
    /// Authorities to trust instead of the system's.
    package var authorityPath: String?
    /// The certificate shown to brokers.
    package var certificatePath: String?
    /// Its private key.
    package var keyPath: String?

    /// Trust in the system's authorities unless `authorityPath` says otherwise.
    package init(
      authorityPath: String? = nil, certificatePath: String? = nil, keyPath: String? = nil
    ) {
      self.authorityPath = authorityPath
      self.certificatePath = certificatePath
      self.keyPath = keyPath
    }
  }

  /// How long a delivery waits.
  package struct Patience: Sendable {
    /// After the last acknowledgement, while a broker is in trouble.
    package var trouble = Limits.kafkaTroublePatience
    /// After the last acknowledgement, while nothing is known to be wrong.
    package var silence = Limits.kafkaSilencePatience
    /// After the last acknowledgement, when the collector is to stop.
    package var stop = Limits.kafkaStopPatience

    /// The limits' own.
    package init() {}
  }

  /// Brokers to begin with, `host:port`; the cluster names the others.
  package var brokers: [String]
  /// Where events go.
  package var topic: KafkaTopic
  /// What keys are made of.
  package var key = Key.none
  /// Kafka's name of the compression: `none`, `gzip`, `snappy`, `lz4` or `zstd`.
  package var compression = "none"
  /// Goes into the header `format`.
  package var format = "native"
  /// The largest message; an event that is larger is refused.
  package var messageBytesMax = Limits.kafkaMessageBytes
  /// Nil signs in nobody.
  package var login: Login?
  /// Nil speaks without TLS.
  package var tls: TLS?
  /// How long a delivery waits.
  package var patience = Patience()

  /// A sink's settings, to be filled in further.
  package init(brokers: [String], topic: KafkaTopic) {
    self.brokers = brokers
    self.topic = topic
  }
}

extension KafkaOptions {
  /// The settings in librdkafka's words (its `CONFIGURATION.md`).
  func settings(password: String?) -> [(name: String, value: String)] {
    var settings = [
      ("bootstrap.servers", brokers.joined(separator: ",")),
      ("client.id", "millrace"),
      // A message that is sent again after a lost answer is written once, and in order.
      ("enable.idempotence", "true"),
      ("acks", "all"),
      // An outage never fails a message: whoever delivers waits, and the message keeps its number.
      ("message.timeout.ms", "0"),
      ("compression.codec", compression),
      ("message.max.bytes", "\(messageBytesMax)"),
      ("queue.buffering.max.kbytes", "\(Limits.kafkaQueueBytesMax >> 10)"),
      ("queue.buffering.max.messages", "\(2 * Limits.batchEventsMax)"),
      // Keys find the partitions that Kafka's own clients would choose.
      ("partitioner", "murmur2_random"),
      ("socket.keepalive.enable", "true"),
      // Brokers that are back are found soon; they are few.
      ("reconnect.backoff.max.ms", "2000"),
      // Its words come by our thread, not by its own.
      ("log.queue", "true"),
      (
        "security.protocol",
        (login == nil ? "" : "sasl_") + (tls != nil ? "ssl" : "plaintext")
      ),
    ]
    if let login, let password {
      settings.append(("sasl.mechanism", login.mechanism))
      settings.append(("sasl.username", login.username))
      settings.append(("sasl.password", password))
    }
    if let tls {
      settings.append(("enable.ssl.certificate.verification", "true"))
      settings.append(("ssl.endpoint.identification.algorithm", "https"))
      if let path = tls.authorityPath { settings.append(("ssl.ca.location", path)) }
      if let path = tls.certificatePath { settings.append(("ssl.certificate.location", path)) }
      if let path = tls.keyPath { settings.append(("ssl.key.location", path)) }
    }
    return settings
  }
}
#endif
