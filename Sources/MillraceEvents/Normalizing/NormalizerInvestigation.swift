import MillraceCore

/// Investigations (record types 64, 86 and 89). What they looked at and did is JSON in
/// texts, which stays in `ext` whole; the mail, the file and the people in it are told apart here.
extension Normalizer {
  /// Whether the record tells of an investigation: of one that ran by itself, of one that somebody
  /// began, or of what an administrator had it do.
  var isInvestigation: Bool { recordType == 64 || recordType == 86 || recordType == 89 }

  /// What the entities of an investigation name.
  private struct Findings {
    /// The only mail, and the only file; nil when there are several.
    var mail: ByteView?
    var file: ByteView?
    var mailID: ByteView?
    var fileName: ByteView?
    var hasSeveralMails = false
    var hasSeveralFiles = false
    /// Addresses of people, in lower case, each once.
    var people: [ByteView] = []
  }

  /// More people than this stay where they are.
  private static let peopleMax = 100

  /// An investigation is told in the fields of alerts.
  mutating func readInvestigation() {
    lift(.investigationId, to: .alertID)
    lift(.investigationName, to: .alertName)
    lift(.investigationType, to: .alertType)
    lift(.status, to: .alertStatus)
    lift(.deepLinkUrl, to: .alertURL)
    if !event.has(.targetType), let id = event.text(.alertID) {
      event.set(.targetType, "alert")
      event.set(.targetID, id)
    }
    var findings = Findings()
    forEachEntity { (self: inout Normalizer, entity) in self.note(entity, &findings) }
    if let mail = findings.mail { readInvestigatedMail(mail) }
    if let file = findings.file { readInvestigatedFile(file) }
    guard !findings.people.isEmpty else { return }
    setTargets { (self: inout Normalizer) in
      for person in findings.people { self.appendUser(person) }
    }
  }

  /// Calls `body` with each entity of the data and of the actions.
  private mutating func forEachEntity(_ body: (inout Normalizer, ByteView) -> Void) {
    for member in [RawMember.data, .actions] {
      guard let list = members.value(member).flatMap({ elements(of: $0) }) else { continue }
      var cursor = ArrayCursor(list)
      while let element = cursor.next() {
        guard let part = element.first == Ascii.openBrace ? element : embeddedObject(element),
          let entities = ObjectCursor.value(of: "Entities", in: part),
          entities.first == Ascii.openBracket
        else { continue }
        var inner = ArrayCursor(entities)
        while let entity = inner.next() {
          if entity.first == Ascii.openBrace { body(&self, entity) }
        }
      }
    }
  }

  /// The object that stands as JSON in a text.
  private mutating func embeddedObject(_ value: ByteView) -> ByteView? {
    guard value.first == Ascii.quote, let text = scalarText(value) else { return nil }
    return embedded(text)
  }

  private mutating func note(_ entity: ByteView, _ findings: inout Findings) {
    let found = ObjectCursor.values(of: "Type", "Recipient", "Sender", in: entity)
    let type = cleanText(found.0)
    if type?.isAnyCase("mailmessage") ?? (found.1 != nil && found.2 != nil) {
      let id = cleanText(ObjectCursor.value(of: "NetworkMessageId", in: entity))
      let isSame = id.flatMap { id in findings.mailID.map { $0.equalsIgnoringCase(id) } } ?? false
      if findings.mail != nil, !isSame { findings.hasSeveralMails = true }
      findings.mail = findings.hasSeveralMails ? nil : entity
      findings.mailID = id
      return add(person: cleanText(found.1), to: &findings)
    }
    guard let type else { return }
    if type.isAnyCase("file") {
      let name = cleanText(ObjectCursor.value(of: "Name", in: entity))
      let isSame = name.flatMap { name in findings.fileName.map { $0 == name } } ?? false
      if findings.file != nil, !isSame { findings.hasSeveralFiles = true }
      findings.file = findings.hasSeveralFiles ? nil : entity
      findings.fileName = name
    } else if type.isAnyCase("mailbox") || type.isAnyCase("account") || type.isAnyCase("user") {
      let names = ObjectCursor.values(
        of: "Upn", "MailboxPrimaryAddress", "UserPrincipalName", in: entity)
      add(person: cleanText(names.0) ?? cleanText(names.1) ?? cleanText(names.2), to: &findings)
    }
  }

  private mutating func add(person: ByteView?, to findings: inout Findings) {
    guard let person, person.isOneAddress, findings.people.count < Normalizer.peopleMax
    else { return }
    let name = arena.lowercase(person)
    if !findings.people.contains(where: { $0 == name }) { findings.people.append(name) }
  }

  private mutating func readInvestigatedMail(_ mail: ByteView) {
    var cursor = ObjectCursor(mail)
    while let member = cursor.next() {
      guard let text = cleanText(member.value) else { continue }
      if member.key == "InternetMessageId" {
        event.set(.emailMessageID, text.withoutAngles)
      } else if member.key == "Recipient" {
        set(.emailTo, list: texts(member.value))
      } else if let field = Normalizer.mailMembers.first(where: { member.key == $0.name })?.field {
        event.setIfAbsent(field, text)
      }
    }
    // The address that people see counts for more.
    if let shown = cleanText(ObjectCursor.value(of: "P2Sender", in: mail)) {
      event.set(.emailFrom, shown)
    }
  }

  private static let mailMembers: [(name: StaticString, field: EventField)] = [
    ("NetworkMessageId", .emailNetworkMessageID), ("Subject", .emailSubject),
    ("Sender", .emailFrom), ("P1Sender", .emailEnvelopeFrom), ("SenderIP", .emailSenderIP),
    ("AntispamDirection", .emailDirection), ("DeliveryAction", .emailDeliveryAction),
  ]

  private mutating func readInvestigatedFile(_ file: ByteView) {
    let found = ObjectCursor.values(of: "Name", "FileHashes", "Directory", in: file)
    if let name = cleanText(found.0) { event.set(.fileName, name) }
    guard let hashes = found.1, hashes.first == Ascii.openBracket else { return }
    var cursor = ArrayCursor(hashes)
    while let hash = cursor.next() {
      let sides = ObjectCursor.values(of: "Algorithm", "Value", "Type", in: hash)
      if let algorithm = cleanText(sides.0), algorithm.isAnyCase("sha256"),
        let digest = cleanText(sides.1)
      {
        event.set(.fileSha256, arena.lowercase(digest))
      }
    }
  }

  /// What the data of an investigation says of how serious it is.
  mutating func severityOfInvestigation() -> EventSeverity? {
    guard let value = members.value(.data), let text = scalarText(value),
      let data = EmbeddedJSON.parse(text, in: &arena)
    else { return nil }
    return cleanText(ObjectCursor.value(of: "Severity", in: data)).flatMap { EventSeverity($0) }
  }
}
