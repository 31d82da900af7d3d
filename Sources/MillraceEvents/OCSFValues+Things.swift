/// Files, messages, resources, places.
extension OCSFValues {
  // MARK: Place

  /// An endpoint needs something to be known by: where no address is, the service.
  static let sourceService: FormatSource.Maker = { event, _ in
    if event.has(.sourceIP) || event.has(.sourceDomain) { return nil }
    return event[.workload] ?? event[.service]
  }

  /// A location needs a country, a region or a city; a point alone is none.
  private static func hasLocation(_ event: borrowing NativeEvent) -> Bool {
    event.has(.sourceGeoCountryIso) || event.has(.sourceGeoRegionIso) || event.has(.sourceGeoCity)
  }

  static let locationRegion: FormatSource.Maker = { event, _ in event[.sourceGeoRegionIso] }
  static let locationCity: FormatSource.Maker = { event, _ in event[.sourceGeoCity] }

  static let latitude: FormatSource.Maker = { event, _ in
    hasLocation(event) && event.has(.sourceGeoLon) ? event[.sourceGeoLat] : nil
  }

  static let longitude: FormatSource.Maker = { event, _ in
    hasLocation(event) && event.has(.sourceGeoLat) ? event[.sourceGeoLon] : nil
  }

  /// Longitude first, as GeoJSON has it.
  static let coordinates: FormatSource.Maker = { event, scratch in
    guard hasLocation(event), let latitude = event.json(.sourceGeoLat),
      let longitude = event.json(.sourceGeoLon)
    else { return nil }
    scratch.buffer.removeAll()
    scratch.buffer.append(Ascii.openBracket)
    scratch.buffer.append(longitude)
    scratch.buffer.append(Ascii.comma)
    scratch.buffer.append(latitude)
    scratch.buffer.append(Ascii.closeBracket)
    return scratch.json()
  }

  static let locationProvider: FormatSource.Maker = { event, _ in
    hasLocation(event) ? event[.sourceGeoProvider] : nil
  }

  // MARK: Files

  /// The name of the file or folder; nil when the event is about none.
  static func fileNameText(_ event: borrowing NativeEvent) -> ByteView? {
    if let name = event.text(LaterField.fileName) { return name }
    guard event.isFile else { return nil }
    if let name = event.text(.targetName) { return name }
    guard let address = event.text(.objectID), let slash = address.lastIndex(of: Ascii.slash),
      slash + 1 < address.count
    else { return nil }
    return address.dropFirst(slash + 1)
  }

  static let fileName: FormatSource.Maker = { event, _ in fileNameText(event).map { .text($0) } }

  static let fileType: FormatSource.Maker = { event, _ in
    let type = event.text(LaterField.fileType) ?? event.text(.targetType) ?? ByteView("")
    if type.isAnyCase("folder") { return .integer(2) }
    return .integer(type.isAnyCase("file") ? 1 : 0)
  }

  static let fileHost: FormatSource.Maker = { event, _ in
    event.text(LaterField.fileURL).flatMap(ECSValues.host).map { .text($0) }
  }

  static let isPublic: FormatSource.Maker = { event, _ in
    event.flag(LaterField.isAnonymousLink) == true ? .flag(true) : nil
  }

  static let shareTypeID: FormatSource.Maker = { event, _ in
    event.text(LaterField.sharingScope) == nil ? nil : .integer(99)
  }

  /// `Anonymous link`.
  static let shareType: FormatSource.Maker = { event, scratch in
    guard let scope = event.text(LaterField.sharingScope) else { return nil }
    let word = capitalized(scope, &scratch)
    return .text(scratch.arena.join(word, ByteView(" link")))
  }

  static let accessList: FormatSource.Maker = { event, scratch in
    let permission = event.text(LaterField.sharingPermission)
    return scratch.list { $0.add(permission) }
  }

  // MARK: Calls

