/// Users, groups, applications, devices.
extension OCSFValues {
  // MARK: Actor

  /// Whether the event says who did it, in whatever way.
  static func hasActor(_ event: borrowing NativeEvent) -> Bool {
    event.has(.actorUpn) || event.has(.actorID) || event.has(.actorSid) || event.has(.actorName)
      || event.has(.actorPuid) || event.spelledActor != nil
  }

  /// Whether the event says who signed in, be it in a word that is no name.
  static func hasSignedIn(_ event: borrowing NativeEvent) -> Bool {
    hasActor(event) || event.text(.actorRawID).map { !$0.trimmed.isEmpty } ?? false
  }

  /// The oldest of ids stands for the others where there is no name either.
  static let actorUID: FormatSource.Maker = { event, _ in
    if let id = event[.actorID] ?? event[.actorSid] { return id }
    return event.has(.actorUpn) || event.has(.actorName) ? nil : event[.actorPuid]
  }

  /// A user needs a name or an id: the best there is. A sign-in without its user would be none,
  /// so that of nobody has the word that the record has in place of a name.
  static let actorName: FormatSource.Maker = { event, scratch in
    if let upn = event[.actorUpn] { return upn }
    if event.has(.actorName), !event.mayBeByPerson { return event[.actorName] }
    if event.has(.actorID) || event.has(.actorSid) { return nil }
    if event.has(.actorName) { return event[.actorName] }
    if event.has(.actorPuid) { return nil }
    if let name = event.spelledActor { return .text(name) }
    return scratch.ocsf.uid == 3002 ? event[.actorRawID] : nil
  }

  static let actorAddress: FormatSource.Maker = { event, _ in address(event, .actorUpn) }

  private static func address(
    _ event: borrowing NativeEvent, _ field: EventField
  ) -> NativeEvent.Value? {
    guard let text = event.text(field), isAddress(text) else { return nil }
    return event[field]
  }

  /// Whether a text has the form that OCSF asks of an address of mail (its type `email_t`).
  static func isAddress(_ text: ByteView) -> Bool {
    guard let at = text.firstIndex(of: Ascii.at), at > 0, at + 1 < text.count else { return false }
    let domain = text.dropFirst(at + 1)
    guard let dot = domain.firstIndex(of: Ascii.dot), dot > 0, dot + 1 < domain.count
    else { return false }
    return text.prefix(at).buffer.allSatisfy(isOfLocalPart)
      && domain.buffer.allSatisfy {
        isLetter($0) || isDigit($0) || $0 == Ascii.hyphen || $0 == Ascii.dot
      }
  }

  /// The address of `Name <address>`, or the text where it is one; nil where there is none.
  static func plainAddress(_ text: ByteView?) -> ByteView? {
    guard let address = text.map(Normalizer.mailAddress), isAddress(address) else { return nil }
    return address
  }

  private static func isOfLocalPart(_ byte: UInt8) -> Bool {
    switch byte {
    // From the plus sign to the slash: comma, hyphen and dot, too.
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
      UInt8(ascii: "*")...UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
      UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
      true
    default: isLetter(byte) || isDigit(byte)
    }
  }

  /// A list of addresses of mail, if all of them are some.
  static func addresses(_ list: ByteView?) -> ByteView? {
    guard let list else { return nil }
    var cursor = ArrayCursor(list)
    var isAny = false
    while let element = cursor.next() {
      guard element.count > 2, element.first == Ascii.quote,
        isAddress(element.slice(1, element.count - 1))
      else { return nil }
      isAny = true
    }
    return isAny ? list : nil
  }

  static let actorFullName: FormatSource.Maker = { event, _ in
    guard event.mayBeByPerson,
      event.has(.actorUpn) || event.has(.actorID)
        || event.has(.actorSid)
    else { return nil }
    return event[.actorName]
  }

  static let actorTypeID: FormatSource.Maker = { event, scratch in
    // What kind of user nobody is, no record can say.
    guard hasActor(event) else { return scratch.ocsf.uid == 3002 ? .integer(0) : nil }
    return event.text(.actorType).map { .integer(userTypes[$0] ?? 99) }
  }

  /// Users, administrators, systems, services; other types are named.
  private static let userTypes = NameTable<Int>([
    ("unknown", 0), ("user", 1), ("admin", 2), ("system", 3), ("app", 4),
    ("service_principal", 4),
  ])

