/// The parameters of cmdlets, and what they say about rules for mail and about permissions.
extension Normalizer {
  /// A cmdlet with more parameters than this is none; what is there stays as it is.
  static let parametersMax = 256

  /// Finds the parameters; what the cmdlet works on may be one of them.
  mutating func readParameters() {
    parameters.removeAll(keepingCapacity: true)
    areParametersWhole = true
    guard family == .exchangeAdmin || family == .teams,
      let value = members.value(.parameters)
    else { return }
    // The compliance center writes an empty text for none.
    if value.first == Ascii.quote, text(.parameters) == nil { return }
    guard collectParameters(value) else {
      parameters.removeAll(keepingCapacity: true)
      return issues.add("Parameters", "not a list of names and values")
    }
    writeParameters()
    if areParametersWhole { members.lift(.parameters) }
  }

  mutating func readCmdlet() {
    guard family == .exchangeAdmin || family == .teams else { return }
    readRuleOwner()
    if parameters.isEmpty { return }
    readMailRule()
    readPermissions()
    readMember()
    refineCmdlet()
  }

  /// The text of a parameter, of a list the first; nil when it is absent or says nothing.
  mutating func parameterText(_ name: StaticString) -> ByteView? {
    for parameter in parameters where parameter.name.equalsIgnoringCase(ByteView(name)) {
      if parameter.isText {
        return Normalizer.isNull(parameter.value.trimmed) ? nil : parameter.value.trimmed
      }
      guard parameter.value.first == Ascii.openBracket else {
        // Of one name, the first that says something counts.
        if let text = cleanText(parameter.value), !Normalizer.isNull(text) { return text }
        continue
      }
      var cursor = ArrayCursor(parameter.value)
      while let element = cursor.next() {
        if let text = cleanText(element) { return text }
      }
    }
    return nil
  }

  /// Whether a text is what the shell has for nothing.
  private static func isNull(_ text: ByteView) -> Bool { text.isAnyCase("$null") }

  /// Calls `body` with each part of a parameter: of a list its elements, of a text what stands
  /// between semicolons.
  mutating func forEachPart(
    of parameter: Parameter, _ body: (inout Normalizer, ByteView) -> Void
  ) {
    if !parameter.isText, parameter.value.first == Ascii.openBracket {
      var cursor = ArrayCursor(parameter.value)
      while let element = cursor.next() {
        if let text = cleanText(element) {
          forEachPart(of: text, separator: Ascii.semicolon, body)
        }
      }
    } else if let text = parameter.isText ? parameter.value : cleanText(parameter.value),
      !Normalizer.isNull(text.trimmed)
    {
      forEachPart(of: text, separator: Ascii.semicolon, body)
    }
  }

  // MARK: Reading

  private mutating func collectParameters(_ value: ByteView) -> Bool {
    if value.first == Ascii.quote {
      guard let text = cleanText(value) else { return false }
      if let list = embedded(text) { return collectParameters(list) }
      return collectCommandLine(text)
    }
    guard value.first == Ascii.openBracket else { return false }
    var cursor = ArrayCursor(value)
    while let element = cursor.next() {
      let found = ObjectCursor.values(of: "Name", "Key", "Value", in: element)
      guard let name = found.0 ?? found.1, let text = scalarText(name), !text.isEmpty,
        parameters.count < Normalizer.parametersMax
      else { return false }
      if !PropertyCursor.isWhole(element) { areParametersWhole = false }
      parameters.append(
        Parameter(name: text, value: found.2 ?? ByteView(""), isText: found.2 == nil))
    }
    return true
  }

  // MARK: Writing

  /// Of a name that occurs again all values are kept, as a list.
  private mutating func writeParameters() {
    let start = beginList(Ascii.openBrace)
    for index in parameters.indices {
      let name = parameters[index].name
      if parameters[..<index].contains(where: { $0.name == name }) { continue }
      if list.count > start + 1 { list.append(Ascii.comma) }
      list.appendString(name)
      list.append(Ascii.colon)
      guard parameters[(index + 1)...].contains(where: { $0.name == name }) else {
        appendParameter(parameters[index])
        continue
      }
      list.append(Ascii.openBracket)
      for other in parameters[index...].indices where parameters[other].name == name {
        if list.last != Ascii.openBracket { list.append(Ascii.comma) }
        appendParameter(parameters[other])
      }
      list.append(Ascii.closeBracket)
    }
    set(.params, list: endList(start, Ascii.closeBrace))
  }

  private mutating func appendParameter(_ parameter: Parameter) {
    if parameter.isText { return list.appendString(parameter.value) }
    guard let text = scalarText(parameter.value) else {
      let isNull = parameter.value.first == UInt8(ascii: "n")
      return isNull ? list.append("\"\"") : list.appendOnOneLine(parameter.value)
    }
    list.appendString(text)
  }

  // MARK: Rules for mail

