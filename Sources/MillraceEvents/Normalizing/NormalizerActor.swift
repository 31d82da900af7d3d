/// Who did it: `UserId`, `UserKey`, `UserType`, `Actor[]` and their many forms.
extension Normalizer {
  mutating func readActor() {
    if let value = members.value(.userId), let text = scalarText(value) {
      if !text.isEmpty { event.set(.actorRawID, text) }
      members.lift(.userId)
      readUserID(text.trimmed)
    }
    readActorUser()
    readActorList()
    readUserKey()
    if let sid = text(.logonUserSid) {
      if !event.has(.actorSid) { event.set(.actorSid, sid) }
      if let present = event.text(.actorSid), present == sid { members.lift(.logonUserSid) }
    }
    liftIfSame(.logonUserDisplayName, .actorName)
    liftSameID(.tokenObjectId, .actorID)
    if let tenant = text(.actorContextId), tenant.isGUID {
      event.set(.actorTenantID, arena.lowercase(tenant))
      members.lift(.actorContextId)
    }
    liftSameID(.tokenTenantId, .actorTenantID)
    if flag(.externalAccess) == true {
      event.set(.actorIsExternal, true)
      members.lift(.externalAccess)
    }
    readUserType()
  }

  /// `ActorUserId`: who it was in Viva Engage, where `UserId` may say nothing.
  private mutating func readActorUser() {
    guard let user = text(.actorUserId), user.firstIndex(of: Ascii.at) != nil else { return }
    if !event.has(.actorUpn), !event.has(.actorName) { readPrincipalName(user) }
    if agrees(user, .actorUpn) { members.lift(.actorUserId) }
  }

  /// Sets a field that is empty to an id in lower case; one that says the same is taken up too.
  private mutating func liftSameID(_ member: RawMember, _ field: EventField) {
    guard let text = text(member) else { return }
    let id = arena.lowercase(text)
    event.setIfAbsent(field, id)
    if let present = event.text(field), present == id { members.lift(member) }
  }

  // MARK: UserId

  private mutating func readUserID(_ text: ByteView) {
    if UnsetWords.contains(text) || text == "Certificate" { return }
    if text.hasPrefix(anyCase: "urn:spo:") { return readSharePointUser(text.dropFirst(8)) }
    if text.hasPrefix(anyCase: "urn:forms:") { return readFormsUser(text.dropFirst(10)) }
    if text.hasPrefix(anyCase: "serviceprincipal_"), text.dropFirst(17).isGUID {
      event.set(.actorType, "service_principal")
      return event.set(.actorID, arena.lowercase(text.dropFirst(17)))
    }
    if text.isGUID { return event.set(.actorID, arena.lowercase(text)) }
    if let ids = text.applicationAndTenant {
      event.set(.actorID, arena.lowercase(ids.application))
      return event.set(.actorTenantID, arena.lowercase(ids.tenant))
    }
    if Normalizer.isPUID(text) { return event.set(.actorPuid, arena.uppercase(text)) }
    let name = nameInClaim(text)
    if name.count < text.count { return readUserID(name) }
    if text.hasPrefix(anyCase: "s-1-") {
      event.set(.actorSid, text)
      if text == "S-1-5-18" { event.set(.actorType, "system") }
      return
    }
    if text.hasPrefix(anyCase: "nt authority\\") { return readSystemAccount(text) }
    if text.isAnyCase("app@sharepoint") {
      event.set(.actorType, "app")
      return event.set(.actorName, text)
    }
    if text.isAnyCase("sharepoint\\system") || text.isAnyCase("microsoft\\serviceoperator")
      || Normalizer.serviceAccounts[arena.lowercase(text)] != nil
      || text.hasPrefix(anyCase: "fim_password_service@")
    {
      event.set(.actorType, "system")
      return event.set(.actorName, text)
    }
    let alias = text.aliasOfCanonicalName
    if alias.count < text.count { return event.set(.actorName, alias) }
    readPrincipalName(text)
  }

  private static let serviceAccounts = NameTable<Bool>(serviceAccountNames)

  private static let serviceAccountNames: [(name: StaticString, value: Bool)] = [
    ("securitycompliancealerts", true), ("threatintel", true), ("dlpagent", true),
    ("ffoservicepartneruser", true), ("microsoft teams sync", true),
  ]

