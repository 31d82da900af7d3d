#if Kafka
import CRDKafka
import MillraceCore
import MillraceKafkaSink
import MillraceRuntime
import MillraceSinks
import TestChildren
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KafkaTroubleTests {
  @Test(arguments: [
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
    RD_KAFKA_RESP_ERR__TRANSPORT,
  ])
  func `what brokers mend themselves costs time alone`(error: rd_kafka_resp_err_t) async throws {
    let cluster = try MockCluster(brokers: 2)
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.failWrites([error, error, error])
    _ = try await deliverPatiently(batch(0..<100), to: sink)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(0..<100))
    await sink.close()
  }

  @Test func `a partition that moves to another broker is followed`() async throws {
    let cluster = try MockCluster(brokers: 3)
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    for (round, leader) in [1, 2, 3, 2].enumerated() {
      try cluster.lead("audit", 0, by: Int32(leader))
      _ = try await deliverPatiently(batch(round * 50..<round * 50 + 50), to: sink)
    }
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(0..<200))
    await sink.close()
  }

  @Test func `brokers that are down fail the delivery, and get every event once when back`()
    async throws
  {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    _ = try await sink.deliver(batch(0..<10))
    cluster.stop()
    for _ in 0..<3 {
      let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(10..<500)) }
      #expect(error?.kind == .unreachable)
      #expect(error?.subject == cluster.addresses)
    }
    cluster.start()
    _ = try await deliverPatiently(batch(10..<500), to: sink)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(0..<500))
    await sink.close()
  }

  @Test func `what was acknowledged before a failure is not sent again`() async throws {
    let cluster = try MockCluster(brokers: 2)
    try cluster.make("audit", partitions: 2)
    let sink = sink(cluster.addresses) { $0.key = .user }
    let all = (0..<200).map { TestEvent(id: "\($0)", user: "user\($0)") }
    _ = try await sink.deliver(batch(all))
    try cluster.lead("audit", 1, by: -1)
    let more = (200..<400).map { TestEvent(id: "\($0)", user: "user\($0)") }
    await #expect(throws: SinkError.self) { try await sink.deliver(batch(more, first: 200)) }
    try cluster.lead("audit", 1, by: 2)
    _ = try await deliverPatiently(batch(more, first: 200), to: sink)
    let found = try await TopicReader(cluster.addresses).all("audit", partitions: 2)
    #expect(found.map { Int($0.id) ?? -1 }.sorted() == Array(0..<400))
    #expect(Set(found.map(\.partition)) == [0, 1])
    await sink.close()
  }

  @Test func `what a batch left behind is taken back when another one comes`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    cluster.stop()
    await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<10)) }
    await #expect(throws: SinkError.self) { try await sink.deliver(batch(10..<20)) }
    cluster.start()
    _ = try await deliverPatiently(batch(10..<20), to: sink)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(10..<20))
    await sink.close()
  }

  @Test func `a session that broke off is followed by another`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    _ = try await sink.deliver(batch(0..<10))
    let first = await sink.session
    cluster.stop()
    await #expect(throws: SinkError.self) { try await sink.deliver(batch(10..<20)) }
    await sink.breakOff()
    cluster.start()
    _ = try await deliverPatiently(batch(10..<20), to: sink)
    #expect(await sink.session != first)
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(0..<20))
    await sink.close()
  }

  @Test func `a process that delivers again what another had delivered gives it the same ids`()
    async throws
  {
    let cluster = try MockCluster()
    try cluster.make("audit")
    for _ in 0..<2 {
      let sink = sink(cluster.addresses)
      _ = try await sink.deliver(batch(0..<5))
      await sink.close()
    }
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ids(0..<5) + ids(0..<5))
  }

  @Test func `slow brokers are waited for`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    try cluster.delay(milliseconds: 400)
    let sink = sink(cluster.addresses)
    _ = try await sink.deliver(batch(0..<50))
    try cluster.delay(milliseconds: 0)
    #expect(try await TopicReader(cluster.addresses).all("audit").map(\.id) == ids(0..<50))
    await sink.close()
  }

  @Test func `a topic that may not be written to is a matter for a person`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    cluster.answer(about: "audit", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    let sink = sink(cluster.addresses)
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    #expect(error?.kind == .rejected)
    #expect(error?.code == "TOPIC_AUTHORIZATION_FAILED")
    #expect(error?.hint.contains("write to the topic") == true)
    await sink.close()
  }

  @Test func `a port where nobody listens is unreachable`() async throws {
    let sink = sink("127.0.0.1:9")
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    #expect(error?.kind == .unreachable)
    #expect(error?.description.contains("127.0.0.1:9") == true)
    await sink.close()
  }

  @Test func `a broker whose certificate nobody trusts is sent nothing`() async throws {
    let workshop = try CertificateWorkshop()
    let broker = try await workshop.selfSigned("broker", kind: "ec")
    let other = try await workshop.selfSigned("other", kind: "ec")
    let openssl = try #require(CertificateWorkshop.openssl)
    let server = try ChildProcess(
      openssl,
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", broker.certificate, "-key", broker.key,
        "-www",
      ], environment: [:], folder: workshop.folder)
    defer { server.signal(9) }
    try #require(await server.says("ACCEPT 127.0.0.1:"))
    let line = server.outputText.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127") }
    let port = try #require(line?.split(separator: ":").last)
    let sink = sink("127.0.0.1:\(port)") { $0.tls = .init(authorityPath: other.certificate) }
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    #expect(error?.kind == .rejected)
    #expect(error?.code == "_SSL", "\(error?.description ?? "")")
    await sink.close()
  }

  @Test func `a delivery in vain ends when the collector is to stop`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    cluster.stop()
    let sink = sink(cluster.addresses) {
      $0.patience.trouble = .seconds(100_000)
      $0.patience.silence = .seconds(100_000)
      $0.patience.stop = .milliseconds(10)
    }
    let delivering = Task { try await sink.deliver(batch(0..<5)) }
    delivering.cancel()
    await #expect(throws: SinkError.self) { try await delivering.value }
    await sink.close()
  }

  @Test func `a partition that nobody leads is waited for, and named`() async throws {
    let cluster = try MockCluster(brokers: 2)
    try cluster.make("audit")
    // No broker is in trouble, and none takes anything.
    try cluster.lead("audit", 0, by: -1)
    let sink = sink(cluster.addresses)
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    #expect(error?.kind == .unreachable)
    #expect(error?.code == "LEADER_NOT_AVAILABLE")
    #expect(error?.message.contains("partition 0") == true)
    try cluster.lead("audit", 0, by: 2)
    _ = try await deliverPatiently(batch(0..<5), to: sink)
    #expect(try await TopicReader(cluster.addresses).all("audit").map(\.id) == ids(0..<5))
    await sink.close()
  }

  @Test func `silence is not taken for an acknowledgement`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses) { $0.patience.silence = .milliseconds(200) }
    // Answers come, but none within the time of this test.
    try cluster.delay(milliseconds: 100_000)
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch(0..<5)) }
    #expect(error?.message.contains("5 messages were not acknowledged") == true)
    await sink.close()
  }
}
#endif