  static let actorType: FormatSource.Maker = { event, _ in
    guard hasActor(event), let type = event.text(.actorType), userTypes[type] == nil
    else { return nil }
    if type == "guest" { return .constant(ByteView("Guest")) }
    return type == "anonymous" ? .constant(ByteView("Anonymous")) : event[.actorType]
  }

  static let accountType: FormatSource.Maker = { event, _ in
    event.has(.actorID) ? .integer(6) : nil
  }

  static let accountTypeName: FormatSource.Maker = { event, _ in
    event.has(.actorID) ? .constant(ByteView("Azure AD Account")) : nil
  }

  /// The application that was used; where there is no user either, the service itself, but for
  /// sign-ins, which need no actor.
  static let applicationName: FormatSource.Maker = { event, scratch in
    if let name = event[.appName] { return name }
    if scratch.ocsf.uid == 3002 || hasActor(event) || event.has(.appID) { return nil }
    return feature(event, &scratch)
  }

  // MARK: Target

  static func hasTarget(_ event: borrowing NativeEvent) -> Bool {
    event.has(.targetID) || event.has(.targetUpn) || event.has(.targetName)
  }

  /// Whom something was done to: of rights and of groups, who got or lost what.
  private static func receiver(
    _ event: borrowing NativeEvent, _ ocsf: OCSFClass
  ) -> EventReceiver {
    ocsf.uid == 3001 ? .target : event.receiver
  }

  /// Whether the event names who got or lost a right.
  static func hasReceiver(_ event: borrowing NativeEvent) -> Bool {
    switch event.receiver {
    case .target: hasTarget(event)
    case .listed(let listed):
      listed.quotedName ?? ObjectCursor.value(of: "id", in: listed) != nil
    case .nobody: false
    }
  }

  static let targetUID: FormatSource.Maker = { event, scratch in
    switch receiver(event, scratch.ocsf) {
    case .target: event[.targetID]
    case .listed(let listed): ECSValues.member("id", of: listed, &scratch)
    case .nobody: nil
    }
  }

  static let targetName: FormatSource.Maker = { event, scratch in
    switch receiver(event, scratch.ocsf) {
    case .target: event[.targetUpn] ?? event[.targetName]
    case .listed(let listed): listed.quotedName.map { .json($0) }
    case .nobody: nil
    }
  }

  static let targetAddress: FormatSource.Maker = { event, scratch in
    switch receiver(event, scratch.ocsf) {
    case .target: return address(event, .targetUpn)
    case .listed(let listed):
      guard let name = ObjectCursor.value(of: "upn", in: listed) else { return nil }
      let text = name.unquoted(in: &scratch.arena)
      return isAddress(text) ? .text(text) : nil
    case .nobody: return nil
    }
  }

  static let targetPuid: FormatSource.Maker = { event, scratch in
    guard case .target = receiver(event, scratch.ocsf) else { return nil }
    return event[.targetPuid]
  }

  static let targetTypeID: FormatSource.Maker = { event, scratch in
    switch receiver(event, scratch.ocsf) {
    case .target:
      guard hasTarget(event), let type = event.text(.targetType) else { return nil }
      return .integer(event.text(.targetUpn).map(isGuest) == true ? 99 : accountTypes[type] ?? 0)
    case .listed(let listed): return .integer(listedTypeID(listed))
    case .nobody: return nil
    }
  }

  private static func listedTypeID(_ listed: ByteView) -> Int {
    if isListedGuest(listed) { return 99 }
    guard let type = ObjectCursor.value(of: "type", in: listed), type.count > 1 else { return 0 }
    return accountTypes[type.slice(1, type.count - 1)] ?? 0
  }

  private static func isListedGuest(_ listed: ByteView) -> Bool {
    ObjectCursor.value(of: "upn", in: listed).map(isGuest) ?? false
  }

  /// Whether a user is of another tenant, as actors with such names are guests.
  static func isGuest(_ upn: ByteView) -> Bool { upn.firstIndex(ofAnyCase: "#ext#") != nil }

  /// Of types of targets those that have an account; a group, that has a right, is named.
  private static let accountTypes = NameTable<Int>([
    ("user", 1), ("mailbox", 1), ("service_principal", 4), ("application", 4), ("group", 99),
  ])

