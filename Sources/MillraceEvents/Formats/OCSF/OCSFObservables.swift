/// What can be searched for across classes: addresses, names, hashes and links, each with the
/// attribute of the event that has it.
enum OCSFObservables {
  static let list: FormatSource.Maker = { event, scratch in
    var list = ResourceList(&scratch)
    addMessages(event, to: &list, &scratch)
    addSources(event, to: &list, &scratch)
    addActor(event, to: &list, &scratch)
    addTargetUser(event, to: &list, &scratch)
    addMail(event, to: &list, &scratch)
    if let receiver = event.text(.sharingTarget), OCSFValues.isAddress(receiver) {
      list.addObservable(
        "unmapped.millrace.sharing.target", type: Kind.mailAddress, receiver, &scratch)
    }
    addAddresses(
      event.json(LaterField.forwardTo), "unmapped.millrace.mail_rule.forward_to", to: &list,
      &scratch)
    addAddresses(
      event.json(LaterField.redirectTo), "unmapped.millrace.mail_rule.redirect_to", to: &list,
      &scratch)
    addFile(event, to: &list, &scratch)
    addAttachments(event, to: &list, &scratch)
    addLink(event, to: &list, &scratch)
    return list.finish(&scratch)
  }

  /// The kinds of observables (OCSF 1.8.0, `type_id`) that there are.
  private enum Kind {
    static let address: StaticString = "2"
    static let userName: StaticString = "4"
    static let mailAddress: StaticString = "5"
    static let url: StaticString = "6"
    static let hash: StaticString = "8"
    static let messageUID: StaticString = "42"
  }

  // MARK: Mails and addresses

  /// The ids of the mails that were touched, where `resources` has them.
  private static func addMessages(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard scratch.ocsf.uid == 6003, let items = event.json(LaterField.items) else { return }
    var cursor = ArrayCursor(items)
    while let item = cursor.next() {
      guard let id = ObjectCursor.value(of: "message_id", in: item) else { continue }
      list.addObservable("resources.uid", type: Kind.messageUID, json: id, &scratch)
    }
  }

  /// The source; of a finding, every address that is evidence.
  private static func addSources(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard scratch.ocsf.uid == 2004 else {
      guard let address = event.text(.sourceIP) else { return }
      let name: StaticString = scratch.ocsf.uid == 6002 ? "device.ip" : "src_endpoint.ip"
      return list.addObservable(name, type: Kind.address, address, &scratch)
    }
    let named = OCSFEvidence.addresses(event, &scratch)
    let source = OCSFEvidence.source(event, named, &scratch)
    if let source {
      list.addObservable("evidences.src_endpoint.ip", type: Kind.address, source, &scratch)
    }
    for index in 0..<named.count where source.map({ $0 == named[index] }) != true {
      list.addObservable("evidences.src_endpoint.ip", type: Kind.address, named[index], &scratch)
    }
  }

  /// Whom a mail is from and to, and its id, where the event has a mail.
  private static func addMail(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    if scratch.ocsf.uid == 2004, OCSFEvidence.hasMail(event) {
      if let from = OCSFValues.plainAddress(event.text(LaterField.from)) {
        list.addObservable("evidences.email.from", type: Kind.mailAddress, from, &scratch)
      }
      addAddresses(
        OCSFValues.addresses(event.json(LaterField.to)), "evidences.email.to", to: &list, &scratch)
      if let path = OCSFValues.plainAddress(event.text(LaterField.envelopeFrom)) {
        list.addObservable("evidences.email.return_path", type: Kind.mailAddress, path, &scratch)
      }
      if let id = event.text(LaterField.messageID) {
        list.addObservable("evidences.email.message_uid", type: Kind.messageUID, id, &scratch)
      }
    } else if scratch.ocsf.uid == 4009 {
      if let from = OCSFValues.fromAddress(event) {
        list.addObservable("email.from", type: Kind.mailAddress, from, &scratch)
      }
      addAddresses(
        OCSFValues.addresses(event.json(LaterField.to)), "email.to", to: &list, &scratch)
      addAddresses(OCSFValues.addresses(event.json(.emailCc)), "email.cc", to: &list, &scratch)
      if let id = ECSValues.messageID(event, &scratch) {
        list.addObservable("email.message_uid", type: Kind.messageUID, value: id, &scratch)
      }
    }
  }

