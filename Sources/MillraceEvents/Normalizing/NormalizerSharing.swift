/// With whom things of SharePoint and OneDrive are shared (record type 14).
extension Normalizer {
  mutating func readSharing() {
    guard recordType == 14 || event.text(.category).map({ $0 == "sharing" }) ?? false
    else { return }
    if let id = text(.uniqueSharingId) {
      event.set(.sharingID, arena.lowercase(id))
      members.lift(.uniqueSharingId)
    }
    if let scope = scopeOfOperation() { event.set(.sharingScope, scope) }
    readSharingPermission()
    liftIfSame(.sharingType, .sharingPermission)
    liftIfSame(.permission, .sharingPermission)
    readSharingTarget()
    readLinkScope()
    readSiteAdmin()
    if let scope = event.text(.sharingScope), scope == "anonymous" {
      event.set(.sharingIsAnonymous, true)
      event.set(.sharingIsExternal, true)
    }
  }

  private static let scopes: [(beginning: StaticString, scope: StaticString)] = [
    ("anonymous", "anonymous"), ("company", "organization"), ("securelink", "specific"),
    ("sharingset", "specific"), ("sharinginvitation", "specific"),
    ("accessinvitation", "specific"), ("addedtosecurelink", "specific"),
    ("removedfromsecurelink", "specific"), ("sharinglink", "unknown"), ("sharedlink", "unknown"),
    ("addedtosharinglink", "unknown"), ("removedfromsharinglink", "unknown"),
  ]

  private func scopeOfOperation() -> StaticString? {
    Normalizer.scopes.first { operationKey.hasPrefix($0.beginning) }?.scope
  }

  /// Whom a link admits, in SharePoint's words. One that was not set says nothing.
  private static let linkScopes: [(word: StaticString, scope: StaticString)] = [
    ("anyone", "anonymous"), ("organization", "organization"), ("specificpeople", "specific"),
  ]

  /// What the record itself says of a link counts for more than how the operation is called, but
  /// for one that is called after links that admit anybody.
  private mutating func readLinkScope() {
    guard let word = text(.sharingLinkScope),
      let scope = Normalizer.linkScopes.first(where: { word.isAnyCase($0.word) })?.scope
    else { return }
    if !agrees(ByteView("anonymous"), .sharingScope) { event.set(.sharingScope, scope) }
    if agrees(ByteView(scope), .sharingScope) { members.lift(.sharingLinkScope) }
  }

  /// `EventData` is XML without a root, and not always well formed.
  private mutating func readSharingPermission() {
    guard let data = text(.eventData) else { return }
    for tag: StaticString in ["<type>", "<permissions granted>", "<permission>"] {
      guard let start = data.firstIndex(ofAnyCase: tag) else { continue }
      let content = data.dropFirst(start + tag.utf8CodeUnitCount)
      guard let end = content.firstIndex(of: UInt8(ascii: "<")) else { continue }
      return event.set(.sharingPermission, plainCharacters(content.prefix(end).trimmed))
    }
  }

  private mutating func readSharingTarget() {
    let member =
      text(.targetUserOrGroupName) == nil ? RawMember.userSharedWith : .targetUserOrGroupName
    guard let named = text(member) else { return }
    // A group that SharePoint makes for itself.
    if named.hasPrefix("Limited Access System Group") { return }
    let name = nameInClaim(named)
    let isGuest = name.hasPrefix(anyCase: "urn:spo:guest#")
    let target = isGuest ? name.dropFirst(14) : name
    event.set(.sharingTarget, target)
    if target.count == named.count { members.lift(member) }
    if target.hasPrefix("SharingLinks.") { readLinkGroup(target) }
    lift(.targetUserOrGroupType, to: .sharingTargetType)
    readJoinedGroup()
    liftIfSame(.userSharedWith, .sharingTarget)
    let type = event.text(.sharingTargetType) ?? ByteView("")
    if isGuest || type.isAnyCase("guest") || type.isAnyCase("partner")
      || target.firstIndex(ofAnyCase: "#ext#") != nil
    {
      event.set(.sharingIsExternal, true)
    }
    if let domain = Normalizer.domain(target), isOutside(domain) == true {
      event.set(.sharingIsExternal, true)
    }
  }

  /// Who may administer a site from now on, or no longer may, as a second target.
  private mutating func readSiteAdmin() {
    guard let action = event.text(.action), action.hasPrefix("site.admin."),
      let name = event.text(.sharingTarget) ?? changedValue(of: "SiteAdmin")
    else { return }
    let start = beginList()
    appendText(ByteView("SiteAdmin"))
    set(.permissions, list: endList(start))
    setTargets(andUser: name, type: sharingTargetKind)
  }

  /// Whether a person or a group is meant.
  private var sharingTargetKind: StaticString {
    event.text(.sharingTargetType)?.firstIndex(ofAnyCase: "group") == nil ? "user" : "group"
  }

  /// The group that somebody joined or left, which `EventData` names; the site is in `site`.
  private mutating func readJoinedGroup() {
    guard let action = event.text(.action), action.hasPrefix("group.member."),
      let group = groupInEventData()
    else { return }
    event.set(.targetType, "group")
    event.remove(.targetID)
    event.remove(.targetUpn)
    event.set(.targetName, group)
    if let member = event.text(.sharingTarget) {
      setTargets(andUser: member, type: sharingTargetKind)
    }
  }

  /// The group that `EventData` names.
  mutating func groupInEventData() -> ByteView? {
    guard let data = text(.eventData), let start = data.firstIndex(ofAnyCase: "<group>")
    else { return nil }
    let content = data.dropFirst(start + 7)
    guard let end = content.firstIndex(of: UInt8(ascii: "<")), end > 0 else { return nil }
    return plainCharacters(content.prefix(end).trimmed)
  }

  /// `SharingLinks.<item>.AnonymousEdit.<id>`: the group behind a link says what the link allows.
  private mutating func readLinkGroup(_ group: ByteView) {
    guard let first = group.firstIndex(of: Ascii.dot),
      let second = group.firstIndex(of: Ascii.dot, from: first + 1),
      let third = group.firstIndex(of: Ascii.dot, from: second + 1)
    else { return }
    let kind = group.slice(second + 1, third)
    if kind.hasPrefix(anyCase: "anonymous") {
      event.set(.sharingScope, "anonymous")
    } else if kind.hasPrefix(anyCase: "organization") {
      event.set(.sharingScope, "organization")
    } else if kind.hasPrefix(anyCase: "flexible") {
      // Whom it admits may change without its name.
      let isSaid = event.has(.sharingScope) && !operationKey.hasPrefix("sharingset")
      if !isSaid { event.set(.sharingScope, "unknown") }
    } else {
      event.set(.sharingScope, "specific")
    }
    if event.has(.sharingPermission) { return }
    if kind.hasSuffix("Edit") { event.set(.sharingPermission, "Edit") }
    if kind.hasSuffix("View") { event.set(.sharingPermission, "View") }
  }
}
