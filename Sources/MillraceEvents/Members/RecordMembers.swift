/// What going over the members of records takes, and what was learnt on the way. One serves many
/// records.
struct MemberWalk: ~Copyable {
  fileprivate var orders = MemberOrders()
  fileprivate var repeated = RepeatedMembers()
}

/// The top-level members of one record, and which of them the event has taken up.
///
/// Values are clean when they come from here: no surrogate stands alone, no object has a member
/// twice. What had to be mended is a parse issue.
struct RecordMembers: ~Copyable {
  private enum State {
    /// Goes to `ext`.
    case pending
    /// Is in a field of its own.
    case lifted
    /// A later member of the same name counts.
    case replaced
  }

  private struct Entry {
    let name: ByteView
    var value: ByteView
    let member: RawMember?
    /// Whether an escape is in the value.
    let isEscaped: Bool
    var state: State
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var count = 0
  private var capacity = 128
  /// Where each known member is in `entries`; -1 when the record has none.
  private let places: UnsafeMutablePointer<Int32>
  /// Members that are read in another form than they came in.
  private var reshaped: [(place: Int, original: ByteView, form: ByteView)] = []
  private var unknownNames = MemberNames()
  private var unknownPlaces: [Int] = []
  /// How many members from the first on have been looked through for unknown names.
  private var notedCount = 0
  /// Whether an escape is in any value of the record.
  private(set) var hasEscapes = false

  init() {
    entries = .allocate(capacity: capacity)
    places = .allocate(capacity: RawMember.allCases.count)
    places.initialize(repeating: -1, count: RawMember.allCases.count)
  }

  deinit {
    entries.deallocate()
    places.deallocate()
  }

  /// Reads the members of a valid record.
  mutating func read(
    _ record: ByteView, walk: inout MemberWalk, arena: inout Arena, scratch: inout ByteBuffer,
    issues: inout ParseIssues
  ) {
    forget()
    walk.orders.makeRoom()
    var node: MemberOrders.Node? = .root
    var pointer = record.start + 1
    while pointer[0] != Ascii.closeBrace {
      let name: ByteView
      let member: RawMember?
      let valueStart: UnsafePointer<UInt8>
      if let last = node, let match = walk.orders.next(after: last, at: pointer) {
        node = match.node
        name = match.name
        member = match.member
        valueStart = match.value
        place(member)
      } else {
        let leadStart = pointer
        pointer = ValidJSON.skipBlanks(pointer)
        if pointer[0] == Ascii.comma { pointer = ValidJSON.skipBlanks(pointer + 1) }
        guard pointer < record.end, pointer[0] == Ascii.quote else { return }
        let read = readName(pointer, &arena, &issues)
        name = read.name
        valueStart = ValidJSON.skipBlanks(ValidJSON.skipBlanks(read.end) + 1)
        member = RawMember.table[name]
        let isFirst = placeAnew(name, member, &issues)
        node =
          if let last = node, isFirst, !read.isEscaped {
            walk.orders.learn(name, member, from: leadStart, to: valueStart, after: last)
          } else {
            nil
          }
      }
      var escapes = ValidJSON.Escapes()
      var isRepeated = false
      switch valueStart[0] {
      case Ascii.quote:
        pointer = ValidJSON.skipString(valueStart + 1, escapes: &escapes)
      case Ascii.openBrace, Ascii.openBracket:
        pointer = walk.repeated.skip(valueStart, end: record.end, arena: &arena)
        escapes = walk.repeated.escapes
        isRepeated = walk.repeated.isRepeated
      default:
        pointer = ValidJSON.skipScalar(valueStart)
      }
      var value = ByteView(from: valueStart, to: pointer)
      if escapes.areThere { hasEscapes = true }
      if escapes.haveUnits, let mended = JSONText.mendingSurrogates(value, in: &arena) {
        value = mended
        issues.add(name, "unpaired surrogate")
      }
      if isRepeated {
        scratch.removeAll()
        RepeatedMembers.write(value, to: &scratch, arena: &arena)
        value = arena.copy(scratch.view)
        issues.add(name, "repeated member inside, the last one counts")
      }
      if count == capacity { grow() }
      (entries + count).initialize(
        to: Entry(
          name: name, value: value, member: member, isEscaped: escapes.areThere,
          state: .pending))
      count &+= 1
    }
  }

  /// The name whose opening quote is at `pointer`, decoded, and the byte behind its closing quote.
  private func readName(
    _ pointer: UnsafePointer<UInt8>, _ arena: inout Arena, _ issues: inout ParseIssues
  ) -> (name: ByteView, end: UnsafePointer<UInt8>, isEscaped: Bool) {
    var isEscaped = false
    let end = ValidJSON.skipString(pointer + 1, isEscaped: &isEscaped)
    var name = ByteView(from: pointer + 1, to: end - 1)
    if isEscaped {
      if JSONText.mendingSurrogates(name, in: &arena) != nil {
        issues.add("member name", "unpaired surrogate")
      }
      name = JSONText.decode(name, in: &arena)
    }
    return (name, end, isEscaped)
  }

  private mutating func forget() {
    for index in 0..<count {
      if let member = entries[index].member { places[Int(member.rawValue)] = -1 }
    }
    count = 0
    notedCount = 0
    hasEscapes = false
    reshaped.removeAll(keepingCapacity: true)
    unknownNames.removeAll()
    unknownPlaces.removeAll(keepingCapacity: true)
  }

