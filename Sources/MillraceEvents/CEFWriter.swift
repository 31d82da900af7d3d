import MillraceCore

/// Writes events in ArcSight's Common Event Format (CEF:0), one a line.
///
/// Values are escaped as its specification has it ("Implementing ArcSight Common Event Format",
/// "Character Encoding"): backslash and pipe in the header, backslash and equals sign in the
/// extension, line breaks as `\n`. Empty keys are left out. A line that is too long for receivers
/// loses `msg` first, then its target, then what stands last.
enum CEFWriter {
  /// Of the line without its line feed; commonly the most that receivers take over TCP.
  static let bytesMax = Limits.cefLineBytesMax

  /// Appends the event as one line, without a line feed.
  static func write(
    _ event: borrowing NativeEvent, scratch: inout FormatScratch, to buffer: inout ByteBuffer
  ) {
    writeHeader(event, &scratch, &buffer)
    writeCore(event, &scratch, &buffer)
    writeTarget(event, &scratch, &buffer)
    writeMessage(event, &scratch, &buffer)
  }

  // MARK: Header

  private static func writeHeader(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    buffer.append("CEF:0|Microsoft|Microsoft 365|1.0|")
    if case .integer(let type)? = event[.recordTypeID] {
      buffer.append(integer: type)
    } else {
      buffer.append(Ascii.zero)
    }
    buffer.append(Ascii.colon)
    let operation = OperationWords.spelled(
      event.text(.operation) ?? ByteView("unknown"), in: &scratch.arena)
    CEFText.appendHeader(operation.prefixOfCharacters(Limits.cefNameBytesMax), to: &buffer)
    buffer.append(pipe)
    CEFText.appendHeader(event.text(.action) ?? ByteView("other.other"), to: &buffer)
    buffer.append(pipe)
    buffer.append(integer: severity(event))
    buffer.append(pipe)
  }

  private static let pipe = UInt8(ascii: "|")

  /// 0 to 10: low is 3, medium 5, as the specification's bands are 0–3, 4–6, 7–8, 9–10.
  static func severity(_ event: borrowing NativeEvent) -> Int {
    guard let severity = event.text(.severity) else { return 1 }
    if severity == "low" { return 3 }
    if severity == "medium" { return 5 }
    if severity == "high" { return 8 }
    return severity == "critical" ? 10 : 1
  }

  // MARK: Extension

  private static func writeCore(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    if case .time(let time)? = event[.time] {
      buffer.append("rt=")
      buffer.append(integer: Int(time.milliseconds))
      var start = time
      if case .time(let earlier)? = event[.timeStart] { start = earlier }
      buffer.append(" start=")
      buffer.append(integer: Int(start.milliseconds))
    }
    if case .time(let end)? = event[.timeEnd] {
      buffer.append(" end=")
      buffer.append(integer: Int(end.milliseconds))
    }
    append("externalId", event.text(.id), &buffer)
    append("act", event.text(.operation), &buffer)
    writeCategory(event, &buffer)
    append("outcome", event.text(.outcomeResult), &buffer)
    append("reason", event.text(.outcomeReason), &buffer)
    writeActor(event, &buffer)
    writeSource(event, &buffer)
    writeFile(event, &scratch, &buffer)
    append("destinationServiceName", event.text(.service), &buffer)
    append("deviceExternalId", event.text(.tenantID), &buffer)
    append("shost", event.text(.deviceName), &buffer)
    if case .integer(let count)? = event[.count] { append("cnt", count, &buffer) }
    append("cs1", event.text(.recordType), "RecordType", &buffer)
    append("cs2", text(ECSValues.ruleName(event, &scratch), &scratch), "Rule", &buffer)
    append("cs3", event.text(.sessionID), "SessionId", &buffer)
    append("cs4", event.text(.appID), "AppId", &buffer)
    append("cs5", event.text(.correlationID), "CorrelationId", &buffer)
    if case .integer(let type)? = event[.recordTypeID] {
      append("cn1", type, &buffer)
      buffer.append(" cn1Label=RecordTypeId")
    }
    if let code = event.text(.outcomeCode)?.decimalInteger, code != 0 {
      append("cn2", code, &buffer)
      buffer.append(" cn2Label=ErrorNumber")
    }
    if let collected = event.text(.collectedTime).flatMap(RecordTime.read) {
      append("deviceCustomDate1", Int(collected.milliseconds), &buffer)
      buffer.append(" deviceCustomDate1Label=CollectedTime")
    }
    if let latitude = event.json(.sourceGeoLat), let longitude = event.json(.sourceGeoLon) {
      append("slat", latitude, &buffer)
      append("slong", longitude, &buffer)
    }
  }