  /// Whether a name is one that the service itself has in every tenant.
  static func isServiceAccount(_ name: ByteView) -> Bool {
    if name.hasPrefix(anyCase: "nt authority\\") || name.isAnyCase("app@sharepoint")
      || name.isAnyCase("sharepoint\\system") || name.isAnyCase("microsoft\\serviceoperator")
    {
      return true
    }
    // S-1-5-18 and its like are the same on every machine.
    if name.hasPrefix(anyCase: "s-1-"), !IDToken.isPersonal(sid: name) { return true }
    for (account, _) in serviceAccountNames where name.isAnyCase(account) { return true }
    return false
  }

  /// `guest#mail`, `anon#hash`, `tenantanon#tenant`: users of SharePoint's sharing links.
  private mutating func readSharePointUser(_ text: ByteView) {
    guard let hash = text.firstIndex(of: UInt8(ascii: "#")) else {
      return event.set(.actorName, text)
    }
    let form = text.prefix(hash)
    let rest = text.dropFirst(hash + 1)
    if form.isAnyCase("guest") {
      event.set(.actorType, "guest")
      event.set(.actorIsExternal, true)
      readPrincipalName(rest)
    } else if form.isAnyCase("anon") {
      event.set(.actorType, "anonymous")
    } else if form.isAnyCase("tenantanon") {
      event.set(.actorType, "anonymous")
      if rest.isGUID { event.set(.actorTenantID, arena.lowercase(rest)) }
    }
  }

  /// `responder#…@forms.office.com` and the like: people whom Forms knows by a number of its own.
  private mutating func readFormsUser(_ text: ByteView) {
    if text.hasPrefix(anyCase: "external#") {
      event.set(.actorType, "guest")
      event.set(.actorIsExternal, true)
    } else if text.hasPrefix(anyCase: "responder#") || text.hasPrefix(anyCase: "coauthor#") {
      event.set(.actorType, "anonymous")
    }
  }

  /// `NT AUTHORITY\SYSTEM (Microsoft.Exchange.ServiceHost)`.
  private mutating func readSystemAccount(_ text: ByteView) {
    event.set(.actorType, "system")
    guard text.last == UInt8(ascii: ")"), let open = text.firstIndex(of: UInt8(ascii: "("))
    else { return event.set(.actorName, text) }
    event.set(.actorName, text.prefix(open).trimmed)
    event.set(.actorProcess, text.slice(open + 1, text.count - 1).trimmed)
  }

  /// `name@domain`, a guest's `name_partner.example#EXT#@tenant`, `PUID@domain`, or a plain name.
  mutating func readPrincipalName(_ text: ByteView) {
    guard let at = text.lastIndex(of: Ascii.at), at > 0, at + 1 < text.count,
      text.firstIndex(of: Ascii.blank) == nil
    else { return event.set(.actorName, text) }
    if Normalizer.isPUID(text.prefix(at)) {
      event.set(.actorPuid, arena.uppercase(text.prefix(at)))
      return event.set(.actorDomain, arena.lowercase(text.dropFirst(at + 1)))
    }
    let name = arena.lowercase(text)
    event.set(.actorUpn, name)
    event.set(.actorDomain, name.dropFirst(at + 1))
    guard let mark = name.firstIndex(ofAnyCase: "#ext#"), mark > 0 else { return }
    event.set(.actorType, "guest")
    event.set(.actorIsExternal, true)
    let local = name.prefix(mark)
    guard let underscore = local.lastIndex(of: Ascii.underscore), underscore > 0,
      underscore + 1 < local.count
    else { return }
    let home = arena.allocate(local.count)
    home.update(from: local.start, count: local.count)
    home[underscore] = Ascii.at
    event.set(.actorHomeUpn, ByteView(start: home, count: local.count))
  }

  /// Whether a text is a PUID: 16 hexadecimal digits that begin with 100.
  static func isPUID(_ text: ByteView) -> Bool {
    text.count == 16 && text.hasPrefix("100")
      && text.buffer.allSatisfy { hexadecimalValue($0) != nil }
  }

  // MARK: UserKey

