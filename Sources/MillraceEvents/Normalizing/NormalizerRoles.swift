/// Roles that were granted or revoked, and whether one is privileged.
extension Normalizer {
  /// Sets the field to roles by their names or the ids of their templates.
  mutating func setRoles(_ names: some Sequence<ByteView>) {
    scratch.removeAll()
    scratch.append(Ascii.openBracket)
    for name in names { appendRole(name) }
    _ = endRoles()
  }

  /// Sets the field to the roles that were appended; false when there is none.
  private mutating func endRoles() -> Bool {
    guard scratch.count > 1 else { return false }
    scratch.append(Ascii.closeBracket)
    event.set(.roles, .json(arena.copy(scratch.view)))
    return true
  }

  /// The role that was granted or revoked, which only the changes name.
  mutating func readRoles() {
    guard family == .directory, operationKey.firstIndex(ofAnyCase: "role") != nil,
      let value = members.value(.modifiedProperties), let list = elements(of: value)
    else { return }
    // The name that people know, else the one that the directory has, else the template's.
    for property: StaticString in [
      "Role.DisplayName", "Role.WellKnownObjectName", "Role.TemplateId",
    ] {
      var cursor = ArrayCursor(list)
      while let element = cursor.next() {
        let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
        guard let name = cleanText(sides.0), name == property else { continue }
        for side in [sides.1, sides.2] {
          if let side, writeRoles(side) { return notePrivilege(list) }
        }
      }
    }
  }

  /// Notes a privileged role by what tells which one it is in any language.
  private mutating func notePrivilege(_ changes: ByteView) {
    var cursor = ArrayCursor(changes)
    while let element = cursor.next() {
      let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
      guard let name = cleanText(sides.0),
        name == "Role.TemplateId" || name == "Role.WellKnownObjectName",
        let role = plainText(sides.1) ?? plainText(sides.2)
      else { continue }
      let named = RoleTemplates.table[arena.lowercase(role)].map { ByteView($0) } ?? role
      if PrivilegedRoles.table[arena.lowercase(named)] != nil { isRolePrivileged = true }
    }
  }

  /// Writes the role, or a JSON list of roles, of a change; false when there is none.
  private mutating func writeRoles(_ value: ByteView) -> Bool {
    var names: ByteView?
    var name: ByteView?
    if value.first == Ascii.openBracket {
      names = value
    } else {
      guard let text = cleanText(value) else { return false }
      names = EmbeddedJSON.parse(text, in: &arena)
      if names?.first == Ascii.openBrace { return false }
      if names == nil { name = plainText(value) }
    }
    scratch.removeAll()
    scratch.append(Ascii.openBracket)
    if let names {
      var cursor = ArrayCursor(names)
      while let element = cursor.next() {
        if let role = cleanText(element) { appendRole(role) }
      }
    } else if let name {
      appendRole(name)
    }
    return endRoles()
  }

  private mutating func appendRole(_ named: ByteView) {
    let role = RoleTemplates.table[arena.lowercase(named)].map { ByteView($0) } ?? named
    if scratch.count > 1 { scratch.append(Ascii.comma) }
    scratch.appendString(role)
    if PrivilegedRoles.table[arena.lowercase(role)] != nil { isRolePrivileged = true }
  }
}