  private static func writeCategory(
    _ event: borrowing NativeEvent, _ buffer: inout ByteBuffer
  ) {
    guard let category = event.text(.category), let verb = event.text(.verb) else { return }
    append("cat", category, &buffer)
    buffer.append(Ascii.slash)
    buffer.append(verb)
  }

  private static func writeActor(_ event: borrowing NativeEvent, _ buffer: inout ByteBuffer) {
    // What runs as the system is named with its process.
    let system = event.has(.actorProcess) ? event.text(.actorRawID) : nil
    let account = system ?? event.text(.actorUpn) ?? event.text(.actorName)
    append("suser", account ?? event.spelledActor, &buffer)
    append(
      "suid", event.text(.actorID) ?? event.text(.actorSid) ?? event.text(.actorPuid), &buffer)
    append("spriv", event.text(.actorUserType), &buffer)
    append("sntdom", event.text(.actorDomain), &buffer)
  }

  private static func writeSource(_ event: borrowing NativeEvent, _ buffer: inout ByteBuffer) {
    if let address = event.text(.sourceIP) {
      // CEF:0 has IPv4 addresses only in `src`.
      if address.firstIndex(of: Ascii.colon) == nil {
        append("src", address, &buffer)
      } else {
        append("c6a2", address, &buffer)
        buffer.append(" c6a2Label=Source IPv6 Address")
      }
    }
    if case .integer(let port)? = event[.sourcePort] { append("spt", port, &buffer) }
    append("requestClientApplication", event.text(.userAgentOriginal), &buffer)
  }

  /// A path in the folder of another.
  private static func sibling(
    of path: ByteView?, _ name: ByteView, _ scratch: inout FormatScratch
  ) -> ByteView? {
    guard let path, let slash = path.lastIndex(of: Ascii.slash) else { return nil }
    return scratch.arena.joinPath(path.prefix(slash), name)
  }

  private static func writeFile(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    // What was renamed, moved or copied is now what it became; the address is what it was.
    let name = event.text(.fileDestName)
    if name == nil { append("request", event.text(LaterField.fileURL), &buffer) }
    append("fname", name ?? event.text(LaterField.fileName), &buffer)
    let path = event.text(LaterField.filePath)
    let place = event.text(.fileDestPath) ?? name.flatMap { sibling(of: path, $0, &scratch) }
    append("filePath", place ?? path, &buffer)
    if place != nil { append("oldFilePath", path, &buffer) }
    if case .integer(let size)? = event.value(LaterField.fileSize) {
      append("fsize", size, &buffer)
    }
    append("fileId", event.text(LaterField.fileItemID), &buffer)
  }

  // MARK: What is cut first

