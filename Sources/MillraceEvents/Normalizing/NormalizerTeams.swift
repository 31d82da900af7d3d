/// Teams, channels and chats (record types 25, 57, 59, 73 and 462), and their labels (206).
extension Normalizer {
  mutating func readTeams() {
    guard family == .teams || recordType == 206 else { return }
    lift(.teamGuid, to: .teamID)
    lift(.teamName, to: .teamName)
    if let group = text(.aadGroupId) {
      event.set(.teamGroupID, arena.lowercase(group))
      members.lift(.aadGroupId)
    }
    lift(.channelGuid, to: .channelID)
    lift(.channelName, to: .channelName)
    lift(.channelType, to: .channelType)
    lift(.chatThreadId, to: .chatID)
    if let thread = threadOfMessage() { event.setIfAbsent(.chatID, thread) }
    lift(.communicationType, to: .chatType)
    readTeamMembers()
    readParticipants()
    readProperties(of: .extraProperties) { (self: inout Normalizer, name, value) in
      guard let value else { return false }
      let taken: Taken
      if name == "UserAgent" {
        taken = self.take(text: value, .userAgentOriginal)
      } else if name == "OsName" {
        taken = self.take(text: value, .deviceOs)
      } else if name == "ClientName" {
        taken = self.take(text: value, .appName)
      } else {
        return false
      }
      if case .all = taken { return true }
      return false
    }
  }

  private mutating func readTeamMembers() {
    guard let value = members.value(.members), let list = elements(of: value) else { return }
    let taken = take(elements: list, .teamMembers) { (self: inout Normalizer, element) in
      self.readTeamMember(element)
    }
    lift(.members, taken)
    readChangedMembers(list)
  }

  /// The chat, or the channel, that a message is in.
  mutating func threadOfMessage() -> ByteView? {
    guard let message = members.value(.message), message.first == Ascii.openBrace else {
      return nil
    }
    return cleanText(ObjectCursor.value(of: "ThreadId", in: message))
  }

  /// Who joined or left, or is in a chat that was begun, as further targets; the team or the chat
  /// stays the first.
  private mutating func readChangedMembers(_ members: ByteView) {
    guard let action = event.text(.action),
      action.hasPrefix("team.member.") || action == "chat.create"
    else { return }
    setTargets { (self: inout Normalizer) in
      var cursor = ArrayCursor(members)
      while let member = cursor.next() {
        let found = ObjectCursor.values(of: "UPN", "DisplayName", "OrganizationId", in: member)
        let upn = self.cleanText(found.0).map { self.arena.lowercase($0) }
        let name = self.cleanText(found.1)
        let tenant = found.2 ?? ObjectCursor.value(of: "TenantId", in: member)
        guard upn ?? name != nil else { continue }
        // Whoever begins a chat is in it.
        if action == "chat.create", self.event.has(.actorUpn), self.agrees(upn, .actorUpn) {
          continue
        }
        self.appendObject { (self: inout Normalizer) in
          self.append("type", ByteView("user"))
          self.append("upn", upn)
          self.append("name", name)
          self.append("tenant_id", self.cleanText(tenant).map { self.arena.lowercase($0) })
        }
      }
    }
  }

  private mutating func readTeamMember(_ element: ByteView) -> Taken {
    var upn: ByteView?
    var name: ByteView?
    var tenant: ByteView?
    var role: Int?
    let taken = takeMembers(of: element) { (self: inout Normalizer, key, value) in
      if key == "UPN" { return self.take(text: value, into: &upn) }
      if key == "DisplayName" { return self.take(text: value, into: &name) }
      if key == "OrganizationId" || key == "TenantId" {
        return self.take(text: value, into: &tenant)
      }
      // What the number means, Microsoft's own pages do not agree on.
      if key == "Role" { return self.take(count: value, into: &role) }
      return .none
    }
    if upn?.firstIndex(ofAnyCase: "#ext#") != nil { event.set(.teamHasExternal, true) }
    noteTenant(tenant, of: upn)
    let start = list.count
    beginElement()
    append("upn", upn.map { arena.lowercase($0) })
    append("name", name)
    append("role_id", integer: role)
    append("tenant_id", tenant.map { arena.lowercase($0) })
    endElement(start)
    return taken
  }

  /// Whoever is of another tenant is from outside, and so is the actor who is that one.
  private mutating func noteTenant(_ tenant: ByteView?, of upn: ByteView?) {
    guard let tenant, tenant.isGUID, let own = event.text(.tenantID), own.isGUID,
      !tenant.equalsIgnoringCase(own)
    else { return }
    event.set(.teamHasExternal, true)
    guard let upn, let actor = event.text(.actorUpn), upn.equalsIgnoringCase(actor)
    else { return }
    event.set(.actorIsExternal, true)
    event.setIfAbsent(.actorTenantID, arena.lowercase(tenant))
  }

  private static let externalFlags: [StaticString] = [
    "HasForeignTenantUsers", "HasGuestUsers", "HasOtherGuestUsers", "HasUnauthenticatedUsers",
  ]

  /// Whether somebody from outside takes part.
  private mutating func externalFlag(_ key: ByteView, _ value: ByteView) -> Bool? {
    guard Normalizer.externalFlags.contains(where: { key == $0 }) else { return nil }
    return cleanText(value).flatMap(Normalizer.flag)
  }

  private mutating func readParticipants() {
    guard let value = members.value(.participantInfo) else { return }
    var known = 0
    var isExternal = false
    _ = takeMembers(of: value) { (self: inout Normalizer, key, value) in
      guard let flag = self.externalFlag(key, value) else { return .none }
      known += 1
      if flag { isExternal = true }
      return .none
    }
    if !isExternal, known == Normalizer.externalFlags.count {
      // That none of them is true is what the field says; which of them is, it does not.
      let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
        Taken(self.externalFlag(key, value) != nil)
      }
      lift(.participantInfo, taken)
    }
    if isExternal {
      event.set(.teamHasExternal, true)
    } else if known == Normalizer.externalFlags.count, !event.has(.teamHasExternal) {
      event.set(.teamHasExternal, false)
    }
  }
}
