/// What changed: `ModifiedProperties`, in whichever shape it comes.
extension Normalizer {
  mutating func readChanges() {
    guard let value = members.value(.modifiedProperties) else { return readChangedSetting() }
    let properties = elements(of: value)
    updates = nil
    let start = beginList()
    let taken =
      properties == nil
      ? readChange(value)
      : takeElements(of: properties ?? value) { (self: inout Normalizer, element) in
        self.readChange(element)
      }
    set(.changes, list: endList(start))
    lift(.modifiedProperties, taken)
    if let properties { set(.permissions, list: permissionList(properties)) }
    readSecondTarget()
  }

  /// A setting of Teams, whose name and values are members of the record.
  private mutating func readChangedSetting() {
    guard family == .teams, let name = text(.name) else { return }
    let old = members.value(.oldValue)
    let new = members.value(.newValue)
    guard old ?? new != nil else { return }
    let changes = listOfOne { (self: inout Normalizer) in
      self.append("name", name)
      self.appendSide("old", old)
      self.appendSide("new", new)
    }
    set(.changes, list: changes)
    for member in [RawMember.name, .oldValue, .newValue] { members.lift(member) }
  }

  /// One change. A name that occurs again is a change of its own; one side alone is enough.
  private mutating func readChange(_ element: ByteView) -> Taken {
    if element.first == Ascii.quote {
      guard let name = cleanText(element) else { return .all }
      beginElement()
      append("name", name)
      list.append(Ascii.closeBrace)
      return .all
    }
    let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
    guard let name = sides.0.flatMap({ scalarText($0) }), !name.trimmed.isEmpty else {
      // Some records end with properties that have neither a name nor values.
      let isEmpty = cleanText(sides.1) == nil && cleanText(sides.2) == nil
      guard isEmpty, isTextOrNull(sides.0), isTextOrNull(sides.1), isTextOrNull(sides.2) else {
        return .none
      }
      return takeChange(element)
    }
    let taken = Normalizer.isWholeChange(element, sides) ? Taken.all : takeChange(element)
    beginElement()
    append("name", name)
    appendSide("old", sides.2)
    appendSide("new", sides.1)
    list.append(Ascii.closeBrace)
    if family == .directory { noteChange(name, sides.2, sides.1) }
    return taken
  }

  private mutating func takeChange(_ element: ByteView) -> Taken {
    takeMembers(of: element) { (self: inout Normalizer, key, value) in
      Taken(key == "Name" || key == "OldValue" || key == "NewValue")
    }
  }

  /// Whether a change is nothing but its name and both values: then its length is that of these and
  /// of what has to stand around them.
  private static func isWholeChange(
    _ element: ByteView, _ sides: (ByteView?, ByteView?, ByteView?)
  ) -> Bool {
    let around: StaticString = #"{"Name":,"NewValue":,"OldValue":}"#
    guard let name = sides.0, let new = sides.1, let old = sides.2 else { return false }
    return element.count == name.count + new.count + old.count + around.utf8CodeUnitCount
  }

  private func isTextOrNull(_ value: ByteView?) -> Bool {
    guard let value else { return true }
    return value.first == Ascii.quote || value.first == UInt8(ascii: "n")
  }

  /// A value: as JSON where its text is JSON, else as the text it is.
  private mutating func appendSide(_ side: StaticString, _ value: ByteView?) {
    guard let value, value.first != UInt8(ascii: "n") else { return }
    guard value.first == Ascii.quote else { return append(side, json: value) }
    guard let text = scalarText(value), !text.isEmpty else { return }
    if text.first == Ascii.openBracket || text.first == Ascii.openBrace, let json = embedded(text) {
      return append(side, json: compact(json))
    }
    append(side, text)
  }

  // MARK: What changes say about the operation

