/// Who did it to whom, and what it was done to.
extension ECSValues {
  // MARK: Actor

  static let userID: FormatSource.Maker = { event, scratch in
    guard event.isRaisedByService else {
      return event[.actorID] ?? event[.actorSid] ?? event[.actorPuid]
    }
    switch event.subject {
    case .target: return event[.targetID]
    case .listed(let account): return member("id", of: account, &scratch)
    case .nobody: return nil
    }
  }

  /// Elastic's own integration has `UserId` here, as it is; of an alert that a service raised, what
  /// that would be of the user it is about.
  static let userIDOfElastic: FormatSource.Maker = { event, scratch in
    if event.isRaisedByService { return userName(event, &scratch) }
    guard let id = event.text(.actorRawID), !UnsetWords.contains(id.trimmed) else {
      return userID(event, &scratch)
    }
    return event[.actorRawID]
  }

  /// Of an alert that a service raised, the user it is about.
  static let userName: FormatSource.Maker = { event, scratch in
    if event.isRaisedByService {
      return event.subjectName(in: &scratch.arena).map { .text($0) }
    }
    if let upn = event[.actorUpn] { return upn }
    // Beside an id the name is that of a person, and in `user.full_name` alone.
    let hasID = event.has(.actorID) || event.has(.actorSid) || event.has(.actorPuid)
    return event.mayBeByPerson && hasID ? nil : event[.actorName]
  }

  static let userEmail: FormatSource.Maker = { event, scratch in
    guard event.isRaisedByService else { return event[.actorUpn] }
    switch event.subject {
    case .target: return event[.targetUpn]
    case .listed(let account): return member("upn", of: account, &scratch)
    case .nobody: return nil
    }
  }

  static let userDomain: FormatSource.Maker = { event, scratch in
    guard event.isRaisedByService else { return event[.actorDomain] }
    guard let name = event.subjectName(in: &scratch.arena), let at = name.lastIndex(of: Ascii.at)
    else { return nil }
    let domain = name.dropFirst(at + 1)
    return domain.isEmpty ? nil : .text(domain)
  }

  static let userFullName: FormatSource.Maker = { event, _ in
    event.mayBeByPerson ? event[.actorName] : nil
  }

  // MARK: Target

  /// The user that something was done to: never the actor, nor whom an alert is about.
  static func hasTargetUser(_ event: borrowing NativeEvent) -> Bool {
    guard let type = event.text(.targetType), !event.isRaisedByService else { return false }
    let isOwner = type == "mailbox"
    guard type == "user" || isOwner else { return false }
    if isOwner, event.flag(LaterField.isNonOwner) == false { return false }
    guard let upn = event.text(.targetUpn) else { return !isOwner && event.has(.targetID) }
    guard let actor = event.text(.actorUpn) else { return true }
    return !(actor == upn) || !isOwner
  }

  /// The same, or an application that a role was given to or taken from: nobody looks for those
  /// elsewhere than where roles of people are.
  static func hasTargetAccount(_ event: borrowing NativeEvent) -> Bool {
    if hasTargetUser(event) { return true }
    guard event.has(.roles), let type = event.text(.targetType),
      let action = event.text(.action), action.hasPrefix("role.")
    else { return false }
    return type == "service_principal" || type == "application"
  }

  static let targetID: FormatSource.Maker = { event, scratch in
    if let account = event.listedAccount { return member("id", of: account, &scratch) }
    guard hasTargetAccount(event), let type = event.text(.targetType) else { return nil }
    return type == "mailbox" ? event.value(LaterField.ownerSid) : event[.targetID]
  }

  static let targetName: FormatSource.Maker = { event, _ in
    if let account = event.listedAccount { return account.quotedName.map { .json($0) } }
    return hasTargetAccount(event) ? event[.targetUpn] ?? event[.targetName] : nil
  }

  static let targetEmail: FormatSource.Maker = { event, scratch in
    if let account = event.listedAccount { return member("upn", of: account, &scratch) }
    return hasTargetUser(event) ? event[.targetUpn] : nil
  }

  /// Roles of a group as well: who is in it has them.
  static let targetRoles: FormatSource.Maker = { event, _ in
    let isOfGroup = isGroup(event) && event.text(.action).map { $0.hasPrefix("role.") } ?? false
    return hasTargetAccount(event) || event.listedAccount != nil || isOfGroup
      ? event[.roles] : nil
  }

  static let newUserName: FormatSource.Maker = { event, scratch in
    newName(event, &scratch.arena).map { .text($0) }
  }

  /// What a user is called from now on, whose name was changed.
  static func newName(_ event: borrowing NativeEvent, _ arena: inout Arena) -> ByteView? {
    guard let action = event.text(.action), action == "user.update",
      let changes = event.json(.changes)
    else { return nil }
    var cursor = ArrayCursor(changes)
    while let change = cursor.next() {
      guard let name = ObjectCursor.value(of: "name", in: change),
        name == "\"UserPrincipalName\"",
        let new = ObjectCursor.value(of: "new", in: change).flatMap(onlyValue),
        new.first == Ascii.quote
      else { continue }
      return arena.lowercase(new.unquoted(in: &arena))
    }
    return nil
  }

