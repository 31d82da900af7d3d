/// `targets`: the target, and whom or what else something was done to.
extension Normalizer {
  /// Sets `targets` to the target and to the elements that `append` puts behind it. Without a
  /// target there is nothing to begin with, and without another nothing to tell.
  mutating func setTargets(and append: (inout Normalizer) -> Void) {
    guard event.has(.targetType) else { return }
    let start = beginList()
    appendObject { (self: inout Normalizer) in
      self.append("type", self.event.text(.targetType))
      self.append("id", self.event.text(.targetID))
      self.append("name", self.event.text(.targetName))
      self.append("upn", self.event.text(.targetUpn))
      self.append("puid", self.event.text(.targetPuid))
      self.append("tenant_id", self.event.text(.targetTenantID))
    }
    let alone = list.count
    append(&self)
    let isAlone = list.count == alone
    let targets = endList(start)
    if !isAlone { set(.targets, list: targets) }
  }

  /// Makes somebody the target, by address, id or name, whatever it was before.
  mutating func setTarget(_ type: StaticString, called name: ByteView) {
    event.set(.targetType, type)
    event.remove(.targetID)
    event.remove(.targetName)
    if name.isOneAddress {
      event.set(.targetUpn, arena.lowercase(name))
    } else if name.isGUID {
      event.set(.targetID, arena.lowercase(name))
    } else {
      event.set(.targetName, name)
    }
  }

  /// Sets `targets` to the target and a user, or a principal of another type, by name and id.
  mutating func setTargets(
    andUser name: ByteView?, id: ByteView? = nil, type: StaticString = "user"
  ) {
    setTargets { (self: inout Normalizer) in self.appendUser(name, id: id, type: type) }
  }

  /// Appends a user, or a principal of another type, by name and id.
  mutating func appendUser(_ name: ByteView?, id: ByteView? = nil, type: StaticString = "user") {
    let name = name.map { nameInClaim($0) }
    appendObject { (self: inout Normalizer) in
      let isUPN = name?.firstIndex(of: Ascii.at) != nil
      self.append("type", ByteView(type))
      self.append("id", id)
      self.append(isUPN ? "upn" : "name", isUPN ? name.map { self.arena.lowercase($0) } : name)
    }
  }
}

extension Normalizer {
  /// The name in a claim of SharePoint's, behind who issued it: `i:0#.f|membership|name`. Any other
  /// name as it is.
  mutating func nameInClaim(_ name: ByteView) -> ByteView {
    guard name.hasPrefix(anyCase: "i:0"), let bar = name.lastIndex(of: UInt8(ascii: "|"))
    else { return name }
    let rest = name.dropFirst(bar + 1).trimmed
    if rest.isEmpty { return name }
    return rest.hasPrefix(anyCase: "urn%3a") ? percentDecoded(rest) : rest
  }
}

extension ByteView {
  /// Whether it may be the address of one person: nothing in it parts several.
  var isOneAddress: Bool {
    firstIndex(of: Ascii.at) != nil
      && !buffer.contains { $0 == Ascii.comma || $0 == Ascii.blank || $0 == Ascii.semicolon }
  }
}
