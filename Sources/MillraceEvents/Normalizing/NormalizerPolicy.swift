/// What data loss prevention found (record types 11, 13, 33, 63, 99, 100, 107 and its unpublished
/// ones).
extension Normalizer {
  mutating func readPolicy() {
    guard family == .dataLossPrevention else { return }
    lift(.incidentId, to: .alertID)
    isBlocking = false
    sensitiveTypeCount = 0
    policySeverity = .informational
    if let value = members.value(.policyDetails), let details = elements(of: value) {
      readSensitiveTypes(details)
      let taken = take(elements: details, .policies) { (self: inout Normalizer, element) in
        self.readPolicyDetail(element)
      }
      lift(.policyDetails, taken)
      if operationKey == "dlprulematch" { setBlocked(isBlocking) }
    }
    readException()
    readExchangeData()
    readSharePointData()
    liftIfSame(.deviceName, .deviceName)
  }

  /// What was found is in `dlp.sensitive_types`; what it looked like goes nowhere.
  mutating func removeSecrets() {
    guard family.mayHoldMatchedSecrets,
      family.isOfPolicies || MatchedSecrets.mayBe(in: record)
    else { return }
    members.removeMatchedSecrets(in: &arena, &issues)
  }

  /// Whether it was stopped.
  mutating func setBlocked(_ isBlocked: Bool) {
    event.set(.dlpIsBlocked, isBlocked)
    if isBlocked {
      event.set(.outcomeDetail, "blocked")
    } else if let detail = event.text(.outcomeDetail), detail == "blocked" {
      event.remove(.outcomeDetail)
    }
  }

  private mutating func readPolicyDetail(_ policy: ByteView) -> Taken {
    var id: ByteView?
    var name: ByteView?
    var rules: ByteView?
    let taken = takeMembers(of: policy) { (self: inout Normalizer, key, value) in
      if key == "PolicyId" { return self.take(text: value, into: &id) }
      if key == "PolicyName" { return self.take(text: value, into: &name) }
      guard key == "Rules", rules == nil, let elements = self.elements(of: value) else {
        return .none
      }
      let start = self.beginList()
      let taken = self.takeElements(of: elements) { (self: inout Normalizer, rule) in
        self.readRule(rule)
      }
      rules = self.endList(start)
      return taken
    }
    let start = list.count
    beginElement()
    append("id", id)
    append("name", name)
    append("rules", json: rules)
    endElement(start)
    return taken
  }

  /// What is known of one rule.
  private struct Rule {
    var id: ByteView?
    var name: ByteView?
    var severity: EventSeverity?
    var mode: ByteView?
    var actions: ByteView?
    var blocks = false
  }

  private mutating func readRule(_ element: ByteView) -> Taken {
    var rule = Rule()
    let taken = takeMembers(of: element) { (self: inout Normalizer, key, value) in
      self.takeRuleMember(key, value, &rule)
    }
    let start = list.count
    beginElement()
    append("id", rule.id)
    append("name", rule.name)
    append("severity", rule.severity.map { ByteView($0.name) })
    append("mode", rule.mode)
    append("actions", json: rule.actions)
    endElement(start)
    if let severity = rule.severity { policySeverity = max(policySeverity, severity) }
    if rule.blocks, DecidingRule.isEnforced(rule.mode) { isBlocking = true }
    return taken
  }

  private mutating func takeRuleMember(
    _ key: ByteView, _ value: ByteView, _ rule: inout Rule
  ) -> Taken {
    if key == "RuleId" { return take(text: value, into: &rule.id) }
    if key == "RuleName" { return take(text: value, into: &rule.name) }
    if key == "RuleMode" { return take(text: value, into: &rule.mode) }
    if key == "Severity" {
      rule.severity = cleanText(value).flatMap { EventSeverity($0) }
      return Taken(rule.severity != nil)
    }
    if key == "Actions" {
      rule.actions = texts(value)
      let hasSkipped = hasSkippedStructures
      var cursor = ArrayCursor(rule.actions ?? value)
      while let action = cursor.next() {
        if cleanText(action)?.isAnyCase("blockaccess") == true { rule.blocks = true }
      }
      return Taken(
        (value.first == Ascii.openBracket || rule.actions != nil) && !hasSkipped)
    }
    guard key == "ConditionsMatched" else { return .none }
    return takeMembers(of: value) { (self: inout Normalizer, key, value) in
      guard key == "SensitiveInformation", let elements = self.elements(of: value) else {
        return .none
      }
      return self.takeElements(of: elements) { (self: inout Normalizer, element) in
        self.sensitiveTypeCount += 1
        guard self.sensitiveTypeCount <= Normalizer.typesMax else {
          self.event.set(.isTruncated, true)
          return .none
        }
        var type = SensitiveType()
        return self.takeSensitiveType(element, &type)
      }
    }
  }