  /// The only value in a list, as the directory writes its properties; what is no list as it is.
  private static func onlyValue(_ value: ByteView) -> ByteView? {
    guard value.first == Ascii.openBracket else { return value }
    var values = ArrayCursor(value)
    guard let only = values.next(), values.next() == nil else { return nil }
    return only
  }

  static let groupID: FormatSource.Maker = { event, scratch in
    if isGroup(event), event.joinedGroup == nil { return groupID(of: event) }
    return event.listedGroup.flatMap { member("id", of: $0, &scratch) }
  }

  /// The id of the group that the event is on: a team's own is that of a thread, and its group has
  /// another.
  static func groupID(of event: borrowing NativeEvent) -> NativeEvent.Value? {
    event[.teamGroupID] ?? event[.targetID]
  }

  static let groupName: FormatSource.Maker = { event, scratch in
    if isGroup(event), event.joinedGroup == nil { return event[.targetName] }
    return event.listedGroup.flatMap { member("name", of: $0, &scratch) }
  }

  static func isGroup(_ event: borrowing NativeEvent) -> Bool {
    guard let type = event.text(.targetType) else { return false }
    return type == "group" || type == "team"
  }

  // MARK: Files and addresses

  /// The folder, as the system that the path is of separates names; a drive stays one with its
  /// backslash.
  static let directory: FormatSource.Maker = { event, _ in
    guard let path = event.text(LaterField.filePath) else { return nil }
    if let backslash = path.lastIndex(of: Ascii.backslash), backslash > 0 {
      let isDrive = path[backslash - 1] == Ascii.colon
      return .text(path.prefix(isDrive ? backslash + 1 : backslash))
    }
    guard let slash = path.lastIndex(of: Ascii.slash), slash > 0 else { return nil }
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

  /// The same, encoded once where it is not yet.
  static let fullURL: FormatSource.Maker = { event, scratch in
    if let file = event[.fileURL] { return file }
    return address(event).map { .text(scratch.arena.percentEncoding($0)) }
  }

  static let urlDomain: FormatSource.Maker = { event, _ in
    address(event).flatMap(host).map { .text($0) }
  }

  /// The address of what was touched, as the record spells it where that is known.
  static func address(_ event: borrowing NativeEvent) -> ByteView? {
    // Applications of the directory have names that look so.
    if let object = event.text(.objectID), host(object) != nil,
      event.text(.service).map({ $0 == "entra_id" }) != true
    {
      return object
    }
    if let type = event.text(.targetType), type == "link", let link = event.text(.targetName) {
      return link
    }
    return event.text(LaterField.fileURL)
  }

  /// The same where the record has blanks and other letters in it.
  private static func spelledAddress(_ event: borrowing NativeEvent) -> ByteView? {
    event.spelledAddress ?? address(event)
  }

  /// The host of an http address, of the authority that is not who logs in nor the port (RFC 3986,
  /// section 3.2); nil for anything else.
  static func host(_ address: ByteView) -> ByteView? {
    let scheme =
      address.hasPrefix(anyCase: "https://") ? 8 : address.hasPrefix(anyCase: "http://") ? 7 : 0
    guard scheme > 0 else { return nil }
    var host = address.dropFirst(scheme)
    var end = 0
    while end < host.count, !endsAuthority(host[end]) { end += 1 }
    host = host.prefix(end)
    if let at = host.lastIndex(of: Ascii.at) { host = host.dropFirst(at + 1) }
    if host.first == Ascii.openBracket {
      // An address of IPv6.
      guard let close = host.lastIndex(of: Ascii.closeBracket), close > 1 else { return nil }
      return host.slice(1, close)
    }
    if let colon = host.lastIndex(of: Ascii.colon) { host = host.prefix(colon) }
    var index = 0
    while index < host.count, mayStandInHost(host[index]) { index += 1 }
    return host.isEmpty || index < host.count ? nil : host
  }

  /// Browsers take a backslash for a slash.
  private static func endsAuthority(_ byte: UInt8) -> Bool {
    byte == Ascii.slash || byte == Ascii.backslash || byte == UInt8(ascii: "?")
      || byte == UInt8(ascii: "#")
  }

  private static func mayStandInHost(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == Ascii.dot || byte == Ascii.hyphen
      || byte == Ascii.underscore || byte >= 0x80
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

  /// In lower case, as ECS has it.
  static let direction: FormatSource.Maker = { event, scratch in
    event.text(LaterField.direction).map { .text(scratch.arena.lowercase($0)) }
  }

  /// Who a mail is from: of one that was sent and names nobody, who sent it.
  static let from: FormatSource.Maker = { event, scratch in
    var from = event.text(LaterField.from).map(Normalizer.mailAddress)
    if from == nil, event.text(.action).map({ $0 == "email.send" }) == true {
      from = event.text(.actorUpn)
    }
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
}
