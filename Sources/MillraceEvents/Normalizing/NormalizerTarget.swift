/// What it was done to.
extension Normalizer {
  mutating func readTarget() {
    readParameters()
    if readPolicyGrant() { return readRoles() }
    switch family {
    case .signIn: readSignInTarget()
    case .directory: readDirectoryTarget()
    case .exchangeAdmin: readCmdletTarget()
    case .mailbox: readMailboxTarget()
    case .sharePoint: readSharePointTarget()
    case .teams: readTeamsTarget()
    case .dataLossPrevention: readProtectedTarget()
    case .alert: readAlertTarget()
    case .discovery: readCaseTarget()
    case .informationProtection where recordType == 206: readTeamsTarget()
    case .threat where recordType == 51: readRestrictedSender()
    case .other where recordType == 22: readEngageTarget()
    default: readGroupTarget()
    }
    readRoles()
  }

  // MARK: Entra

  /// The resource that was signed in to, which is an application.
  private mutating func readSignInTarget() {
    var id = text(.objectId)
    // Old records have the user's name here, who is no target.
    if id?.firstIndex(of: Ascii.at) != nil { id = nil }
    if let list = members.value(.target).flatMap({ elements(of: $0) }) {
      let identity = readIdentities(list, ofSignIn: true)
      if id == nil { id = identity.id }
      let isSame = identity.id.map { found in id?.equalsIgnoringCase(found) ?? false } ?? true
      let isKindSaid =
        identity.kind.map { $0.isAnyCase("application") || $0.isAnyCase("serviceprincipal") }
      if identity.isComplete, isSame, isKindSaid ?? true, identity.name == nil,
        identity.upn == nil, identity.puid == nil
      {
        members.lift(.target)
      }
    }
    if let id {
      let lowered = arena.lowercase(id)
      event.set(.targetType, "application")
      event.set(.targetID, lowered)
      let name = ApplicationNames.table[lowered]
      if let name { event.set(.targetName, name) }
      if !event.has(.appResourceID), lowered.isGUID {
        event.set(.appResourceID, lowered)
        if let name { event.set(.appResourceName, name) }
      }
    }
    if let tenant = text(.targetContextId) {
      if !agrees(tenant, .tenantID) {
        event.set(.targetTenantID, arena.lowercase(tenant))
        if !event.has(.targetType) { event.set(.targetType, "other") }
      }
      members.lift(.targetContextId)
    }
  }

  private mutating func readDirectoryTarget() {
    var type: StaticString?
    if let list = members.value(.target).flatMap({ elements(of: $0) }) {
      let all = readIdentities(list, ofSignIn: false)
      let identity = all.objectCount > 1 ? readTargets(list) ?? all : all
      if let kind = identity.kind { type = Normalizer.targetType(ofKind: kind) }
      if let id = identity.id { event.set(.targetID, id) }
      if let upn = identity.upn { setTargetPrincipal(upn) }
      if let puid = identity.puid { event.set(.targetPuid, arena.uppercase(puid)) }
      if let name = identity.name { event.set(.targetName, name) }
      let isKindSaid = identity.kind.map { kind in
        type.map { Normalizer.says(kind, type: ByteView($0)) } ?? false
      }
      if all.isComplete, all.applicationID == nil, all.objectCount <= 1, isKindSaid ?? true {
        members.lift(.target)
      }
    }
    if let object = text(.objectId), !event.has(.targetID), !event.has(.targetUpn) {
      if let underscore = object.firstIndex(of: Ascii.underscore),
        object.dropFirst(underscore + 1).isGUID
      {
        type = type ?? Normalizer.targetType(ofKind: object.prefix(underscore))
        event.set(.targetID, arena.lowercase(object.dropFirst(underscore + 1)))
      } else if object.isGUID {
        if type == nil, event.text(.action).map({ $0.hasPrefix("sp.") }) ?? false {
          type = "service_principal"
        }
        event.set(.targetID, arena.lowercase(object))
      } else if object.firstIndex(of: Ascii.at) != nil,
        object.firstIndex(of: Ascii.semicolon) == nil
      {
        setTargetPrincipal(object)
      } else if !event.has(.targetName), let id = firstPrincipal(object) {
        type = type ?? "service_principal"
        event.set(.targetID, id)
        if let name = ApplicationNames.table[id] { event.set(.targetName, name) }
      }
    }
    let isUser = event.has(.targetUpn) || event.has(.targetPuid)
    if !event.has(.targetID), !isUser, !event.has(.targetName) { return }
    let isDomain = event.text(.action).map { $0.hasPrefix("domain.") } ?? false
    event.set(.targetType, type ?? (isUser ? "user" : isDomain ? "domain" : "other"))
    if let tenant = text(.targetContextId) {
      event.set(.targetTenantID, arena.lowercase(tenant))
      members.lift(.targetContextId)
    }
  }

