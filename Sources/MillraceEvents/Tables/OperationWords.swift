/// Reads what an operation does from its words, for operations that no table knows.
enum OperationWords {
  /// The verb and the action `other.<verb>`, or `cmdlet.<verb>` for names like `Set-Mailbox`.
  static func meaning(
    of operation: ByteView, category: EventCategory, isOfCmdlets: Bool, arena: inout Arena
  ) -> (category: EventCategory, action: StaticString, verb: EventVerb) {
    if let hyphen = cmdletHyphen(operation, inAnyCase: isOfCmdlets) {
      let verb = cmdletVerbs[arena.lowercase(operation.prefix(hyphen))] ?? .other
      return (category, cmdletAction(verb), verb)
    }
    var words = Words(operation)
    var first: ByteView?
    var last: ByteView?
    while let word = words.next() {
      if first == nil { first = word }
      last = word
    }
    // A past tense at the end is the verb for sure: the first word may be a noun that looks so. The
    // names of settings of sites end with "set", which is one, too.
    let isDone =
      last?.hasSuffix("ed") == true
      || category == .site && last?.isAnyCase("set") == true
    let order = isDone && !isDoneToWhatFollows(first) ? [last, first] : [first, last]
    for word in order {
      guard let word, let verb = verb(ofWord: arena.lowercase(word)) else { continue }
      return (category, otherAction(verb), verb)
    }
    return (category, "other.other", .other)
  }

  /// Whether a first word is the verb though a past tense stands at the end, too, as in
  /// `RemovedSearchExported`.
  private static func isDoneToWhatFollows(_ word: ByteView?) -> Bool {
    guard let word else { return false }
    return word.isAnyCase("removed") || word.isAnyCase("viewed")
  }

  /// Where the hyphen of `Verb-Noun` stands; nil when the operation is no cmdlet.
  ///
  /// - Parameter inAnyCase: Whether record types are meant that tell of cmdlets as they were typed.
  static func cmdletHyphen(_ operation: ByteView, inAnyCase: Bool) -> Int? {
    guard let hyphen = operation.firstIndex(of: Ascii.hyphen), hyphen > 1,
      hyphen + 1 < operation.count,
      inAnyCase || isUpperCase(operation[0]) && !isUpperCase(operation[1]),
      operation.prefix(hyphen).buffer.allSatisfy(isLetter),
      operation.dropFirst(hyphen + 1).buffer.allSatisfy({ isLetter($0) || isDigit($0) })
    else { return nil }
    return hyphen
  }

  private static let cmdletVerbs = NameTable<EventVerb>([
    ("get", .read), ("test", .read), ("validate", .read), ("search", .read), ("new", .create),
    ("add", .create), ("install", .create), ("import", .create), ("enable", .enable),
    ("set", .update), ("update", .update), ("start", .update), ("stop", .update),
    ("resume", .update), ("suspend", .update), ("disable", .disable), ("remove", .delete),
    ("uninstall", .delete), ("clear", .delete), ("purge", .delete), ("export", .export),
    ("grant", .grant), ("revoke", .revoke), ("invoke", .execute), ("send", .send),
  ])

  private static let verbs = NameTable<EventVerb>([
    ("add", .create), ("create", .create), ("new", .create), ("upload", .create),
    ("import", .create), ("install", .create), ("enable", .create), ("register", .create),
    ("creation", .create), ("deletion", .delete), ("removal", .delete),
    ("suspension", .update), ("view", .read), ("get", .read), ("list", .read), ("read", .read),
    ("access", .read), ("open", .read), ("preview", .read), ("previewed", .read),
    ("download", .read), ("export", .export), ("search", .search), ("set", .update),
    ("update", .update), ("edit", .update), ("modify", .update), ("modified", .update),
    ("change", .update), ("rename", .update), ("move", .update), ("restore", .update),
    ("approve", .update), ("assign", .update), ("apply", .update), ("applied", .update),
    ("publish", .update), ("disable", .update), ("delete", .delete), ("remove", .delete),
    ("recycle", .delete), ("purge", .delete), ("uninstall", .delete), ("revoke", .delete),
    ("share", .share), ("unshare", .unshare),
  ])

