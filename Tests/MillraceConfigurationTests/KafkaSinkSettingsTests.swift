import MillraceConfiguration
import MillraceCore
import Testing

struct KafkaSinkSettingsTests {
  private func settings(_ keys: String) throws -> KafkaSinkSettings? {
    let configuration = try parsed(
      oneTenant + "sinks:\n  bus: {type: kafka, brokers: [\"k:9092\"], \(keys)}\n")
    guard case .kafka(let kafka) = configuration.sinks[0].settings else { return nil }
    return kafka
  }

  @Test func `what is not said of a Kafka sink has its default`() throws {
    let kafka = try #require(try settings("topic: audit"))
    #expect(kafka.brokers == ["k:9092"])
    #expect(kafka.topic.description == "audit")
    #expect(kafka.key == .tenant)
    #expect(kafka.compression == .none)
    #expect(kafka.messageBytesMax == 1_000_000)
    #expect(kafka.tls == nil)
  }

  @Test func `what is said of it is kept`() throws {
    let kafka = try #require(
      try settings(
        "topic: \"audit-{tenant}\", key: user, compression: zstd, max_message: 8MiB,"
          + " mechanism: scram-sha-512, username: m, password: x"))
    #expect(kafka.topic.parts == [.text("audit-"), .placeholder(.tenant)])
    #expect(kafka.key == .user)
    #expect(kafka.compression == .zstd)
    #expect(kafka.messageBytesMax == 8 << 20)
    #expect(kafka.mechanism == .scramSHA512)
  }

  @Test(arguments: [
    ("topic: \"audit {tenant}\"", "cannot name a topic"),
    ("topic: \"audit-{date}\"", "cannot name a topic"),
    ("topic: \"..\"", "cannot name a topic"), ("topic: a/b", "cannot name a topic"),
    ("topic: a, tls: {server_name: x}", "must bear the name"),
    ("topic: a, max_message: 10B", "out of range"),
    ("topic: a, max_message: 1GiB", "out of range"),
    ("topic: a, key: operation", "none of none, tenant, user"),
  ])
  func `what Kafka cannot do is refused`(keys: String, words: String) throws {
    let text = oneTenant + "sinks:\n  bus: {type: kafka, brokers: [\"k:9092\"], \(keys)}\n"
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration.parse(Array(text.utf8), name: "millrace.yaml", environment: [:])
    }
    #expect(error?.issues.first?.message.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `a password in the clear is warned about`() throws {
    let configuration = try parsed(
      oneTenant + "sinks:\n  bus: {type: kafka, brokers: [\"k:9092\"], topic: a, username: m,"
        + " password: \"file:/etc/x\"}\n")
    #expect(configuration.warnings.contains { $0.message.contains("in the clear") })
  }
}
