#if Kafka
import CRDKafka
import MillraceRuntime

/// A consumer of librdkafka that reads topics from their beginning to their end.
actor TopicReader {
  struct Failure: Error {
    let words: String
  }

  /// A message as a reader gets it.
  struct Message: Sendable {
    let partition: Int32
    let key: String?
    let value: String
    let headers: [String: String]

    var id: String { headers["id"] ?? "" }
  }

  private let thread = ThreadExecutor(name: "reader")
  private let addresses: String

  init(_ addresses: String) {
    self.addresses = addresses
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Everything that stands in a topic, partition after partition, each in its order.
  func all(_ topic: String, partitions: Int32 = 1) throws -> [Message] {
    let consumer = try consumer()
    defer { rd_kafka_destroy(consumer) }
    rd_kafka_poll_set_consumer(consumer)
    let places = rd_kafka_topic_partition_list_new(partitions)
    defer { rd_kafka_topic_partition_list_destroy(places) }
    for partition in 0..<partitions {
      let place = rd_kafka_topic_partition_list_add(places, topic, partition)
      place?.pointee.offset = Int64(RD_KAFKA_OFFSET_BEGINNING)
    }
    try check(rd_kafka_assign(consumer, places))
    var found: [Message] = []
    var ended: Set<Int32> = []
    let begun = ContinuousClock.now
    while ended.count < partitions {
      guard begun.duration(to: .now) < .seconds(120) else {
        throw Failure(words: "\(topic) has no end after 120 s")
      }
      guard let message = rd_kafka_consumer_poll(consumer, 100) else { continue }
      defer { rd_kafka_message_destroy(message) }
      switch message.pointee.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR: found.append(read(message))
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: ended.insert(message.pointee.partition)
      // A broker that was stopped is looked for until it is there.
      default: continue
      }
    }
    // Stable, so that each partition keeps its order.
    return found.enumerated().sorted {
      ($0.element.partition, $0.offset) < ($1.element.partition, $1.offset)
    }.map(\.element)
  }

  private func consumer() throws -> OpaquePointer {
    let configuration = rd_kafka_conf_new()
    var words = [CChar](repeating: 0, count: 512)
    let settings = [
      ("bootstrap.servers", addresses), ("group.id", "reader"), ("enable.partition.eof", "true"),
      ("check.crcs", "true"), ("log_level", "0"), ("reconnect.backoff.max.ms", "200"),
      ("fetch.wait.max.ms", "50"),
    ]
    for (name, value) in settings {
      guard rd_kafka_conf_set(configuration, name, value, &words, words.count) == RD_KAFKA_CONF_OK
      else { throw Failure(words: "\(name)=\(value)") }
    }
    guard let consumer = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, &words, words.count) else {
      throw Failure(words: "no consumer")
    }
    return consumer
  }

  private func read(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Message {
    let key = message.pointee.key.map { text($0, message.pointee.key_len) }
    let value = message.pointee.payload.map { text($0, message.pointee.len) } ?? ""
    var all: [String: String] = [:]
    var headers: OpaquePointer?
    if rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR {
      var index = 0
      var name: UnsafePointer<CChar>?
      var bytes: UnsafeRawPointer?
      var count = 0
      while rd_kafka_header_get_all(headers, index, &name, &bytes, &count)
        == RD_KAFKA_RESP_ERR_NO_ERROR
      {
        if let name { all[String(cString: name)] = bytes.map { text($0, count) } ?? "" }
        index += 1
      }
    }
    return Message(
      partition: message.pointee.partition, key: key, value: value, headers: all)
  }

  private func text(_ start: UnsafeRawPointer, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private func check(_ code: rd_kafka_resp_err_t) throws {
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw Failure(words: String(cString: rd_kafka_err2str(code)))
    }
  }
}
#endif