  /// The verb of a word in lower case, in its base form, with a final `s`, or in the past tense.
  private static func verb(ofWord word: ByteView) -> EventVerb? {
    if let verb = verbs[word] { return verb }
    guard word.count > 3, !(word == "news") else { return nil }
    if word.last == UInt8(ascii: "s") || word.last == UInt8(ascii: "d") {
      if let verb = verbs[word.prefix(word.count - 1)] { return verb }
    }
    return word.hasSuffix("ed") ? verbs[word.prefix(word.count - 2)] : nil
  }

  private static func otherAction(_ verb: EventVerb) -> StaticString {
    switch verb {
    case .create: "other.create"
    case .read: "other.read"
    case .update: "other.update"
    case .delete: "other.delete"
    case .export: "other.export"
    case .search: "other.search"
    case .share: "other.share"
    case .unshare: "other.unshare"
    default: "other.other"
    }
  }

  private static func cmdletAction(_ verb: EventVerb) -> StaticString {
    switch verb {
    case .create: "cmdlet.create"
    case .read: "cmdlet.read"
    case .update: "cmdlet.update"
    case .delete: "cmdlet.delete"
    case .enable: "cmdlet.create"
    case .disable: "cmdlet.update"
    case .export: "cmdlet.export"
    case .grant: "cmdlet.grant"
    case .revoke: "cmdlet.revoke"
    case .execute: "cmdlet.execute"
    case .send: "cmdlet.send"
    default: "cmdlet.other"
    }
  }

  /// The words of a name: runs of letters, split where a capital begins a new word.
  private struct Words {
    private var rest: ByteView

    init(_ text: ByteView) {
      rest = text
    }

    mutating func next() -> ByteView? {
      while let first = rest.first, !isLetter(first) { rest = rest.dropFirst(1) }
      guard !rest.isEmpty else { return nil }
      var length = 1
      while length < rest.count, isLetter(rest[length]), !isBeginning(length) { length += 1 }
      defer { rest = rest.dropFirst(length) }
      return rest.prefix(length)
    }

    /// Whether a word begins at a letter: a capital behind a small letter, or the last one of an
    /// acronym before a small letter, as the `D` of `PDFDownloaded`.
    private func isBeginning(_ index: Int) -> Bool {
      guard isUpperCase(rest[index]) else { return false }
      if !isUpperCase(rest[index - 1]) { return true }
      return index + 1 < rest.count && isLetter(rest[index + 1]) && !isUpperCase(rest[index + 1])
    }
  }

  /// The key under which an operation is looked up, in lower case.
  static func key(of operation: ByteView, in arena: inout Arena) -> ByteView {
    let isPlain = operation.buffer.allSatisfy { $0 > Ascii.blank && $0 < 0x80 }
    if isPlain, operation.last != Ascii.dot { return arena.lowercase(operation) }
    return steady(operation, lowercased, in: &arena)
  }

  /// The same in the letter case of the record.
  static func spelled(_ operation: ByteView, in arena: inout Arena) -> ByteView {
    steady(operation, { $0 }, in: &arena)
  }

  /// A name without blanks around it, runs of them inside, a final dot, and with a hyphen for the
  /// dash that some senders have there.
  @inline(__always)
  private static func steady(
    _ operation: ByteView, _ letter: (UInt8) -> UInt8, in arena: inout Arena
  ) -> ByteView {
    let trimmed = operation.trimmed
    let target = arena.allocate(trimmed.count)
    var count = 0
    var index = 0
    while index < trimmed.count {
      var byte = letter(trimmed[index])
      if byte == 0xE2, index + 2 < trimmed.count, trimmed[index + 1] == 0x80,
        trimmed[index + 2] == 0x93
      {
        byte = Ascii.hyphen
        index += 2
      }
      let isBlank = isJSONBlank(byte)
      if !isBlank || target[count - 1] != Ascii.blank {
        target[count] = isBlank ? Ascii.blank : byte
        count += 1
      }
      index += 1
    }
    if count > 0, target[count - 1] == Ascii.dot { count -= 1 }
    while count > 0, target[count - 1] == Ascii.blank { count -= 1 }
    return ByteView(start: target, count: count)
  }
}
