package import MillraceCore

/// A sink of type `kafka`.
package struct KafkaSinkSettings: Sendable {
  /// What a message's key is made of.
  package enum Key: String, CaseIterable, Sendable {
    case none
    case tenant
    case user
  }

  /// How messages are packed.
  package enum Compression: String, CaseIterable, Sendable {
    case none
    case gzip
    case snappy
    case lz4
    case zstd
  }

  /// How it signs in.
  package enum Mechanism: String, CaseIterable, Sendable {
    case plain
    case scramSHA256 = "scram-sha-256"
    case scramSHA512 = "scram-sha-512"
  }

  /// Brokers to begin with, `host:port`; at least one.
  package let brokers: [String]
  /// The topic; of the placeholders of a path it has `{tenant}` and `{content_type}` alone.
  package let topic: NameTemplate
  /// What a message's key is made of.
  package let key: Key
  /// How messages are packed.
  package let compression: Compression
  /// The largest message, in bytes.
  package let messageBytesMax: Int
  /// How `username` and `password` are proven.
  package let mechanism: Mechanism
  /// Who signs in; nil for nobody.
  package let username: String?
  /// Together with `username`.
  package let password: Secret?
  /// Nil speaks without TLS.
  package let tls: TLSConfiguration?

  init?(_ mapping: MappingReader) {
    mapping.requireKey("brokers", hint: "a list such as [kafka.example.com:9092]")
    brokers = (mapping.scalars("brokers") ?? []).compactMap { Self.broker($0, mapping) }
    let topic = Self.topic(mapping)
    key = mapping.choice("key", default: .tenant)
    compression = mapping.choice("compression", default: .none)
    messageBytesMax = Int(
      mapping.size(
        "max_message", default: Int64(Limits.kafkaMessageBytes),
        in: 1000...Int64(Limits.kafkaMessageBytesMax)))
    mechanism = mapping.choice("mechanism", default: .plain)
    (username, password) = mapping.login()
    tls = mapping.sectionIfGiven("tls", .tls).map { TLSConfiguration($0) }
    Self.checkSecurity(mapping, tls, mechanism)
    guard let topic, !brokers.isEmpty else { return nil }
    self.topic = topic
  }

  private static func broker(_ value: ScalarValue, _ mapping: MappingReader) -> String? {
    do {
      _ = try WebAddress.hostAndPort(value.text, needsPort: true)
      return value.text
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
  }

  private static func topic(_ mapping: MappingReader) -> NameTemplate? {
    mapping.requireKey("topic", hint: "such as millrace or audit-{tenant}")
    guard let value = mapping.scalar("topic") else { return nil }
    do {
      let topic = try NameTemplate(value.text)
      for part in topic.parts {
        switch part {
        // Kafka's Topic.LEGAL_CHARS.
        case .text(let text)
        where text.allSatisfy({
          $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
        }):
          continue
        case .placeholder(.tenant), .placeholder(.contentType): continue
        default:
          mapping.fail(
            value, "\(value.shown) cannot name a topic",
            hint: "letters, digits, \".\", \"_\", \"-\", {tenant} and {content_type}")
          return nil
        }
      }
      guard ![".", "..", ""].contains(value.text), value.text.count <= Limits.kafkaTopicNameMax
      else {
        mapping.fail(
          value, "\(value.shown) cannot name a topic",
          hint: "1 to \(Limits.kafkaTopicNameMax) characters, and neither \".\" nor \"..\"")
        return nil
      }
      return topic
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
  }

  private static func checkSecurity(
    _ mapping: MappingReader, _ tls: TLSConfiguration?, _ mechanism: Mechanism
  ) {
    if tls?.serverName != nil {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path(of: "tls"),
        "a broker's certificate must bear the name that the cluster gives the broker",
        hint: "take \"server_name\" out")
    }
    if tls == nil, mapping.has("password"), mechanism == .plain {
      mapping.reading.warn(
        at: mapping.place, path: mapping.path,
        "the password crosses the network in the clear",
        hint: "add \"tls: {}\", or use mechanism: scram-sha-512")
    }
  }
}
