/// What a finding was made of: one object of `evidences`, put together in the scratch's buffer.
enum OCSFEvidence {
  /// The evidence of an event: whom it is about, from where, the mail, file or link, and what was
  /// done; nil when the event says none of it.
  static let list: FormatSource.Maker = { event, scratch in
    scratch.buffer.removeAll()
    scratch.buffer.append("[{")
    addUser(event, &scratch)
    let named = addresses(event, &scratch)
    let source = source(event, named, &scratch)
    addSource(source, event, &scratch)
    addMail(event, &scratch)
    addFile(event, &scratch)
    if let link = link(event, &scratch) {
      scratch.key("url")
      scratch.buffer.append(Ascii.openBrace)
      scratch.add("url_string", link)
      scratch.add("hostname", ECSValues.host(link))
      scratch.buffer.append(Ascii.closeBrace)
    }
    // What was done says something only beside whom or what it was done to.
    guard scratch.buffer.count > 2 else { return nil }
    if let operation = event.text(LaterField.alertOperation) {
      scratch.key("data")
      scratch.buffer.append(Ascii.openBrace)
      scratch.add("op", operation)
      scratch.buffer.append(Ascii.closeBrace)
    }
    scratch.buffer.append(Ascii.closeBrace)
    addFurtherSources(named, behind: source, &scratch)
    scratch.buffer.append(Ascii.closeBracket)
    return scratch.json()
  }

  /// The link that a finding is about, encoded once where it is not yet.
  static func link(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    guard let type = event.text(.targetType), type == "link" else { return nil }
    return event.text(.targetName).map { scratch.arena.percentEncoding($0) }
  }

  /// Whom a finding is about.
  static func user(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    event.text(.targetUpn) ?? event.subjectName(in: &scratch.arena) ?? event.text(.actorUpn)
  }

  private static func addUser(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    guard let user = user(event, &scratch) else { return }
    scratch.key("user")
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("name", user)
    if OCSFValues.isAddress(user) { scratch.add("email_addr", user) }
    let isGuest = isGuest(user, event)
    scratch.add("type_id", integer: isGuest ? 99 : 1)
    if isGuest { scratch.add("type", ByteView("Guest")) }
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// Whether the user is a guest, by its name or as the actor that is one.
  private static func isGuest(_ user: ByteView, _ event: borrowing NativeEvent) -> Bool {
    if OCSFValues.isGuest(user) { return true }
    guard let actor = event.text(.actorUpn), actor == user else { return false }
    return event.text(.actorType).map { $0 == "guest" } ?? false
  }

  // MARK: Where from

  /// Where it came from: the client, else the server that sent the mail, else the first of the
  /// addresses that are named.
  static func source(
    _ event: borrowing NativeEvent, _ named: TextList, _ scratch: inout FormatScratch
  ) -> ByteView? {
    if let address = event.text(.sourceIP) { return address }
    let sender = event.text(LaterField.senderIP).flatMap { SourceAddress($0)?.address }
    if let sender { return sender.text(in: &scratch.arena) }
    return named.count > 0 ? named[0] : nil
  }

  /// The addresses that an alert names.
  static func addresses(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> TextList {
    var list = TextList()
    AlertAddresses.add(of: event, to: &list, &scratch)
    return list
  }

  private static func addSource(
    _ address: ByteView?, _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) {
    let isPlaced = address == nil && (event.has(.sourceDomain) || OCSFValues.hasLocation(event))
    guard address != nil || isPlaced else { return }
    scratch.key("src_endpoint")
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("ip", address)
    // An endpoint needs something to be known by, as in other classes.
    if isPlaced, !event.has(.sourceDomain) {
      scratch.add("svc_name", event.text(.workload) ?? event.text(.service) ?? ByteView("other"))
    }
    if isPlaced || event.has(.sourceIP) { addPlace(event, &scratch) }
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// What is known of the source beside its address, as `src_endpoint` of other classes has it.
  private static func addPlace(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    scratch.add("port", integer: event[.sourcePort])
    scratch.add("hostname", event.text(.sourceDomain))
    if OCSFValues.hasLocation(event) {
      scratch.key("location")
      scratch.buffer.append(Ascii.openBrace)
      scratch.add("country", event.text(.sourceGeoCountryIso))
      scratch.add("region", event.text(.sourceGeoRegionIso))
      scratch.add("city", event.text(.sourceGeoCity))
      if let latitude = event.json(.sourceGeoLat), let longitude = event.json(.sourceGeoLon) {
        scratch.add("lat", json: latitude)
        scratch.add("long", json: longitude)
      }
      scratch.add("provider", event.text(.sourceGeoProvider))
      scratch.buffer.append(Ascii.closeBrace)
    }
    guard event.has(.sourceAsNumber) || event.has(.sourceAsOrg) else { return }
    scratch.key("autonomous_system")
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("number", integer: event[.sourceAsNumber])
    scratch.add("name", event.text(.sourceAsOrg))
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// A piece of evidence for each further address that an alert names.
  private static func addFurtherSources(
    _ list: TextList, behind first: ByteView?, _ scratch: inout FormatScratch
  ) {
    for index in 0..<list.count where first.map({ $0 == list[index] }) != true {
      scratch.buffer.append(",{\"src_endpoint\":{\"ip\":")
      scratch.buffer.appendString(list[index])
      scratch.buffer.append("}}")
    }
  }

  // MARK: Mail

  /// Whether there is a mail, which must have a sender or a recipient.
  static func hasMail(_ event: borrowing NativeEvent) -> Bool {
    OCSFValues.plainAddress(event.text(LaterField.from)) != nil
      || OCSFValues.addresses(event.json(LaterField.to)) != nil
  }

  private static func addMail(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    guard hasMail(event) else { return }
    let from = OCSFValues.plainAddress(event.text(LaterField.from))
    let to = OCSFValues.addresses(event.json(LaterField.to))
    scratch.key("email")
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("from", from)
    scratch.add("to", json: to)
    scratch.add("return_path", OCSFValues.plainAddress(event.text(LaterField.envelopeFrom)))
    scratch.add("subject", event.text(LaterField.subject))
    scratch.add("message_uid", event.text(LaterField.messageID))
    scratch.add("uid", event.text(.emailNetworkMessageID))
    if AttachmentCursor.hasElements(event) {
      scratch.key("files")
      OCSFFile.appendAttachments(of: event, &scratch)
    }
    scratch.buffer.append(Ascii.closeBrace)
  }

  // MARK: Files

  private static func addFile(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    guard let name = OCSFValues.fileNameText(event) else { return }
    scratch.key("file")
    OCSFFile.append(name, of: event, &scratch)
  }
}