  /// Whom or what it was done to; of a right, also who got it; of one mail, the mail.
  private static func writeTarget(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    let isUser: Bool
    let listed: ByteView?
    switch event.subject {
    case .target: (isUser, listed) = (true, nil)
    case .listed(let account): (isUser, listed) = (false, account)
    case .nobody: (isUser, listed) = (ECSValues.hasTargetUser(event), event.listedAccount)
    }
    if let listed {
      append("duser", listed.quotedName?.unquoted(in: &scratch.arena), &buffer)
      let id = ObjectCursor.value(of: "id", in: listed)
      append("duid", id?.unquoted(in: &scratch.arena), &buffer)
    } else if isUser {
      append("duser", event.text(.targetUpn) ?? event.text(.targetName), &buffer)
      let isOfAlert = event.isRaisedByService
      let id = isOfAlert ? event[.targetID] : ECSValues.targetID(event, &scratch)
      append("duid", text(id, &scratch), &buffer)
    }
    if let message = text(ECSValues.messageID(event, &scratch), &scratch) {
      return append("cs6", message, "Target", &buffer)
    }
    if isUser, listed == nil { return }
    let target = event.text(.targetName) ?? event.text(.targetUpn) ?? event.text(.targetID)
    append("cs6", target, "Target", &buffer)
  }

  /// What makes the event remarkable and has no key of its own; of one mail, its subject.
  private static func writeMessage(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    var list = TextList()
    ECSValues.addTexts(event.json(LaterField.forwardTo), to: &list, &scratch.arena)
    ECSValues.addTexts(event.json(LaterField.redirectTo), to: &list, &scratch.arena)
    if list.count > 0 {
      writeList("forwards to ", list, &buffer)
    } else if let roles = event.json(.roles) {
      ECSValues.addTexts(roles, to: &list, &scratch.arena)
      writeList("roles: ", list, &buffer)
    } else {
      append("msg", text(ECSValues.subject(event, &scratch), &scratch), &buffer)
    }
  }

  /// The text of a value that a format made.
  private static func text(
    _ value: NativeEvent.Value?, _ scratch: inout FormatScratch
  ) -> ByteView? {
    switch value {
    case .text(let text), .constant(let text): text
    case .json(let quoted): quoted.unquoted(in: &scratch.arena)
    default: nil
    }
  }

  private static func writeList(
    _ words: StaticString, _ list: TextList, _ buffer: inout ByteBuffer
  ) {
    guard list.count > 0, room(buffer) > 0 else { return }
    buffer.append(" msg=")
    buffer.append(words)
    let share = room(buffer) / 2 / list.count
    for index in 0..<list.count {
      if index > 0 { buffer.append(", ") }
      CEFText.appendValue(list[index].prefixOfCharacters(share), to: &buffer)
    }
  }

  // MARK: Keys

  /// Bytes that texts may still fill; numbers and labels have a reserve of their own.
  private static func room(_ buffer: borrowing ByteBuffer) -> Int {
    max(0, bytesMax - reserve - buffer.count)
  }

  /// More than all keys that hold numbers, and all labels, take.
  private static let reserve = 1024

  /// Appends a key whose value is a text. It is cut to what there is room for, between two
  /// characters and before escaping, which at most doubles it.
  private static func append(
    _ key: StaticString, _ value: ByteView?, _ label: StaticString?,
    _ buffer: inout ByteBuffer
  ) {
    let length = min(room(buffer) / 2, Limits.cefNameBytesMax)
    guard let value = value?.prefixOfCharacters(length), !value.isEmpty else { return }
    begin(key, &buffer)
    CEFText.appendValue(value, to: &buffer)
    guard let label else { return }
    buffer.append(Ascii.blank)
    buffer.append(key)
    buffer.append("Label=")
    buffer.append(label)
  }

  private static func append(
    _ key: StaticString, _ value: ByteView?, _ buffer: inout ByteBuffer
  ) {
    append(key, value, nil, &buffer)
  }

  private static func append(_ key: StaticString, _ value: Int, _ buffer: inout ByteBuffer) {
    begin(key, &buffer)
    buffer.append(integer: value)
  }

  private static func begin(_ key: StaticString, _ buffer: inout ByteBuffer) {
    buffer.append(Ascii.blank)
    buffer.append(key)
    buffer.append(UInt8(ascii: "="))
  }
}
