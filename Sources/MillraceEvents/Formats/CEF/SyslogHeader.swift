import MillraceCore

/// What stands before the text of a syslog message: `PRI`, time, host, program, and in the form of
/// RFC 5424 the message's id and the structured data element with what the event says.
package struct SyslogHeader: Sendable {
  /// The number of the documentation (RFC 5612), for tries; receivers tell elements apart by it.
  package static let exampleEnterprise = 32473
  /// Log audit (RFC 5424, section 6.2.1).
  package static let auditFacility = 13

  /// How the header is spelled.
  package enum Form: Hashable, Sendable {
    /// RFC 5424, with structured data.
    case rfc5424
    /// RFC 3164: `Mmm dd hh:mm:ss` in UTC, host and tag.
    case rfc3164
    /// The same without the host, as programs write to the socket of their own machine.
    case local
  }

  private let form: Form
  private let facility: Int
  private let host: [UInt8]
  private let application: [UInt8]
  private let name: [UInt8]

  /// Headers of messages from `host`, whose elements are called `m365@` and a private enterprise
  /// number (IANA). A host that is no printable ASCII of at most 255 bytes is left out.
  ///
  /// - Parameters:
  ///   - application: the program's name: printable ASCII, at most 48 bytes.
  ///   - facility: 0 to 23.
  package init(
    host: String, enterprise: Int = exampleEnterprise, form: Form = .rfc5424,
    application: String = "millrace", facility: Int = auditFacility
  ) {
    precondition((0...23).contains(facility), "facilities are 0 to 23")
    self.form = form
    self.facility = facility
    self.host = SyslogHeader.printable(host, atMost: 255)
    self.application = SyslogHeader.printable(application, atMost: 48)
    name = Array("[m365@\(enterprise)".utf8)
  }

  private static func printable(_ text: String, atMost count: Int) -> [UInt8] {
    let bytes = Array(text.utf8)
    let isPlain = !bytes.isEmpty && bytes.count <= count && bytes.allSatisfy { 33...126 ~= $0 }
    return isPlain ? bytes : [Ascii.hyphen]
  }

  /// Appends the header and the element, without the blank and the text that follow them.
  func append(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    buffer.append(UInt8(ascii: "<"))
    buffer.append(integer: facility * 8 + SyslogHeader.severity(event))
    buffer.append(UInt8(ascii: ">"))
    guard form == .rfc5424 else { return appendOld(event, to: &buffer) }
    buffer.append("1 ")
    if case .time(let time)? = event[.time] {
      buffer.append(time: time)
    } else {
      buffer.append(Ascii.hyphen)
    }
    buffer.append(Ascii.blank)
    SyslogHeader.append(host, &buffer)
    buffer.append(Ascii.blank)
    SyslogHeader.append(application, &buffer)
    buffer.append(" - ")
    SyslogHeader.appendMessageID(event, to: &buffer)
    buffer.append(Ascii.blank)
    appendElement(event, to: &buffer)
  }

  /// Appends time, host and tag (RFC 3164, section 4.1).
  private func appendOld(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    var time = Timestamp(milliseconds: 0)
    if case .time(let known)? = event[.time] { time = known }
    let civil = CivilTime(time)
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec".utf8
    for byte in months.dropFirst((civil.month - 1) * 3).prefix(3) { buffer.append(byte) }
    buffer.append(Ascii.blank)
    if civil.day < 10 { buffer.append(Ascii.blank) }
    buffer.append(integer: civil.day)
    for (mark, number) in [
      (Ascii.blank, civil.hour), (UInt8(ascii: ":"), civil.minute),
      (UInt8(ascii: ":"), civil.second),
    ] {
      buffer.append(mark)
      if number < 10 { buffer.append(UInt8(ascii: "0")) }
      buffer.append(integer: number)
    }
    buffer.append(Ascii.blank)
    if form == .rfc3164 {
      SyslogHeader.append(host, &buffer)
      buffer.append(Ascii.blank)
    }
    SyslogHeader.append(application, &buffer)
    buffer.append(UInt8(ascii: ":"))
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

  /// The severity of the event: failures and what is of low severity are notices, worse is worse.
  static func severity(_ event: borrowing NativeEvent) -> Int {
    if let severity = event.text(.severity) {
      if severity == "critical" { return 2 }
      if severity == "high" { return 3 }
      if severity == "medium" { return 4 }
      if severity == "low" { return 5 }
    }
    guard let result = event.text(.outcomeResult), result == "failure" else { return 6 }
    return 5
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
        case .actorUpn: value = event[.actorName] ?? event.spelledActor.map { .text($0) }
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
