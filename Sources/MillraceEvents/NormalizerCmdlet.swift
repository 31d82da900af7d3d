/// The parameters of cmdlets, and what they say about rules for mail and about permissions.
extension Normalizer {
  /// A cmdlet with more parameters than this is none; what is there stays as it is.
  private static let parametersMax = 256

  mutating func readCmdlet() {
    parameters.removeAll(keepingCapacity: true)
    guard family == .exchangeAdmin || family == .teams,
      let value = members.value(.parameters)
    else { return }
    // The compliance center writes an empty text for none.
    if value.first == Ascii.quote, text(.parameters) == nil { return }
    guard collectParameters(value) else {
      return issues.add("Parameters", "not a list of names and values")
    }
    writeParameters()
    members.lift(.parameters)
    readRuleOwner()
    readMailRule()
    readPermissions()
    refineCmdlet()
  }

  /// The text of a parameter; nil when it is absent or says nothing.
  private mutating func parameterText(_ name: StaticString) -> ByteView? {
    for parameter in parameters where parameter.name.equalsIgnoringCase(ByteView(name)) {
      return parameter.isText ? parameter.value.trimmed : cleanText(parameter.value)
    }
    return nil
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
      parameters.append(
        Parameter(name: text, value: found.2 ?? ByteView(""), isText: found.2 == nil))
    }
    return true
  }

  /// `-Identity "x" -Enabled "False"`, as the compliance center writes.
  private mutating func collectCommandLine(_ line: ByteView) -> Bool {
    var rest = line.trimmed
    while !rest.isEmpty {
      guard rest.first == Ascii.hyphen, parameters.count < Normalizer.parametersMax else {
        return false
      }
      let nameEnd = rest.firstIndex(of: Ascii.blank) ?? rest.count
      let name = rest.slice(1, nameEnd)
      guard !name.isEmpty, name.buffer.allSatisfy({ isLetter($0) || isDigit($0) }) else {
        return false
      }
      rest = rest.dropFirst(nameEnd).trimmed
      let value = Normalizer.argument(&rest)
      parameters.append(Parameter(name: name, value: value, isText: true))
    }
    return !parameters.isEmpty
  }

  /// Takes the argument at the beginning of `rest`: in quotes, up to a quote that ends the line or
  /// precedes the next parameter, or without, up to the next parameter.
  private static func argument(_ rest: inout ByteView) -> ByteView {
    let isQuoted = rest.first == Ascii.quote
    if !isQuoted, rest.first == Ascii.hyphen { return ByteView("") }
    var index = isQuoted ? 1 : 0
    while index < rest.count {
      let isEnd =
        isQuoted ? rest[index] == Ascii.quote : rest[index] == Ascii.blank
      let behind = isQuoted ? rest.dropFirst(index + 1).trimmed : rest.dropFirst(index).trimmed
      if isEnd, behind.isEmpty || behind.first == Ascii.hyphen {
        let argument = rest.slice(isQuoted ? 1 : 0, index)
        rest = behind
        return argument
      }
      index += 1
    }
    let argument = isQuoted ? rest.dropFirst(1) : rest
    rest = ByteView("")
    return argument
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
    guard operationKey.hasSuffix("-inboxrule"), let object = text(.objectId),
      let mark = object.lastIndex(of: Ascii.backslash), mark > 0
    else { return }
    let owner = object.prefix(mark)
    let last = owner.lastIndex(of: Ascii.slash).map { owner.dropFirst($0 + 1) } ?? owner
    event.set(.mailboxOwner, last)
    event.set(.mailRuleName, object.dropFirst(mark + 1))
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

  /// What all parameters of one kind say.
  private mutating func setRuleList(_ field: EventField, _ part: RulePart, isAddress: Bool) {
    let start = beginList()
    for parameter in parameters
    where Normalizer.ruleParts[arena.lowercase(parameter.name)] == part {
      let text = parameter.isText ? parameter.value : cleanText(parameter.value)
      guard let text else { continue }
      var from = 0
      while from <= text.count {
        let end = text.firstIndex(of: Ascii.semicolon, from: from) ?? text.count
        let word = text.slice(from, end).trimmed
        let entry = isAddress ? Normalizer.mailAddress(word) : word
        if !entry.isEmpty { appendText(entry) }
        from = end + 1
      }
    }
    set(field, list: endList(start))
  }

  /// The address in `smtp:a@b`, `"Name" [SMTP:a@b]` and `Name <a@b>`; the text when it is none.
  static func mailAddress(_ text: ByteView) -> ByteView {
    if text.hasPrefix(anyCase: "smtp:") { return text.dropFirst(5).trimmed }
    if let mark = text.firstIndex(ofAnyCase: "[smtp:"), text.last == Ascii.closeBracket {
      return text.slice(mark + 6, text.count - 1).trimmed
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
    let user = parameterText("User")
    guard let holder = user ?? parameterText("SecurityGroup"), !holder.isEmpty else { return }
    event.set(.targetType, user == nil ? "group" : "user")
    event.remove(.targetID)
    event.remove(.targetName)
    let isUPN = holder.firstIndex(of: Ascii.at) != nil
    event.set(isUPN ? .targetUpn : .targetName, isUPN ? arena.lowercase(holder) : holder)
  }

  // MARK: Permissions and what a cmdlet is for

  /// Who may now do what: the rights, and the trustee as a second target.
  private mutating func readPermissions() {
    guard let action = event.text(.action) else { return }
    if action == "role.assign" { return readRoleAssignment() }
    guard action.hasPrefix("mailbox.permission.") else { return }
    if let rights = parameterText("AccessRights") {
      let start = beginList()
      var from = 0
      while from <= rights.count {
        var end = from
        while end < rights.count, rights[end] != Ascii.comma, rights[end] != Ascii.semicolon {
          end += 1
        }
        let right = rights.slice(from, end).trimmed
        if !right.isEmpty { appendText(right) }
        from = end + 1
      }
      set(.permissions, list: endList(start))
    }
    guard let trustee = parameterText("User") ?? parameterText("Trustee"), !trustee.isEmpty,
      let mailbox = event.text(.targetID)
    else { return }
    let start = beginList()
    beginElement()
    append("type", ByteView("mailbox"))
    append("id", mailbox)
    endElement(start)
    beginElement()
    append("type", ByteView("user"))
    let isUPN = trustee.firstIndex(of: Ascii.at) != nil
    append(isUPN ? "upn" : "name", isUPN ? arena.lowercase(trustee) : trustee)
    endElement(start)
    set(.targets, list: endList(start))
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

/// One parameter of a cmdlet.
struct Parameter {
  let name: ByteView
  let value: ByteView
  /// Whether the value is text already, and not JSON.
  let isText: Bool
}
