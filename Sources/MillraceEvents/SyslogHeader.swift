import MillraceCore

/// What stands before the text of a syslog message (RFC 5424): `PRI`, version, time, host,
/// program, the message's id, and the structured data element with what the event says.
package struct SyslogHeader: Sendable {
  /// The number of the documentation (RFC 5612), for tries; receivers tell elements apart by it.
  package static let exampleEnterprise = 32473

  private let host: [UInt8]
  private let name: [UInt8]

  /// Headers of messages from `host`, whose elements are called `m365@` and a private enterprise
  /// number (IANA). A host that is no printable ASCII of at most 255 bytes is left out.
  package init(host: String, enterprise: Int = exampleEnterprise) {
    let bytes = Array(host.utf8)
    let isPlain = !bytes.isEmpty && bytes.count <= 255 && bytes.allSatisfy { 33...126 ~= $0 }
    self.host = isPlain ? bytes : [Ascii.hyphen]
    name = Array("[m365@\(enterprise)".utf8)
  }

  /// Appends the header and the element, without what follows them.
  func append(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    buffer.append(UInt8(ascii: "<"))
    buffer.append(integer: SyslogHeader.priority(event))
    buffer.append(">1 ")
    if case .time(let time)? = event[.time] {
      buffer.append(time: time)
    } else {
      buffer.append(Ascii.hyphen)
    }
    buffer.append(Ascii.blank)
    SyslogHeader.append(host, &buffer)
    buffer.append(" millrace - ")
    SyslogHeader.appendMessageID(event, to: &buffer)
    buffer.append(Ascii.blank)
    appendElement(event, to: &buffer)
  }

  private static func append(_ bytes: [UInt8], _ buffer: inout ByteBuffer) {
    bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      buffer.append(ByteView(start: start, count: bytes.count))
    }
  }

  /// The parameters, in the order in which they are written: names of at most 32 ASCII characters.
  static let parameters: [(name: StaticString, path: StaticString)] = [
    ("id", "id"), ("tenant", "tenant.id"), ("workload", "workload"),
    ("recordType", "record.type_id"), ("operation", "operation"), ("category", "category"),
    ("action", "action"), ("result", "outcome.result"), ("code", "outcome.code"),
    ("reason", "outcome.reason"), ("actor", "actor.upn"), ("actorId", "actor.id"),
    ("actorType", "actor.type"), ("srcIp", "source.ip"), ("srcPort", "source.port"),
    ("country", "source.geo.country_iso"), ("city", "source.geo.city"),
    ("asn", "source.as_number"), ("app", "app.id"), ("session", "session.id"),
    ("corr", "correlation.id"), ("target", "target.upn"), ("targetType", "target.type"),
    ("device", "device.name"), ("ua", "user_agent.original"),
  ]

  private static let fields = parameters.map { (name: $0.name, field: EventField(path: $0.path)) }

  /// Facility 13, log audit (RFC 5424, section 6.2.1).
  private static let facility = 13

  /// `PRI` of the event: failures and what is of low severity are notices, worse is worse.
  static func priority(_ event: borrowing NativeEvent) -> Int {
    let base = facility * 8
    if let severity = event.text(.severity) {
      if severity == "critical" { return base + 2 }
      if severity == "high" { return base + 3 }
      if severity == "medium" { return base + 4 }
      if severity == "low" { return base + 5 }
    }
    guard let result = event.text(.outcomeResult), result == "failure" else { return base + 6 }
    return base + 5
  }

  /// Appends the message's id: letters and digits of the operation, at most 32; `-` without any.
  static func appendMessageID(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    let start = buffer.count
    for byte in (event.text(.operation) ?? ByteView("")).buffer
    where isLetter(byte) || isDigit(byte) {
      buffer.append(byte)
      if buffer.count - start == 32 { return }
    }
    if buffer.count == start { buffer.append(Ascii.hyphen) }
  }

  /// Appends the element, brackets included.
  private func appendElement(
    _ event: borrowing NativeEvent, to buffer: inout ByteBuffer
  ) {
    SyslogHeader.append(name, &buffer)
    for parameter in SyslogHeader.fields {
      guard let field = parameter.field else { continue }
      var value = event[field]
      if value == nil {
        switch field {
        case .actorUpn: value = event[.actorName] ?? event[.actorRawID]
        case .actorID: value = event[.actorSid] ?? event[.actorPuid]
        case .targetUpn: value = event[.targetName] ?? event[.targetID]
        default: break
        }
      }
      guard let value else { continue }
      buffer.append(Ascii.blank)
      buffer.append(parameter.name)
      buffer.append("=\"")
      SyslogHeader.append(value, to: &buffer)
      buffer.append(Ascii.quote)
    }
    buffer.append(Ascii.closeBracket)
  }

  private static func append(_ value: NativeEvent.Value, to buffer: inout ByteBuffer) {
    switch value {
    case .text(let view), .constant(let view), .json(let view):
      for byte in view.prefixOfCharacters(Limits.cefNameBytesMax).buffer {
        switch byte {
        case Ascii.quote, Ascii.backslash, Ascii.closeBracket:
          buffer.append(Ascii.backslash)
          buffer.append(byte)
        // Allowed, but many receivers end a message there.
        case Ascii.lineFeed, Ascii.carriageReturn, 0: buffer.append(Ascii.blank)
        default: buffer.append(byte)
        }
      }
    case .integer(let number): buffer.append(integer: number)
    case .flag(let flag): buffer.append(flag ? "true" : "false")
    case .time(let time): buffer.append(time: time)
    }
  }
}
