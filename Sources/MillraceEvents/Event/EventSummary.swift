import CMillraceScan
import MillraceCore

/// `message`: the event in one line for people, who did what to what and whether it worked. Made
/// of the other fields alone, after they were masked, so that it says nothing that they do not.
struct EventSummary: ~Copyable {
  private let start: UnsafeMutablePointer<UInt8>
  private var count = 0

  /// One byte more than is kept, to see whether something was cut.
  private static let room = Limits.summaryBytesMax + 1
  /// Names of actors that are longer than this, in bytes, leave no room for what was done.
  private static let actorMax = Limits.summaryBytesMax * 3 / 4

  /// Sets `message`, with its text in `arena`.
  static func set(in event: inout NativeEvent, _ arena: inout Arena) {
    var line = EventSummary(start: arena.allocate(room))
    line.write(event, &arena)
    event.set(.message, line.finish())
  }

  private init(start: UnsafeMutablePointer<UInt8>) {
    self.start = start
  }

  /// The text on one line. One that is too long loses the word that does not fit: a part of a name,
  /// or of a pseudonym, is another name.
  private mutating func finish() -> ByteView {
    for index in 0..<count where start[index] < 0x20 || start[index] == 0x7F {
      start[index] = Ascii.blank
    }
    let text = ByteView(start: start, count: count)
    guard count == EventSummary.room else { return text }
    return text.prefix(text.lastIndex(of: Ascii.blank) ?? 0)
  }

  private mutating func add(_ text: ByteView) {
    let length = min(text.count, EventSummary.room - count)
    millrace_copy_short(start + count, text.start, length)
    count += length
  }

  private mutating func add(_ text: StaticString) { add(ByteView(text)) }

  // MARK: What is said

  private mutating func write(_ event: borrowing NativeEvent, _ arena: inout Arena) {
    if event.isAlert, let name = event.text(.alertName) {
      add(name)
      let about = event.text(.targetUpn) ?? event.text(.alertEntity) ?? event.text(.targetName)
      if let about, !(about == name) {
        add(": ")
        add(about)
      }
      return
    }
    // Longer than a summary has room for, and not to be cut.
    let actor = EventSummary.actor(event).flatMap { $0.count > EventSummary.actorMax ? nil : $0 }
    add(actor ?? ByteView("somebody"))
    add(" ")
    let action = event.text(.action) ?? ByteView("")
    let verb = event.text(.verb) ?? ByteView("")
    if let phrase = SummaryWords.actions[action] {
      writeVerb(phrase, event)
      writeObject(phrase, action, event, &arena)
    } else if let phrase = SummaryWords.verbs[verb], let noun = EventSummary.noun(of: action) {
      writeVerb(phrase, event)
      add(" ")
      writeNoun(noun)
      writeObject(phrase, action, event, &arena)
    } else {
      writeVerb(SummaryWords.other, event)
      add(" ")
      add(event.text(.operation)?.trimmed ?? ByteView("an operation"))
      writeObject(SummaryWords.other, action, event, &arena)
    }
    writeDetails(event, &arena)
    writeOutcome(event)
  }

  private static func actor(_ event: borrowing NativeEvent) -> ByteView? {
    if let name = event.text(.actorUpn) ?? event.text(.actorName) { return name }
    if let name = event.spelledActor { return name }
    return event.text(.actorID) ?? event.text(.appName)
  }

  /// What an action is about: `mailbox.rule` of `mailbox.rule.create`. Of words that a name was
  /// taken apart into, nothing is known.
  private static func noun(of action: ByteView) -> ByteView? {
    guard let dot = action.lastIndex(of: Ascii.dot), dot > 0 else { return nil }
    let noun = action.prefix(dot)
    return noun == "other" || noun == "cmdlet" || noun == "directory" ? nil : noun
  }

  private mutating func writeNoun(_ noun: ByteView) {
    let from = count
    add(noun)
    for index in from..<count {
      let isSeparator = start[index] == Ascii.dot || start[index] == Ascii.underscore
      if isSeparator { start[index] = Ascii.blank }
    }
  }

  private mutating func writeVerb(_ phrase: SummaryPhrase, _ event: borrowing NativeEvent) {
    switch event.text(.outcomeResult) {
    case .some(let result) where result == "failure":
      add("failed to ")
      add(phrase.infinitive)
    case .some(let result) where result == "interrupted":
      add("began to ")
      add(phrase.infinitive)
    default: add(phrase.done)
    }
  }