  /// `alias\rule`: whose rule it is.
  private mutating func readRuleOwner() {
    guard operationKey.hasSuffix("-inboxrule") else { return }
    if let object = text(.objectId) ?? parameterText("Identity"), let mark = ruleMark(in: object),
      mark > 0
    {
      // Beside an alias, the parameter may have the address.
      let mailbox = parameterText("Mailbox").flatMap { $0.isOneAddress ? $0 : nil }
      event.set(.mailboxOwner, mailbox ?? object.prefix(mark).alias)
      event.set(.mailRuleName, object.dropFirst(mark + 1))
    } else if !event.has(.mailboxOwner), let mailbox = parameterText("Mailbox"), !mailbox.isEmpty {
      event.set(.mailboxOwner, mailbox.alias)
    }
  }

  /// Where the backslash before the rule's name stands: the name may have one itself.
  private mutating func ruleMark(in object: ByteView) -> Int? {
    if let name = parameterText("Name"), name.count + 1 < object.count {
      let mark = object.count - name.count - 1
      if object[mark] == Ascii.backslash, object.dropFirst(mark + 1) == name { return mark }
    }
    return object.lastIndex(of: Ascii.backslash)
  }

  private enum RulePart {
    case forward, redirect, from, subjectWords, bodyWords, delete, markRead, stop, keepCopy, moveTo,
      name
  }

  private static let ruleParts = NameTable<RulePart>([
    ("forwardto", .forward), ("forwardasattachmentto", .forward),
    ("forwardingsmtpaddress", .forward), ("forwardingaddress", .forward),
    ("redirectto", .redirect), ("redirectmessageto", .redirect), ("blindcopyto", .redirect),
    ("copyto", .redirect), ("from", .from), ("fromaddresscontainswords", .from),
    ("subjectcontainswords", .subjectWords), ("subjectorbodycontainswords", .subjectWords),
    ("bodycontainswords", .bodyWords), ("deletemessage", .delete), ("markasread", .markRead),
    ("stopprocessingrules", .stop), ("stopruleprocessing", .stop),
    ("delivertomailboxandforward", .keepCopy), ("movetofolder", .moveTo), ("name", .name),
  ])

  /// Whether a parameter names those whom mail is sent on to.
  mutating func sendsOn(_ parameter: Parameter) -> Bool {
    let part = Normalizer.ruleParts[arena.lowercase(parameter.name)]
    return part == .forward || part == .redirect
  }

  private mutating func readMailRule() {
    let isRule = operationKey.hasSuffix("-inboxrule") || operationKey.hasSuffix("-transportrule")
    guard isRule || operationKey == "set-mailbox" else { return }
    for parameter in parameters {
      guard let part = Normalizer.ruleParts[arena.lowercase(parameter.name)] else { continue }
      let text = parameter.isText ? parameter.value.trimmed : cleanText(parameter.value)
      switch part {
      case .delete: setFlag(.mailRuleDelete, text)
      case .markRead: setFlag(.mailRuleMarkRead, text)
      case .stop: setFlag(.mailRuleStopProcessing, text)
      case .keepCopy: setFlag(.mailRuleKeepCopy, text)
      case .moveTo: if let text { event.set(.mailRuleMoveTo, text) }
      case .name: if isRule, let text { event.set(.mailRuleName, text) }
      default: break
      }
    }
    setRuleList(.mailRuleForwardTo, .forward, isAddress: true)
    setRuleList(.mailRuleRedirectTo, .redirect, isAddress: true)
    setRuleList(.mailRuleFrom, .from, isAddress: true)
    setRuleList(.mailRuleSubjectWords, .subjectWords, isAddress: false)
    setRuleList(.mailRuleBodyWords, .bodyWords, isAddress: false)
    if forwardsOutside() { event.set(.mailRuleIsExternalForward, true) }
  }

  private mutating func setFlag(_ field: EventField, _ text: ByteView?) {
    if let text, let flag = Normalizer.flag(text) { event.set(field, flag) }
  }

  /// Whether a text is several addresses with commas between them, and not a name with a comma.
  private mutating func areAddresses(_ text: ByteView) -> Bool {
    guard text.firstIndex(of: Ascii.comma) != nil else { return false }
    var isEach = true
    forEachPart(of: text, separator: Ascii.comma) { _, part in
      if !part.isOneAddress { isEach = false }
    }
    return isEach
  }

  /// What all parameters of one kind say.
  private mutating func setRuleList(_ field: EventField, _ part: RulePart, isAddress: Bool) {
    let start = beginList()
    for parameter in parameters
    where Normalizer.ruleParts[arena.lowercase(parameter.name)] == part {
      forEachPart(of: parameter) { (self: inout Normalizer, part) in
        if !isAddress { return self.appendText(part) }
        if self.areAddresses(part) {
          return self.forEachPart(of: part, separator: Ascii.comma) { normalizer, address in
            normalizer.appendText(Normalizer.mailAddress(address))
          }
        }
        let entry = Normalizer.mailAddress(part).aliasOfCanonicalName
        if !entry.isEmpty { self.appendText(entry) }
      }
    }
    set(field, list: endList(start))
  }

