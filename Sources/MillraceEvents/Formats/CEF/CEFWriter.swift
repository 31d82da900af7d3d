import MillraceCore

/// Writes events in ArcSight's Common Event Format (CEF:0), one a line.
///
/// Values are escaped as its specification has it ("Implementing ArcSight Common Event Format",
/// "Character Encoding"): backslash and pipe in the header, backslash and equals sign in the
/// extension, line breaks as `\n`. Empty keys are left out. A line that is too long for receivers
/// loses `msg` first, then its target, then what stands last.
struct CEFWriter {
  private let keys: CEFExtension

  /// Appends the event as one line, without a line feed.
  static func write(
    _ event: borrowing NativeEvent, scratch: inout FormatScratch, to buffer: inout ByteBuffer
  ) {
    let writer = CEFWriter(keys: CEFExtension(ofLineAt: buffer.count))
    writer.writeHeader(event, &scratch, &buffer)
    writer.writeCore(event, &scratch, &buffer)
    writer.writeTarget(event, &scratch, &buffer)
    writer.writeMessage(event, &scratch, &buffer)
  }

  // MARK: Header

  private func writeHeader(
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
    buffer.append(CEFWriter.pipe)
    CEFText.appendHeader(event.text(.action) ?? ByteView("other.other"), to: &buffer)
    buffer.append(CEFWriter.pipe)
    buffer.append(integer: CEFWriter.severity(event))
    buffer.append(CEFWriter.pipe)
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

  private func writeCore(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    if case .time(let time)? = event[.time] {
      buffer.append("rt=")
      buffer.append(integer: Int(time.milliseconds))
      var start = time
      if case .time(let earlier)? = event[.timeStart] { start = earlier }
      keys.append(.start, Int(start.milliseconds), &buffer)
    }
    if case .time(let end)? = event[.timeEnd] {
      keys.append(.end, Int(end.milliseconds), &buffer)
    }
    keys.append(.externalId, event.text(.id), &buffer)
    keys.append(.act, event.text(.operation), &buffer)
    writeCategory(event, &buffer)
    keys.append(.outcome, event.text(.outcomeResult), &buffer)
    keys.append(.reason, reason(event), &buffer)
    writeActor(event, &buffer)
    writeSource(event, &buffer)
    writeFile(event, &scratch, &buffer)
    keys.append(.destinationServiceName, event.text(.service), &buffer)
    keys.append(.deviceExternalId, event.text(.tenantID), &buffer)
    keys.append(.shost, event.text(.deviceName), &buffer)
    if case .integer(let count)? = event[.count] { keys.append(.cnt, count, &buffer) }
    keys.append(.cs1, event.text(.recordType), &buffer)
    keys.append(.cs2, text(ECSValues.ruleName(event, &scratch), &scratch), &buffer)
    keys.append(.cs3, event.text(.sessionID), &buffer)
    keys.append(.cs4, event.text(.appID), &buffer)
    keys.append(.cs5, event.text(.correlationID), &buffer)
    if case .integer(let type)? = event[.recordTypeID] {
      keys.append(.cn1, type, &buffer)
    }
    if let code = event.text(.outcomeCode)?.decimalInteger, code != 0 {
      keys.append(.cn2, code, &buffer)
    }
    if let collected = event.text(.collectedTime).flatMap(RecordTime.read) {
      keys.append(.deviceCustomDate1, Int(collected.milliseconds), &buffer)
    }
    if let latitude = event.json(.sourceGeoLat), let longitude = event.json(.sourceGeoLon) {
      keys.append(.slat, latitude, &buffer)
      keys.append(.slong, longitude, &buffer)
    }
  }

  private func writeCategory(
    _ event: borrowing NativeEvent, _ buffer: inout ByteBuffer
  ) {
    guard let category = event.text(.category), let verb = event.text(.verb) else { return }
    guard keys.append(.cat, category, &buffer) else { return }
    buffer.append(Ascii.slash)
    buffer.append(verb)
  }

  private func writeActor(_ event: borrowing NativeEvent, _ buffer: inout ByteBuffer) {
    // What runs as the system is named with its process.
    let system = event.has(.actorProcess) ? event.text(.actorRawID) : nil
    let account = system ?? event.text(.actorUpn) ?? event.text(.actorName)
    keys.append(.suser, account ?? event.spelledActor, &buffer)
    keys.append(
      .suid, event.text(.actorID) ?? event.text(.actorSid) ?? event.text(.actorPuid), &buffer)
    keys.append(.spriv, event.text(.actorUserType), &buffer)
    keys.append(.sntdom, event.text(.actorDomain), &buffer)
  }

  private func writeSource(_ event: borrowing NativeEvent, _ buffer: inout ByteBuffer) {
    if let address = event.text(.sourceIP) {
      // CEF:0 has IPv4 addresses only in `src`.
      if address.firstIndex(of: Ascii.colon) == nil {
        keys.append(.src, address, &buffer)
      } else {
        keys.append(.c6a2, address, &buffer)
      }
    }
    if case .integer(let port)? = event[.sourcePort] { keys.append(.spt, port, &buffer) }
    keys.append(.requestClientApplication, event.text(.userAgentOriginal), &buffer)
  }

  /// A path in the folder of another.
  private func sibling(
    of path: ByteView?, _ name: ByteView, _ scratch: inout FormatScratch
  ) -> ByteView? {
    guard let path, let slash = path.lastIndex(of: Ascii.slash) else { return nil }
    return scratch.arena.joinPath(path.prefix(slash), name)
  }

  private func writeFile(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    // What was renamed, moved or copied is now what it became; the address is what it was.
    let name = event.text(.fileDestName)
    if name == nil {
      keys.append(.request, text(ECSValues.fullURL(event, &scratch), &scratch), &buffer)
    }
    keys.append(.fname, name ?? event.text(LaterField.fileName), &buffer)
    let path = event.text(LaterField.filePath)
    let place = event.text(.fileDestPath) ?? name.flatMap { sibling(of: path, $0, &scratch) }
    keys.append(.filePath, place ?? path, &buffer)
    if place != nil { keys.append(.oldFilePath, path, &buffer) }
    if case .integer(let size)? = event.value(LaterField.fileSize) {
      keys.append(.fsize, size, &buffer)
    }
    keys.append(.fileId, event.text(LaterField.fileItemID), &buffer)
    keys.append(.fileHash, hash(event, &scratch), &buffer)
  }

  /// The hash of the file, or of the only attachment of a mail: of several none stands for the
  /// others.
  private func hash(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    if let hash = event.text(LaterField.fileSha256) { return hash }
    guard let attachments = event.json(LaterField.attachments) else { return nil }
    var cursor = ArrayCursor(attachments)
    guard let only = cursor.next(), cursor.next() == nil else { return nil }
    return ObjectCursor.value(of: "sha256", in: only)?.unquoted(in: &scratch.arena)
  }

  /// Why it came out as it did: the words of the record, or that a policy stopped it.
  private func reason(_ event: borrowing NativeEvent) -> ByteView? {
    if let reason = event.text(.outcomeReason) ?? event.text(.outcomeDetail) { return reason }
    return event.flag(LaterField.isBlocked) == true ? ByteView("blocked") : nil
  }

  // MARK: What is cut first

  /// Whom or what it was done to; of a right, also who got it; of one mail, the mail.
  private func writeTarget(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    var isTarget = false
    switch CEFWriter.user(of: event) {
    case .listed(let account):
      keys.append(.duser, account.quotedName?.unquoted(in: &scratch.arena), &buffer)
      let id = ObjectCursor.value(of: "id", in: account)
      keys.append(.duid, id?.unquoted(in: &scratch.arena), &buffer)
    case .target:
      isTarget = true
      keys.append(.duser, event.text(.targetUpn) ?? event.text(.targetName), &buffer)
      let isOfAlert = event.isRaisedByService
      let id = isOfAlert ? event[.targetID] : ECSValues.targetID(event, &scratch)
      keys.append(.duid, text(id, &scratch), &buffer)
    case .nobody:
      keys.append(.duser, addressee(event, &scratch), &buffer)
    }
    let message = text(ECSValues.messageID(event, &scratch), &scratch)
    if message == nil, isTarget { return }
    let target = event.text(.targetName) ?? event.text(.targetUpn) ?? event.text(.targetID)
    keys.append(.cs6, message ?? target, &buffer)
  }

  /// Whom it was done to: of an alert, whom it is about; of a right, who got it or lost it.
  private static func user(of event: borrowing NativeEvent) -> EventReceiver {
    let subject = event.subject
    guard case .nobody = subject else { return subject }
    if let account = event.listedAccount { return .listed(account) }
    return ECSValues.hasTargetUser(event) ? .target : .nobody
  }

  /// Who is no target, but got something: a person whom a file is shared with, the first recipient
  /// of a mail that was sent, broke a policy or was found to be a threat.
  private func addressee(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    if let person = event.text(.sharingTarget), person.firstIndex(of: Ascii.at) != nil {
      return person
    }
    guard CEFWriter.isAboutThreat(event) || CEFWriter.isAboutSending(event) else { return nil }
    var recipients = QuotedTexts(event.json(LaterField.to))
    return recipients.next().map { Normalizer.mailAddress($0.unquoted(in: &scratch.arena)) }
  }

  /// Whether it is about a mail on its way, or one that a policy against the loss of data is about.
  private static func isAboutSending(_ event: borrowing NativeEvent) -> Bool {
    if let category = event.text(.category), category == "data_protection" { return true }
    return event.text(.action).map { $0.hasPrefix("email.send") } ?? false
  }

  /// Whether it is about something dangerous, or about a mail that was kept back as such.
  private static func isAboutThreat(_ event: borrowing NativeEvent) -> Bool {
    if let category = event.text(.category), category == "threat" { return true }
    return event.text(.action).map { $0.hasPrefix("quarantine.") } ?? false
  }

  /// What makes the event remarkable and has no key of its own; of one mail, its subject.
  private func writeMessage(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    var message = CEFMessage(keys)
    message.add(
      "forwards to ", event.json(LaterField.forwardTo), and: event.json(LaterField.redirectTo),
      &scratch.arena, &buffer)
    message.add("roles: ", event.json(.roles), isLast: false, &scratch.arena, &buffer)
    message.add("permissions: ", event.json(.permissions), &scratch.arena, &buffer)
    // What a stranger wrote comes after what the service says.
    let isAboutThreat = CEFWriter.isAboutThreat(event)
    if isAboutThreat || CEFWriter.isAboutSending(event) {
      if isAboutThreat { message.add("verdict: ", name: event.text(.emailVerdict), &buffer) }
      let sender = event.text(LaterField.from) ?? event.text(LaterField.envelopeFrom)
      message.add("from: ", name: isActor(sender, of: event) ? nil : sender, &buffer)
      if let others = CEFWriter.severalTexts(event.json(LaterField.to)) {
        message.add("to: ", others, isLast: false, &scratch.arena, &buffer)
      }
    }
    let subject = text(ECSValues.subject(event, &scratch), &scratch)
    message.add(message.isEmpty ? "" : "subject: ", subject, &buffer)
  }

  /// Whether a sender is who did it, and so has a key of its own.
  private func isActor(_ sender: ByteView?, of event: borrowing NativeEvent) -> Bool {
    guard let sender, let actor = event.text(.actorUpn) else { return false }
    return sender.equalsIgnoringCase(actor)
  }

  /// The list, unless it has one text only, or none.
  private static func severalTexts(_ list: ByteView?) -> ByteView? {
    var texts = QuotedTexts(list)
    return texts.next() != nil && texts.next() != nil ? list : nil
  }

  /// The text of a value that a format made.
  private func text(
    _ value: NativeEvent.Value?, _ scratch: inout FormatScratch
  ) -> ByteView? {
    switch value {
    case .text(let text), .constant(let text): text
    case .json(let quoted): quoted.unquoted(in: &scratch.arena)
    default: nil
    }
  }
}
