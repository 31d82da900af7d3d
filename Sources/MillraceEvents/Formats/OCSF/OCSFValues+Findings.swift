/// Findings: alerts and matches of policies.
extension OCSFValues {
  /// What identifies a finding: the alert, else its own record.
  static func findingUIDField(_ event: borrowing NativeEvent) -> EventField? {
    if event.text(LaterField.alertID) != nil { return LaterField.alertID }
    return event.has(.id) ? .id : nil
  }

  static let findingUID: FormatSource.Maker = { event, _ in
    findingUIDField(event).flatMap { event[$0] }
  }

  /// The alert's name; of a match, `policy / rule`.
  static let title: FormatSource.Maker = { event, scratch in
    if let name = event.value(LaterField.alertName) { return name }
    guard let policy = DecidingRule(of: event)?.policy,
      case .json(let policyName)? = ECSValues.member("name", of: policy, &scratch)
    else { return event[.operation] }
    guard case .json(let ruleName)? = ECSValues.decidingRule(event, "name", &scratch) else {
      return .json(policyName)
    }
    scratch.buffer.removeAll()
    scratch.buffer.append(policyName.prefix(policyName.count - 1))
    scratch.buffer.append(" / ")
    scratch.buffer.append(ruleName.dropFirst(1))
    return scratch.json()
  }

  static let findingTypes: FormatSource.Maker = { event, scratch in
    if scratch.ocsf.uid == 2006 { return .json(ByteView(#"["DLP"]"#)) }
    var list = TextList()
    list.add(event.text(LaterField.alertCategory))
    // What the mail was taken for: malware, phish, spam.
    list.add(event.text(.emailVerdict))
    list.add(event.text(.riskEventType))
    return scratch.list(list)
  }

  /// A rule, where its name or id is known.
  static let analyticType: FormatSource.Maker = { event, scratch in
    let isKnown =
      ECSValues.ruleID(event, &scratch) != nil || ECSValues.ruleName(event, &scratch) != nil
    return isKnown ? .integer(1) : nil
  }

  /// Allowed, denied, or observed: what a policy did, or the page before a link.
  static let actionID: FormatSource.Maker = { event, scratch in
    if scratch.ocsf.uid == 2004 {
      return clickStopped(event).map { .integer($0 ? 2 : 1) }
    }
    guard scratch.ocsf.activity == 1 else { return nil }
    return .integer(event.flag(LaterField.isBlocked) == true ? 2 : 3)
  }

  /// Whether a finding is of a click that was stopped; nil when it is of anything else.
  static func clickStopped(_ event: borrowing NativeEvent) -> Bool? {
    guard let action = event.text(.action), action == "threat.url.click" else { return nil }
    return event.isClickStopped
  }

  /// Blocked, or detected.
  static let dispositionID: FormatSource.Maker = { event, scratch in
    guard scratch.ocsf.activity == 1 else { return nil }
    return .integer(event.flag(LaterField.isBlocked) == true ? 2 : 15)
  }

  static let policyUID: FormatSource.Maker = { event, scratch in
    DecidingRule(of: event).flatMap { ECSValues.member("id", of: $0.policy, &scratch) }
  }

  /// What kind of data the first type is (`category_id` of `data_security`), as far as its name
  /// tells.
  static let dataCategory: FormatSource.Maker = { event, scratch in
    guard let types = event.json(LaterField.sensitiveTypes) else { return nil }
    var cursor = ArrayCursor(types)
    guard let first = cursor.next(), let name = ObjectCursor.value(of: "name", in: first)
    else { return nil }
    for (words, category) in dataCategories where name.firstIndex(ofAnyCase: words) != nil {
      return .integer(category)
    }
    return nil
  }

  /// Words in the names of sensitive information types (Microsoft Purview, "Sensitive information
  /// type entity definitions"): 1 personal, 3 financial, 6 security.
  private static let dataCategories: [(StaticString, Int)] = [
    ("credit card", 3), ("debit card", 3), ("bank", 3), ("iban", 3), ("swift code", 3),
    ("routing number", 3), ("passport", 1), ("social security", 1), ("driver", 1),
    ("identification", 1), ("identity", 1), ("full names", 1), ("physical addresses", 1),
    ("medical", 1), ("health", 1), ("disease", 1), ("password", 6), ("connection string", 6),
    ("access key", 6), ("account key", 6), ("credential", 6), ("token", 6), ("secret", 6),
  ]

  static let pattern: FormatSource.Maker = { event, scratch in
    guard let types = event.json(LaterField.sensitiveTypes) else { return nil }
    var cursor = ArrayCursor(types)
    return cursor.next().flatMap { ECSValues.member("name", of: $0, &scratch) }
  }

  // MARK: Risk

  /// How great the service takes the risk to be.
  static let riskLevelID: FormatSource.Maker = { event, _ in
    guard let level = event.text(LaterField.riskLevel) else { return nil }
    for (word, number) in riskLevels where level.isAnyCase(word) { return .integer(number) }
    return .integer(99)
  }

  /// The number in words; where it has none of its own, the service's word.
  static let riskLevel: FormatSource.Maker = { event, scratch in
    guard let level = event.text(LaterField.riskLevel) else { return nil }
    for (word, _) in riskLevels where level.isAnyCase(word) {
      return .text(capitalized(ByteView(word), &scratch))
    }
    return .text(level)
  }

  private static let riskLevels: [(StaticString, Int)] = [
    ("low", 1), ("medium", 2), ("high", 3), ("critical", 4),
  ]
}
