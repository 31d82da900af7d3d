/// The rule of data loss prevention for which an event is as severe as it is and blocked or not:
/// where one has to stand for all that matched, it is this one.
struct DecidingRule {
  /// Its policy, as it is in `policies`.
  let policy: ByteView
  /// The rule itself; nil when the policy has none.
  let rule: ByteView?

  /// The first rule that blocks, else the first of the most severe ones; nil when no policy
  /// matched.
  init?(of event: borrowing NativeEvent) {
    guard let policies = event.json(LaterField.policies) else { return nil }
    var best: (policy: ByteView, rule: ByteView, weight: Int)?
    var first: ByteView?
    var cursor = ArrayCursor(policies)
    while let policy = cursor.next() {
      first = first ?? policy
      guard let list = ObjectCursor.value(of: "rules", in: policy) else { continue }
      var rules = ArrayCursor(list)
      while let rule = rules.next() {
        let weight = DecidingRule.weight(of: rule)
        if weight > best?.weight ?? -1 { best = (policy, rule, weight) }
      }
    }
    guard let policy = best?.policy ?? first else { return nil }
    self.policy = policy
    rule = best?.rule
  }

  /// How much a rule counts: blocking more than any severity.
  private static func weight(of rule: ByteView) -> Int {
    let found = ObjectCursor.values(of: "severity", "mode", "actions", in: rule)
    let severity = found.0.flatMap { EventSeverity(DecidingRule.content(of: $0)) }?.rawValue ?? 0
    let blocks = isBlocking(found.2) && isEnforced(found.1.map(content))
    return (blocks ? 100 : 0) + severity
  }

  /// What stands between the quotes of a string.
  private static func content(of string: ByteView) -> ByteView {
    string.first == Ascii.quote ? string.slice(1, string.count - 1) : string
  }

  private static func isBlocking(_ actions: ByteView?) -> Bool {
    guard let actions else { return false }
    var cursor = ArrayCursor(actions)
    while let action = cursor.next() {
      if action.isAnyCase("\"blockaccess\"") { return true }
    }
    return false
  }

  /// Whether a rule does what it says, by its mode: those that only audit do not.
  static func isEnforced(_ mode: ByteView?) -> Bool {
    mode.map { $0.hasPrefix(anyCase: "enforce") || $0.isAnyCase("enable") } ?? true
  }
}