  /// The name of what it was done to, and before it what was granted or revoked.
  private mutating func writeObject(
    _ phrase: SummaryPhrase, _ action: ByteView, _ event: borrowing NativeEvent,
    _ arena: inout Arena
  ) {
    if let rights = event.json(.roles) ?? event.json(.permissions), !isNamed(by: action) {
      add(" ")
      writeList(rights, &arena)
    }
    if let policy = EventSummary.policy(event) {
      add(" ")
      add(JSONText.decode(policy.slice(1, policy.count - 1), in: &arena))
    }
    guard let name = EventSummary.object(event) else { return }
    // Whoever works on his own mailbox is named once.
    if let actor = EventSummary.actor(event), actor == name {
      if action.hasPrefix("email.send") { writeSubject(phrase, event, &arena) }
      return
    }
    add(phrase.link)
    add(name)
  }

  /// The subject of a mail that is the only one.
  private mutating func writeSubject(
    _ phrase: SummaryPhrase, _ event: borrowing NativeEvent, _ arena: inout Arena
  ) {
    guard let items = event.json(.emailItems) else { return }
    var cursor = ArrayCursor(items)
    guard let only = cursor.next(), cursor.next() == nil,
      let subject = ObjectCursor.value(of: "subject", in: only)
    else { return }
    add(phrase.link)
    add(subject.unquoted(in: &arena))
  }

  /// Whether an action says already which right it is about.
  private func isNamed(by action: ByteView) -> Bool {
    action.hasPrefix("app.owner.") || action.hasPrefix("site.admin.")
  }

  /// The name of the first policy that matched, in quotes.
  private static func policy(_ event: borrowing NativeEvent) -> ByteView? {
    guard let policies = event.json(.policies) else { return nil }
    var cursor = ArrayCursor(policies)
    guard let first = cursor.next(),
      let name = ObjectCursor.value(of: "name", in: first), name.first == Ascii.quote
    else { return nil }
    return name
  }

  private static func object(_ event: borrowing NativeEvent) -> ByteView? {
    if let name = event.text(.fileName) ?? event.text(.mailRuleName) { return name }
    if let name = event.text(.targetUpn) ?? event.text(.targetName) { return name }
    if let name = event.text(.appResourceName) ?? event.text(.teamName) { return name }
    if let name = event.text(.emailSubject) ?? event.text(.aiAppHost) { return name }
    // Ids of sign-ins and directories say nothing to people.
    if let id = event.text(.targetID), !id.isGUID { return id }
    return event.text(.objectID)
  }

  /// The name of who got or lost a right, in quotes; nil where the target is that, and of groups,
  /// whose members have no right of a name.
  private static func receiver(_ event: borrowing NativeEvent) -> ByteView? {
    guard event.has(.permissions), case .listed(let listed) = event.receiver else { return nil }
    return listed.quotedName
  }

  /// Where it went, and to whom.
  private mutating func writeDetails(_ event: borrowing NativeEvent, _ arena: inout Arena) {
    if let name = event.text(.fileDestName) ?? event.text(.fileDestPath) {
      add(" to ")
      add(name)
    }
    if let receiver = EventSummary.receiver(event) {
      add(event.text(.verb).map { $0 == "revoke" } == true ? " from " : " to ")
      add(receiver.unquoted(in: &arena))
    } else if let target = event.text(.sharingTarget) {
      add(" with ")
      add(target)
    }
    if let addresses = event.json(.mailRuleForwardTo) ?? event.json(.mailRuleRedirectTo) {
      add(", forwarding to ")
      writeList(addresses, &arena)
    }
    if let risk = event.text(.riskEventType) {
      add(": ")
      add(risk)
    }
    if event.flag(.dlpIsBlocked) == true { add(", which was blocked") }
  }

  private mutating func writeOutcome(_ event: borrowing NativeEvent) {
    guard let result = event.text(.outcomeResult) else { return }
    if result == "partial" { return add(", in part") }
    guard result == "failure" || result == "interrupted" else { return }
    let reason = event.text(.outcomeReason) ?? event.text(.outcomeDetail)
    guard let reason = reason ?? event.text(.outcomeCode) else { return }
    add(": ")
    add(reason)
  }

  /// The texts of a JSON list.
  private mutating func writeList(_ list: ByteView, _ arena: inout Arena) {
    var cursor = ArrayCursor(list)
    var isFirst = true
    while let element = cursor.next(), count < EventSummary.room {
      guard element.first == Ascii.quote else { continue }
      if !isFirst { add(", ") }
      isFirst = false
      add(JSONText.decode(element.slice(1, element.count - 1), in: &arena))
    }
  }
}