  /// The id of an application whose principal names are all that is known of it,
  /// `<application id>;https://…`.
  private mutating func firstPrincipal(_ names: ByteView) -> ByteView? {
    guard let action = event.text(.action), action.hasPrefix("app.") || action.hasPrefix("sp."),
      let semicolon = names.firstIndex(of: Ascii.semicolon)
    else { return nil }
    let first = names.prefix(semicolon).trimmed
    return first.isGUID ? arena.lowercase(first) : nil
  }

  private mutating func setTargetPrincipal(_ name: ByteView) {
    event.set(.targetUpn, arena.lowercase(name))
  }

  /// Whether a type is what the directory calls a kind, and not one that stands for others too.
  private static func says(_ kind: ByteView, type: ByteView) -> Bool {
    kind.equalsIgnoringCase(type)
      || type == "service_principal" && kind.isAnyCase("serviceprincipal")
  }

  private static func targetType(ofKind kind: ByteView) -> StaticString {
    if kind.isAnyCase("user") { return "user" }
    if kind.isAnyCase("group") { return "group" }
    if kind.isAnyCase("role") { return "role" }
    if kind.isAnyCase("application") { return "application" }
    if kind.isAnyCase("serviceprincipal") { return "service_principal" }
    if kind.isAnyCase("device") { return "device" }
    if kind.isAnyCase("domain") { return "domain" }
    // `AuthorizationPolicy`, `ConditionalAccessPolicy` and their like.
    return kind.hasSuffix(anyCase: "policy") ? "policy" : "other"
  }

  /// The targets of a record that names more than one, each by a kind and an id and what follows
  /// that; returns the one that something was done to: the first that is no role.
  private mutating func readTargets(_ list: ByteView) -> Identity? {
    let identities = splitIdentities(list)
    let start = beginList()
    for identity in identities {
      appendObject { (self: inout Normalizer) in
        let type = identity.kind.map(Normalizer.targetType(ofKind:)) ?? "other"
        self.append("type", ByteView(type))
        self.append("id", identity.id)
        self.append("name", identity.name)
        self.append("upn", identity.upn.map { self.arena.lowercase($0) })
        self.append("puid", identity.puid.map { self.arena.uppercase($0) })
      }
    }
    set(.targets, list: endList(start))
    let isRole = { (identity: Identity) in identity.kind?.isAnyCase("role") ?? false }
    guard let principal = identities.first(where: { !isRole($0) }) else { return identities.first }
    setRoles(identities.lazy.filter(isRole).compactMap(\.name))
    return principal
  }

  // MARK: Exchange

