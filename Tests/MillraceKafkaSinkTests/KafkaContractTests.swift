#if Kafka
import CRDKafka
import Foundation
import MillraceKafkaSink
import MillraceSinks
import SinkContracts
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KafkaContractTests {
  @Test func `a Kafka sink keeps what every sink keeps`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    try await SinkContract.check(KafkaStand(cluster: cluster))
  }

  /// Where a broker listens that is a program of its own.
  static let broker = ProcessInfo.processInfo.environment["MILLRACE_KAFKA_BROKERS"]

  @Test(.enabled(if: broker != nil, "MILLRACE_KAFKA_BROKERS names no brokers to try this on"))
  func `brokers in a process of their own hold every event, in order`() async throws {
    let addresses = try #require(Self.broker)
    // Brokers make it, or somebody made it before: with one partition.
    let topic = ProcessInfo.processInfo.environment["MILLRACE_KAFKA_TOPIC"] ?? "millrace-test"
    let reader = TopicReader(addresses)
    for compression in ["none", "gzip", "snappy", "lz4", "zstd"] {
      let before = try await reader.all(topic).count
      let sink = sink(addresses) {
        $0.topic = KafkaTopic([.text(topic)])
        $0.compression = compression
        $0.key = .user
      }
      try await sink.open(ledger: NoLedger())
      for round in 0..<5 {
        _ = try await deliverPatiently(batch(round * 1000..<round * 1000 + 1000), to: sink)
      }
      let found = try await reader.all(topic).dropFirst(before)
      #expect(found.map(\.id) == ids(0..<5000))
      #expect(found.first?.headers["tenant"] == "contoso")
      await sink.close()
    }
  }
}

/// A cluster of librdkafka, which does not tell events apart: what it refuses, it refuses by the
/// request, so that the refusal of one event is tested by itself.
private struct KafkaStand: ContractStand {
  let cluster: MockCluster
  var promise: ContractPromise { .atLeastOnce }

  func makeSink() async throws -> any Sink { sink(cluster.addresses) { $0.key = .tenant } }

  func received() async throws -> [String] {
    try await TopicReader(cluster.addresses).all("audit").map(\.id)
  }

  func inject(_ fault: ReceiverFault) async throws -> Bool {
    switch fault {
    case .stopped, .killed: cluster.stop()
    case .slow: try cluster.delay(milliseconds: 300)
    case .closesMidAnswer:
      cluster.failWrites(Array(repeating: RD_KAFKA_RESP_ERR__TRANSPORT, count: 10_000))
    case .nonsense:
      let unheardOf = rd_kafka_resp_err_t(rawValue: 12_345)
      cluster.failWrites(Array(repeating: unheardOf, count: 10_000))
    case .refuses: return false
    }
    return true
  }

  func heal() async throws {
    cluster.start()
    try cluster.delay(milliseconds: 0)
  }
}
#endif
