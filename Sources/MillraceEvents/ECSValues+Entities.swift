/// Who did it to whom, and what it was done to.
extension ECSValues {
  // MARK: Actor

  /// An alert is raised by the service; its user is the one it is about.
  private static func isAboutTarget(_ event: borrowing NativeEvent) -> Bool {
    guard event.isAlert, let type = event.text(.actorType), type == "system",
      let target = event.text(.targetType)
    else { return false }
    return target == "user" && event.has(.targetUpn)
  }

  static let userID: FormatSource.Maker = { event, _ in
    if isAboutTarget(event) { return event[.targetID] }
    return event[.actorID] ?? event[.actorSid] ?? event[.actorPuid]
  }

  static let userName: FormatSource.Maker = { event, _ in
    if isAboutTarget(event) { return event[.targetUpn] }
    if let upn = event[.actorUpn] { return upn }
    return isPerson(event) ? nil : event[.actorName]
  }

  static let userEmail: FormatSource.Maker = { event, _ in
    isAboutTarget(event) ? event[.targetUpn] : event[.actorUpn]
  }

  static let userDomain: FormatSource.Maker = { event, _ in
    guard isAboutTarget(event) else { return event[.actorDomain] }
    guard let name = event.text(.targetUpn), let at = name.lastIndex(of: Ascii.at) else {
      return nil
    }
    let domain = name.dropFirst(at + 1)
    return domain.isEmpty ? nil : .text(domain)
  }

  static let userFullName: FormatSource.Maker = { event, _ in
    isPerson(event) && !isAboutTarget(event) ? event[.actorName] : nil
  }

  /// Whether a name is that of a person, not of an account.
  static func isPerson(_ event: borrowing NativeEvent) -> Bool {
    guard let type = event.text(.actorType) else { return true }
    return !(type == "system" || type == "app" || type == "service_principal" || type == "policy")
  }

  // MARK: Target

  /// The user that something was done to: never the actor.
  static func hasTargetUser(_ event: borrowing NativeEvent) -> Bool {
    guard let type = event.text(.targetType), !isAboutTarget(event) else { return false }
    let isOwner = type == "mailbox"
    guard type == "user" || isOwner else { return false }
    if isOwner, event.flag(LaterField.isNonOwner) == false { return false }
    guard let upn = event.text(.targetUpn) else { return !isOwner && event.has(.targetID) }
    guard let actor = event.text(.actorUpn) else { return true }
    return !(actor == upn) || !isOwner
  }

  static let targetID: FormatSource.Maker = { event, _ in
    guard hasTargetUser(event), let type = event.text(.targetType) else { return nil }
    return type == "mailbox" ? event.value(LaterField.ownerSid) : event[.targetID]
  }

  static let targetName: FormatSource.Maker = { event, _ in
    hasTargetUser(event) ? event[.targetUpn] ?? event[.targetName] : nil
  }

  static let targetEmail: FormatSource.Maker = { event, _ in
    hasTargetUser(event) ? event[.targetUpn] : nil
  }

  static let targetRoles: FormatSource.Maker = { event, _ in
    hasTargetUser(event) ? event[.roles] : nil
  }

  static let groupID: FormatSource.Maker = { event, _ in isGroup(event) ? event[.targetID] : nil }

  static let groupName: FormatSource.Maker = { event, _ in
    isGroup(event) ? event[.targetName] : nil
  }

  static func isGroup(_ event: borrowing NativeEvent) -> Bool {
    guard let type = event.text(.targetType) else { return false }
    return type == "group" || type == "team"
  }

  // MARK: Files and addresses

  static let directory: FormatSource.Maker = { event, _ in
    guard let path = event.text(LaterField.filePath),
      let slash = path.lastIndex(of: Ascii.slash), slash > 0
    else { return nil }
    return .text(path.prefix(slash))
  }

  static let fileType: FormatSource.Maker = { event, _ in
    guard let type = event.text(LaterField.fileType) else { return nil }
    if type.isAnyCase("file") { return .constant(ByteView("file")) }
    return type.isAnyCase("folder") ? .constant(ByteView("dir")) : nil
  }

  static let url: FormatSource.Maker = { event, _ in
    spelledAddress(event).map { .text($0) }
  }

  static let urlDomain: FormatSource.Maker = { event, _ in
    address(event).flatMap(host).map { .text($0) }
  }

  /// The address of what was touched, as the record spells it where that is known.
  static func address(_ event: borrowing NativeEvent) -> ByteView? {
    if let object = event.text(.objectID), host(object) != nil { return object }
    if let type = event.text(.targetType), type == "link",
      let link = event.text(.targetName), host(link) != nil
    {
      return link
    }
    return event.text(LaterField.fileURL)
  }

  /// The same where the record has blanks and other letters in it.
  private static func spelledAddress(_ event: borrowing NativeEvent) -> ByteView? {
    event.spelledAddress ?? address(event)
  }