  private mutating func readCmdletTarget() {
    let named = text(.objectId) ?? parameterText("Identity") ?? parameterText("User")
    let object = named ?? parameterText("Mailbox")
    let ownName =
      object == nil
      ? parameterText("Name") ?? parameterText("SearchName") ?? text(.modifiedObjectResolvedName)
      : nil
    guard object ?? ownName != nil else { return }
    let noun = operationKey.firstIndex(of: Ascii.hyphen).map { operationKey.dropFirst($0 + 1) }
    let type = noun.map(Normalizer.targetType(ofNoun:)) ?? "other"
    event.set(.targetType, type)
    if let object {
      event.set(.targetID, object)
      let alias = object.aliasOfCanonicalName
      if alias.count < object.count, alias.firstIndex(of: Ascii.backslash) == nil {
        event.set(.targetName, alias)
      }
    }
    if let ownName { event.set(.targetName, ownName) }
    readMailboxAddress(type)
    // The service names what was made by a GUID, the parameter as people do.
    if operationKey.hasPrefix("new-"), let name = parameterText("Name") {
      event.setIfAbsent(.targetName, name)
    }
    liftIfSame(.modifiedObjectResolvedName, .targetName)
    if ByteView(type) == "mailbox_rule" || ByteView(type) == "transport_rule",
      let name = parameterText("Name")
    {
      event.set(.targetName, name)
    }
  }

  /// The address of the user or mailbox that a cmdlet works on, which the identity is where
  /// `ObjectId` is an alias; that of a folder is `address:\\folder`.
  private mutating func readMailboxAddress(_ type: StaticString) {
    guard ByteView(type) == "mailbox" || ByteView(type) == "user",
      let identity = parameterText("Identity") ?? parameterText("Mailbox")
    else { return }
    let address = identity.prefix(identity.firstIndex(of: Ascii.colon) ?? identity.count)
    if address.isOneAddress { event.set(.targetUpn, arena.lowercase(address)) }
  }

  /// The kind of object a cmdlet works on, by the end of its noun.
  private static func targetType(ofNoun noun: ByteView) -> StaticString {
    for (ending, type) in nounTypes where hasSuffix(noun, ending) { return type }
    return "other"
  }

  private static func hasSuffix(_ noun: ByteView, _ ending: StaticString) -> Bool {
    let length = ending.utf8CodeUnitCount
    return noun.count >= length && noun.dropFirst(noun.count - length).isAnyCase(ending)
  }

  private static let nounTypes: [(StaticString, StaticString)] = [
    ("inboxrule", "mailbox_rule"), ("transportrule", "transport_rule"),
    ("mailboxpolicy", "policy"), ("policy", "policy"), ("mailbox", "mailbox"),
    ("mailboxpermission", "mailbox"), ("mailboxfolderpermission", "mailbox"),
    ("recipientpermission", "mailbox"), ("rolegroup", "group"), ("rolegroupmember", "group"),
    ("group", "group"), ("groupmember", "group"), ("grouplinks", "group"),
    ("managementrole", "role"),
    ("managementroleassignment", "role"), ("mailuser", "user"), ("user", "user"),
    ("domain", "domain"), ("app", "app"), ("case", "case"),
  ]

  /// The mailbox; its owner is the target and never the actor.
  private mutating func readMailboxTarget() {
    if let guid = text(.mailboxGuid) {
      event.set(.targetID, arena.lowercase(guid))
      members.lift(.mailboxGuid)
    }
    if let owner = text(.mailboxOwnerUPN) {
      if owner.firstIndex(of: Ascii.at) != nil {
        event.set(.targetUpn, arena.lowercase(owner))
      } else {
        event.set(.targetName, owner)
      }
      members.lift(.mailboxOwnerUPN)
    }
    if event.has(.targetID) || event.has(.targetUpn) || event.has(.targetName) {
      event.set(.targetType, "mailbox")
    }
  }

  // MARK: SharePoint and Teams

  /// The group of a site that was made or changed, which the changes name, or the event's own data.
  private mutating func readSiteGroup() -> Bool {
    guard let action = event.text(.action), action.hasPrefix("site.group."),
      let name = changedValue(of: "Name") ?? groupInEventData() ?? text(.targetUserOrGroupName)
    else { return false }
    event.set(.targetName, name)
    event.set(.targetType, "group")
    return true
  }