  private mutating func noteChange(_ name: ByteView, _ old: ByteView?, _ new: ByteView?) {
    if name == "ConsentContext.IsAdminConsent" { return setConsent(.consentIsAdmin, new) }
    if name == "ConsentContext.OnBehalfOfAll" { return setConsent(.consentForAll, new) }
    if name == "MethodExecutionResult." { return setReason(new) }
    guard let action = event.text(.action), action.hasPrefix("user.") else { return }
    if name == "AccountEnabled", action == "user.update" || action == "user.mfa.update" {
      guard let text = plainText(new), let isEnabled = Normalizer.flag(text),
        plainText(old).flatMap(Normalizer.flag) != isEnabled, isUpdated("accountenabled")
      else { return }
      event.set(.action, isEnabled ? "user.enable" : "user.disable")
      event.set(.verb, isEnabled ? EventVerb.enable.name : EventVerb.disable.name)
    } else if action == "user.update" {
      let isIncluded =
        name == "Included Updated Properties"
        && plainText(new)?.firstIndex(ofAnyCase: "strongauthentication") != nil
      let isChanged =
        name.hasPrefix("StrongAuthentication") && !isSame(old, new)
        && isUpdated("strongauthentication")
      if isIncluded || isChanged { event.set(.action, "user.mfa.update") }
    }
  }

  private mutating func isSame(_ old: ByteView?, _ new: ByteView?) -> Bool {
    guard let old, let new else { return false }
    return old == new
  }

  /// Whether a property is among those that were really changed, as far as the record names them:
  /// `name` is written in lower case.
  private mutating func isUpdated(_ name: StaticString) -> Bool {
    // Looked for once, however many changes ask.
    let named = updates ?? changedValue(of: "Included Updated Properties") ?? ByteView("")
    updates = named
    return named.isEmpty || named.firstIndex(ofAnyCase: name) != nil
  }

  /// Why it failed: the exception that ended it.
  private mutating func setReason(_ value: ByteView?) {
    guard !event.has(.outcomeReason), let result = event.text(.outcomeResult),
      result == "failure", let text = plainText(value)
    else { return }
    event.set(.outcomeReason, text)
  }

  private mutating func setConsent(_ field: EventField, _ value: ByteView?) {
    guard let text = plainText(value), let flag = Normalizer.flag(text) else { return }
    event.set(field, flag)
  }

  /// The text of a value without the brackets of a list of one and without quotes of its own; nil
  /// where it says nothing, as an empty list does. A list of several is the text that it stood in.
  mutating func plainText(_ value: ByteView?) -> ByteView? {
    guard let value else { return nil }
    guard let items = listItems(value) else { return cleanText(value).flatMap(Normalizer.unquoted) }
    var cursor = ArrayCursor(items)
    guard let first = cursor.next() else { return nil }
    guard cursor.next() == nil, !first.mayBeJSON else { return cleanText(value) }
    return cleanText(first).flatMap(Normalizer.unquoted)
  }

  /// The list that a value is, or that its text holds; nil when it is anything else.
  private mutating func listItems(_ value: ByteView) -> ByteView? {
    if value.first == Ascii.openBracket { return value }
    guard let text = cleanText(value), text.first == Ascii.openBracket else { return nil }
    return EmbeddedJSON.parse(text, in: &arena)
  }

  /// A text without quotes of its own; nil when nothing is between them.
  private static func unquoted(_ text: ByteView) -> ByteView? {
    guard text.count > 1, text.first == Ascii.quote, text.last == Ascii.quote else { return text }
    let content = text.slice(1, text.count - 1).trimmed
    return UnsetWords.contains(content) ? nil : content
  }

  // MARK: Permissions

  /// What an application or its owner may do from now on, or no longer may. Where a record has all
  /// permissions before and after, those that differ.
  private mutating func permissionList(_ properties: ByteView) -> ByteView? {
    guard family == .directory, let action = event.text(.action), action.hasPrefix("app.")
    else { return nil }
    let start = beginList()
    if action.hasPrefix("app.owner.") { appendText(ByteView("Owner")) }
    var cursor = ArrayCursor(properties)
    while let element = cursor.next() {
      let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
      guard let name = cleanText(sides.0) else { continue }
      if name == "ConsentAction.Permissions" {
        if let text = plainText(sides.1) ?? plainText(sides.2) { appendConsent(text) }
      } else if name == "AppRole.Value" || name == "DelegatedPermissionGrant.Scope" {
        let new = permissions { $0.appendPermissions(sides.1) }
        let old = permissions { $0.appendPermissions(sides.2) }
        // What was taken away stands on the other side.
        let isTaken = event.text(.verb).map { $0 == EventVerb.revoke.name } ?? false
        appendDifference(isTaken ? old ?? new : new ?? old, isTaken ? new : old)
      }
    }
    if let list = endList(start) { return list }
    return roleList(properties, isAssignment: action.hasPrefix("app.assign"))
  }

