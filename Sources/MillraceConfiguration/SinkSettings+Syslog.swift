import MillraceCore

/// A sink of type `syslog`.
package struct SyslogSinkSettings: Sendable {
  /// Where it is spoken to.
  package enum Address: Hashable, Sendable {
    case udp(host: String, port: Int)
    case tcp(host: String, port: Int)
    case tls(host: String, port: Int)
    case unix(path: String)
  }

  /// How messages are spelled.
  package enum Form: String, CaseIterable, Sendable {
    case rfc5424
    case rfc3164
  }

  /// How messages are told apart in a stream.
  package enum Framing: String, CaseIterable, Sendable {
    case octetCounting = "octet_counting"
    case newline
  }

  /// What becomes of a message that is larger than allowed.
  package enum Oversize: String, CaseIterable, Sendable {
    case split
    case truncate
    case deadLetter = "dead_letter"
  }

  /// When a text begins with a byte order mark.
  package enum ByteOrderMark: String, CaseIterable, Sendable {
    /// When it is not ASCII alone, as RFC 5424 wants it.
    case auto
    case never
  }

  /// The facilities, in the order of their numbers (RFC 5424, section 6.2.1).
  package enum Facility: String, CaseIterable, Sendable {
    case kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, ntp
    case audit, alert, clock
    case local0, local1, local2, local3, local4, local5, local6, local7

    /// Its number, 0 to 23.
    package var number: Int { Facility.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Where the receiver is.
  package let address: Address
  /// For `tls://` addresses.
  package let tls: TLSConfiguration
  /// How messages are spelled.
  package let form: Form
  /// How messages are told apart in a stream.
  package let framing: Framing
  /// The largest message, in bytes, framing aside.
  package let messageBytesMax: Int
  /// What becomes of a larger one.
  package let oversize: Oversize
  /// When a text begins with a byte order mark.
  package let byteOrderMark: ByteOrderMark
  /// The facility of all messages.
  package let facility: Facility
  /// The program's name in messages.
  package let applicationName: String
  /// The host's name in messages; nil for this machine's.
  package let hostName: String?
  /// The private enterprise number in the names of elements.
  package let enterprise: Int
  /// Bytes of the last deliveries that are kept for sending again.
  package let resendBytes: Int
  /// How long they are kept.
  package let resendTime: Duration

  init?(_ mapping: MappingReader) {
    mapping.requireKey("address", hint: "such as tls://siem.example.com:6514")
    let value = mapping.scalar("address")
    let address = value.flatMap { Self.address($0, mapping) }
    tls = TLSConfiguration(mapping.section("tls", .tls))
    let form: Form = mapping.choice("protocol", default: .rfc5424)
    self.form = form
    framing = mapping.choice("framing", default: Self.framing(address, form))
    let bounds = Limits.syslogMessageBytesRange
    messageBytesMax = Int(
      mapping.size(
        "max_message_size", default: Int64(Limits.syslogMessageBytes),
        in: Int64(bounds.lowerBound)...Int64(Self.messageBytesMax(address))))
    oversize = mapping.choice("oversize", default: .truncate)
    byteOrderMark = mapping.choice("utf8_bom", default: .auto)
    facility = mapping.choice("facility", default: .audit)
    applicationName = Self.name(mapping, "app_name", atMost: 48) ?? "millrace"
    hostName = Self.name(mapping, "hostname", atMost: 255)
    // 32473 is the number of the documentation (RFC 5612).
    enterprise = mapping.integer("enterprise_id", default: 32_473, in: 1...4_294_967_295)
    resendBytes = Int(
      mapping.size(
        "resend_size", default: Int64(Limits.syslogResendBytes),
        in: 0...Int64(Limits.syslogResendBytesMax)))
    resendTime = mapping.duration(
      "resend_time", default: Limits.syslogResendTime, in: .seconds(1)...(.seconds(86_400)))
    guard let address else { return nil }
    self.address = address
    Self.refuse(mapping, "framing", unless: address.hasStream, "datagrams end by themselves")
    Self.refuse(
      mapping, "tls", unless: address.isSecure, "it belongs to tls:// addresses only",
      hint: "change the address to tls://…, or remove the key")
  }

  private static func refuse(
    _ mapping: MappingReader, _ key: String, unless isFit: Bool, _ message: String,
    hint: String = "remove the key"
  ) {
    guard !isFit, let node = mapping.node(key) else { return }
    mapping.reading.fail(at: node.place, path: mapping.path(of: key), message, hint: hint)
  }

  /// RFC 5425 asks for octet counting, and RFC 6587 prefers it; receivers of the old form, and
  /// those of local sockets, expect lines.
  private static func framing(_ address: Address?, _ form: Form) -> Framing {
    switch address {
    case .tls: .octetCounting
    case .unix: .newline
    default: form == .rfc5424 ? .octetCounting : .newline
    }
  }

  private static func messageBytesMax(_ address: Address?) -> Int {
    if case .udp = address { return Limits.syslogDatagramBytesMax }
    return Limits.syslogMessageBytesRange.upperBound
  }

  /// A name of printable ASCII without blanks and colons, which end names in one form or the other.
  private static func name(_ mapping: MappingReader, _ key: String, atMost count: Int) -> String? {
    guard let value = mapping.scalar(key) else { return nil }
    let isPlain =
      (1...count).contains(value.text.utf8.count)
      && value.text.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: ":") }
    guard isPlain else {
      mapping.fail(
        value, "\(value.shown) cannot stand in a header",
        hint: "1 to \(count) printable ASCII characters, no blanks and no \":\"")
      return nil
    }
    return value.text
  }

  private static func address(_ value: ScalarValue, _ mapping: MappingReader) -> Address? {
    let text = value.text
    if text.hasPrefix("unix:") {
      var path = text.dropFirst("unix:".count)
      if path.hasPrefix("//") { path = path.dropFirst(2) }
      // The length of sockaddr_un.sun_path, less its final zero.
      guard path.hasPrefix("/"), path.utf8.count <= 107 else {
        mapping.fail(
          value, "after \"unix:\" comes the socket's whole path, at most 107 bytes",
          hint: "such as unix:/dev/log")
        return nil
      }
      return .unix(path: String(path))
    }
    let schemes = ["udp", "tcp", "tls"]
    guard let scheme = schemes.first(where: { text.hasPrefix($0 + "://") }) else {
      mapping.fail(
        value, "the address begins with none of udp://, tcp://, tls://, unix:",
        hint: "such as tls://siem.example.com:6514")
      return nil
    }
    do {
      let rest = text.dropFirst(scheme.count + 3)
      let (host, port) = try WebAddress.hostAndPort(rest, needsPort: scheme == "tcp")
      switch scheme {
      // RFC 5426 and RFC 5425 assign these ports; TCP without TLS has none (RFC 6587).
      case "udp": return .udp(host: host, port: port ?? 514)
      case "tls": return .tls(host: host, port: port ?? 6514)
      default: return .tcp(host: host, port: port ?? 514)
      }
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
  }
}

extension SyslogSinkSettings.Address {
  /// Whether messages may go through a stream.
  var hasStream: Bool {
    if case .udp = self { return false }
    return true
  }

  var isSecure: Bool {
    if case .tls = self { return true }
    return false
  }
}
