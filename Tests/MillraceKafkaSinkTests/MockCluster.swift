#if Kafka
import CRDKafka

/// librdkafka's own brokers, inside this process: they listen on 127.0.0.1 and speak Kafka's
/// protocol, and can be told to fail.
///
/// Sound as `@unchecked Sendable`: the pointers never change, and librdkafka lets every thread call
/// these functions (they hand a task to the cluster's own thread).
final class MockCluster: @unchecked Sendable {
  struct Failure: Error {
    let words: String
  }

  private let owner: OpaquePointer
  private let cluster: OpaquePointer
  /// Where it listens, `host:port,…`.
  let addresses: String

  init(brokers: Int32 = 1) throws {
    var words = [CChar](repeating: 0, count: 512)
    let configuration = rd_kafka_conf_new()
    // What it says of its clients' troubles is what the test asked for.
    rd_kafka_conf_set(configuration, "log_level", "0", &words, words.count)
    guard let owner = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &words, words.count),
      let cluster = rd_kafka_mock_cluster_new(owner, brokers)
    else { throw Failure(words: "no cluster") }
    self.owner = owner
    self.cluster = cluster
    addresses = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(owner)
  }

  /// Makes a topic.
  func make(_ topic: String, partitions: Int32 = 1) throws {
    try check(rd_kafka_mock_topic_create(cluster, topic, partitions, 1))
  }

  /// Has brokers close the connection at every request from now on. (Taking them down would free
  /// their port, which anybody may have when they come back: librdkafka then ends the process.)
  func stop() {
    let closings = Array(repeating: RD_KAFKA_RESP_ERR__TRANSPORT, count: 10_000)
    for request in MockCluster.requests {
      rd_kafka_mock_push_request_errors_array(cluster, request, closings.count, closings)
    }
  }

  /// Has them answer again.
  func start() {
    for request in MockCluster.requests { rd_kafka_mock_clear_request_errors(cluster, request) }
  }

  /// Produce, Metadata, ApiVersions and InitProducerId, as Kafka's protocol numbers them.
  private static let requests: [Int16] = [0, 3, 18, 22]

  /// How long each answer takes.
  func delay(milliseconds: Int32) throws {
    try check(rd_kafka_mock_broker_set_rtt(cluster, -1, milliseconds))
  }

  /// Gives a partition to a broker.
  func lead(_ topic: String, _ partition: Int32, by broker: Int32) throws {
    try check(rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker))
  }

  /// Fails the next requests to write, with these errors in order.
  func failWrites(_ errors: [rd_kafka_resp_err_t]) {
    rd_kafka_mock_push_request_errors_array(cluster, 0, errors.count, errors)
  }

  /// What clients are told who ask about a topic.
  func answer(about topic: String, _ error: rd_kafka_resp_err_t) {
    rd_kafka_mock_topic_set_error(cluster, topic, error)
  }

  private func check(_ code: rd_kafka_resp_err_t) throws {
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw Failure(words: String(cString: rd_kafka_err2str(code)))
    }
  }
}
#endif