  private mutating func readUserKey() {
    guard let value = members.value(.userKey), let key = scalarText(value)?.trimmed else { return }
    members.lift(.userKey)
    if UnsetWords.contains(key) { return }
    if let rawID = event.text(.actorRawID), rawID.trimmed.equalsIgnoringCase(key) { return }
    if key.isGUID, event.has(.actorUpn), isApplication(key) {
      // The application that acted for the user, who stays the actor.
    } else if key.isGUID {
      let id = arena.lowercase(key)
      if !event.has(.actorID) { event.set(.actorID, id) }
      if let present = event.text(.actorID), present == id { return }
    } else if Normalizer.isPUID(key) {
      let puid = arena.uppercase(key)
      if !event.has(.actorPuid) { event.set(.actorPuid, puid) }
      if let present = event.text(.actorPuid), present == puid { return }
    } else if family == .directory, let at = key.firstIndex(of: Ascii.at),
      Normalizer.isPUID(key.prefix(at))
    {
      event.setIfAbsent(.actorPuid, arena.uppercase(key.prefix(at)))
    } else if key.hasPrefix(anyCase: "i:0h.f|membership|") {
      if readMembershipKey(key.dropFirst(18)) { return }
    } else if key.hasPrefix(anyCase: "i:0i.t|"), !event.has(.actorUpn),
      let ids = nameInClaim(key).applicationAndTenant
    {
      // An application of SharePoint's, which may be called by one name for all of them.
      event.setIfAbsent(.actorID, arena.lowercase(ids.application))
      event.setIfAbsent(.actorTenantID, arena.lowercase(ids.tenant))
    } else if key.hasPrefix(anyCase: "s-1-"), !(key == "S-1-0-0") {
      if !event.has(.actorSid) { event.set(.actorSid, key) }
      if let present = event.text(.actorSid), present == key { return }
    }
    event.set(.actorRawKey, key)
  }

  /// SharePoint's `<puid>@live.com` and `urn%3aspo%3aguest#mail`; whether nothing is left to keep.
  private mutating func readMembershipKey(_ key: ByteView) -> Bool {
    if let at = key.firstIndex(of: Ascii.at), Normalizer.isPUID(key.prefix(at)),
      key.dropFirst(at + 1).isAnyCase("live.com")
    {
      let puid = arena.uppercase(key.prefix(at))
      if !event.has(.actorPuid) { event.set(.actorPuid, puid) }
      return event.text(.actorPuid).map { $0 == puid } ?? false
    }
    guard let rawID = event.text(.actorRawID) else { return false }
    return percentDecoded(key).equalsIgnoringCase(rawID.trimmed)
  }

  /// A text with the bytes that its escapes stand for, which may be anything.
  mutating func percentDecoded(_ text: ByteView) -> ByteView {
    let target = arena.allocate(text.count)
    var count = 0
    var index = 0
    while index < text.count {
      var byte = text[index]
      if byte == Ascii.percent, index + 2 < text.count,
        let high = hexadecimalValue(text[index + 1]), let low = hexadecimalValue(text[index + 2])
      {
        byte = UInt8(high << 4 | low)
        index += 2
      }
      target[count] = byte
      count += 1
      index += 1
    }
    return ByteView(start: target, count: count)
  }

  // MARK: Actor[]

  private mutating func readActorList() {
    guard let value = members.value(.actor).flatMap({ elements(of: $0) }) else { return }
    let identity = readIdentities(value, ofSignIn: family == .signIn)
    if let id = identity.id { event.setIfAbsent(.actorID, id) }
    if let upn = identity.upn, !event.has(.actorUpn), upn.firstIndex(of: Ascii.at) != nil {
      readPrincipalName(upn)
    }
    if let puid = identity.puid { event.setIfAbsent(.actorPuid, arena.uppercase(puid)) }
    // Beside a person's and an application's id, the name is the application's.
    let isApplicationName =
      identity.applicationID != nil && identity.upn?.firstIndex(of: Ascii.at) != nil
    let nameField = isApplicationName ? EventField.appName : .actorName
    if let name = identity.name { event.setIfAbsent(nameField, name) }
    if identity.kind?.isAnyCase("serviceprincipal") == true, !event.has(.actorType) {
      event.set(.actorType, "service_principal")
    }
    if let application = identity.applicationID { event.setIfAbsent(.appID, application) }
    let isSame =
      agrees(identity.id, .actorID) && agrees(identity.puid, .actorPuid)
      && agrees(identity.upn, .actorUpn, or: .actorRawID)
      && agrees(identity.name, nameField, or: .actorRawID)
      && agrees(identity.applicationID, .appID)
    let isKindSaid =
      identity.kind.map { $0.isAnyCase("user") || $0.isAnyCase("serviceprincipal") } ?? true
    if identity.isComplete, isSame, isKindSaid { members.lift(.actor) }
  }

