import MillraceCore

/// Alerts and risks (record types 40, 64, 78, 86, 89, 90, 98, 113 and 294).
extension Normalizer {
  mutating func readAlert() {
    if isInvestigation { return readInvestigation() }
    guard family == .alert else { return }
    if let id = text(.alertId) {
      event.set(.alertID, arena.lowercase(id))
      members.lift(.alertId)
    } else if recordType == 98, let id = text(.objectId) {
      event.set(.alertID, id)
    }
    for (member, field) in [
      (RawMember.alertDisplayName, EventField.alertName), (.name, .alertName),
      (.alertType, .alertType), (.category, .alertCategory), (.alertCategory, .alertCategory),
      (.status, .alertStatus), (.source, .alertSource), (.policyId, .alertPolicyID),
      (.entityType, .alertEntityType), (.alertEntityId, .alertEntity), (.comments, .alertComment),
      (.alertDescription, .alertComment),
      (.alertUri, .alertURL), (.riskEventType, .riskEventType), (.riskState, .riskState),
      (.riskDetail, .riskDetail), (.detectionTimingType, .riskTiming),
    ] {
      liftIfSame(member, field)
    }
    if recordType == 294 { lift(.riskLevel, to: .riskLevel) }
    readAlertLinks()
    readAlertData()
  }

  /// The first link that is one.
  private mutating func readAlertLinks() {
    guard let value = members.value(.alertLinks) else { return }
    let taken = takeElements(of: value) { (self: inout Normalizer, element) in
      self.takeMembers(of: element) { (self: inout Normalizer, key, value) in
        key == "AlertLinkHref" ? self.take(text: value, .alertURL) : .none
      }
    }
    lift(.alertLinks, taken)
  }

  /// `Data`, JSON in a text with short names whose meaning shifts from policy to policy: a few are
  /// sure, the rest is kept together.
  private mutating func readAlertData() {
    guard let value = members.value(.data) else { return }
    var found: ByteView? = value
    if value.first == Ascii.quote {
      guard let text = text(.data) else { return }
      found = embedded(text)
    }
    guard let data = found, data.first == Ascii.openBrace else {
      return issues.add("Data", "not JSON")
    }
    readSubject(data)
    if let link = cleanText(ObjectCursor.value(of: "alk", in: data)) {
      event.setIfAbsent(.alertURL, link)
    }
    let taken = takeMembers(of: data) { (self: inout Normalizer, key, value) in
      self.takeAlertMember(key, value)
    }
    members.lift(.data)
    switch taken {
    case .all: break
    case .none: event.set(.alertData, .json(oneLine(data)))
    case .rest(let rest): event.set(.alertData, .json(oneLine(rest)))
    }
    if !event.has(.targetType), let subject = event.text(.alertEntity) {
      event.set(.targetType, "other")
      event.set(.targetName, subject)
    }
    // Beside an entity that is no user.
    if event.has(.alertEntity), !event.has(.targetUpn), let user = subject(in: data) {
      setTargets(andUser: user)
    }
  }

  private mutating func oneLine(_ json: ByteView) -> ByteView {
    scratch.removeAll()
    scratch.appendOnOneLine(json)
    return arena.copy(scratch.view)
  }

  private mutating func takeAlertMember(_ key: ByteView, _ value: ByteView) -> Taken {
    if key == "ts" { return take(time: value, .timeStart) }
    if key == "te" { return take(time: value, .timeEnd) }
    if key == "op" { return take(text: value, .alertOperation) }
    if key == "imsgid" {
      guard let id = cleanText(value) else { return .none }
      event.set(.emailMessageID, id.withoutAngles)
      return .all
    }
    guard let text = cleanText(value) else { return .none }
    if key == "suid" || key == "f3u" || key == "trc" {
      return Taken(event.has(.targetUpn) && agrees(text, .targetUpn))
    }
    if key == "alk" || key == "plk" {
      event.setIfAbsent(.alertURL, text)
      return Taken(agrees(text, .alertURL))
    }
    // What the record says elsewhere, too.
    for (name, field) in Normalizer.repeatedInData where key == name {
      return Taken(event.has(field) && agrees(text, field))
    }
    return .none
  }

  private static let repeatedInData: [(StaticString, EventField)] = [
    ("etype", .alertEntityType), ("eid", .alertEntity), ("lon", .alertOperation),
    ("an", .alertName), ("cid", .alertPolicyID), ("tid", .tenantID), ("wl", .workload),
    ("sev", .severity),
  ]

  /// The user an alert is about, who becomes its target unless the entity says more: the first of
  /// what may name one.
  private mutating func readSubject(_ data: ByteView) {
    guard !event.has(.targetUpn), !event.has(.alertEntity), let user = subject(in: data)
    else { return }
    event.set(.targetType, "user")
    event.remove(.targetID)
    event.remove(.targetName)
    event.set(.targetUpn, arena.lowercase(user))
  }

  private mutating func subject(in data: ByteView) -> ByteView? {
    // The recipients of a mail may be several, of whom none is the one.
    let names = ObjectCursor.values(of: "suid", "f3u", "trc", in: data)
    for name in [names.0, names.1, names.2] {
      if let text = cleanText(name), text.isOneAddress { return text }
    }
    return nil
  }
}