  private mutating func readSharePointTarget() {
    if readSiteGroup() { return }
    if let id = text(.listItemUniqueId) {
      event.set(.targetID, arena.lowercase(id))
      members.lift(.listItemUniqueId)
    }
    lift(.sourceFileName, to: .targetName)
    let itemType = itemTarget()
    // Pages and list items are called as their addresses end: id and title are those of the list.
    if let itemType, ByteView(itemType) == "list_item" || ByteView(itemType) == "page" {
      event.set(.targetType, itemType)
      if let name = lastPartOfObject() { event.setIfAbsent(.targetName, name) }
      return
    }
    if !event.has(.targetID), let id = text(.listId) {
      event.set(.targetID, arena.lowercase(id))
      members.lift(.listId)
    }
    liftIfSame(.listTitle, .targetName)
    liftIfSame(.listName, .targetName)
    // The address is all that some records say of a file.
    if recordType == 6, !event.has(.targetName), let name = lastPartOfObject() {
      event.set(.targetName, name)
    }
    if !event.has(.targetID), !event.has(.targetName), let id = text(.site) {
      event.set(.targetID, arena.lowercase(id))
      event.set(.targetType, "site")
      return members.lift(.site)
    }
    guard event.has(.targetID) || event.has(.targetName) else { return }
    event.set(.targetType, itemType ?? sharePointTargetType())
  }

  /// What `ItemType` says that something was done to.
  private mutating func itemTarget() -> StaticString? {
    guard let type = text(.itemType) else { return nil }
    for (name, number, target) in Normalizer.itemTypes
    where type.isAnyCase(name) || type == number {
      return target
    }
    return nil
  }

  /// What stands behind the last slash of the address in `ObjectId`.
  private mutating func lastPartOfObject() -> ByteView? {
    guard let object = text(.objectId), object.hasPrefix(anyCase: "http"),
      let slash = object.lastIndex(of: Ascii.slash), slash + 1 < object.count
    else { return nil }
    return object.dropFirst(slash + 1)
  }

  private mutating func sharePointTargetType() -> StaticString {
    if event.text(.action).map({ $0.hasPrefix("folder.") }) ?? false { return "folder" }
    switch recordType {
    case 6, 7, 14: return "file"
    case 36, 55, 56: return "list"
    case 54: return "list_item"
    default: return "other"
    }
  }

  private static let itemTypes: [(StaticString, StaticString, StaticString)] = [
    ("file", "1", "file"), ("folder", "5", "folder"), ("web", "6", "site"), ("site", "7", "site"),
    ("documentlibrary", "9", "list"), ("page", "11", "page"), ("list", "list", "list"),
    ("listitem", "listitem", "list_item"),
  ]

  private mutating func readTeamsTarget() {
    // What was installed, not where.
    if text(.addOnName) != nil || text(.addOnGuid) != nil {
      lift(.addOnGuid, to: .targetID)
      lift(.addOnName, to: .targetName)
      event.set(.targetType, "app")
      return
    }
    for (id, name, type) in [
      (RawMember.channelGuid, RawMember.channelName, "channel" as StaticString),
      (.teamGuid, .teamName, "team"),
    ] where members.value(id) != nil || members.value(name) != nil {
      guard !event.has(.targetType), text(id) != nil || text(name) != nil else { continue }
      lift(id, to: .targetID)
      lift(name, to: .targetName)
      event.set(.targetType, type)
    }
    if !event.has(.targetType), let chat = text(.chatThreadId) ?? threadOfMessage() {
      event.set(.targetID, chat)
      event.set(.targetType, "chat")
    }
    if !event.has(.targetType), let group = text(.aadGroupId) {
      event.set(.targetID, arena.lowercase(group))
      event.set(.targetType, "team")
    }
  }

  /// The group that a record of another workload names.
  mutating func readGroupTarget() {
    guard operationKey.hasPrefix("group"), text(.groupName) != nil else { return }
    lift(.groupName, to: .targetName)
    event.set(.targetType, "group")
  }

  // MARK: Findings

