/// What can be searched for wherever it stands: addresses, names, hosts, hashes.
extension ECSValues {
  static let relatedIP: FormatSource.Maker = { event, scratch in
    var list = TextList()
    list.add(event.text(.sourceIP))
    addAddresses(event.text(.sourceAddress), to: &list, &scratch)
    list.add(event.otherAddress)
    addAddresses(event.text(LaterField.senderIP), to: &list, &scratch)
    AlertAddresses.add(of: event, to: &list, &scratch)
    return scratch.list(list)
  }

  /// The addresses that a text names, which commas part, in their canonical form.
  static func addAddresses(
    _ text: ByteView?, to list: inout TextList, _ scratch: inout FormatScratch
  ) {
    guard let text else { return }
    var start = 0
    while start <= text.count, list.count < TextList.capacity {
      let end = text.firstIndex(of: Ascii.comma, from: start) ?? text.count
      if let address = SourceAddress(text.slice(start, end))?.address {
        list.add(address.text(in: &scratch.arena))
      }
      start = end + 1
    }
  }

  static let relatedUser: FormatSource.Maker = { event, scratch in
    var list = TextList()
    if event.isRaisedByService {
      list.add(event.subjectName(in: &scratch.arena))
    } else {
      list.add(event.text(.actorUpn) ?? event.text(.actorName))
      list.add(event.text(.actorHomeUpn))
    }
    if hasTargetAccount(event) { list.add(event.text(.targetUpn) ?? event.text(.targetName)) }
    addAccounts(of: event, to: &list, &scratch)
    list.add(newName(event, &scratch.arena))
    // Whom it is shared with: a person, not a group behind a link.
    if let person = event.text(.sharingTarget), person.firstIndex(of: Ascii.at) != nil {
      list.add(folded(person, &scratch.arena))
    }
    for field in [LaterField.from, LaterField.envelopeFrom] {
      guard let sender = event.text(field).map(Normalizer.mailAddress) else { continue }
      list.add(folded(sender, &scratch.arena))
    }
    for field in [
      LaterField.forwardTo, LaterField.redirectTo, LaterField.to, .emailCc, .emailBcc,
    ] {
      addTexts(event.json(field), to: &list, &scratch.arena)
    }
    return scratch.list(list)
  }

  /// The names of the accounts behind the first target: of people, and of applications that got or
  /// lost a right.
  private static func addAccounts(
    of event: borrowing NativeEvent, to list: inout TextList, _ scratch: inout FormatScratch
  ) {
    guard let targets = event.json(.targets) else { return }
    let isAboutRights = event.listedAccount != nil
    var cursor = ArrayCursor(targets)
    _ = cursor.next()
    while list.count < TextList.capacity, let target = cursor.next() {
      guard isAboutRights ? target.isPrincipal : target.isUser, let name = target.quotedName
      else { continue }
      list.add(name.unquoted(in: &scratch.arena))
    }
  }

  /// The elements of a JSON list of texts.
  static func addTexts(_ json: ByteView?, to list: inout TextList, _ arena: inout Arena) {
    guard let json else { return }
    var cursor = ArrayCursor(json)
    while list.count < TextList.capacity, let element = cursor.next() {
      if element.first == Ascii.quote { list.add(folded(element.unquoted(in: &arena), &arena)) }
    }
  }

  /// An address in lower case, as users have theirs: one person is one value to search for.
  private static func folded(_ name: ByteView, _ arena: inout Arena) -> ByteView {
    name.firstIndex(of: Ascii.at) == nil ? name : arena.lowercase(name)
  }

  static let relatedHosts: FormatSource.Maker = { event, scratch in
    let device = event.text(.deviceName)
    let domain = event.text(.sourceDomain)
    let server = address(event).flatMap(host)
    return scratch.list { list in
      list.add(device)
      list.add(domain)
      list.add(server)
    }
  }

  static let relatedHash: FormatSource.Maker = { event, scratch in
    var list = TextList()
    list.add(event.text(LaterField.fileSha256))
    if let attachments = event.json(LaterField.attachments) {
      var cursor = ArrayCursor(attachments)
      while list.count < TextList.capacity, let attachment = cursor.next() {
        list.add(ObjectCursor.value(of: "sha256", in: attachment)?.unquoted(in: &scratch.arena))
      }
    }
    return scratch.list(list)
  }
}