  /// The host of an http address; nil for anything else.
  static func host(_ address: ByteView) -> ByteView? {
    let scheme =
      address.hasPrefix(anyCase: "https://") ? 8 : address.hasPrefix(anyCase: "http://") ? 7 : 0
    guard scheme > 0 else { return nil }
    let rest = address.dropFirst(scheme)
    var length = 0
    while length < rest.count,
      isLetter(rest[length]) || isDigit(rest[length])
        || rest[length] == Ascii.dot || rest[length] == Ascii.hyphen
    {
      length += 1
    }
    return length > 0 ? rest.prefix(length) : nil
  }

  // MARK: Mail

  static let messageID: FormatSource.Maker = { event, scratch in
    event.value(LaterField.messageID)
      ?? onlyItem(event).flatMap { member("message_id", of: $0, &scratch) }
  }

  static let subject: FormatSource.Maker = { event, scratch in
    event.value(LaterField.subject)
      ?? onlyItem(event).flatMap { member("subject", of: $0, &scratch) }
  }

  static let from: FormatSource.Maker = { event, scratch in
    let from = event.text(LaterField.from)
    return scratch.list { $0.add(from) }
  }

  /// The item of an event that is about one; of several none stands for the others.
  private static func onlyItem(_ event: borrowing NativeEvent) -> ByteView? {
    guard let items = event.json(LaterField.items) else { return nil }
    var cursor = ArrayCursor(items)
    guard let first = cursor.next(), cursor.next() == nil else { return nil }
    return first
  }

  /// `[{"file": {"name": …, "size": …}}]`.
  static let attachments: FormatSource.Maker = { event, scratch in
    let list =
      event.json(LaterField.attachments)
      ?? onlyItem(event).flatMap { ObjectCursor.value(of: "attachments", in: $0) }
    guard let list else { return nil }
    scratch.buffer.removeAll()
    scratch.buffer.append(Ascii.openBracket)
    var cursor = ArrayCursor(list)
    while let attachment = cursor.next() {
      let found = ObjectCursor.values(of: "name", "size", "sha256", in: attachment)
      guard let name = found.0, name.first == Ascii.quote else { continue }
      if scratch.buffer.last != Ascii.openBracket { scratch.buffer.append(Ascii.comma) }
      scratch.buffer.append("{\"file\":{\"name\":")
      scratch.buffer.append(name)
      if let size = found.1, size.decimalInteger != nil {
        scratch.buffer.append(",\"size\":")
        scratch.buffer.append(size)
      }
      if let hash = found.2, hash.first == Ascii.quote {
        scratch.buffer.append(",\"hash\":{\"sha256\":")
        scratch.buffer.append(hash)
        scratch.buffer.append(Ascii.closeBrace)
      }
      scratch.buffer.append("}}")
    }
    guard scratch.buffer.count > 1 else { return nil }
    scratch.buffer.append(Ascii.closeBracket)
    return scratch.json()
  }

  // MARK: Related

  static let relatedIP: FormatSource.Maker = { event, scratch in
    let source = event.text(.sourceIP)
    let sender = event.text(LaterField.senderIP).flatMap {
      SourceAddress($0)?.address == nil ? nil : $0
    }
    let data = event.json(.alertData)
    let client = data.flatMap { ObjectCursor.value(of: "sip", in: $0) }
    return scratch.list { list in
      list.add(source)
      list.add(sender)
      // Of an alert, the client whom it is about.
      if let client, client.first == Ascii.quote {
        let text = client.slice(1, client.count - 1)
        if SourceAddress(text)?.address != nil { list.add(text) }
      }
    }
  }

  static let relatedUser: FormatSource.Maker = { event, scratch in
    let isAbout = isAboutTarget(event)
    let actor = isAbout ? nil : event.text(.actorUpn) ?? event.text(.actorName)
    let hasTarget = isAbout || hasTargetUser(event)
    let target = hasTarget ? event.text(.targetUpn) ?? event.text(.targetName) : nil
    let lists = (
      event.json(LaterField.forwardTo), event.json(LaterField.redirectTo),
      event.json(LaterField.to)
    )
    let from = event.text(LaterField.from)
    return scratch.list { list in
      list.add(actor)
      list.add(target)
      list.add(from)
      addTexts(lists.0, to: &list)
      addTexts(lists.1, to: &list)
      addTexts(lists.2, to: &list)
    }
  }

  /// The elements of a JSON list of texts, those without escapes.
  static func addTexts(_ json: ByteView?, to list: inout TextList) {
    guard let json else { return }
    var cursor = ArrayCursor(json)
    while let element = cursor.next() {
      guard element.first == Ascii.quote, element.firstIndex(of: Ascii.backslash) == nil
      else { continue }
      list.add(element.slice(1, element.count - 1))
    }
  }

  static let relatedHosts: FormatSource.Maker = { event, scratch in
    let device = event.text(.deviceName)
    let domain = event.text(.sourceDomain)
    return scratch.list { list in
      list.add(device)
      list.add(domain)
    }
  }

  static let relatedHash: FormatSource.Maker = { event, scratch in
    let hash = event.text(LaterField.fileSha256)
    return scratch.list { $0.add(hash) }
  }
}
