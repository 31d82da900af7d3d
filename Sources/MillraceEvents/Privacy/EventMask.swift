/// Replaces what an event says of people by pseudonyms, before any format writes it.
///
/// Fields that belong to a selected group are replaced whole. What they held, in every spelling
/// that is known of it, is looked for in all other texts, together with whatever looks like a
/// value of a selected group. Formats are functions of the event, so nothing gets past this.
struct EventMask: ~Copyable {
  let pseudonymizer: any Pseudonymizer
  let groups: PseudonymGroups
  private let treatments: [PseudonymFields.Treatment]
  private let fields = EventField.allCases
  let kinds = TextByte.kinds
  private var maker: (any PseudonymMaker)?
  var arena = Arena()
  /// Where a text is put together.
  var output = ByteBuffer(capacity: 4 << 10)
  /// Where the addresses of one text are put together.
  private var addresses = ByteBuffer(capacity: 1 << 10)
  /// Where JSON is put together, the innermost last.
  var json = ByteBuffer(capacity: 16 << 10)
  /// What was replaced in this event, in lower case.
  var known = KnownValues()
  /// GUIDs of this event that are not those of people.
  var kept: [ByteView] = []

  init(_ pseudonymizer: any Pseudonymizer) {
    self.pseudonymizer = pseudonymizer
    let selection = pseudonymizer.selection
    groups = selection.groups
    treatments = PseudonymFields.table.enumerated().map { ordinal, treatment in
      let field = EventField.allCases[ordinal]
      // A field that was named is replaced whatever it holds.
      if selection.fields.contains("\(field.path)") { return .whole([]) }
      if case .whole(let group) = treatment, !selection.groups.contains(group) { return .scan }
      return treatment
    }
  }

  deinit {
    if let maker { pseudonymizer.giveBack(maker) }
  }

  /// Replaces what is to be replaced. Views of the event that lie here are good until the next
  /// call.
  mutating func apply(to event: inout NativeEvent, context: EventContext) {
    begin(event, context)
    // It may lead to somebody's own folder; formats then have the address that was masked.
    event.spelledAddress = nil
    event.otherAddress = nil
    for field in PseudonymFields.ofTheService {
      if let text = event.text(field), text.isGUID { kept.append(text) }
    }
    forEachField(event) { (self: inout EventMask, field, treatment) in
      guard case .whole = treatment, let value = event[field] else { return }
      self.learn(value, of: field, event)
    }
    known.sort()
    let isAddress = event.text(.sourceIP).flatMap { IPAddress($0) } != nil
    let address = isAddress ? event.text(.sourceIP) : nil
    for word in 0..<NativeEvent.wordCount {
      var bits = event.presence(word)
      while bits != 0 {
        let ordinal = 64 * word + bits.trailingZeroBitCount
        bits &= bits - 1
        replace(fields[ordinal], treatments[ordinal], in: &event)
      }
    }
    // The address that stands for another cannot always be turned back; this can.
    if let address, case .whole = treatments[Int(EventField.sourceIP.rawValue)] {
      event.set(.sourceAddress, .text(pseudonym(address, .text)))
    }
  }

  private mutating func begin(_ event: borrowing NativeEvent, _ context: EventContext) {
    arena.reset()
    known.removeAll()
    kept.removeAll(keepingCapacity: true)
    var tenant = context.tenant
    if tenant.isEmpty, let named = event.text(.tenantID) { tenant = Array(named.buffer) }
    if let maker {
      if maker.tenant == tenant { return }
      pseudonymizer.giveBack(maker)
    }
    maker = pseudonymizer.borrow(tenant: tenant)
  }

  private mutating func forEachField(
    _ event: borrowing NativeEvent,
    _ body: (inout EventMask, EventField, PseudonymFields.Treatment) -> Void
  ) {
    for word in 0..<NativeEvent.wordCount {
      var bits = event.presence(word)
      while bits != 0 {
        let ordinal = 64 * word + bits.trailingZeroBitCount
        bits &= bits - 1
        body(&self, fields[ordinal], treatments[ordinal])
      }
    }
  }

  // MARK: Learning

  /// Notes what a field holds that will be replaced.
  private mutating func learn(
    _ value: NativeEvent.Value, of field: EventField, _ event: borrowing NativeEvent
  ) {
    switch value {
    case .text(let text), .constant(let text):
      if !isSpared(field, text, event) { known.learn(text, in: &arena) }
    case .json(let tree): learn(tree: tree, depth: 0)
    case .integer, .flag, .time: return
    }
  }

