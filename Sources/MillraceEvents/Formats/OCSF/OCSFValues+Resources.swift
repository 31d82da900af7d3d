/// Lists of what was affected.
extension OCSFValues {
  /// The one thing that was looked at or changed.
  static let webResources: FormatSource.Maker = { event, scratch in
    let url = ECSValues.address(event)
    let name =
      event.text(.targetName) ?? (event.has(.targetID) ? nil : url ?? event.text(.objectID))
    var list = ResourceList(&scratch)
    list.begin(type: event.text(.targetType).map { capitalized($0, &scratch) }, &scratch)
    list.add("uid", event.text(.targetID), &scratch)
    list.add("name", name, &scratch)
    list.add("url_string", resourceURL(event), &scratch)
    list.end(&scratch)
    return list.finish(&scratch)
  }

  /// The address of what was looked at or changed.
  static func resourceURL(_ event: borrowing NativeEvent) -> ByteView? {
    guard let url = ECSValues.address(event), ECSValues.host(url) != nil else { return nil }
    return url
  }

  /// What was affected: the mailbox and its items, what an assistant read, else the target; of
  /// rights, what they are on and the roles.
  static let resources: FormatSource.Maker = { event, scratch in
    var list = ResourceList(&scratch)
    if scratch.ocsf.uid == 3005 {
      if case .listed = event.receiver { addTarget(event, to: &list, &scratch) }
      addRoles(event, to: &list, &scratch)
      return list.finish(&scratch)
    }
    if addReadResources(event, to: &list, &scratch) { return list.finish(&scratch) }
    guard hasTarget(event) || event.json(LaterField.items) != nil else {
      guard let object = event.text(.objectID) else { return nil }
      list.begin(type: nil, &scratch)
      list.add("name", object, &scratch)
      list.end(&scratch)
      return list.finish(&scratch)
    }
    if hasTarget(event) { addTarget(event, to: &list, &scratch) }
    addItems(event, to: &list, &scratch)
    return list.finish(&scratch)
  }

  /// Whether the target is among what was affected.
  static func listsTarget(_ event: borrowing NativeEvent, _ ocsf: OCSFClass) -> Bool {
    if ocsf.uid == 3005, case .listed = event.receiver { return true }
    return ocsf.uid == 6003 && hasTarget(event) && event.json(.aiResources) == nil
  }

  /// The target; of a mailbox, with its owner.
  private static func addTarget(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    let type = event.text(.targetType)
    let isMailbox = type.map { $0 == "mailbox" } ?? false
    list.begin(type: type.map { capitalized($0, &scratch) }, &scratch)
    list.add("uid", event.text(.targetID), &scratch)
    list.add("name", event.text(.targetName) ?? event.text(.targetUpn), &scratch)
    if isMailbox, let owner = event.text(LaterField.mailboxOwner) {
      list.addOwner(owner, sid: event.text(LaterField.ownerSid), &scratch)
    }
    if event.json(LaterField.items) != nil { list.add("role_id", json: ByteView("1"), &scratch) }
    list.end(&scratch)
  }

  /// The roles that were granted or revoked.
  private static func addRoles(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard let roles = event.json(.roles) else { return }
    var cursor = ArrayCursor(roles)
    var others = ArrayCursor(roles)
    let isOnly = others.next() != nil && others.next() == nil
    while let role = cursor.next() {
      list.begin(type: ByteView("Directory Role"), &scratch)
      list.add("name", json: role, &scratch)
      if isOnly, let id = roleID(event, &scratch.arena) { list.add("uid", json: id, &scratch) }
      list.end(&scratch)
    }
  }

  /// What an assistant read for its user; false when the event names nothing of the kind.
  private static func addReadResources(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) -> Bool {
    guard let resources = event.json(.aiResources) else { return false }
    var isAny = false
    var cursor = ArrayCursor(resources)
    while let resource = cursor.next() {
      let found = ObjectCursor.values(of: "id", "name", "url", in: resource)
      guard let name = found.1 ?? found.2 ?? found.0 else { continue }
      let type = ObjectCursor.value(of: "type", in: resource)
      list.begin(type: type?.unquoted(in: &scratch.arena), &scratch)
      if let id = found.0 { list.add("uid", json: id, &scratch) }
      list.add("name", json: name, &scratch)
      list.end(&scratch)
      isAny = true
    }
    return isAny
  }

  /// The id of the template of the role that was granted or revoked, in quotes: a list of one and
  /// quotes of its own are not part of it.
  private static func roleID(
    _ event: borrowing NativeEvent, _ arena: inout Arena
  ) -> ByteView? {
    guard let changes = event.json(.changes) else { return nil }
    var cursor = ArrayCursor(changes)
    while let change = cursor.next() {
      let found = ObjectCursor.values(of: "name", "new", "old", in: change)
      guard let name = found.0, name == "\"Role.TemplateId\"", var id = found.1 ?? found.2
      else { continue }
      if id.first == Ascii.openBracket {
        var elements = ArrayCursor(id)
        guard let only = elements.next(), elements.next() == nil else { return nil }
        id = only
      }
      guard id.first == Ascii.quote else { return nil }
      let text = id.unquoted(in: &arena)
      guard text.count > 1, text.first == Ascii.quote, text.last == Ascii.quote,
        text.slice(1, text.count - 1).isGUID
      else { return id }
      return text
    }
    return nil
  }

  private static func addItems(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard let items = event.json(LaterField.items) else { return }
    var cursor = ArrayCursor(items)
    while let item = cursor.next() {
      let found = ObjectCursor.values(of: "message_id", "subject", "id", in: item)
      guard found.0 ?? found.1 ?? found.2 != nil else { continue }
      list.begin(type: ByteView("Mail Item"), &scratch)
      if let id = found.0 ?? found.2 { list.add("uid", json: id, &scratch) }
      if let subject = found.1 { list.add("name", json: subject, &scratch) }
      list.add("role_id", json: ByteView("3"), &scratch)
      list.end(&scratch)
    }
  }
}
