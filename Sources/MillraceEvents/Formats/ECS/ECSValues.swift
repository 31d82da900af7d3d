/// Values of ECS fields that are not one field of the event.
enum ECSValues {
  // MARK: Categorization

  static let kind: FormatSource.Maker = { event, _ in
    .constant(ByteView(event.isAlert ? "alert" : "event"))
  }

  static let categories: FormatSource.Maker = { _, scratch in
    words(scratch.meaning.categories.rawValue, ECSCategories.names, &scratch)
  }

  /// Elastic's own integration calls every event one of the web.
  static let categoriesOfElastic: FormatSource.Maker = { _, scratch in
    words(scratch.meaning.categories.union(.web).rawValue, ECSCategories.names, &scratch)
  }

  static let types: FormatSource.Maker = { _, scratch in
    words(scratch.meaning.types.rawValue, ECSTypes.names, &scratch)
  }

  /// What is of the web is an access or an information.
  static let typesOfElastic: FormatSource.Maker = { _, scratch in
    var types = scratch.meaning.types
    if types.isDisjoint(with: [.access, .info]) { types.insert(.info) }
    return words(types.rawValue, ECSTypes.names, &scratch)
  }

  private static func words(
    _ bits: UInt16, _ names: [StaticString], _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    scratch.list { list in
      var bits = bits
      while bits != 0 {
        list.add(ByteView(names[bits.trailingZeroBitCount]))
        bits &= bits - 1
      }
    }
  }

  // MARK: Outcome

  /// A part of the whole is a success; what was only interrupted is neither.
  static let outcome: FormatSource.Maker = { event, _ in
    guard let result = event.text(.outcomeResult) else { return .constant(ByteView("unknown")) }
    if result == "partial" { return .constant(ByteView("success")) }
    if result == "interrupted" { return .constant(ByteView("unknown")) }
    return .constant(result)
  }

  static let reason: FormatSource.Maker = { event, _ in
    if let reason = event[.outcomeReason] { return reason }
    guard let result = event.text(.outcomeResult) else { return nil }
    if result == "partial" { return .constant(ByteView("PartiallySucceeded")) }
    // The status of a sign-in says how the exchange went, and no reason.
    guard result == "interrupted", event.text(.category).map({ $0 == "authentication" }) != true
    else { return nil }
    return event[.outcomeStatus]
  }

  /// The scale on which Elastic's rules score.
  static let severity: FormatSource.Maker = { event, _ in
    guard event.isAlert, let severity = event.text(.severity) else { return nil }
    if severity == "critical" { return .integer(99) }
    if severity == "high" { return .integer(73) }
    return .integer(severity == "medium" ? 47 : 21)
  }

  static let errorCode: FormatSource.Maker = { event, _ in
    guard let code = event.text(.outcomeCode), !(code == "0") else { return nil }
    return event[.outcomeCode]
  }

  static let errorMessage: FormatSource.Maker = { event, _ in
    guard let result = event.text(.outcomeResult), result == "failure" else { return nil }
    return event[.outcomeDetail]
  }

  // MARK: Rules

  static let ruleID: FormatSource.Maker = { event, scratch in
    decidingRule(event, "id", &scratch) ?? event.value(LaterField.alertPolicyID)
  }

  static let ruleName: FormatSource.Maker = { event, scratch in
    decidingRule(event, "name", &scratch) ?? event.value(LaterField.alertName)
  }

  /// Elastic's own integration has all rules that matched.
  static let ruleIDsOfElastic: FormatSource.Maker = { event, scratch in
    rules(event, "id", &scratch) ?? event.value(LaterField.alertPolicyID)
  }

  static let ruleNamesOfElastic: FormatSource.Maker = { event, scratch in
    rules(event, "name", &scratch) ?? event.value(LaterField.alertName)
  }

  static let ruleset: FormatSource.Maker = { event, scratch in
    DecidingRule(of: event).flatMap { member("name", of: $0.policy, &scratch) }
  }

  static let ruleCategory: FormatSource.Maker = { event, _ in
    if let category = event.value(LaterField.alertCategory) { return category }
    guard event.isAlert, let category = event.text(.category), category == "data_protection"
    else { return nil }
    return .constant(ByteView("DLP"))
  }

  /// A member of the rule that decided.
  static func decidingRule(
    _ event: borrowing NativeEvent, _ name: StaticString, _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    DecidingRule(of: event)?.rule.flatMap { member(name, of: $0, &scratch) }
  }

  /// A member of all rules that matched, as a list where they are several.
  private static func rules(
    _ event: borrowing NativeEvent, _ name: StaticString, _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    guard let policies = event.json(LaterField.policies) else { return nil }
    var list = TextList()
    var cursor = ArrayCursor(policies)
    while let policy = cursor.next() {
      guard let rules = ObjectCursor.value(of: "rules", in: policy) else { continue }
      var elements = ArrayCursor(rules)
      while let rule = elements.next() {
        guard let text = ObjectCursor.value(of: name, in: rule), text.first == Ascii.quote
        else { continue }
        list.add(text.unquoted(in: &scratch.arena))
      }
    }
    return list.count == 1 ? .text(list[0]) : scratch.list(list)
  }

  /// A member that is a string, as it is written.
  static func member(
    _ name: StaticString, of object: ByteView, _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    guard let value = ObjectCursor.value(of: name, in: object), value.first == Ascii.quote
    else { return nil }
    return .json(value)
  }

  // MARK: Place

  /// `NL-NH`: ISO 3166-2 has the country in front.
  static let region: FormatSource.Maker = { event, scratch in
    guard let region = event.text(.sourceGeoRegionIso),
      let country = event.text(.sourceGeoCountryIso)
    else { return nil }
    if region.firstIndex(of: Ascii.hyphen) != nil { return event[.sourceGeoRegionIso] }
    scratch.buffer.removeAll()
    scratch.buffer.append(country)
    scratch.buffer.append(Ascii.hyphen)
    scratch.buffer.append(region)
    return .text(scratch.arena.copy(scratch.buffer.view))
  }

  /// A point needs both of its numbers.
  static let latitude: FormatSource.Maker = { event, _ in
    event.has(.sourceGeoLon) ? event[.sourceGeoLat] : nil
  }

  static let longitude: FormatSource.Maker = { event, _ in
    event.has(.sourceGeoLat) ? event[.sourceGeoLon] : nil
  }
}

extension NativeEvent {
  /// What a field that some version has holds; nil when nothing.
  func value(_ field: EventField?) -> Value? {
    guard let field else { return nil }
    return self[field]
  }
}
