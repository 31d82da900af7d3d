import MillraceCore

/// Values of OCSF attributes that are not one field of the event: classes, times, outcome.
enum OCSFValues {
  // MARK: Class

  static let classUID: FormatSource.Maker = { _, scratch in .integer(scratch.ocsf.uid) }

  static let categoryUID: FormatSource.Maker = { _, scratch in
    .integer(scratch.ocsf.uid / 1000)
  }

  static let activityID: FormatSource.Maker = { _, scratch in .integer(scratch.ocsf.activity) }

  static let typeUID: FormatSource.Maker = { _, scratch in
    .integer(scratch.ocsf.uid * 100 + scratch.ocsf.activity)
  }

  /// The activity's name; of one that the class does not name, the operation.
  static let activityName: FormatSource.Maker = { event, scratch in
    if let name = scratch.ocsf.activityName { return .constant(ByteView(name)) }
    return event[.operation] ?? event[.action]
  }

  // MARK: Times, which are milliseconds since 1970

  static let time: FormatSource.Maker = { event, _ in milliseconds(event, .time) }
  static let startTime: FormatSource.Maker = { event, _ in milliseconds(event, .timeStart) }
  static let endTime: FormatSource.Maker = { event, _ in milliseconds(event, .timeEnd) }
  static let loggedTime: FormatSource.Maker = { event, _ in milliseconds(event, .collectedTime) }
  static let tokenTime: FormatSource.Maker = { event, _ in
    milliseconds(event, .sessionTokenIssuedTime)
  }

  private static func milliseconds(
    _ event: borrowing NativeEvent, _ field: EventField
  ) -> NativeEvent.Value? {
    if case .time(let time)? = event[field] { return .integer(Int(time.milliseconds)) }
    return event.text(field).flatMap(RecordTime.read).map { .integer(Int($0.milliseconds)) }
  }

  /// As the record spells it, also where that is no time; nil when the record has none.
  static let originalTime: FormatSource.Maker = { event, _ in
    if let spelled = event.spelledTime { return .text(spelled) }
    guard let ext = event.json(.ext), let text = ObjectCursor.value(of: "CreationTime", in: ext),
      text.first == Ascii.quote, text.count > 2
    else { return nil }
    return .json(text)
  }

  // MARK: Outcome

  static let severityID: FormatSource.Maker = { event, _ in
    guard let severity = event.text(.severity) else { return .integer(0) }
    if severity == "informational" { return .integer(1) }
    if severity == "low" { return .integer(2) }
    if severity == "medium" { return .integer(3) }
    if severity == "high" { return .integer(4) }
    return .integer(severity == "critical" ? 5 : 0)
  }

  /// Of a finding, how far it was dealt with; of anything else, whether it worked.
  static let statusID: FormatSource.Maker = { event, scratch in
    if OCSFClasses(scratch.ocsf.uid).isSubset(of: .findings) {
      if let status = statusOfRisk(event) { return .integer(status) }
      guard let status = event.text(LaterField.alertStatus) else {
        return .integer(statusOfActivity(scratch.ocsf.activity))
      }
      if status.isAnyCase("active") || status.isAnyCase("new") { return .integer(1) }
      if status.isAnyCase("investigating") { return .integer(2) }
      if status.isAnyCase("dismissed") { return .integer(3) }
      return .integer(status.isAnyCase("resolved") ? 4 : 99)
    }
    guard let result = event.text(.outcomeResult) else { return .integer(0) }
    if result == "success" { return .integer(1) }
    if result == "failure" { return .integer(2) }
    return .integer(result == "unknown" ? 0 : 99)
  }

  /// How far a risk was dealt with (riskState of Microsoft Graph); nil when nobody says.
  private static func statusOfRisk(_ event: borrowing NativeEvent) -> Int? {
    guard let state = event.text(.riskState) else { return nil }
    if state.isAnyCase("remediated") || state.isAnyCase("confirmedSafe") { return 4 }
    return state.isAnyCase("dismissed") ? 3 : nil
  }

  /// How far a finding was dealt with whose record has no word for it: what is created is new,
  /// what is closed is resolved.
  private static func statusOfActivity(_ activity: Int) -> Int {
    switch activity {
    case 1: 1
    case 3: 4
    case 4: 3
    default: 0
    }
  }

  /// Of a finding, the number in words; of anything else, what the number calls "other".
  static let status: FormatSource.Maker = { event, scratch in
    if OCSFClasses(scratch.ocsf.uid).isSubset(of: .findings) {
      guard let status = event.text(LaterField.alertStatus) else { return nil }
      if status.isAnyCase("active") || status.isAnyCase("new") {
        return .constant(ByteView("New"))
      }
      if status.isAnyCase("investigating") { return .constant(ByteView("In Progress")) }
      if status.isAnyCase("dismissed") { return .constant(ByteView("Suppressed")) }
      if status.isAnyCase("resolved") { return .constant(ByteView("Resolved")) }
      return event.value(LaterField.alertStatus)
    }
    guard let result = event.text(.outcomeResult) else { return nil }
    if result == "partial" { return event[.outcomeStatus] ?? event[.outcomeResult] }
    return result == "interrupted" ? event[.outcomeResult] : nil
  }