  // MARK: What was found

  /// More kinds than this stay as the service wrote them.
  private static let typesMax = 256

  private mutating func readSensitiveTypes(_ details: ByteView) {
    let start = beginList()
    var count = 0
    var policies = ArrayCursor(details)
    while let policy = policies.next() {
      guard let value = ObjectCursor.value(of: "Rules", in: policy), let list = elements(of: value)
      else { continue }
      var rules = ArrayCursor(list)
      while let rule = rules.next() {
        guard let conditions = ObjectCursor.value(of: "ConditionsMatched", in: rule),
          let value = ObjectCursor.value(of: "SensitiveInformation", in: conditions),
          let found = elements(of: value)
        else { continue }
        var types = ArrayCursor(found)
        while let type = types.next(), count < Normalizer.typesMax {
          count += 1
          var read = SensitiveType()
          _ = takeSensitiveType(type, &read)
          append(read)
        }
      }
    }
    set(.dlpSensitiveTypes, list: endList(start))
  }

  /// What is known of one kind of secret.
  struct SensitiveType {
    fileprivate var id: ByteView?
    fileprivate var name: ByteView?
    fileprivate var count: Int?
    fileprivate var confidence: Int?
  }

  /// Reads a kind of secret as policies and as devices write it.
  mutating func takeSensitiveType(_ element: ByteView, _ type: inout SensitiveType) -> Taken {
    takeMembers(of: element) { (self: inout Normalizer, key, value) in
      if key == "SensitiveType" || key == "SensitiveInfoTypeId" {
        return self.take(text: value, into: &type.id)
      }
      if key == "SensitiveInformationTypeName" || key == "SensitiveInfoTypeName" {
        return self.take(text: value, into: &type.name)
      }
      if key == "Count" { return self.take(count: value, into: &type.count) }
      guard key == "Confidence" else { return .none }
      var percent: Int?
      let taken = self.take(count: value, into: &percent)
      guard (percent ?? 0) <= 100 else { return .none }
      type.confidence = percent ?? type.confidence
      return taken
    }
  }

  /// Writes a kind of secret as an element of a list.
  mutating func append(_ type: SensitiveType) {
    appendObject { (self: inout Normalizer) in
      self.append("id", type.id)
      self.append("name", type.name)
      self.append("count", integer: type.count)
      self.append("confidence", integer: type.confidence)
    }
  }

  // MARK: Exceptions

  /// Why somebody went past a rule: a text, an object, or JSON in a text.
  private mutating func readException() {
    if operationKey == "dlpinfo" { event.set(.dlpIsFalsePositive, true) }
    guard let value = members.value(.exceptionInfo) else { return }
    var object = value
    if value.first == Ascii.quote {
      guard let text = text(.exceptionInfo) else { return }
      guard let parsed = embedded(text) else {
        if text.mayBeJSON { return issues.add("ExceptionInfo", "not JSON") }
        event.set(.dlpJustification, text)
        return members.lift(.exceptionInfo)
      }
      object = parsed
    }
    var isJustified = false
    let taken = takeMembers(of: object) { (self: inout Normalizer, key, value) in
      if key == "Justification" {
        if self.cleanText(value) != nil { isJustified = true }
        return self.take(text: value, .dlpJustification)
      }
      if key == "FalsePositive", let text = self.cleanText(value),
        let flag = Normalizer.flag(text)
      {
        self.event.set(.dlpIsFalsePositive, flag)
        return .all
      }
      if key == "Reason", let reason = self.cleanText(value) {
        if reason.isAnyCase("override") { self.event.set(.dlpIsOverride, true) }
        if reason.isAnyCase("falsepositive") { self.event.set(.dlpIsFalsePositive, true) }
      }
      return .none
    }
    // What justifies a report of a false positive lets nothing past a rule.
    if isJustified, event.flag(.dlpIsFalsePositive) != true { event.set(.dlpIsOverride, true) }
    if value.first == Ascii.openBrace { lift(.exceptionInfo, taken) }
  }
}
