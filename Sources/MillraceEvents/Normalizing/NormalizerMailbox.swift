/// Mailboxes and the items in them (record types 2, 3, 19, 50 and 101).
extension Normalizer {
  mutating func readMailbox() {
    guard family == .mailbox else { return }
    if let guid = event.text(.targetID) { event.set(.mailboxGuid, guid) }
    if let owner = event.text(.targetUpn) ?? event.text(.targetName) {
      event.set(.mailboxOwner, owner)
    }
    lift(.mailboxOwnerSid, to: .mailboxOwnerSid)
    if let owner = text(.destMailboxOwnerUPN) {
      event.set(.mailboxDestOwner, arena.lowercase(owner))
      members.lift(.destMailboxOwnerUPN)
    }
    readLogonType()
    readProperties(of: .operationProperties) { (self: inout Normalizer, name, value) in
      self.liftOperationProperty(name, value)
    }
    noteForeignRecipients()
    readFolder(.folder, .mailboxFolder)
    readFolder(.destFolder, .mailboxDestFolder)
    readItems()
    readFolderPermission()
    readRecipients()
    lift(.clientProcessName, to: .appProcess)
    lift(.clientVersion, to: .appVersion)
    for member in [RawMember.sendAsUserSmtp, .sendOnBehalfOfUserSmtp] {
      liftIfSame(member, .emailFrom)
    }
    if members.value(.sender)?.first == Ascii.openBrace { readSender() }
  }

  private static let logonTypes: [StaticString] = [
    "Owner", "Admin", "Delegated", "Transport", "SystemService", "BestAccess", "DelegatedAdmin",
  ]

  /// How the mailbox was opened, and whether by somebody else than its owner.
  private mutating func readLogonType() {
    var isNonOwner: Bool?
    if let text = text(.logonType) {
      let names = Normalizer.logonTypes
      let number =
        LenientNumber.integer(text) ?? names.firstIndex { text.equalsIgnoringCase(ByteView($0)) }
      if let number, names.indices.contains(number) {
        event.set(.mailboxLogonType, names[number])
        members.lift(.logonType)
        if number == 0, mayBeOwner { isNonOwner = false }
        if number == 1 || number == 2 || number == 6 { isNonOwner = true }
      } else {
        issues.add("LogonType", "unknown value")
      }
    }
    if let actor = event.text(.actorSid), let owner = event.text(.mailboxOwnerSid),
      !actor.equalsIgnoringCase(owner)
    {
      isNonOwner = true
    }
    if let isNonOwner { event.set(.mailboxIsNonOwner, isNonOwner) }
  }

  /// Whether whoever logged on as the owner is not plainly somebody else: an application, or a user
  /// of another name whose SID does not tell.
  private var mayBeOwner: Bool {
    if let actor = event.text(.actorSid), let owner = event.text(.mailboxOwnerSid) {
      return actor.equalsIgnoringCase(owner)
    }
    if let type = event.text(.actorType), type == "app" || type == "service_principal" {
      return false
    }
    guard let actor = event.text(.actorUpn), let owner = event.text(.targetUpn) else { return true }
    return actor == owner
  }

  private mutating func liftOperationProperty(_ name: ByteView, _ value: ByteView?) -> Bool {
    guard let value else { return false }
    if name == "RuleActions" {
      readRuleActions(of: value)
      return false
    }
    guard let text = cleanText(value) else { return false }
    // Of properties with one name the first counts, and the others stay.
    if name == "MailAccessType" {
      for known: StaticString in ["Bind", "Sync"] where text.equalsIgnoringCase(ByteView(known)) {
        if !event.has(.mailboxAccessType) { event.set(.mailboxAccessType, known) }
        return event.text(.mailboxAccessType).map { $0 == known } ?? false
      }
      return false
    }
    if name == "IsThrottled" {
      guard let flag = Normalizer.flag(text) else { return false }
      if event.flag(.mailboxIsThrottled) == nil { event.set(.mailboxIsThrottled, flag) }
      return event.flag(.mailboxIsThrottled) == flag
    }
    if name == "RuleName" {
      event.setIfAbsent(.mailRuleName, text)
      return event.text(.mailRuleName).map { $0 == text } ?? false
    }
    if name == "RuleOperation" { refineRuleOperation(text) }
    return false
  }

  /// `UpdateInboxRules` says in a property what it did.
  private mutating func refineRuleOperation(_ text: ByteView) {
    if text.hasPrefix(anyCase: "add") || text.hasPrefix(anyCase: "create") {
      event.set(.action, "mailbox.rule.create")
      event.set(.verb, EventVerb.create.name)
    } else if text.hasPrefix(anyCase: "remove") || text.hasPrefix(anyCase: "delete") {
      event.set(.action, "mailbox.rule.delete")
      event.set(.verb, EventVerb.delete.name)
    }
  }

