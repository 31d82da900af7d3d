#if Kafka
import CRDKafka
import MillraceCore
import MillraceKafkaSink
import MillraceSinks
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KafkaSinkTests {
  @Test func `every event of a batch is in the topic, in order, with key and headers`() async throws
  {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses) { $0.key = .tenant }
    try await sink.open(ledger: NoLedger())
    let receipt = try await sink.deliver(batch(0..<3000))
    #expect(receipt == SinkReceipt())
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.value) == events(0..<3000).map(\.value))
    #expect(found.allSatisfy { $0.key == "41463f53-8812-40f4-890f-865bf6e35190" })
    #expect(
      found.first?.headers == [
        "id": "event-0", "tenant": "contoso", "content_type": "Audit.Exchange",
        "tenant_id": "41463f53-8812-40f4-890f-865bf6e35190", "format": "native",
      ])
    await sink.close()
  }

  @Test func `keys by user keep each user's events together and in order`() async throws {
    let cluster = try MockCluster(brokers: 3)
    try cluster.make("audit", partitions: 4)
    let sink = sink(cluster.addresses) { $0.key = .user }
    let all = (0..<400).map { TestEvent(id: "\($0)", user: $0 % 40 == 39 ? "" : "user\($0 % 40)") }
    _ = try await sink.deliver(batch(all))
    let found = try await TopicReader(cluster.addresses).all("audit", partitions: 4)
    #expect(Set(found.map(\.id)) == Set(all.map(\.id)))
    #expect(found.count == all.count)
    let users = Dictionary(grouping: found) { $0.key }
    // Events of nobody have no key at all, as an empty one would send them to one partition.
    #expect(users[nil]?.count == 10)
    for (user, events) in users where user != nil {
      #expect(Set(events.map(\.partition)).count == 1)
      #expect(events.map { Int($0.id) ?? 0 }.sorted() == events.map { Int($0.id) ?? 0 })
    }
    #expect(Set(found.map(\.partition)).count > 1)
    await sink.close()
  }

  @Test func `events without a key go wherever there is room`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses)
    _ = try await sink.deliver(batch(0..<2))
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.key) == [nil, nil])
    await sink.close()
  }

  @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
  func `compressed messages come out whole`(compression: String) async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses) { $0.compression = compression }
    _ = try await sink.deliver(batch(events(0..<200, padding: 300)))
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.value) == events(0..<200, padding: 300).map(\.value))
    await sink.close()
  }

  @Test func `tenants and content types have topics of their own where the name says so`()
    async throws
  {
    let cluster = try MockCluster()
    try cluster.make("audit-con_toso-Audit.Exchange")
    try cluster.make("audit-fabrikam-DLP.All")
    let sink = sink(cluster.addresses) {
      $0.topic = KafkaTopic([.text("audit-"), .tenant, .text("-"), .contentType])
    }
    _ = try await sink.deliver(
      batch([
        TestEvent(id: "1", tenant: "con/toso"),
        TestEvent(id: "2", tenant: "fabrikam", contentType: .dlp),
        TestEvent(id: "3", tenant: "con/toso"),
      ]))
    let reader = TopicReader(cluster.addresses)
    #expect(try await reader.all("audit-con_toso-Audit.Exchange").map(\.id) == ["1", "3"])
    #expect(try await reader.all("audit-fabrikam-DLP.All").map(\.id) == ["2"])
    await sink.close()
  }

  @Test func `an event that is too large is refused alone and with its size`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    let sink = sink(cluster.addresses) { $0.messageBytesMax = 2000 }
    var all = events(0..<5)
    all[3].padding = 3000
    let receipt = try await sink.deliver(batch(all))
    #expect(receipt.refused.map(\.position) == [LogPosition(sequence: 1, record: 3)])
    let reason = try #require(receipt.refused.first?.reason)
    #expect(reason.contains("audit: MSG_SIZE_TOO_LARGE") && reason.contains("(3029 bytes)"))
    let found = try await TopicReader(cluster.addresses).all("audit")
    #expect(found.map(\.id) == ["event-0", "event-1", "event-2", "event-4"])
    await sink.close()
  }

  @Test func `more than the producer may hold passes through it`() async throws {
    let cluster = try MockCluster()
    try cluster.make("audit")
    // Compressed, as a cluster in memory keeps five megabytes of a partition.
    let sink = sink(cluster.addresses) { $0.compression = "zstd" }
    let count = 3 * Limits.batchEventsMax
    _ = try await sink.deliver(batch(0..<count))
    #expect(try await TopicReader(cluster.addresses).all("audit").map(\.id) == ids(0..<count))
    await sink.close()
  }

  @Test func `settings that cannot be are refused with the name of the setting`() async throws {
    let sink = sink("127.0.0.1:9") { $0.tls = .init(authorityPath: "/nowhere/ca.pem") }
    let error = await #expect(throws: SinkError.self) { try await sink.open(ledger: NoLedger()) }
    #expect(error?.kind == .rejected)
    #expect(error?.subject == "/nowhere/ca.pem")
    #expect(error?.message.contains("ssl.ca.location") == true)
  }
}
#endif