  /// Why it ended so; else the service's own word for it, where that is not what the number says.
  static let statusDetail: FormatSource.Maker = { event, scratch in
    if let detail = event[.outcomeReason] ?? event[.outcomeDetail] { return detail }
    if OCSFClasses(scratch.ocsf.uid).isSubset(of: .findings) { return nil }
    guard let word = event.text(.outcomeStatus), let result = event.text(.outcomeResult),
      !(result == "partial"), !word.isAnyCase("success"), !word.isAnyCase("failure")
    else { return nil }
    return .text(word)
  }

  // MARK: Product

  static let feature: FormatSource.Maker = { event, _ in
    let slug = event.text(.service) ?? ByteView("other")
    if event.isAlert, slug == "purview", let category = event.text(.category) {
      if category == "data_protection" { return .constant(ByteView("Purview DLP")) }
      if category == "alert" { return .constant(ByteView("Microsoft Purview alert policies")) }
    }
    return .constant(ByteView(serviceNames[slug] ?? "Microsoft 365"))
  }

  /// What services are called.
  private static let serviceNames = NameTable<StaticString>([
    ("entra_id", "Entra ID"), ("exchange", "Exchange Online"),
    ("sharepoint", "SharePoint Online"), ("onedrive", "OneDrive"), ("teams", "Microsoft Teams"),
    ("purview", "Microsoft Purview"), ("defender", "Microsoft Defender"),
    ("defender_cloud_apps", "Microsoft Defender for Cloud Apps"), ("power_bi", "Power BI"),
    ("power_automate", "Power Automate"), ("power_apps", "Power Apps"),
    ("dynamics", "Dynamics 365"), ("copilot", "Microsoft 365 Copilot"),
    ("viva_engage", "Viva Engage"), ("forms", "Microsoft Forms"), ("planner", "Planner"),
  ])

  static let profiles: FormatSource.Maker = { event, scratch in
    let isHost =
      OCSFClasses(scratch.ocsf.uid).isSubset(of: .withActorOfHost) || hasDevice(event)
    let isControl =
      scratch.ocsf.uid == 2006 || scratch.ocsf.uid == 2004 && clickStopped(event) != nil
    let isAssistant =
      scratch.ocsf.uid == 6003 && (event.has(.aiThreadID) || hasModel(event))
    return scratch.list { list in
      if isAssistant { list.add(ByteView("ai_operation")) }
      list.add(ByteView("cloud"))
      if isHost { list.add(ByteView("host")) }
      if isControl { list.add(ByteView("security_control")) }
    }
  }

  // MARK: Assistants

  /// A model needs its name and its provider's.
  private static func hasModel(_ event: borrowing NativeEvent) -> Bool {
    event.has(.aiModel) && event.has(.aiProvider)
  }

  static let modelName: FormatSource.Maker = { event, _ in
    hasModel(event) ? event[.aiModel] : nil
  }

  static let modelProvider: FormatSource.Maker = { event, _ in
    hasModel(event) ? event[.aiProvider] : nil
  }

  /// What a thread of messages is held with, which every context of messages must name.
  static let assistant: FormatSource.Maker = { event, scratch in
    event.has(.aiThreadID) ? feature(event, &scratch) : nil
  }

  // MARK: The rest

  /// The fields of the record that nothing took up, under their own names, and beside them in
  /// `millrace` the fields of the event that OCSF has no attribute for in some class. A member of
  /// the record with that name is where the event has it, in `millrace.ext`.
  static let unmapped: FormatSource.Maker = { event, scratch in
    scratch.rest.removeAll()
    var namesake: ByteView?
    if let ext = event.json(.ext) {
      namesake = ObjectCursor.value(of: "millrace", in: ext)
      if namesake == nil {
        scratch.rest.append(ext.prefix(ext.count - 1))
      } else {
        appendOthers(of: ext, &scratch.rest)
      }
    } else {
      scratch.rest.append(Ascii.openBrace)
    }
    if scratch.rest.last != Ascii.openBrace { scratch.rest.append(Ascii.comma) }
    scratch.rest.append("\"millrace\":")
    OCSFFields.rest.writeFields(event, to: &scratch.rest)
    if let namesake {
      scratch.rest.removeLast(1)
      scratch.rest.append(",\"ext\":{\"millrace\":")
      scratch.rest.append(namesake)
      scratch.rest.append("}}")
    }
    scratch.rest.append(Ascii.closeBrace)
    return .json(scratch.rest.view)
  }

  /// The members of an object but for the one called `millrace`, without the closing brace.
  private static func appendOthers(of object: ByteView, _ buffer: inout ByteBuffer) {
    buffer.append(Ascii.openBrace)
    var cursor = ObjectCursor(object)
    while let member = cursor.next() {
      if member.key == "millrace" { continue }
      if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
      buffer.append(Ascii.quote)
      buffer.append(member.key)
      buffer.append("\":")
      buffer.append(member.value)
    }
  }
}