  /// A folder's path; its id stays.
  private mutating func readFolder(_ member: RawMember, _ field: EventField) {
    guard let value = members.value(member) else { return }
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      key == "Path" ? self.take(text: value, field) : .none
    }
    lift(member, taken)
  }

  /// Who may now do what with a folder: the rights, and the trustee as a second target.
  private mutating func readFolderPermission() {
    guard let action = event.text(.action),
      action.hasPrefix("mailbox.folder.permission.") || action == "mailbox.delegate.update",
      let item = members.value(.item),
      let folder = ObjectCursor.value(of: "ParentFolder", in: item)
    else { return }
    let found = ObjectCursor.values(of: "MemberUpn", "MemberSid", "MemberRights", in: folder)
    if let rights = found.2 { set(.permissions, list: texts(rights, separator: Ascii.comma)) }
    let upn = cleanText(found.0)
    let sid = cleanText(found.1)
    guard upn ?? sid != nil else { return }
    setTargets(andUser: upn, id: sid)
  }

  /// To whom a mail went: addresses, or objects with addresses.
  private mutating func readRecipients() {
    if let value = members.value(.recipientList) {
      let start = beginList()
      let taken = takeElements(of: value) { (self: inout Normalizer, element) in
        self.takeMembers(of: element) { (self: inout Normalizer, key, value) in
          guard key == "Address", let address = self.cleanText(value) else { return .none }
          self.appendText(address)
          return .all
        }
      }
      set(.emailTo, list: endList(start))
      lift(.recipientList, taken)
    }
    guard let value = members.value(.recipients), value.first != Ascii.openBrace,
      !event.has(.emailTo), let list = texts(value)
    else { return }
    event.set(.emailTo, .json(list))
    if !hasSkippedStructures { members.lift(.recipients) }
  }

  // MARK: Items

  /// What is known of one item.
  private struct Item {
    var id: ByteView?
    var subject: ByteView?
    var folder: ByteView?
    var size: Int?
    var attachments: ByteView?
  }

  private mutating func readItems() {
    itemCount = 0
    let start = beginList()
    if let value = members.value(.item) {
      lift(.item, isFolder(value) ? takeFolder(value) : readItem(value, folder: nil))
    }
    if let value = members.value(.affectedItems) {
      lift(.affectedItems, takeItems(of: value, folder: nil).taken)
      if !event.has(.count), itemCount > 0 { event.set(.count, itemCount) }
    }
    readGroups(.folders)
    readGroups(.messages)
    set(.emailItems, list: endList(start))
    if itemCount > Normalizer.itemsMax { event.set(.isTruncated, true) }
  }

  /// Whether an item is the folder that it says it is in: then the record is about no item.
  private func isFolder(_ item: ByteView) -> Bool {
    let found = ObjectCursor.values(of: "Id", "ParentFolder", "Subject", in: item)
    guard let id = found.0, let folder = found.1, found.2 == nil else { return false }
    return ObjectCursor.value(of: "Id", in: folder).map { $0 == id } ?? false
  }

  private mutating func takeFolder(_ item: ByteView) -> Taken {
    takeMembers(of: item) { (self: inout Normalizer, key, value) in
      guard key == "ParentFolder" else { return .none }
      return self.takeMembers(of: value) { (self: inout Normalizer, key, value) in
        key == "Path" ? self.take(text: value, .mailboxFolder) : .none
      }
    }
  }

  /// More items than this stay as the service wrote them.
  private static let itemsMax = 1000

  /// Items by folder, of record type 50.
  private mutating func readGroups(_ member: RawMember) {
    guard let value = members.value(member), value.first == Ascii.openBracket else { return }
    let found = takeObjects(of: value) { (self: inout Normalizer, group) in
      self.readGroup(&group)
    }
    lift(member, found.taken)
  }

  /// A folder and its items.
  private mutating func readGroup(_ group: inout ObjectCursor) -> Taken {
    // A folder has a handful of members; the memory of a strange one is not kept.
    looked.removeAll(keepingCapacity: looked.count < 1000)
    var path: ByteView?
    var folderItems: ByteView?
    var messageItems: ByteView?
    while let member = group.next() {
      looked.append(member)
      if member.key == "Path" {
        path = member.value
      } else if member.key == "FolderItems" {
        folderItems = member.value
      } else if member.key == "MessageItems" {
        messageItems = member.value
      }
    }
    // A folder's name is with each of its items; of a folder without items, or with some that
    // are not told here, it stays.
    let folder = cleanText(path)
    let isRoom = isRoomForItems(folderItems, messageItems)
    let items = takeItems(of: folderItems, messageItems, folder: folder)
    let isTold =
      folder != nil && isRoom && items.first.areObjects && items.second.areObjects
      && (items.first.hasElements || items.second.hasElements)
    return takeLookedMembers { (_: inout Normalizer, key, value) in
      if key == "FolderItems" { return items.first.taken }
      if key == "MessageItems" { return items.second.taken }
      return Taken(key == "Path" && isTold)
    }
  }

  /// Tells the items of two lists, in the order in which these stand.
  private mutating func takeItems(
    of first: ByteView?, _ second: ByteView?, folder: ByteView?
  ) -> (first: TakenObjects, second: TakenObjects) {
    if let first, let second, second.start < first.start {
      let later = takeItems(of: second, first, folder: folder)
      return (later.second, later.first)
    }
    let earlier = first.map { takeItems(of: $0, folder: folder) }
    let later = second.map { takeItems(of: $0, folder: folder) }
    return (earlier ?? TakenObjects(), later ?? TakenObjects())
  }

  private mutating func takeItems(of value: ByteView, folder: ByteView?) -> TakenObjects {
    takeObjects(of: value) { (self: inout Normalizer, object) in
      self.readItem(&object, folder: folder)
    }
  }

  /// Whether the items of a folder are few enough to be told, all of them.
  private func isRoomForItems(_ first: ByteView?, _ second: ByteView?) -> Bool {
    var count = itemCount
    // An item takes three bytes at least, its comma among them: mostly that tells.
    let bytes = (first?.count ?? 0) + (second?.count ?? 0)
    if count + bytes / 3 <= Normalizer.itemsMax { return true }
    for value in [first, second] {
      guard let value else { continue }
      var cursor = ArrayCursor(value)
      while count <= Normalizer.itemsMax, cursor.next() != nil { count += 1 }
    }
    return count <= Normalizer.itemsMax
  }

  private mutating func readItem(_ element: ByteView, folder: ByteView?) -> Taken {
    guard element.first == Ascii.openBrace else { return .none }
    var object = ObjectCursor(element)
    return readItem(&object, folder: folder)
  }

  private mutating func readItem(_ object: inout ObjectCursor, folder: ByteView?) -> Taken {
    itemCount += 1
    guard itemCount <= Normalizer.itemsMax else { return .none }
    var item = Item(folder: folder)
    let taken = takeMembers(in: &object) { (self: inout Normalizer, key, value) in
      self.takeItemMember(key, value, &item)
    }
    let start = list.count
    beginElement()
    append("message_id", item.id)
    append("subject", item.subject)
    append("folder", item.folder)
    append("size", integer: item.size)
    append("attachments", json: item.attachments)
    endElement(start)
    return taken
  }

  private mutating func takeItemMember(
    _ key: ByteView, _ value: ByteView, _ item: inout Item
  ) -> Taken {
    if key == "InternetMessageId" {
      let taken = take(text: value, into: &item.id)
      item.id = item.id?.withoutAngles
      return taken
    }
    if key == "Subject" { return take(text: value, into: &item.subject) }
    if key == "SizeInBytes" || key == "Size" { return take(count: value, into: &item.size) }
    if key == "Attachments" {
      guard let text = cleanText(value) else { return Taken(isEmptyScalar(value)) }
      item.attachments = attachments(text)
      return .all
    }
    guard key == "ParentFolder" else { return .none }
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      key == "Path" ? self.take(text: value, into: &item.folder) : .none
    }
    if let folder = item.folder { event.setIfAbsent(.mailboxFolder, folder) }
    return taken
  }

  /// `name (123b); name2 (456b)` as a list; names may hold semicolons and brackets.
  private mutating func attachments(_ text: ByteView) -> ByteView? {
    let start = beginList()
    var from = 0
    var search = 0
    while from < text.count {
      // Blanks are walked once, however many semicolons follow.
      while from < text.count, text[from] == Ascii.blank { from += 1 }
      search = max(search, from)
      var end = text.count
      while let semicolon = text.firstIndex(of: Ascii.semicolon, from: search) {
        search = semicolon + 1
        // Names may hold a semicolon, but no blank follows that.
        guard search == text.count || text[search] == Ascii.blank else { continue }
        if Normalizer.sizeStart(text.slice(from, semicolon)) != nil {
          end = semicolon
          break
        }
      }
      let element = list.count
      beginElement()
      let part = text.slice(from, end).trimmed
      if let size = Normalizer.sizeStart(part) {
        append("name", part.prefix(size).trimmed)
        append("size", integer: part.slice(size + 1, part.count - 2).decimalInteger)
      } else {
        append("name", part)
      }
      endElement(element)
      from = end + 1
      search = max(search, from)
    }
    return endList(start)
  }

  /// Where the `(123b)` at the end of a text begins, blanks behind it left out; nil when there is
  /// none. Looks at the end alone.
  private static func sizeStart(_ text: ByteView) -> Int? {
    var end = text.count
    while end > 0, text[end - 1] == Ascii.blank { end -= 1 }
    guard end > 2, text.prefix(end).hasSuffix("b)") else { return nil }
    var start = end - 2
    while start > 0, end - start < 18, isDigit(text[start - 1]) { start -= 1 }
    guard start > 0, start < end - 2, text[start - 1] == UInt8(ascii: "(") else { return nil }
    return start - 1
  }
}
