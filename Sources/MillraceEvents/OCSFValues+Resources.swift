/// Lists of what was affected, and of what can be searched for.
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
    if let url, ECSValues.host(url) != nil { list.add("url_string", url, &scratch) }
    list.end(&scratch)
    return list.finish(&scratch)
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

  /// What can be searched for across classes: addresses and names.
  static let observables: FormatSource.Maker = { event, scratch in
    let classes = OCSFClasses(scratch.ocsf.uid)
    var list = ResourceList(&scratch)
    addMessages(event, to: &list, &scratch)
    let isFinding = classes == .detectionFinding
    let address = isFinding ? OCSFEvidence.source(event, &scratch) : event.text(.sourceIP)
    if let address {
      let name: StaticString =
        classes.isSubset(of: .withSource)
        ? "src_endpoint.ip"
        : scratch.ocsf.uid == 6002 ? "device.ip" : "evidences.src_endpoint.ip"
      list.addObservable(name, type: "2", address, &scratch)
    }
    let user = isFinding ? OCSFEvidence.user(event, &scratch) : event.text(.actorUpn)
    if let user, isAddress(user) {
      let name: StaticString =
        classes == .authentication
        ? "user.email_addr"
        : isFinding ? "evidences.user.email_addr" : "actor.user.email_addr"
      list.addObservable(name, type: "5", user, &scratch)
    }
    addAddresses(event.json(LaterField.forwardTo), to: &list, &scratch)
    addAddresses(event.json(LaterField.redirectTo), to: &list, &scratch)
    return list.finish(&scratch)
  }

  /// The ids of the first mails that were touched, where `resources` has them: of more, one looks
  /// there.
  private static func addMessages(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard scratch.ocsf.uid == 6003, let items = event.json(LaterField.items) else { return }
    var cursor = ArrayCursor(items)
    var count = 0
    while count < observedMessagesMax, let item = cursor.next() {
      guard let id = ObjectCursor.value(of: "message_id", in: item) else { continue }
      list.addObservable("resources.uid", type: "42", json: id, &scratch)
      count += 1
    }
  }

  /// Enough to search for those of a record that is about a few.
  private static let observedMessagesMax = 8

  /// Where a rule sends mail on to.
  private static func addAddresses(
    _ addresses: ByteView?, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard let addresses else { return }
    var cursor = ArrayCursor(addresses)
    while let address = cursor.next() {
      list.addObservable("unmapped.millrace.mail_rule", type: "5", json: address, &scratch)
    }
  }
}