  static let requestUID: FormatSource.Maker = { event, _ in
    event.json(LaterField.params) == nil ? nil : event[.id]
  }

  static let requestData: FormatSource.Maker = { event, _ in
    event.has(.id) ? event.value(LaterField.params) : nil
  }

  // MARK: Mail

  static let directionID: FormatSource.Maker = { event, _ in
    guard let direction = event.text(LaterField.direction) else { return .integer(0) }
    if direction.hasPrefix(anyCase: "inbound") { return .integer(1) }
    if direction.hasPrefix(anyCase: "outbound") { return .integer(2) }
    return .integer(
      direction.hasPrefix(anyCase: "intra") || direction.isAnyCase("internal") ? 3 : 0)
  }

  static let from: FormatSource.Maker = { event, _ in
    if let from = event.value(LaterField.from) { return from }
    return event.json(LaterField.to) == nil ? event[.actorUpn] : nil
  }

  // MARK: Lists of things

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

  /// What was affected: the mailbox and its items, the roles, else the target.
  static let resources: FormatSource.Maker = { event, scratch in
    let isAccess = scratch.ocsf.uid == 3005
    var list = ResourceList(&scratch)
    if isAccess, let roles = event.json(.roles) {
      var cursor = ArrayCursor(roles)
      var others = ArrayCursor(roles)
      let isOnly = others.next() != nil && others.next() == nil
      while let role = cursor.next() {
        list.begin(type: ByteView("Directory Role"), &scratch)
        list.add("name", json: role, &scratch)
        if isOnly, let id = roleID(event) { list.add("uid", json: id, &scratch) }
        list.end(&scratch)
      }
      return list.finish(&scratch)
    }
    guard hasTarget(event) || event.json(LaterField.items) != nil else {
      guard let object = event.text(.objectID) else { return nil }
      list.begin(type: nil, &scratch)
      list.add("name", object, &scratch)
      list.end(&scratch)
      return list.finish(&scratch)
    }
    if hasTarget(event), !isAccess {
      let type = event.text(.targetType)
      let isMailbox = type.map { $0 == "mailbox" } ?? false
      let items = event.json(LaterField.items)
      list.begin(type: type.map { capitalized($0, &scratch) }, &scratch)
      list.add("uid", event.text(.targetID), &scratch)
      list.add("name", event.text(.targetName) ?? event.text(.targetUpn), &scratch)
      if isMailbox, let owner = event.text(LaterField.mailboxOwner) {
        list.addOwner(owner, sid: event.text(LaterField.ownerSid), &scratch)
      }
      if items != nil { list.add("role_id", json: ByteView("1"), &scratch) }
      list.end(&scratch)
    }
    addItems(event, to: &list, &scratch)
    return list.finish(&scratch)
  }

  /// The id of the template of the role that was granted or revoked, in quotes.
  private static func roleID(_ event: borrowing NativeEvent) -> ByteView? {
    guard let changes = event.json(.changes) else { return nil }
    var cursor = ArrayCursor(changes)
    while let change = cursor.next() {
      let found = ObjectCursor.values(of: "name", "new", "old", in: change)
      guard let name = found.0, name == "\"Role.TemplateId\"", let id = found.1 ?? found.2,
        id.first == Ascii.quote
      else { continue }
      return id
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
    if let address = event.text(.sourceIP) {
      let name: StaticString =
        classes.isSubset(of: .withSource)
        ? "src_endpoint.ip"
        : scratch.ocsf.uid == 6002 ? "device.ip" : "evidences.src_endpoint.ip"
      list.addObservable(name, type: "2", address, &scratch)
    }
    if let upn = event.text(.actorUpn), isAddress(upn) {
      let name: StaticString =
        classes == .authentication
        ? "user.email_addr"
        : classes == .detectionFinding ? "evidences.user.email_addr" : "actor.user.email_addr"
      list.addObservable(name, type: "5", upn, &scratch)
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
