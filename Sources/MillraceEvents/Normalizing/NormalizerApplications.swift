/// Power Platform, Copilot and other applications, and devices that members name directly.
extension Normalizer {
  mutating func readDevice() {
    if let name = text(.clientMachineName), !SourceAddress.isAddress(name) {
      liftIfSame(.clientMachineName, .deviceName)
    }
    liftIfSame(.deviceId, .deviceID)
  }

  mutating func readPowerPlatform() {
    guard family == .powerPlatform else { return }
    if let activity = text(.activity), let operation, activity == operation.trimmed {
      members.lift(.activity)
    }
    if recordType == 21 { return readDynamics() }
    readFlow()
    readApp()
    readReportRecipients()
    readWorkspace()
    readDataPolicy()
    for (id, name, type) in [
      (RawMember.reportId, RawMember.reportName, "report" as StaticString),
      (.dashboardId, .dashboardName, "dashboard"), (.artifactId, .artifactName, "other"),
      (.datasetId, .datasetName, "other"),
    ] where !event.has(.targetType) && (text(id) != nil || text(name) != nil) {
      lift(id, to: .targetID)
      lift(name, to: .targetName)
      event.set(.targetType, type)
      if id == .artifactId { readKind(.artifactKind) }
    }
    // A report may be named like one and have the id of any artifact.
    if event.has(.targetName), !event.has(.targetID) { lift(.artifactId, to: .targetID) }
    if !event.has(.targetType), text(.objectDisplayName) != nil {
      lift(.objectDisplayName, to: .targetName)
      event.set(.targetType, "other")
      readKind(.objectType)
    }
    if !event.has(.targetType), text(.itemName) != nil { event.set(.targetType, "other") }
    if event.has(.targetType) { liftIfSame(.itemName, .targetName) }
  }

  /// The workspace that an operation is on, which is a group, and who joined or left it.
  private mutating func readWorkspace() {
    let isMembership = event.text(.action).map { $0.hasPrefix("workspace.member.") } ?? false
    guard isMembership || operationKey.hasSuffix("workspace"),
      text(.workspaceId) != nil || text(.workSpaceName) != nil
    else { return }
    event.set(.targetType, "group")
    lift(.workspaceId, to: .targetID)
    lift(.workSpaceName, to: .targetName)
    guard isMembership, let value = members.value(.membershipInformation),
      let list = elements(of: value)
    else { return }
    setTargets { (self: inout Normalizer) in
      var cursor = ArrayCursor(list)
      while let element = cursor.next() {
        let member = self.cleanText(ObjectCursor.value(of: "MemberEmail", in: element))
        if let member { self.appendUser(member) }
      }
    }
  }

  /// A policy that says which connectors may share data.
  private mutating func readDataPolicy() {
    guard let action = event.text(.action), action.hasPrefix("policy."),
      text(.policyId) != nil || text(.policyName) != nil
    else { return }
    event.set(.targetType, "policy")
    lift(.policyId, to: .targetID)
    lift(.policyName, to: .targetName)
  }

  /// What kind of thing the target is, where there is a word of our own for it.
  private mutating func readKind(_ member: RawMember) {
    guard let kind = text(member) else { return }
    for type: StaticString in ["report", "dashboard", "app", "environment"]
    where kind.isAnyCase(type) {
      event.set(.targetType, type)
      members.lift(member)
    }
  }

  /// A flow is named in its address, `…/flows/<id>/details`, which stays.
  private mutating func readFlow() {
    guard recordType == 30 else { return }
    if let permission = text(.sharingPermission) {
      let start = beginList()
      appendText(permission)
      set(.permissions, list: endList(start))
      members.lift(.sharingPermission)
    }
    guard let address = text(.flowDetailsUrl),
      let mark = address.firstIndex(ofAnyCase: "/flows/")
    else { return }
    let rest = address.dropFirst(mark + 7)
    let id = rest.prefix(rest.firstIndex(of: Ascii.slash) ?? rest.count)
    if id.isEmpty { return }
    event.set(.targetType, "flow")
    event.set(.targetID, id)
    // Who may do more, or less, from now on; the account may be a group's.
    guard let action = event.text(.action), action.hasPrefix("flow.permission."),
      let recipient = text(.recipientUPN)
    else { return }
    setTargets(andUser: recipient)
    members.lift(.recipientUPN)
  }

  /// A Power App: its id is in `AppName`, its name in JSON that stands in a text.
  private mutating func readApp() {
    guard recordType == 45 || recordType == 46 else { return }
    if text(.appName) != nil {
      event.set(.targetType, "app")
      lift(.appName, to: .targetID)
    }
    guard let info = members.value(.additionalInfo), info.first == Ascii.openBrace,
      let name = cleanText(ObjectCursor.value(of: "resourceDisplayName", in: info))
    else { return }
    event.set(.targetType, "app")
    event.setIfAbsent(.targetName, name)
  }

