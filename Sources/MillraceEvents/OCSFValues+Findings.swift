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
    guard let policy = ECSValues.firstPolicy(event),
      case .json(let policyName)? = ECSValues.member("name", of: policy, &scratch)
    else { return event[.operation] }
    guard case .json(let ruleName)? = ECSValues.firstRule(event, "name", &scratch) else {
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
    let category = event.text(LaterField.alertCategory)
    return scratch.list { $0.add(category) }
  }

  /// A rule, where its name or id is known.
  static let analyticType: FormatSource.Maker = { event, scratch in
    let isKnown =
      ECSValues.ruleID(event, &scratch) != nil || ECSValues.ruleName(event, &scratch) != nil
    return isKnown ? .integer(1) : nil
  }

  /// Denied, or observed.
  static let actionID: FormatSource.Maker = { event, scratch in
    guard scratch.ocsf.activity == 1, LaterField.isBlocked != nil else { return nil }
    return .integer(event.flag(LaterField.isBlocked) == true ? 2 : 3)
  }

  /// Blocked, or detected.
  static let dispositionID: FormatSource.Maker = { event, scratch in
    guard scratch.ocsf.activity == 1, LaterField.isBlocked != nil else { return nil }
    return .integer(event.flag(LaterField.isBlocked) == true ? 2 : 15)
  }

  static let policyUID: FormatSource.Maker = { event, scratch in
    ECSValues.firstPolicy(event).flatMap { ECSValues.member("id", of: $0, &scratch) }
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

  /// Whom an alert is about, from where, and what was done.
  static let evidences: FormatSource.Maker = { event, scratch in
    let user = event.text(.targetUpn) ?? event.text(.actorUpn)
    let address = event.text(.sourceIP)
    let link = event.text(.targetType).flatMap { $0 == "link" ? event.text(.targetName) : nil }
    guard user != nil || address != nil || link != nil else { return nil }
    scratch.buffer.removeAll()
    scratch.buffer.append("[{")
    if let user {
      scratch.buffer.append("\"user\":{\"name\":")
      scratch.buffer.appendString(user)
      if isAddress(user) {
        scratch.buffer.append(",\"email_addr\":")
        scratch.buffer.appendString(user)
      }
      scratch.buffer.append(",\"type_id\":1}")
    }
    if let address {
      if user != nil { scratch.buffer.append(Ascii.comma) }
      scratch.buffer.append("\"src_endpoint\":{\"ip\":")
      scratch.buffer.appendString(address)
      scratch.buffer.append(Ascii.closeBrace)
    }
    if let link {
      if user != nil || address != nil { scratch.buffer.append(Ascii.comma) }
      scratch.buffer.append("\"url\":{\"url_string\":")
      scratch.buffer.appendString(link)
      scratch.buffer.append(Ascii.closeBrace)
    }
    if let operation = event.text(LaterField.alertOperation) {
      scratch.buffer.append(",\"data\":{\"op\":")
      scratch.buffer.appendString(operation)
      scratch.buffer.append(Ascii.closeBrace)
    }
    scratch.buffer.append("}]")
    return scratch.json()
  }
}