  /// The mail or file that a policy matched.
  private mutating func readProtectedTarget() {
    if let data = members.value(.exchangeMetaData), data.first == Ascii.openBrace {
      let id = cleanText(ObjectCursor.value(of: "MessageID", in: data)) ?? text(.objectId)
      if let id { event.set(.targetID, id.withoutAngles) }
      if let subject = cleanText(ObjectCursor.value(of: "Subject", in: data)) {
        event.set(.targetName, subject)
      }
      event.set(.targetType, "email")
    } else if let data = members.value(.sharePointMetaData), data.first == Ascii.openBrace {
      let id =
        cleanText(ObjectCursor.value(of: "UniqueId", in: data))
        ?? cleanText(ObjectCursor.value(of: "UniqueID", in: data))
      if let id { event.set(.targetID, arena.lowercase(id)) }
      if let name = cleanText(ObjectCursor.value(of: "FileName", in: data)) {
        event.set(.targetName, name)
      }
      event.set(.targetType, "file")
    }
  }

  /// The entity of an alert, or the alert itself.
  private mutating func readAlertTarget() {
    guard recordType == 40 else { return }
    if let entity = text(.alertEntityId) {
      let kind = text(.entityType) ?? ByteView("")
      let isAddress = entity.firstIndex(of: Ascii.at) != nil
      let isPerson =
        kind.isAnyCase("user")
        || isAddress && Normalizer.entitiesOfPeople.contains { kind.isAnyCase($0) }
      if isPerson, entity.isOneAddress { return setTarget("user", called: entity) }
      event.set(.targetName, entity)
      if isPerson, isAddress { return setRecipients(entity) }
      let isLink = entity.hasPrefix(anyCase: "https://") || entity.hasPrefix(anyCase: "http://")
      event.set(.targetType, isPerson ? "user" : isLink ? "link" : "other")
      if kind.isAnyCase("sender"), entity.isOneAddress { event.setIfAbsent(.emailFrom, entity) }
      return
    }
    if let id = text(.alertId) {
      event.set(.targetType, "alert")
      event.set(.targetID, arena.lowercase(id))
      if let name = text(.name) { event.set(.targetName, name) }
    }
  }

  /// Several recipients of a mail: none of them is the one that the alert is about.
  private mutating func setRecipients(_ entity: ByteView) {
    event.set(.targetType, "other")
    setTargets { (self: inout Normalizer) in
      self.forEachPart(of: entity, separator: Ascii.semicolon) { (self: inout Normalizer, part) in
        self.forEachPart(of: part, separator: Ascii.comma) { (self: inout Normalizer, part) in
          if part.isOneAddress { self.appendUser(part) }
        }
      }
    }
  }

  /// Entities of alerts that are people where they have an address.
  private static let entitiesOfPeople: [StaticString] = ["mailbox", "recipient", "recipients"]

  /// The case that a search or a hold belongs to.
  private mutating func readCaseTarget() {
    guard text(.caseId) != nil || text(.caseName) != nil || text(.longCaseName) != nil
    else { return }
    lift(.caseId, to: .targetID)
    lift(firstOf: [.caseName, .longCaseName], to: .targetName)
    event.set(.targetType, "case")
  }

  // MARK: ObjectId

  /// Keeps `ObjectId` where no other field says the same.
  mutating func readObjectID() {
    guard let object = text(.objectId) else { return }
    members.lift(.objectId)
    if agrees(object.withoutAngles, .targetID) || agrees(object, .targetUpn)
      || agrees(object, .targetName) || agrees(object, .filePath) || isFileURL(object)
      || isAlertID(object)
    {
      return
    }
    if let underscore = object.firstIndex(of: Ascii.underscore),
      let type = event.text(.targetType), Normalizer.says(object.prefix(underscore), type: type),
      object.dropFirst(underscore + 1).isGUID, agrees(object.dropFirst(underscore + 1), .targetID)
    {
      return
    }
    // In full, blanks at the ends included: it may be a name in the service's own spelling.
    if let value = members.value(.objectId), let whole = scalarText(value) {
      event.set(.objectID, whole)
    }
  }

  /// Whether `ObjectId` says what the id or the entity of the alert says.
  private func isAlertID(_ object: ByteView) -> Bool {
    event.has(.alertID) && agrees(object, .alertID, or: .alertEntity)
  }
}