  /// Whether a field says what was found, or nothing was found.
  func agrees(_ found: ByteView?, _ field: EventField, or other: EventField? = nil) -> Bool {
    guard let found else { return true }
    if let present = event.text(field), present.equalsIgnoringCase(found) { return true }
    if let other, let present = event.text(other) {
      return present.trimmed.equalsIgnoringCase(found)
    }
    return false
  }

  // MARK: UserType

  private mutating func readUserType() {
    var number: Int?
    if let text = text(.userType) {
      number = LenientNumber.integer(text) ?? Normalizer.userType(named: text)
      if let number {
        event.set(.actorUserTypeID, number)
        if let name = Normalizer.userTypeName(number) { event.set(.actorUserType, name) }
        members.lift(.userType)
      } else {
        issues.add("UserType", "not a number")
      }
    }
    if number == 2 { event.set(.actorIsAdmin, true) }
    if event.has(.actorType) { return }
    event.set(.actorType, actorType(number))
  }

  private mutating func actorType(_ number: Int?) -> StaticString {
    // The agents of data loss prevention and of safe links report what a person did.
    if family == .dataLossPrevention || recordType == 41, event.has(.actorUpn) { return "user" }
    if number == 5, event.has(.actorUpn), callingApplication() != nil { return "user" }
    switch number {
    case 0, 1: return isActorApplication ? "app" : "user"
    case 2: return "admin"
    case 3, 4: return "system"
    case 5: return "app"
    case 6: return "service_principal"
    case 7, 8: return "policy"
    case 9: return "partner"
    case 10: return "guest"
    default:
      if isActorApplication { return "app" }
      return event.has(.actorUpn) || event.has(.actorSid) ? "user" : "unknown"
    }
  }

  /// Whether the id of the actor is that of the application which called.
  private var isActorApplication: Bool {
    mutating get {
      guard let id = event.text(.actorID), !event.has(.actorUpn), family != .signIn
      else { return false }
      return isApplication(id)
    }
  }

  /// Whether an id is that of an application which the record says called.
  private mutating func isApplication(_ id: ByteView) -> Bool {
    for member in [RawMember.clientAppId, .appId, .applicationId, .aadAppId] {
      if let application = text(member), application.equalsIgnoringCase(id) { return true }
    }
    return callingApplication().map { $0.equalsIgnoringCase(id) } ?? false
  }

  /// The application through which a user, or itself, called.
  private mutating func callingApplication() -> ByteView? {
    members.value(.appAccessContext).flatMap {
      cleanText(ObjectCursor.value(of: "ClientAppId", in: $0))
    }
  }

  private static let userTypeNames: [StaticString] = [
    "Regular", "Reserved", "Admin", "DCAdmin", "System", "Application", "ServicePrincipal",
    "CustomPolicy", "SystemPolicy", "PartnerTechnician", "Guest",
  ]

  private static func userTypeName(_ number: Int) -> StaticString? {
    userTypeNames.indices.contains(number) ? userTypeNames[number] : nil
  }

  private static func userType(named name: ByteView) -> Int? {
    userTypeNames.firstIndex { name.equalsIgnoringCase(ByteView($0)) }
  }
}

extension ByteView {
  /// The ids of `<application>@<tenant>`, as SharePoint calls applications; nil for anything else.
  var applicationAndTenant: (application: ByteView, tenant: ByteView)? {
    guard count == 73, self[36] == Ascii.at, prefix(36).isGUID, dropFirst(37).isGUID
    else { return nil }
    return (prefix(36), dropFirst(37))
  }
}