  /// Where a rule sends mail on to, as far as those are addresses: names and ids of recipients are
  /// none.
  private static func addAddresses(
    _ recipients: ByteView?, _ name: StaticString, to list: inout ResourceList,
    _ scratch: inout FormatScratch
  ) {
    guard let recipients else { return }
    var cursor = ArrayCursor(recipients)
    while let recipient = cursor.next() {
      guard recipient.count > 2, recipient.first == Ascii.quote,
        OCSFValues.isAddress(recipient.slice(1, recipient.count - 1))
      else { continue }
      list.addObservable(name, type: Kind.mailAddress, json: recipient, &scratch)
    }
  }

  // MARK: People

  /// Who did it; of a finding, whom it is about.
  private static func addActor(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    let isFinding = scratch.ocsf.uid == 2004
    let user = isFinding ? OCSFEvidence.user(event, &scratch) : event.text(.actorUpn)
    guard let user, OCSFValues.isAddress(user) else { return }
    let name: StaticString =
      isFinding
      ? "evidences.user.email_addr"
      : scratch.ocsf.uid == 3002 ? "user.email_addr" : "actor.user.email_addr"
    list.addObservable(name, type: Kind.mailAddress, user, &scratch)
  }

  /// Whom something was done to, as the user of the event or among what was affected.
  private static func addTargetUser(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    if OCSFClasses(scratch.ocsf.uid).isSubset(of: .withTargetUser) {
      addUser(event, to: &list, &scratch)
    }
    guard OCSFValues.listsTarget(event, scratch.ocsf), ECSValues.hasTargetUser(event)
    else { return }
    let isMailbox = event.text(.targetType).map { $0 == "mailbox" } ?? false
    if isMailbox, let owner = event.text(LaterField.mailboxOwner) {
      guard OCSFValues.isAddress(owner) else { return }
      list.addObservable("resources.owner.name", type: Kind.mailAddress, owner, &scratch)
    } else if let name = event.text(.targetName) ?? event.text(.targetUpn),
      OCSFValues.isAddress(name)
    {
      list.addObservable("resources.name", type: Kind.mailAddress, name, &scratch)
    }
  }

  /// The user of the event: the address, else the name of a person.
  private static func addUser(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    if let address = OCSFValues.targetAddress(event, &scratch) {
      return list.addObservable(
        "user.email_addr", type: Kind.mailAddress, value: address, &scratch)
    }
    guard case .integer(1)? = OCSFValues.targetTypeID(event, &scratch),
      let name = OCSFValues.targetName(event, &scratch)
    else { return }
    list.addObservable("user.name", type: Kind.userName, value: name, &scratch)
  }

  // MARK: Files and links

  /// The hash and the address of the file.
  private static func addFile(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    guard OCSFClasses(scratch.ocsf.uid).isSubset(of: .withFile),
      OCSFValues.fileNameText(event) != nil
    else { return }
    let isEvidence = scratch.ocsf.uid == 2004
    if let hash = event.text(LaterField.fileSha256) {
      list.addObservable(
        isEvidence ? "evidences.file.hashes.value" : "file.hashes.value", type: Kind.hash, hash,
        &scratch)
    }
    if let url = event.text(LaterField.fileURL) {
      list.addObservable(
        isEvidence ? "evidences.file.url.url_string" : "file.url.url_string", type: Kind.url, url,
        &scratch)
    }
  }

  /// The hashes of a mail's attachments.
  private static func addAttachments(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    let isEvidence = scratch.ocsf.uid == 2004 && OCSFEvidence.hasMail(event)
    guard isEvidence || scratch.ocsf.uid == 4009 else { return }
    var cursor = AttachmentCursor(event)
    while let attachment = cursor.next() {
      guard let hash = attachment.hash else { continue }
      list.addObservable(
        isEvidence ? "evidences.email.files.hashes.value" : "email.files.hashes.value",
        type: Kind.hash, json: hash, &scratch)
    }
  }

  /// The link that a finding is about, or the page that was looked at.
  private static func addLink(
    _ event: borrowing NativeEvent, to list: inout ResourceList, _ scratch: inout FormatScratch
  ) {
    if scratch.ocsf.uid == 2004, let link = OCSFEvidence.link(event, &scratch) {
      list.addObservable("evidences.url.url_string", type: Kind.url, link, &scratch)
    } else if scratch.ocsf.uid == 6001, let url = OCSFValues.resourceURL(event) {
      list.addObservable("web_resources.url_string", type: Kind.url, url, &scratch)
    }
  }
}