  /// The first of those a report was shared with; the list stays.
  private mutating func readReportRecipients() {
    guard let value = members.value(.sharingInformation), let list = elements(of: value)
    else { return }
    var cursor = ArrayCursor(list)
    while let element = cursor.next() {
      guard let address = cleanText(ObjectCursor.value(of: "RecipientEmail", in: element)) else {
        continue
      }
      event.setIfAbsent(.sharingTarget, arena.lowercase(address))
      if address.firstIndex(ofAnyCase: "#ext#") != nil
        || Normalizer.domain(address).flatMap({ isOutside($0) }) == true
      {
        event.set(.sharingIsExternal, true)
      }
    }
  }

  private static let dynamicsVerbs: [(StaticString, StaticString, EventVerb)] = [
    ("create", "dynamics.record.create", .create), ("retrieve", "dynamics.record.read", .read),
    ("retrievemultiple", "dynamics.record.read", .read),
    ("update", "dynamics.record.update", .update), ("delete", "dynamics.record.delete", .delete),
    ("exporttoexcel", "dynamics.record.export", .export),
  ]

  /// `Operation` is the same in all records; `Message` says what was done, to an `EntityName`.
  private mutating func readDynamics() {
    if let message = text(.message) {
      for (word, action, verb) in Normalizer.dynamicsVerbs where message.isAnyCase(word) {
        event.set(.action, action)
        event.set(.verb, verb.name)
      }
    }
    guard let entity = text(.entityName) else { return }
    event.set(.targetType, "other")
    event.set(.targetName, entity)
    members.lift(.entityName)
  }

  // MARK: Copilot

  /// `CopilotEventData`, whose names vary in letter case. No prompt is in it.
  mutating func readCopilot() {
    guard family == .artificialIntelligence, let value = members.value(.copilotEventData)
    else { return }
    var data = value
    if value.first == Ascii.quote {
      guard let text = text(.copilotEventData), let parsed = embedded(text) else {
        return issues.add("CopilotEventData", "not JSON")
      }
      data = parsed
    }
    var prompts = 0
    var responses = 0
    let taken = takeMembers(of: data) { (self: inout Normalizer, key, value) in
      if key.isAnyCase("apphost") { return self.take(text: value, .aiAppHost) }
      if key.isAnyCase("threadid") { return self.take(text: value, .aiThreadID) }
      if key.isAnyCase("accessedresources") { return self.readResources(value) }
      if key.isAnyCase("modeltransparencydetails") { return self.readModels(value) }
      guard key.isAnyCase("messages") else { return .none }
      return self.takeElements(of: value) { (self: inout Normalizer, element) in
        self.countMessage(element, &prompts, &responses)
      }
    }
    if prompts + responses > 0 {
      event.set(.aiPromptCount, prompts)
      event.set(.aiResponseCount, responses)
    }
    if value.first == Ascii.openBrace || isAll(taken) { lift(.copilotEventData, taken) }
    if !event.has(.targetType), let host = event.text(.aiAppHost) {
      event.set(.targetType, "copilot")
      event.set(.targetName, host)
    }
  }

  private func isAll(_ taken: Taken) -> Bool {
    if case .all = taken { return true }
    return false
  }

  private mutating func countMessage(
    _ element: ByteView, _ prompts: inout Int, _ responses: inout Int
  ) -> Taken {
    takeMembers(of: element) { (self: inout Normalizer, key, value) in
      guard key.isAnyCase("isprompt"), let text = self.cleanText(value),
        let flag = Normalizer.flag(text)
      else { return .none }
      if flag { prompts += 1 } else { responses += 1 }
      // Together with the id it says which is which.
      return .none
    }
  }

  private mutating func readModels(_ value: ByteView) -> Taken {
    takeElements(of: value) { (self: inout Normalizer, element) in
      self.takeMembers(of: element) { (self: inout Normalizer, key, value) in
        if key.isAnyCase("modelname") { return self.take(text: value, .aiModel) }
        if key.isAnyCase("modelprovidername") { return self.take(text: value, .aiProvider) }
        return .none
      }
    }
  }

  private mutating func readResources(_ value: ByteView) -> Taken {
    take(elements: value, .aiResources) { (self: inout Normalizer, element) in
      self.readResource(element)
    }
  }

  private mutating func readResource(_ element: ByteView) -> Taken {
    var id: ByteView?
    var name: ByteView?
    var url: ByteView?
    var type: ByteView?
    var action: ByteView?
    var label: ByteView?
    let taken = takeMembers(of: element) { (self: inout Normalizer, key, value) in
      if key.isAnyCase("id") { return self.take(text: value, into: &id) }
      if key.isAnyCase("name") { return self.take(text: value, into: &name) }
      if key.isAnyCase("siteurl") { return self.take(text: value, into: &url) }
      if key.isAnyCase("type") { return self.take(text: value, into: &type) }
      if key.isAnyCase("action") { return self.take(text: value, into: &action) }
      if key.isAnyCase("sensitivitylabelid") { return self.take(text: value, into: &label) }
      return .none
    }
    let start = list.count
    beginElement()
    append("id", id)
    append("name", name)
    append("url", url)
    append("type", type)
    append("action", action)
    append("label_id", label)
    endElement(start)
    return taken
  }
}
