#if Kafka
package import MillraceCore

/// The name of a topic, with places that are filled in for each event.
package struct KafkaTopic: Sendable {
  /// A piece of the name.
  package enum Part: Sendable {
    /// As it is written.
    case text(String)
    /// The tenant's configured name.
    case tenant
    /// The content type, such as `Audit.Exchange`.
    case contentType
  }

  private let parts: [Part]

  /// A name made of these parts, in order.
  package init(_ parts: [Part]) {
    self.parts = parts
  }

  /// The topic of events of `origin`. What Kafka takes in no name becomes `_`.
  package func name(for origin: EventOrigin) -> String {
    var name = ""
    for part in parts {
      switch part {
      case .text(let text): name += text
      case .tenant: name += KafkaTopic.legal(origin.tenantName)
      case .contentType: name += KafkaTopic.legal(origin.feed.contentType.rawValue)
      }
    }
    return String(name.prefix(Limits.kafkaTopicNameMax))
  }

  /// ASCII letters, digits, `.`, `_` and `-` are legal (Kafka's `Topic.LEGAL_CHARS`).
  private static func legal(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar {
          case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": scalar
          default: "_"
          }
        }))
  }
}
#endif