  static let targetType: FormatSource.Maker = { event, scratch in
    let isGroup: Bool
    let isGuest: Bool
    switch receiver(event, scratch.ocsf) {
    case .target:
      isGroup = event.text(.targetType).map { $0 == "group" } ?? false
      isGuest = event.text(.targetUpn).map(Self.isGuest) ?? false
    case .listed(let listed):
      isGroup = listed.isGroup
      isGuest = isListedGuest(listed)
    case .nobody: return nil
    }
    if isGuest { return .constant(ByteView("Guest")) }
    return isGroup ? .constant(ByteView("Group")) : nil
  }

  // MARK: Groups and entities

  static func hasGroup(_ event: borrowing NativeEvent) -> Bool {
    (ECSValues.isGroup(event) && hasTarget(event)) || event.text(LaterField.teamID) != nil
      || event.text(LaterField.teamName) != nil || event.listedGroup != nil
  }

  static let groupUID: FormatSource.Maker = { event, scratch in
    if ECSValues.isGroup(event), event.joinedGroup == nil { return ECSValues.groupID(of: event) }
    return event[.teamGroupID] ?? event.value(LaterField.teamID)
      ?? event.listedGroup.flatMap { ECSValues.member("id", of: $0, &scratch) }
  }

  static let groupName: FormatSource.Maker = { event, scratch in
    if ECSValues.isGroup(event), event.joinedGroup == nil {
      return event[.targetName] ?? event[.targetUpn]
    }
    return event.value(LaterField.teamName)
      ?? event.listedGroup.flatMap { ECSValues.member("name", of: $0, &scratch) }
  }

  /// The device whose owner changed: it is what is managed, and its owner the target.
  private static func managedDevice(_ event: borrowing NativeEvent) -> ByteView? {
    guard let action = event.text(.action), action.hasPrefix("device.owner."),
      let targets = event.json(.targets)
    else { return nil }
    var cursor = ArrayCursor(targets)
    while let target = cursor.next() {
      if ObjectCursor.value(of: "type", in: target).map({ $0 == "\"device\"" }) == true {
        return target
      }
    }
    return nil
  }

  static let entityUID: FormatSource.Maker = { event, scratch in
    if let device = managedDevice(event) { return ECSValues.member("id", of: device, &scratch) }
    return event[.targetID] ?? event[.targetUpn]
  }

  static let entityName: FormatSource.Maker = { event, scratch in
    if let device = managedDevice(event) { return ECSValues.member("name", of: device, &scratch) }
    if let name = event[.targetName] { return name }
    if event.has(.targetID), let name = event[.targetUpn] { return name }
    return hasTarget(event) ? nil : event[.objectID]
  }

  /// What kind of thing the action is on, where the target is only where that is; as the native
  /// event calls it.
  private static func entityKind(_ event: borrowing NativeEvent) -> ByteView? {
    if managedDevice(event) != nil { return ByteView("device") }
    guard let type = event.text(.targetType) else { return nil }
    if let action = event.text(.action) {
      if action.hasPrefix("policy.") { return ByteView("policy") }
      if action.hasPrefix("tenant."), type == "other" { return ByteView("organization") }
    }
    return type
  }

  /// The kinds that the schema has a number for; others are named.
  private static let entityTypes = NameTable<Int>([
    ("device", 1), ("user", 2), ("group", 3), ("organization", 4), ("policy", 5), ("email", 6),
  ])

  static let entityTypeID: FormatSource.Maker = { event, _ in
    entityKind(event).map { .integer(entityTypes[$0] ?? 99) }
  }

  static let entityType: FormatSource.Maker = { event, scratch in
    entityKind(event).map { .text(capitalized($0, &scratch)) }
  }

  /// `mailbox_rule` as `Mailbox Rule`.
  static func capitalized(_ slug: ByteView, _ scratch: inout FormatScratch) -> ByteView {
    let copy = scratch.arena.allocate(slug.count)
    for index in 0..<slug.count {
      let isFirst = index == 0 || slug[index - 1] == Ascii.underscore
      copy[index] =
        slug[index] == Ascii.underscore
        ? Ascii.blank : isFirst ? uppercased(slug[index]) : slug[index]
    }
    return ByteView(start: copy, count: slug.count)
  }

  // MARK: Authentication

