/// Files, messages, places.
extension OCSFValues {
  // MARK: Place

  /// An endpoint needs something to be known by: where no address is, the service.
  static let sourceService: FormatSource.Maker = { event, _ in
    if event.has(.sourceIP) || event.has(.sourceDomain) { return nil }
    return event[.workload] ?? event[.service]
  }

  /// A location needs a country, a region or a city; a point alone is none.
  static func hasLocation(_ event: borrowing NativeEvent) -> Bool {
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

  /// The point as one list, longitude first, as GeoJSON has it. The schema prefers `lat` and `long`
  /// since 1.2.0, which stand beside it; what was written for earlier versions asks for this.
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
    if let path = event.text(LaterField.filePath), let slash = path.lastIndex(of: Ascii.slash),
      slash + 1 < path.count
    {
      return path.dropFirst(slash + 1)
    }
    guard let address = event.text(.objectID), let slash = address.lastIndex(of: Ascii.slash),
      slash + 1 < address.count
    else { return nil }
    return address.dropFirst(slash + 1)
  }

  static let fileName: FormatSource.Maker = { event, _ in fileNameText(event).map { .text($0) } }

  static let fileType: FormatSource.Maker = { event, _ in .integer(fileTypeID(event)) }

  /// A regular file, a folder, or what the record does not say.
  static func fileTypeID(_ event: borrowing NativeEvent) -> Int {
    let type = event.text(LaterField.fileType) ?? event.text(.targetType) ?? ByteView("")
    if type.isAnyCase("folder") { return 2 }
    return type.isAnyCase("file") ? 1 : 0
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

  /// `Anonymous link`; of what is shared with somebody by name, `Specific people`.
  static let shareType: FormatSource.Maker = { event, scratch in
    guard let scope = event.text(LaterField.sharingScope) else { return nil }
    let isPeople = scope == "specific" && !isLink(event)
    return .text(
      scratch.arena.join(
        capitalized(scope, &scratch), ByteView(isPeople ? " people" : " link")))
  }

  /// Whether it is a link by which something is shared: the operation is named for it, or the group
  /// is one that stands for a link.
  private static func isLink(_ event: borrowing NativeEvent) -> Bool {
    if let operation = event.text(.operation), operation.firstIndex(ofAnyCase: "link") != nil {
      return true
    }
    return event.text(.sharingTarget).map { $0.hasPrefix("SharingLinks.") } ?? false
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
    fromAddress(event).map { .text($0) }
  }

  /// Who a mail is from: of one that was sent and names nobody, who sent it.
  static func fromAddress(_ event: borrowing NativeEvent) -> ByteView? {
    if let from = event.text(LaterField.from) { return plainAddress(from) }
    let isSent = event.text(.action).map { $0 == "email.send" } ?? false
    guard isSent || event.json(LaterField.to) == nil, let actor = event.text(.actorUpn),
      isAddress(actor)
    else { return nil }
    return actor
  }

  /// Whether there is what mail must have.
  static func hasSenderOrRecipient(_ event: borrowing NativeEvent) -> Bool {
    addresses(event.json(LaterField.to)) != nil || fromAddress(event) != nil
  }

  static let to: FormatSource.Maker = { event, _ in
    addresses(event.json(LaterField.to)).map { .json($0) }
  }

  static let cc: FormatSource.Maker = { event, _ in
    addresses(event.json(.emailCc)).map { .json($0) }
  }
}
