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
    if let type = event.text(.targetType), type == "link", let link = event.text(.targetName) {
      key("url", &scratch)
      scratch.buffer.append("{\"url_string\":")
      scratch.buffer.appendString(link)
      scratch.buffer.append(Ascii.closeBrace)
    }
    // What was done says something only beside whom or what it was done to.
    guard scratch.buffer.count > 2 else { return nil }
    if let operation = event.text(LaterField.alertOperation) {
      key("data", &scratch)
      scratch.buffer.append("{\"op\":")
      scratch.buffer.appendString(operation)
      scratch.buffer.append(Ascii.closeBrace)
    }
    scratch.buffer.append(Ascii.closeBrace)
    addFurtherSources(named, behind: source, &scratch)
    scratch.buffer.append(Ascii.closeBracket)
    return scratch.json()
  }

  /// Whom a finding is about.
  static func user(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    event.text(.targetUpn) ?? event.subjectName(in: &scratch.arena) ?? event.text(.actorUpn)
  }

  private static func addUser(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    guard let user = user(event, &scratch) else { return }
    key("user", &scratch)
    scratch.buffer.append("{\"name\":")
    scratch.buffer.appendString(user)
    if OCSFValues.isAddress(user) { add("email_addr", user, &scratch) }
    scratch.buffer.append(",\"type_id\":1}")
  }

  // MARK: Where from

  /// Where it came from: the client, else the server that sent the mail.
  static func source(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> ByteView? {
    source(event, addresses(event, &scratch), &scratch)
  }

  private static func source(
    _ event: borrowing NativeEvent, _ named: TextList, _ scratch: inout FormatScratch
  ) -> ByteView? {
    if let address = event.text(.sourceIP) { return address }
    let sender = event.text(LaterField.senderIP).flatMap { SourceAddress($0)?.address }
    if let sender { return sender.text(in: &scratch.arena) }
    return named.count > 0 ? named[0] : nil
  }

  /// The addresses that an alert names.
  private static func addresses(
    _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> TextList {
    var list = TextList()
    AlertAddresses.add(of: event, to: &list, &scratch)
    return list
  }

  private static func addSource(
    _ address: ByteView?, _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) {
    guard let address else { return }
    key("src_endpoint", &scratch)
    scratch.buffer.append("{\"ip\":")
    scratch.buffer.appendString(address)
    if event.has(.sourceIP) { addPlace(event, &scratch) }
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// What is known of the source beside its address, as `src_endpoint` of other classes has it.
  private static func addPlace(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    add("port", integer: event[.sourcePort], &scratch)
    add("hostname", event.text(.sourceDomain), &scratch)
    if OCSFValues.hasLocation(event) {
      key("location", &scratch)
      scratch.buffer.append(Ascii.openBrace)
      add("country", event.text(.sourceGeoCountryIso), &scratch)
      add("region", event.text(.sourceGeoRegionIso), &scratch)
      add("city", event.text(.sourceGeoCity), &scratch)
      if let latitude = event.json(.sourceGeoLat), let longitude = event.json(.sourceGeoLon) {
        key("lat", &scratch)
        scratch.buffer.append(latitude)
        key("long", &scratch)
        scratch.buffer.append(longitude)
        key("coordinates", &scratch)
        scratch.buffer.append(Ascii.openBracket)
        scratch.buffer.append(longitude)
        scratch.buffer.append(Ascii.comma)
        scratch.buffer.append(latitude)
        scratch.buffer.append(Ascii.closeBracket)
      }
      add("provider", event.text(.sourceGeoProvider), &scratch)
      scratch.buffer.append(Ascii.closeBrace)
    }
    guard event.has(.sourceAsNumber) || event.has(.sourceAsOrg) else { return }
    key("autonomous_system", &scratch)
    scratch.buffer.append(Ascii.openBrace)
    add("number", integer: event[.sourceAsNumber], &scratch)
    add("name", event.text(.sourceAsOrg), &scratch)
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

  /// The mail, which must have a sender or a recipient.
  private static func addMail(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    let from = OCSFValues.plainAddress(event.text(LaterField.from))
    let to = OCSFValues.addresses(event.json(LaterField.to))
    guard from != nil || to != nil else { return }
    key("email", &scratch)
    scratch.buffer.append(Ascii.openBrace)
    add("from", from, &scratch)
    if let to {
      key("to", &scratch)
      scratch.buffer.append(to)
    }
    add("return_path", OCSFValues.plainAddress(event.text(LaterField.envelopeFrom)), &scratch)
    add("subject", event.text(LaterField.subject), &scratch)
    add("message_uid", event.text(LaterField.messageID), &scratch)
    add("uid", event.text(.emailNetworkMessageID), &scratch)
    scratch.buffer.append(Ascii.closeBrace)
  }

  // MARK: Files

  private static func addFile(_ event: borrowing NativeEvent, _ scratch: inout FormatScratch) {
    guard let name = OCSFValues.fileNameText(event) else { return }
    key("file", &scratch)
    scratch.buffer.append(Ascii.openBrace)
    add("name", name, &scratch)
    scratch.buffer.append(",\"type_id\":1")
    add("path", event.text(LaterField.filePath), &scratch)
    add("uid", event.text(LaterField.fileItemID), &scratch)
    if case .integer(let size)? = event.value(LaterField.fileSize) {
      key("size", &scratch)
      scratch.buffer.append(integer: size)
    }
    if let hash = event.text(LaterField.fileSha256) {
      key("hashes", &scratch)
      scratch.buffer.append("[{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":")
      scratch.buffer.appendString(hash)
      scratch.buffer.append("}]")
    }
    scratch.buffer.append(Ascii.closeBrace)
  }

  // MARK: Members

  private static func add(
    _ name: StaticString, _ value: ByteView?, _ scratch: inout FormatScratch
  ) {
    guard let value, !value.isEmpty else { return }
    key(name, &scratch)
    scratch.buffer.appendString(value)
  }

  private static func add(
    _ name: StaticString, integer value: NativeEvent.Value?, _ scratch: inout FormatScratch
  ) {
    guard case .integer(let number)? = value else { return }
    key(name, &scratch)
    scratch.buffer.append(integer: number)
  }

  /// Begins a member.
  private static func key(_ name: StaticString, _ scratch: inout FormatScratch) {
    if scratch.buffer.last != Ascii.openBrace { scratch.buffer.append(Ascii.comma) }
    scratch.buffer.append(Ascii.quote)
    scratch.buffer.append(name)
    scratch.buffer.append("\":")
  }
}
