#if Kafka
import CRDKafka
import MillraceCore
import MillraceRuntime
import MillraceSinks

/// One session of a producer with a cluster: within it, a message that is sent again is written
/// once. It never leaves the sink's thread.
final class KafkaProducer {
  let reports: KafkaReports
  let handle: OpaquePointer
  private var topics: [String: OpaquePointer] = [:]

  /// Starts librdkafka's threads; connecting is up to them.
  ///
  /// - Throws: `SinkError` for settings that cannot be, such as a file that is no certificate.
  init(
    _ settings: [(name: String, value: String)], reports: KafkaReports, sink: String
  ) throws(SinkError) {
    func refusal(_ subject: String, _ words: String) -> SinkError {
      SinkError(
        sink: sink, operation: "configure", subject: subject, message: words,
        hint: "see to the sink's settings", kind: .rejected)
    }
    guard let configuration = rd_kafka_conf_new() else {
      throw refusal("producer", "no memory")
    }
    var words = [CChar](repeating: 0, count: 512)
    for (name, value) in settings {
      let code = rd_kafka_conf_set(configuration, name, value, &words, words.count)
      guard code == RD_KAFKA_CONF_OK else {
        rd_kafka_conf_destroy(configuration)
        // Its words quote the value.
        let isSecret = name == "sasl.password"
        throw refusal(name, isSecret ? "the password cannot be used" : text(words))
      }
    }
    let context = Unmanaged.passRetained(reports)
    rd_kafka_conf_set_opaque(configuration, context.toOpaque())
    rd_kafka_conf_set_dr_msg_cb(configuration, reportDelivery)
    rd_kafka_conf_set_error_cb(configuration, reportError)
    rd_kafka_conf_set_log_cb(configuration, reportWords)
    guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &words, words.count) else {
      rd_kafka_conf_destroy(configuration)
      context.release()
      // It names the setting, as "ssl.ca.location failed", and not what it is set to.
      let said = text(words)
      let setting = settings.first { said.hasPrefix($0.name + " ") && $0.name != "sasl.password" }
      throw refusal(setting?.value ?? "producer", said)
    }
    rd_kafka_set_log_queue(handle, nil)
    self.handle = handle
    self.reports = reports
  }

  /// Takes back what is queued and ends the session. Blocks until librdkafka's threads are gone.
  deinit {
    let context = rd_kafka_opaque(handle)
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    for topic in topics.values { rd_kafka_topic_destroy(topic) }
    rd_kafka_destroy(handle)
    if let context { Unmanaged<KafkaReports>.fromOpaque(context).release() }
  }

  /// Queues a copy of a message. The error is librdkafka's: it is full, the message is too large.
  func send(_ message: KafkaMessage, ticket: Int) -> rd_kafka_resp_err_t {
    guard let topic = topic(message.topic) else { return rd_kafka_last_error() }
    let headers = rd_kafka_headers_new(message.headers.count)
    for (name, value) in message.headers {
      let code = value.withUnsafeBytes {
        rd_kafka_header_add(headers, name, -1, $0.baseAddress, $0.count)
      }
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
        rd_kafka_headers_destroy(headers)
        return code
      }
    }
    let code = message.value.withUnsafeBytes { value in
      message.key.withUnsafeBytes { key in
        // A key without a place is none; an empty one would be a key of its own.
        millrace_kafka_produce(
          handle, topic, key.isEmpty ? nil : key.baseAddress, key.count, value.baseAddress,
          value.count, headers, ticket)
      }
    }
    if code == RD_KAFKA_RESP_ERR_NO_ERROR {
      reports.sent(ticket)
    } else {
      rd_kafka_headers_destroy(headers)
    }
    return code
  }

  /// Serves callbacks; waits so long for the first.
  func poll(milliseconds: Int32) {
    rd_kafka_poll(handle, milliseconds)
  }

  /// Asks a broker what is wrong with the topics written to; blocks as long as a broker may take.
  /// (librdkafka itself goes on asking and says nothing of the answers.)
  func inquire() -> (topic: String, trouble: KafkaTrouble)? {
    for (name, topic) in topics.sorted(by: { $0.key < $1.key }) {
      var answer: UnsafePointer<rd_kafka_metadata>?
      let code = rd_kafka_metadata(handle, 0, topic, &answer, 2000)
      // Who does not answer is in trouble of another kind, which comes by `meet`.
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { continue }
      defer { rd_kafka_metadata_destroy(answer) }
      let found = UnsafeBufferPointer(
        start: answer.pointee.topics, count: Int(answer.pointee.topic_cnt))
      for topic in found {
        if topic.err != RD_KAFKA_RESP_ERR_NO_ERROR { return (name, KafkaTrouble(topic.err)) }
        let partitions = UnsafeBufferPointer(
          start: topic.partitions, count: Int(topic.partition_cnt))
        // No leader is no error to all brokers.
        for partition in partitions where partition.err.rawValue != 0 || partition.leader < 0 {
          let error = partition.err.rawValue != 0 ? partition.err : noLeader
          return (name, KafkaTrouble(error, words: "partition \(partition.id)"))
        }
      }
    }
    return nil
  }

  /// Why the producer is done for; nil while it is not.
  var fatality: KafkaTrouble? {
    var words = [CChar](repeating: 0, count: 512)
    let code = rd_kafka_fatal_error(handle, &words, words.count)
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return KafkaTrouble(code, words: text(words))
  }

  private func topic(_ name: String) -> OpaquePointer? {
    if let topic = topics[name] { return topic }
    let topic = rd_kafka_topic_new(handle, name, nil)
    topics[name] = topic
    return topic
  }
}

private let noLeader = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE

private func text(_ words: [CChar]) -> String {
  String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func reports(_ opaque: UnsafeMutableRawPointer?) -> KafkaReports? {
  opaque.map { Unmanaged<KafkaReports>.fromOpaque($0).takeUnretainedValue() }
}

private func reportDelivery(
  _ handle: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?,
  _ opaque: UnsafeMutableRawPointer?
) {
  guard let message else { return }
  reports(opaque)?.report(millrace_kafka_ticket(message), message.pointee.err)
}

private func reportError(
  _ handle: OpaquePointer?, _ code: Int32, _ words: UnsafePointer<CChar>?,
  _ opaque: UnsafeMutableRawPointer?
) {
  let code = rd_kafka_resp_err_t(rawValue: code)
  reports(opaque)?.meet(KafkaTrouble(code, words: words.map { String(cString: $0) } ?? ""))
}

private func reportWords(
  _ handle: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?,
  _ words: UnsafePointer<CChar>?
) {
  guard let handle, let facility, let words else { return }
  reports(rd_kafka_opaque(handle))?
    .say(level: level, facility: String(cString: facility), String(cString: words))
}
#endif