  static let protocolID: FormatSource.Maker = { event, _ in
    guard let name = event.text(.authProtocol) else { return nil }
    if name == "oauth2" { return .integer(6) }
    if name == "saml2" { return .integer(5) }
    if name == "other", isOpenID(event) { return .integer(4) }
    return .integer(name == "basic" ? 11 : 99)
  }

  private static func isOpenID(_ event: borrowing NativeEvent) -> Bool {
    event.text(.authRequestType).map { $0.hasPrefix(anyCase: "openid") } ?? false
  }

  static let protocolName: FormatSource.Maker = { event, _ in
    guard let name = event.text(.authProtocol) else { return nil }
    if name == "oauth2" { return .constant(ByteView("OAUTH 2.0")) }
    if name == "saml2" { return .constant(ByteView("SAML")) }
    if name == "basic" { return .constant(ByteView("Basic Authentication")) }
    if name == "other", isOpenID(event) { return .constant(ByteView("OpenID")) }
    return name == "wsfed" ? .constant(ByteView("WS-Federation")) : event[.authProtocol]
  }

  static let logonType: FormatSource.Maker = { event, _ in
    event.flag(.authIsInteractive).map { .integer($0 ? 2 : 3) }
  }

  /// Who vouched for the actor; said only beside the application, as alone it makes no actor.
  static let provider: FormatSource.Maker = { event, _ in
    hasApplication(event) ? .constant(ByteView("Microsoft Entra ID")) : nil
  }

  static let providerTenant: FormatSource.Maker = { event, _ in
    hasApplication(event) ? event[.actorTenantID] : nil
  }

  private static func hasApplication(_ event: borrowing NativeEvent) -> Bool {
    event.has(.appID) || event.has(.appName)
  }

  static let isRemote: FormatSource.Maker = { _, _ in .flag(true) }

  static let isRemoteSession: FormatSource.Maker = { event, _ in
    event.has(.sessionID) ? .flag(true) : nil
  }

  /// What was signed in to; the directory itself when the record does not say.
  static let serviceName: FormatSource.Maker = { event, scratch in
    if let name = event[.appResourceName] { return name }
    if let type = event.text(.targetType), type == "application", event.has(.targetName) {
      return event[.targetName]
    }
    if event.has(.appResourceID) { return nil }
    let isDirectory = event.text(.service).map { $0 == "entra_id" } ?? true
    return isDirectory ? .constant(ByteView("Microsoft Entra ID")) : feature(event, &scratch)
  }

  // MARK: Device

  /// A device needs an id or a name: an operating system alone makes none.
  static func hasDevice(_ event: borrowing NativeEvent) -> Bool {
    event.has(.deviceID) || event.has(.deviceName)
  }

  static let deviceIP: FormatSource.Maker = { event, _ in event[.sourceIP] }

  static let deviceType: FormatSource.Maker = { event, scratch in
    let isNamedByAddress = scratch.ocsf.uid == 6002 && event.has(.sourceIP)
    return hasDevice(event) || isNamedByAddress ? .integer(0) : nil
  }

  static let system: FormatSource.Maker = { event, _ in
    hasDevice(event) ? event[.deviceOs] : nil
  }

  static let systemType: FormatSource.Maker = { event, _ in
    guard hasDevice(event), let system = event.text(.deviceOs) else { return nil }
    if system.hasPrefix(anyCase: "windows") { return .integer(100) }
    if system.hasPrefix(anyCase: "mac") { return .integer(300) }
    if system.hasPrefix(anyCase: "ios") { return .integer(301) }
    if system.hasPrefix(anyCase: "ipad") { return .integer(302) }
    if system.hasPrefix(anyCase: "android") { return .integer(201) }
    return .integer(system.hasPrefix(anyCase: "linux") ? 200 : 99)
  }

  static let isCompliant: FormatSource.Maker = { event, _ in
    hasDevice(event) ? event[.deviceIsCompliant] : nil
  }

  static let isManaged: FormatSource.Maker = { event, _ in
    hasDevice(event) ? event[.deviceIsManaged] : nil
  }

  static let isTrusted: FormatSource.Maker = { event, _ in
    guard hasDevice(event), let trust = event.text(.deviceTrustType) else { return nil }
    return trust == "joined" || trust == "hybrid" ? .flag(true) : nil
  }
}