  /// The address in `smtp:a@b`, `"Name" [SMTP:a@b]` and `Name <a@b>`, the name in
  /// `"Name" [EX:/o=…]`; the text when it is none.
  static func mailAddress(_ text: ByteView) -> ByteView {
    if text.hasPrefix(anyCase: "smtp:") { return text.dropFirst(5).trimmed }
    if let mark = text.firstIndex(ofAnyCase: "[smtp:"), text.last == Ascii.closeBracket {
      return text.slice(mark + 6, text.count - 1).trimmed
    }
    if text.first == Ascii.quote, text.last == Ascii.closeBracket,
      let mark = text.firstIndex(ofAnyCase: "\" [ex:"), mark > 1
    {
      return text.slice(1, mark).trimmed
    }
    if let open = text.lastIndex(of: UInt8(ascii: "<")), text.last == UInt8(ascii: ">") {
      return text.slice(open + 1, text.count - 1).trimmed
    }
    return text
  }

  /// The role, and to whom; the name of the assignment is in `object_id`.
  private mutating func readRoleAssignment() {
    if let role = parameterText("Role") {
      let start = beginList()
      appendText(role)
      set(.roles, list: endList(start))
    }
    let holders: [(parameter: StaticString, type: StaticString)] = [
      ("App", "service_principal"), ("User", "user"), ("SecurityGroup", "group"),
    ]
    for holder in holders {
      guard let named = parameterText(holder.parameter), !named.isEmpty else { continue }
      return setTarget(holder.type, called: named.aliasOfCanonicalName)
    }
  }

  // MARK: Permissions and what a cmdlet is for

  /// Who may now do what: the rights, and the trustee as a second target.
  private mutating func readPermissions() {
    guard let action = event.text(.action) else { return }
    if action == "role.assign" { return readRoleAssignment() }
    guard action.hasPrefix("mailbox.permission.") else { return }
    let rights = beginList()
    for parameter in parameters
    where parameter.name.equalsIgnoringCase(ByteView("AccessRights")) {
      forEachPart(of: parameter) { (self: inout Normalizer, part) in
        self.appendParts(of: part, separator: Ascii.comma)
      }
    }
    set(.permissions, list: endList(rights))
    guard let trustee = parameterText("User") ?? parameterText("Trustee"), !trustee.isEmpty else {
      return
    }
    setTargets(andUser: trustee.aliasOfCanonicalName)
  }

  /// Who was added to a group or removed from one, as further targets.
  private mutating func readMember() {
    guard let type = event.text(.targetType), type == "group",
      parameters.contains(where: { Normalizer.namesMembers($0.name) })
    else { return }
    setTargets { (self: inout Normalizer) in
      for parameter in self.parameters where Normalizer.namesMembers(parameter.name) {
        self.forEachPart(of: parameter) { (self: inout Normalizer, part) in
          if !part.isEmpty { self.appendUser(part.aliasOfCanonicalName) }
        }
      }
    }
  }

  /// Whether a parameter of a group's cmdlet says who joins or leaves it.
  private static func namesMembers(_ name: ByteView) -> Bool {
    name.isAnyCase("member") || name.isAnyCase("members") || name.isAnyCase("links")
  }

  private mutating func refineCmdlet() {
    if operationKey == "set-mailbox" {
      for name: StaticString in ["ForwardingSmtpAddress", "ForwardingAddress"] {
        if let text = parameterText(name), !text.isEmpty {
          event.set(.action, "mailbox.forwarding.set")
        }
      }
      if let text = parameterText("AuditEnabled"), Normalizer.flag(text) == false {
        event.set(.action, "mailbox.audit.disable")
        event.set(.verb, EventVerb.disable.name)
      }
    } else if operationKey == "set-dkimsigningconfig" {
      if let text = parameterText("Enabled"), Normalizer.flag(text) == false {
        event.set(.action, "protection.policy.disable")
        event.set(.verb, EventVerb.disable.name)
      }
    } else if operationKey == "new-compliancesearchaction" {
      if let text = parameterText("Purge"), Normalizer.flag(text) != false {
        event.set(.action, "ediscovery.purge")
        event.set(.verb, EventVerb.delete.name)
      } else if let text = parameterText("Export"), Normalizer.flag(text) != false {
        event.set(.action, "ediscovery.export")
        event.set(.verb, EventVerb.export.name)
      }
    }
  }
}

extension ByteView {
  /// The last part of a name in which slashes part folders; the name itself where none does.
  fileprivate var alias: ByteView {
    lastIndex(of: Ascii.slash).map { dropFirst($0 + 1) } ?? self
  }

  /// The alias in the canonical name of an object of Exchange,
  /// `SERVER/Microsoft Exchange Hosted Organizations/example.com/bob`; any other text as it is.
  var aliasOfCanonicalName: ByteView {
    guard firstIndex(ofAnyCase: "/microsoft exchange hosted organizations/") != nil else {
      return self
    }
    let alias = alias
    return alias.isEmpty ? self : alias
  }
}

/// One parameter of a cmdlet.
struct Parameter {
  let name: ByteView
  let value: ByteView
  /// Whether the value is text already, and not JSON.
  let isText: Bool
}
