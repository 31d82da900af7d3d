#if Kafka
import CRDKafka
import MillraceCore
import MillraceKafkaSink
import MillraceRuntime
import MillraceSinks
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KafkaRefusalTests {
  @Test(arguments: [
    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
    RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
  ])
  func `an event that brokers refuse alone is refused for good`(
    error: rd_kafka_resp_err_t
  ) async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.failWrites([error])
    let receipt = try await sink.deliver(batch(0..<1))
    #expect(receipt.refused.map(\.position) == [LogPosition(sequence: 1, record: 0)])
    #expect(
      receipt.refused.first?.reason.contains(String(cString: rd_kafka_err2name(error))) == true)
    // The producer goes on after it.
    _ = try await sink.deliver(batch(1..<20))
    #expect(try await TopicReader(cluster.addresses).all("audit").map(\.id) == ids(1..<20))
    await sink.close()
  }

  @Test func `events that were only refused together are delivered`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.failWrites([RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
    let receipt = try await sink.deliver(batch(0..<100))
    #expect(receipt.refused.isEmpty)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id).sorted() == ids(0..<100).sorted())
    await sink.close()
  }

  @Test(arguments: 2...12)
  func `every event is either in the topic or refused, and never both`(errors: Int) async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.failWrites(Array(repeating: RD_KAFKA_RESP_ERR_INVALID_RECORD, count: errors))
    let receipt = try await sink.deliver(batch(0..<16))
    let refused = receipt.refused.map { "event-\($0.position.record)" }
    let found = try await TopicReader(cluster.addresses).all("audit").map(\.id)
    #expect((found + refused).sorted() == ids(0..<16).sorted())
    await sink.close()
  }

  @Test func `a refusal in the middle of an outage is decided after it`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.failWrites([
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    ])
    let receipt = try await deliverPatiently(batch(0..<10), to: sink)
    #expect(receipt.refused.isEmpty)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id).sorted() == ids(0..<10).sorted())
    await sink.close()
  }
}

@Suite(.timeLimit(.minutes(10)))
struct KafkaLoginTests {
  @Test func `the password is in no error and in no line of the log`() async throws {
    let cluster = try MockCluster()
    let lines = LogLines()
    let sink = sink(cluster.addresses, log: lines.log) {
      $0.login = .init(mechanism: "SCRAM-SHA-256", username: "millrace") { .success("hunter2") }
    }
    // The cluster knows of no logins.
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    await sink.close()
    #expect(error?.description.contains("hunter2") == false)
    #expect(!lines.all.isEmpty)
    #expect(!lines.all.contains { $0.contains("hunter2") })
  }

  @Test func `an exchanged password begins a session, and the same one goes on`() async throws {
    let password = ExchangedPassword()
    let sink = sink("127.0.0.1:9") {
      $0.login = .init(mechanism: "PLAIN", username: "millrace") { .success(password.text) }
    }
    try await sink.open(ledger: NoLedger())
    let first = await sink.session
    try await sink.open(ledger: NoLedger())
    #expect(await sink.session == first)
    password.exchange("other")
    try await sink.open(ledger: NoLedger())
    #expect(await sink.session != first)
    await sink.close()
  }

  @Test func `a password that cannot be read fails the delivery`() async throws {
    let unreadable = SinkError(
      sink: "bus", operation: "read password", subject: "/nowhere", message: "no such file",
      kind: .rejected)
    let sink = sink("127.0.0.1:9") {
      $0.login = .init(mechanism: "PLAIN", username: "millrace") { .failure(unreadable) }
    }
    await #expect(throws: unreadable) { try await sink.deliver(batch(0..<1)) }
  }
}

private final class ExchangedPassword: Sendable {
  private let value = Mutex("one")

  var text: String { value.withLock { $0 } }

  func exchange(_ text: String) { value.withLock { $0 = text } }
}
#endif
