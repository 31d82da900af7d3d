import MillraceCore

/// Mail that is not in a mailbox: of policies, of threats, of labels.
extension Normalizer {
  /// `ExchangeMetaData` of what a policy matched.
  mutating func readExchangeData() {
    guard let value = members.value(.exchangeMetaData) else { return }
    readPerson(value)
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      if key == "MessageID" { return self.take(messageID: value) }
      if key == "From" { return self.take(text: value, .emailFrom) }
      if key == "Subject" { return self.take(text: value, .emailSubject) }
      if key == "To" { return self.take(list: value, .emailTo) }
      if key == "CC" { return self.take(list: value, .emailCc) }
      if key == "BCC" { return self.take(list: value, .emailBcc) }
      if key == "FileSize" { return self.take(count: value, .emailSize) }
      if key == "Sent" { return self.take(time: value, .emailSentTime) }
      return .none
    }
    lift(.exchangeMetaData, taken)
  }

  /// `SharePointMetaData` of what a policy matched.
  mutating func readSharePointData() {
    guard let value = members.value(.sharePointMetaData) else { return }
    readPerson(value)
    var url: ByteView?
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      if key == "From" || key == "DocumentLastModifier" || key == "FileOwner" {
        guard let name = self.cleanText(value) else { return Taken(self.isEmptyScalar(value)) }
        return Taken(self.agrees(name, .actorUpn))
      }
      if key == "FileName" { return self.take(text: value, .fileName) }
      if key == "UniqueId" || key == "UniqueID" { return self.take(id: value, .fileItemID) }
      if key == "SiteCollectionGuid" { return self.take(id: value, .siteID) }
      if key == "SiteCollectionUrl" { return self.take(text: value, .siteURL) }
      if key == "FileSize" { return self.take(count: value, .fileSize) }
      if key == "FilePathUrl", let text = self.cleanText(value) {
        url = text
        return .all
      }
      return .none
    }
    if let url { setFileURL(url) }
    lift(.sharePointMetaData, taken)
  }

  /// The person whose file it is, where the record's own user is the agent that looked at it.
  private mutating func readPerson(_ data: ByteView) {
    guard !event.has(.actorUpn), !isPersonKnown else { return }
    let found = ObjectCursor.values(of: "From", "DocumentLastModifier", "FileOwner", in: data)
    for value in [found.0, found.1, found.2] {
      guard let name = cleanText(value).map(Normalizer.mailAddress),
        name.firstIndex(of: Ascii.at) != nil
      else { continue }
      let agent = event[.actorName]
      event.remove(.actorName)
      event.set(.actorType, "user")
      readPrincipalName(name)
      if event.has(.actorUpn) { return }
      if let agent { event.set(.actorName, agent) }
    }
  }

  /// Whether the actor is a person, though by a name or an id alone.
  private var isPersonKnown: Bool {
    guard event.mayBeByPerson else { return false }
    if let name = event.text(.actorName) { return !Normalizer.isServiceAccount(name) }
    return event.has(.actorID)
  }

  /// Takes a list of texts, or one text with semicolons. A list in which there is anything else
  /// stays, too.
  mutating func take(list value: ByteView, _ field: EventField) -> Taken {
    guard value.first != Ascii.openBrace else { return .none }
    set(field, list: texts(value))
    return Taken(!hasSkippedStructures)
  }

  /// Takes an id, in lower case.
  mutating func take(id value: ByteView, _ field: EventField) -> Taken {
    guard let id = cleanText(value) else { return Taken(isEmptyScalar(value)) }
    event.setIfAbsent(field, arena.lowercase(id))
    return Taken(agrees(id, field))
  }

  /// Takes a time.
  mutating func take(time value: ByteView, _ field: EventField) -> Taken {
    guard let text = cleanText(value) else { return Taken(isEmptyScalar(value)) }
    guard let time = RecordTime.read(text) else { return .none }
    event.set(field, time)
    return .all
  }

  /// Mail that was found to be a threat (record type 28), that has a label (43), or that is read in
  /// the portal of encrypted messages (154) or by communication compliance (68).
  mutating func readThreat() {
    guard
      family == .threat || recordType == 43 || recordType == 65 || recordType == 29
        || recordType == 154 || recordType == 68
    else { return }
    lift(.p1Sender, to: .emailEnvelopeFrom)
    lift(.p2Sender, to: .emailFrom)
    readSender()
    for member in [RawMember.recipients, .receivers, .recipient] {
      guard let value = members.value(member), !event.has(.emailTo),
        value.first != Ascii.openBrace, let list = texts(value)
      else { continue }
      event.set(.emailTo, .json(list))
      if !hasSkippedStructures { members.lift(member) }
    }
    lift(.subject, to: .emailSubject)
    lift(.networkMessageId, to: .emailNetworkMessageID)
    for member in [RawMember.internetMessageId, .messageId] {
      guard let id = text(member)?.withoutAngles else { continue }
      event.setIfAbsent(.emailMessageID, id)
      if agrees(id, .emailMessageID) { members.lift(member) }
    }
    lift(.directionality, to: .emailDirection)
    lift(.deliveryAction, to: .emailDeliveryAction)
    lift(.verdict, to: .emailVerdict)
    lift(.senderIp, to: .emailSenderIP)
    if let text = text(.messageTime), let time = RecordTime.read(text) {
      event.set(.emailSentTime, time)
      members.lift(.messageTime)
    }
    lift(.eventDeepLink, to: .alertURL)
    readThreatFiles()
    if recordType == 154 { readPortalMail() }
    if recordType == 68 { readReviewedMail() }
    readThreatTarget()
  }

  /// What the portal of encrypted messages says of a mail beside the usual.
  private mutating func readPortalMail() {
    readProperties(of: .operationProperties) { (self: inout Normalizer, name, value) in
      guard name == "MailSubject", let value, case .all = self.take(text: value, .emailSubject)
      else { return false }
      return true
    }
    guard let name = text(.attachmentName), !event.has(.emailAttachments) else { return }
    set(
      .emailAttachments, list: listOfOne { (self: inout Normalizer) in self.append("name", name) })
    members.lift(.attachmentName)
  }

  /// The mail that communication compliance looked at.
  private mutating func readReviewedMail() {
    guard let value = members.value(.exchangeDetails) else { return }
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      if key == "From" { return self.take(text: value, .emailFrom) }
      if key == "Recipients", !self.event.has(.emailTo) { return self.take(list: value, .emailTo) }
      if key == "Subject" { return self.take(text: value, .emailSubject) }
      if key == "InternetMessageId" { return self.take(messageID: value) }
      if key == "NetworkMessageId" { return self.take(text: value, .emailNetworkMessageID) }
      if key == "MessageTime", !self.event.has(.emailSentTime) {
        return self.take(time: value, .emailSentTime)
      }
      if key == "Directionality" { return self.take(text: value, .emailDirection) }
      if key == "AttachmentData", !self.event.has(.emailAttachments) {
        return self.take(attachments: value)
      }
      return .none
    }
    lift(.exchangeDetails, taken)
  }

  /// Takes the id that the sender gave a mail, which may stand in angles.
  private mutating func take(messageID value: ByteView) -> Taken {
    guard let id = cleanText(value)?.withoutAngles else { return .none }
    event.setIfAbsent(.emailMessageID, id)
    return Taken(agrees(id, .emailMessageID))
  }

  /// Takes a list of attachments.
  private mutating func take(attachments value: ByteView) -> Taken {
    take(elements: value, .emailAttachments) { (self: inout Normalizer, element) in
      self.readAttachment(element)
    }
  }

  /// Who sent it: an address, or an object that has one.
  mutating func readSender() {
    guard let value = members.value(.sender), value.first == Ascii.openBrace else {
      return liftIfSame(.sender, .emailFrom)
    }
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      let isAddress = key == "UPN" || key == "Address" || key == "EmailAddress"
      return isAddress ? self.take(text: value, .emailFrom) : .none
    }
    lift(.sender, taken)
  }

  private mutating func readThreatTarget() {
    if event.has(.targetType) { return }
    if recordType == 41, text(.url) ?? text(.urlInCapitals) != nil {
      event.set(.targetType, "link")
      for member in [RawMember.url, .urlInCapitals] { liftIfSame(member, .targetName) }
    } else if let id = event.text(.emailMessageID) ?? event.text(.emailNetworkMessageID) {
      event.set(.targetType, "email")
      event.set(.targetID, id)
      if let subject = event.text(.emailSubject) { event.set(.targetName, subject) }
    } else if let name = event.text(.fileName) {
      event.set(.targetType, "file")
      event.set(.targetName, name)
    }
  }

  private mutating func readThreatFiles() {
    if let value = members.value(.attachmentData) {
      lift(.attachmentData, take(attachments: value))
    }
    guard let value = members.value(.fileData) else { return }
    let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      if key == "FileName" { return self.take(text: value, .fileName) }
      if key == "FilePath" { return self.take(path: value) }
      if key == "SHA256" { return self.take(id: value, .fileSha256) }
      if key == "MalwareFamily" { return self.take(text: value, .fileMalware) }
      if key == "FileSize" { return self.take(count: value, .fileSize) }
      return .none
    }
    lift(.fileData, taken)
  }

  /// Takes a path, or an address of a file.
  private mutating func take(path value: ByteView) -> Taken {
    guard let text = cleanText(value), text.hasPrefix(anyCase: "http") else {
      return take(text: value, .filePath)
    }
    setFileURL(text)
    return .all
  }

  private static let verdicts: [(number: Int, name: StaticString)] = [
    (1, "bad"), (0, "good"), (-1, "error"), (-2, "timeout"), (-3, "pending"),
  ]

  private mutating func readAttachment(_ element: ByteView) -> Taken {
    var name: ByteView?
    var type: ByteView?
    var hash: ByteView?
    var size: Int?
    var verdict: ByteView?
    let taken = takeMembers(of: element) { (self: inout Normalizer, key, value) in
      if key == "FileName" { return self.take(text: value, into: &name) }
      if key == "FileType" { return self.take(text: value, into: &type) }
      if key == "SHA256" { return self.take(text: value, into: &hash) }
      if key == "FileSize" { return self.take(count: value, into: &size) }
      if key == "FileVerdict", let number = self.cleanText(value).flatMap(LenientNumber.integer) {
        verdict = Normalizer.verdicts.first { $0.number == number }.map { ByteView($0.name) }
        return Taken(verdict != nil)
      }
      return .none
    }
    let start = list.count
    beginElement()
    append("name", name)
    append("size", integer: size)
    append("sha256", hash.map { arena.lowercase($0) })
    append("type", type)
    append("verdict", verdict)
    endElement(start)
    return taken
  }
}