  /// The list of what `append` appends; nil when that is nothing.
  private mutating func permissions(_ append: (inout Normalizer) -> Void) -> ByteView? {
    let start = beginList()
    append(&self)
    return endList(start)
  }

  /// Longer lists of permissions are not compared, which takes time by the square of their length.
  private static let permissionsComparedMax = 1_000

  /// Appends the permissions of a list that another does not have; all, where they are the same.
  private mutating func appendDifference(_ permissions: ByteView?, _ others: ByteView?) {
    guard let permissions else { return }
    let isShort = Normalizer.isShort(permissions) && others.map(Normalizer.isShort) ?? true
    let others = isShort ? others : nil
    var isAnyAppended = false
    for isDifferent in [true, false] where !isAnyAppended {
      var cursor = ArrayCursor(permissions)
      while let permission = cursor.next() {
        if isDifferent, let others, Normalizer.contains(permission, others) { continue }
        appendText(permission.unquoted(in: &arena))
        isAnyAppended = true
      }
    }
  }

  private static func isShort(_ list: ByteView) -> Bool {
    var cursor = ArrayCursor(list)
    for _ in 0..<permissionsComparedMax where cursor.next() == nil { return true }
    return cursor.next() == nil
  }

  private static func contains(_ element: ByteView, _ list: ByteView) -> Bool {
    var cursor = ArrayCursor(list)
    while let other = cursor.next() {
      if other == element { return true }
    }
    return false
  }

  /// Appends the permissions that a value names, alone or in a list.
  private mutating func appendPermissions(_ value: ByteView?) {
    guard let value else { return }
    if let items = listItems(value) {
      var cursor = ArrayCursor(items)
      while let item = cursor.next() {
        if let text = cleanText(item).flatMap(Normalizer.unquoted) {
          appendParts(of: text, separator: Ascii.blank)
        }
      }
    } else if let text = plainText(value) {
      appendParts(of: text, separator: Ascii.blank)
    }
  }

  /// A role of an application that has no value: by its name, or its id. Who is assigned to an
  /// application without a role has the default one.
  private mutating func roleList(_ properties: ByteView, isAssignment: Bool) -> ByteView? {
    for property: StaticString in ["AppRole.DisplayName", "AppRole.Id"] {
      var cursor = ArrayCursor(properties)
      while let element = cursor.next() {
        let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
        guard let name = cleanText(sides.0), name == property,
          let role = plainText(sides.1) ?? plainText(sides.2), !Normalizer.isZero(role)
        else { continue }
        let start = beginList()
        appendText(role)
        return endList(start)
      }
    }
    guard isAssignment else { return nil }
    let start = beginList()
    appendText(ByteView("Default Access"))
    return endList(start)
  }

  private static func isZero(_ id: ByteView) -> Bool {
    id.buffer.allSatisfy { $0 == Ascii.zero || $0 == Ascii.hyphen }
  }

  /// `[] => [[Id: …, Scope: User.Read Mail.Read, …]]; `: the scopes behind the arrow that are not
  /// before it.
  private mutating func appendConsent(_ text: ByteView) {
    guard let arrow = text.firstIndex(ofAnyCase: "=>") else { return appendScopes(text) }
    let new = permissions { $0.appendScopes(text.dropFirst(arrow + 2)) }
    let old = permissions { $0.appendScopes(text.prefix(arrow)) }
    appendDifference(new, old)
  }

  private mutating func appendScopes(_ text: ByteView) {
    var rest = text
    while let mark = rest.firstIndex(ofAnyCase: "scope:") {
      rest = rest.dropFirst(mark + 6)
      var end = 0
      while end < rest.count, rest[end] != Ascii.comma, rest[end] != Ascii.closeBracket { end += 1 }
      appendParts(of: rest.prefix(end), separator: Ascii.blank)
      rest = rest.dropFirst(end)
    }
  }

  /// What `ModifiedProperties` says that a property is now, or was; nil where it says nothing.
  mutating func changedValue(of property: StaticString) -> ByteView? {
    guard let value = members.value(.modifiedProperties), let list = elements(of: value) else {
      return nil
    }
    var cursor = ArrayCursor(list)
    while let element = cursor.next() {
      let sides = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
      guard let name = cleanText(sides.0), name == property else { continue }
      if let text = plainText(sides.1) ?? plainText(sides.2) { return text }
    }
    return nil
  }
}
