#if Kafka
import CRDKafka
import MillraceSinks

/// An error of librdkafka or of a broker, with its words.
struct KafkaTrouble: Hashable, Sendable {
  /// The number: librdkafka's own are negative, those of Kafka's protocol are not.
  let code: Int32
  /// What librdkafka says beyond the meaning of the number; may be empty.
  let words: String

  init(_ code: rd_kafka_resp_err_t, words: String = "") {
    // A certificate that is not trusted is a failed transport to it, too, and only its words tell.
    let isDistrust =
      code == RD_KAFKA_RESP_ERR__TRANSPORT && words.contains("SSL routines")
      && !words.contains("unexpected eof")
    self.code = (isDistrust ? RD_KAFKA_RESP_ERR__SSL : code).rawValue
    self.words = words
  }

  private var error: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue: code) }

  /// Kafka's name of the error, such as `MSG_SIZE_TOO_LARGE`.
  var name: String { String(cString: rd_kafka_err2name(error)) }

  /// What it means, in one line.
  var message: String {
    let meaning = String(cString: rd_kafka_err2str(error))
    return words.isEmpty || words == meaning ? meaning : "\(meaning): \(words)"
  }

  /// Whether the brokers do not want this very message, now or later.
  var refusesMessage: Bool {
    switch error {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
      RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
      RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      true
    default: false
    }
  }

  /// Whether a person has to see to it, so that it explains what follows.
  var needsPerson: Bool { explanation.0 == .rejected }

  /// Whether it says that all is lost with the brokers, but not why.
  var isVague: Bool { error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN }

  /// Whether the producer is done for; a new one has to take its place.
  var isFatal: Bool { error == RD_KAFKA_RESP_ERR__FATAL }

  /// The failure of a delivery to `subject`.
  func failure(sink: String, operation: String, subject: String) -> SinkError {
    let (kind, hint) = explanation
    return SinkError(
      sink: sink, operation: operation, subject: subject, code: name, message: message, hint: hint,
      kind: kind)
  }

  private var explanation: (SinkError.Kind, String) {
    switch error {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      (.rejected, "see to username, password and mechanism; a password in a file is read again")
    case RD_KAFKA_RESP_ERR__SSL:
      (
        .rejected,
        "the broker's certificate must be signed by an authority of tls.ca and bear its host's name"
      )
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      (.rejected, "let this user write to the topic and describe it")
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      (.rejected, "let this user use idempotent writes (IdempotentWrite on the cluster)")
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
      RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      (.rejected, "create the topic, or let the brokers create it")
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
      RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, RD_KAFKA_RESP_ERR__INVALID_ARG:
      (.rejected, "the brokers do not know how to do this; Kafka 0.11 or later is needed")
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, RD_KAFKA_RESP_ERR__QUEUE_FULL,
      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
      (.busy, "")
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
      RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
      RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
      RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
      (.unreachable, "what is queued is sent by itself when the brokers are back")
    default: (.other, "")
    }
  }
}
#endif