  /// Notes where the next member will be that is there for the first time.
  @inline(__always)
  private mutating func place(_ member: RawMember?) {
    guard let member else { return }
    places[Int(member.rawValue)] = Int32(truncatingIfNeeded: count)
  }

  /// Notes where the next member will be, and that it replaces an earlier one of its name; false
  /// when it does.
  private mutating func placeAnew(
    _ name: ByteView, _ member: RawMember?, _ issues: inout ParseIssues
  ) -> Bool {
    var earlier: Int?
    if let member {
      let place = Int(places[Int(member.rawValue)])
      earlier = place >= 0 ? place : nil
      places[Int(member.rawValue)] = Int32(truncatingIfNeeded: count)
    } else {
      noteUnknownNames()
      earlier = unknownNames.add(name).map { unknownPlaces[$0] }
      unknownPlaces.append(count)
      notedCount = count + 1
    }
    guard let earlier else { return true }
    entries[earlier].state = .replaced
    issues.add(entries[earlier].name, "repeated member, the last one counts")
    return false
  }

  /// Catches up with the unknown names before this one, which are not noted while an order that was
  /// learnt is followed: nothing occurs twice in it.
  private mutating func noteUnknownNames() {
    for index in notedCount..<count where entries[index].member == nil {
      _ = unknownNames.add(entries[index].name)
      unknownPlaces.append(index)
    }
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
    capacity *= 2
  }

  /// Whether a member that is present holds an escape.
  @inline(__always)
  func isEscaped(_ member: RawMember) -> Bool {
    entries[Int(places[Int(member.rawValue)])].isEscaped
  }

  /// The value of a member as it is written; nil when it is absent or null.
  @inline(__always)
  func value(_ member: RawMember) -> ByteView? {
    let place = Int(places[Int(member.rawValue)])
    guard place >= 0 else { return nil }
    let value = entries[place].value
    return value.first == UInt8(ascii: "n") ? nil : value
  }

  /// Says that a field of the event holds the member, so that `ext` needs not.
  mutating func lift(_ member: RawMember) {
    let place = Int(places[Int(member.rawValue)])
    if place >= 0 { entries[place].state = .lifted }
  }

  /// Says that no field holds the member after all.
  mutating func takeBack(_ member: RawMember) {
    let place = Int(places[Int(member.rawValue)])
    if place >= 0, entries[place].state == .lifted { entries[place].state = .pending }
  }

  /// Has a member read in another form. `ext` gets it as it came unless something is taken out.
  mutating func reshape(_ member: RawMember, as form: ByteView) {
    let place = Int(places[Int(member.rawValue)])
    guard place >= 0 else { return }
    if let index = reshaped.firstIndex(where: { $0.place == place }) {
      reshaped[index].form = form
    } else {
      reshaped.append((place, entries[place].value, form))
    }
    entries[place].value = form
  }

  private func restoreUntouched() {
    for (place, original, form) in reshaped where entries[place].value.start == form.start {
      entries[place].value = original
    }
  }

  /// Keeps only a part of a member for `ext`, as the rest is in fields of the event.
  mutating func keep(_ remainder: ByteView, of member: RawMember) {
    let place = Int(places[Int(member.rawValue)])
    if place >= 0 { entries[place].value = remainder }
  }

  /// Takes out what a policy matched word for word, and says where it was.
  mutating func removeMatchedSecrets(in arena: inout Arena, _ issues: inout ParseIssues) {
    for index in 0..<count {
      if MatchedSecrets.isName(entries[index].name) {
        entries[index].state = .lifted
        issues.add(entries[index].name, "left out, as it holds what was matched")
      } else if let rest = MatchedSecrets.removed(from: entries[index].value, in: &arena) {
        entries[index].value = rest
        issues.add(entries[index].name, "in part left out, as it holds what was matched")
      }
    }
  }

  /// Writes all members that no field took up as one JSON object, in the record's order; nothing
  /// when there is none.
  func writePending(to buffer: inout ByteBuffer) {
    restoreUntouched()
    var separator = Ascii.openBrace
    for index in 0..<count where RecordMembers.isPending(entries[index]) {
      buffer.append(separator)
      separator = Ascii.comma
      let name = entries[index].name
      let value = entries[index].value
      // As the service writes it, the member is one piece.
      if name.end + 2 == value.start, name.end[0] == Ascii.quote, name.end[1] == Ascii.colon,
        name.start[-1] == Ascii.quote
      {
        buffer.appendOnOneLine(ByteView(from: name.start - 1, to: value.end))
        continue
      }
      buffer.appendString(name)
      buffer.append(Ascii.colon)
      buffer.appendOnOneLine(value)
    }
    if separator == Ascii.comma { buffer.append(Ascii.closeBrace) }
  }

  /// A known member that holds nothing says nothing; of unknown ones everything is kept.
  @inline(__always)
  private static func isPending(_ entry: Entry) -> Bool {
    guard entry.state == .pending else { return false }
    guard entry.member != nil, entry.value.count <= 4 else { return true }
    return
      !(entry.value == "null" || entry.value == "\"\"" || entry.value == "[]"
      || entry.value == "{}")
  }
}