  /// Notes the texts of a list of people, or of objects about them.
  private mutating func learn(tree: ByteView, depth: Int) {
    guard depth < 4 else { return }
    switch tree.first {
    case Ascii.quote:
      let text = JSONText.decode(tree.slice(1, tree.count - 1), in: &arena)
      if !text.isGUID || !isKept(text) { known.learn(text, in: &arena) }
    case Ascii.openBracket:
      var elements = ArrayCursor(tree)
      while let element = elements.next() { learn(tree: element, depth: depth + 1) }
    case Ascii.openBrace:
      var members = ObjectCursor(tree)
      while let member = members.next() {
        switch PseudonymNames.content(member.key, in: &arena) {
        case .word, .number: continue
        case .group, nil: learn(tree: member.value, depth: depth + 1)
        }
      }
    default: return
    }
  }

  /// Whether a field holds something else this time than what it is replaced for.
  private func isSpared(
    _ field: EventField, _ text: ByteView, _ event: borrowing NativeEvent
  ) -> Bool {
    if field == .targetID, let type = event.text(.targetType), PseudonymFields.isThing(type) {
      return true
    }
    if text.isGUID { return isKept(text) }
    return Normalizer.isServiceAccount(text)
  }

  /// Whether a GUID is one of the service's or of an application.
  func isKept(_ id: ByteView) -> Bool {
    for other in kept where other.equalsIgnoringCase(id) { return true }
    return false
  }

  // MARK: Replacing

  private mutating func replace(
    _ field: EventField, _ treatment: PseudonymFields.Treatment, in event: inout NativeEvent
  ) {
    guard let value = event[field] else { return }
    let content: MaskedContent
    switch effective(treatment, field, event) {
    case .keep: return
    case .whole: content = .whole
    case .scan: content = .scan
    case .scanNames: content = .names
    case .known: content = .known
    }
    switch value {
    case .text(let text), .constant(let text):
      let isWhole = content == .whole && !isSpared(field, text, event)
      let masked = isWhole ? whole(text) : scan(text, content == .whole ? .known : content)
      guard let masked else { return }
      event.set(field, .text(bounded(masked, field)))
    case .json(let tree):
      let start = json.count
      writeMasked(tree, content, depth: 0)
      let masked = arena.copy(
        ByteView(start: json.start + start, count: json.count - start))
      json.removeLast(json.count - start)
      event.set(field, .json(masked))
    case .integer, .flag, .time: return
    }
  }

  /// The treatment of a field in this event: the name of a target may be that of a person.
  private func effective(
    _ treatment: PseudonymFields.Treatment, _ field: EventField, _ event: borrowing NativeEvent
  ) -> PseudonymFields.Treatment {
    guard field == .targetName, case .scan = treatment, groups.contains(.users) else {
      return treatment
    }
    guard let type = event.text(.targetType) else { return .whole(.users) }
    if PseudonymFields.isThing(type) || type == "mailbox_rule" { return treatment }
    // The names of applications that the service has everywhere.
    if type == "service_principal" { return treatment }
    return .whole(.users)
  }

  /// The message of an event has a length of its own.
  private func bounded(_ text: ByteView, _ field: EventField) -> ByteView {
    field == .message ? text.prefixOfCharacters(256) : text
  }

  /// A whole value as a pseudonym: those of the addresses in it, else that of all of it.
  mutating func whole(_ text: ByteView) -> ByteView? {
    let text = text.trimmed
    if UnsetWords.contains(text) { return nil }
    if let address = IPAddress(text) { return pseudonym(address.text(in: &arena), .address) }
    if text.firstIndex(of: Ascii.at) != nil || text.firstIndex(ofAnyCase: "%40") != nil {
      if let addresses = allAddresses(in: text) { return addresses }
    }
    return pseudonym(arena.lowercase(text), .text)
  }

  /// The pseudonym of a text in canonical form, followed by slack.
  mutating func pseudonym(_ canonical: ByteView, _ form: PseudonymForm) -> ByteView {
    guard let maker else { preconditionFailure("each event begins with a maker") }
    return arena.copy(maker.pseudonym(of: canonical.buffer, form: form))
  }

  /// The pseudonym of a value that was found in a text.
  mutating func pseudonym(ofFound text: ByteView) -> ByteView {
    whole(text) ?? pseudonym(arena.lowercase(text), .text)
  }

  /// The pseudonyms of all addresses of mail in a text, with semicolons between them.
  private mutating func allAddresses(in text: ByteView) -> ByteView? {
    addresses.removeAll()
    var index = 0
    var start = 0
    while index < text.count {
      guard let address = MailToken.find(at: index, in: text, from: start) else {
        index += 1
        continue
      }
      if addresses.count > 0 { addresses.append(Ascii.semicolon) }
      addresses.append(pseudonym(address.canonical(in: &arena), .mail))
      index = address.end
      start = index
    }
    return addresses.count > 0 ? arena.copy(addresses.view) : nil
  }
}

/// What a text or a piece of JSON is, as far as masking goes.
enum MaskedContent {
  /// All of it is replaced.
  case whole
  /// Everything that looks like a value of a selected group is replaced.
  case scan
  /// The same, but for what versions and numbers of the service look like.
  case names
  /// What was replaced elsewhere is replaced.
  case known
}
