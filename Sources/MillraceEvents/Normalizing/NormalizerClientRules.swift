/// Rules that a client makes in its own mailbox: `UpdateInboxRules`, whose property `RuleActions`
/// is a list of actions in JSON, an object with a member for each, or words.
extension Normalizer {
  private enum RuleAction {
    case forward, redirect, delete, markRead, move, stop
  }

  private static let ruleActions: [(word: StaticString, action: RuleAction)] = [
    ("redirect", .redirect), ("forward", .forward), ("delete", .delete), ("markasread", .markRead),
    ("markread", .markRead), ("move", .move), ("stop", .stop),
  ]

  /// Says what the rule does. The property stays where it is, as it says more.
  mutating func readRuleActions(of value: ByteView) {
    if value.first == Ascii.openBracket || value.first == Ascii.openBrace {
      readRuleActions(ByteView(""), value)
    } else if let text = cleanText(value) {
      readRuleActions(text, embedded(text))
    }
  }

  private mutating func readRuleActions(_ text: ByteView, _ json: ByteView?) {
    for action in [RuleAction.forward, .redirect] {
      let start = beginList()
      if let json {
        visitActions(json, of: action) { (self: inout Normalizer, value) in
          self.appendAddresses(of: value)
        }
      } else if Normalizer.action(text) == action {
        appendAddresses(in: text)
      }
      set(action == .forward ? .mailRuleForwardTo : .mailRuleRedirectTo, list: endList(start))
    }
    guard let json else {
      if text.firstIndex(ofAnyCase: "delete") != nil { event.set(.mailRuleDelete, true) }
      return
    }
    for (action, field) in [
      (RuleAction.delete, EventField.mailRuleDelete), (.markRead, .mailRuleMarkRead),
      (.stop, .mailRuleStopProcessing),
    ] {
      visitActions(json, of: action) { (self: inout Normalizer, _) in self.event.set(field, true) }
    }
    visitActions(json, of: .move) { (self: inout Normalizer, value) in self.takeFolder(value) }
  }

  private static func action(_ name: ByteView) -> RuleAction? {
    ruleActions.first { name.firstIndex(ofAnyCase: $0.word) != nil }?.action
  }

  /// Calls `visit` with what belongs to each action of one kind: an object that names its kind, or
  /// the value of a member that is called like it.
  private mutating func visitActions(
    _ json: ByteView, of action: RuleAction, _ visit: (inout Normalizer, ByteView) -> Void
  ) {
    if json.first == Ascii.openBracket {
      var elements = ArrayCursor(json)
      while let element = elements.next() {
        if element.first == Ascii.openBrace { visitActions(element, of: action, visit) }
      }
      return
    }
    let found = ObjectCursor.values(of: "ActionType", "Type", "$type", in: json)
    if let kind = cleanText(found.0 ?? found.1 ?? found.2) {
      if Normalizer.action(kind) == action { visit(&self, json) }
      return
    }
    var members = ObjectCursor(json)
    while let member = members.next() {
      // A member that says no, or nothing, is an action that is not taken.
      let isTaken = scalarText(member.value).map { Normalizer.flag($0) != false && !$0.isEmpty }
      let isNull = member.value.first == UInt8(ascii: "n")
      if Normalizer.action(member.key) == action, isTaken ?? !isNull { visit(&self, member.value) }
    }
  }

  /// Appends the addresses in the texts of a value, however deep.
  private mutating func appendAddresses(of value: ByteView) {
    switch value.first {
    case Ascii.openBracket:
      var elements = ArrayCursor(value)
      while let element = elements.next() { appendAddresses(of: element) }
    case Ascii.openBrace:
      var members = ObjectCursor(value)
      while let member = members.next() { appendAddresses(of: member.value) }
    case Ascii.quote:
      if let text = cleanText(value) { appendAddresses(in: text) }
    default: return
    }
  }

  /// Appends the words of a text that have the shape of an address.
  private mutating func appendAddresses(in text: ByteView) {
    var from = 0
    for index in 0...text.count
    where index == text.count || Normalizer.endsAddress(text[index]) {
      let word = Normalizer.mailAddress(text.slice(from, index))
      if let at = word.firstIndex(of: Ascii.at), at > 0, at + 1 < word.count { appendText(word) }
      from = index + 1
    }
  }

  private static func endsAddress(_ byte: UInt8) -> Bool {
    switch byte {
    case Ascii.semicolon, Ascii.comma, Ascii.quote, Ascii.openBracket, Ascii.closeBracket,
      UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "'"), Ascii.openBrace, Ascii.closeBrace, 0...Ascii.blank:
      true
    default: false
    }
  }

  private mutating func takeFolder(_ value: ByteView) {
    if let text = scalarText(value)?.trimmed, Normalizer.flag(text) == nil, !text.isEmpty {
      return event.set(.mailRuleMoveTo, text)
    }
    guard value.first == Ascii.openBrace else { return }
    let found = ObjectCursor.values(of: "FolderName", "Folder", "FolderId", in: value)
    if let folder = cleanText(found.0 ?? found.1 ?? found.2) { event.set(.mailRuleMoveTo, folder) }
  }

  /// Whether the rule sends mail on to an address of another domain; called once its actor is
  /// known.
  mutating func noteForeignRecipients() {
    for field in [EventField.mailRuleForwardTo, .mailRuleRedirectTo] {
      guard let addresses = event.json(field) else { continue }
      var elements = ArrayCursor(addresses)
      while let element = elements.next() {
        if let address = scalarText(element), isForeign(address) {
          event.set(.mailRuleIsExternalForward, true)
        }
      }
    }
  }
}
