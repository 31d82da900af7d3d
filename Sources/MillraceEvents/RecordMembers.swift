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
  private var unknownNames = MemberNames()
  private var unknownPlaces: [Int] = []
  private var repeated = RepeatedMembers()
  private var order = MemberOrder()

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
    _ record: ByteView, arena: inout Arena, scratch: inout ByteBuffer, issues: inout ParseIssues
  ) {
    forget()
    var pointer = record.start + 1
    while true {
      pointer = ValidJSON.skipBlanks(pointer)
      if pointer[0] == Ascii.comma { pointer = ValidJSON.skipBlanks(pointer + 1) }
      guard pointer < record.end, pointer[0] == Ascii.quote else { return }
      var isEscaped = false
      let nameEnd = ValidJSON.skipString(pointer + 1, isEscaped: &isEscaped)
      var name = ByteView(from: pointer + 1, to: nameEnd - 1)
      if isEscaped {
        if JSONText.mendingSurrogates(name, in: &arena) != nil {
          issues.add("member name", "unpaired surrogate")
        }
        name = JSONText.decode(name, in: &arena)
      }
      let valueStart = ValidJSON.skipBlanks(ValidJSON.skipBlanks(nameEnd) + 1)
      isEscaped = false
      var isRepeated = false
      switch valueStart[0] {
      case Ascii.quote:
        pointer = ValidJSON.skipString(valueStart + 1, isEscaped: &isEscaped)
      case Ascii.openBrace, Ascii.openBracket:
        pointer = repeated.skip(valueStart, end: record.end, arena: &arena)
        isEscaped = repeated.isEscaped
        isRepeated = repeated.isRepeated
      default:
        pointer = ValidJSON.skipScalar(valueStart)
      }
      var value = ByteView(from: valueStart, to: pointer)
      if isEscaped, let mended = JSONText.mendingSurrogates(value, in: &arena) {
        value = mended
        issues.add(name, "unpaired surrogate")
      }
      if isRepeated {
        scratch.removeAll()
        RepeatedMembers.write(value, to: &scratch, arena: &arena)
        value = arena.copy(scratch.view)
        issues.add(name, "repeated member inside, the last one counts")
      }
      append(name, value, isEscaped: isEscaped, &issues)
    }
  }

  private mutating func forget() {
    for index in 0..<count {
      if let member = entries[index].member { places[Int(member.rawValue)] = -1 }
    }
    count = 0
    order.begin()
    unknownNames.removeAll()
    unknownPlaces.removeAll(keepingCapacity: true)
  }

  private mutating func append(
    _ name: ByteView, _ value: ByteView, isEscaped: Bool, _ issues: inout ParseIssues
  ) {
    let member = order.member(name)
    if let member {
      let earlier = Int(places[Int(member.rawValue)])
      if earlier >= 0 { replace(earlier, &issues) }
      places[Int(member.rawValue)] = Int32(count)
    } else {
      if let earlier = unknownNames.add(name) { replace(unknownPlaces[earlier], &issues) }
      unknownPlaces.append(count)
    }
    if count == capacity { grow() }
    (entries + count).initialize(
      to: Entry(name: name, value: value, member: member, isEscaped: isEscaped, state: .pending))
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
    capacity *= 2
  }

  private mutating func replace(_ place: Int, _ issues: inout ParseIssues) {
    entries[place].state = .replaced
    issues.add(entries[place].name, "repeated member, the last one counts")
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

  /// Keeps only a part of a member for `ext`, as the rest is in fields of the event.
  mutating func keep(_ remainder: ByteView, of member: RawMember) {
    let place = Int(places[Int(member.rawValue)])
    if place >= 0 { entries[place].value = remainder }
  }

  /// Writes all members that no field took up as one JSON object, in the record's order; nothing
  /// when there is none.
  func writePending(to buffer: inout ByteBuffer) {
    var separator = Ascii.openBrace
    for index in 0..<count where RecordMembers.isPending(entries[index]) {
      buffer.append(separator)
      separator = Ascii.comma
      buffer.appendString(entries[index].name)
      buffer.append(Ascii.colon)
      buffer.appendOnOneLine(entries[index].value)
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

/// Tells known members by their names. Records of one kind have their members in one order, so the
/// member that followed the last one before is tried first; the table knows the others.
private struct MemberOrder: ~Copyable {
  private let names: UnsafeMutablePointer<ByteView>
  /// Which member followed each one when it was seen last; itself when none did.
  private let followers: UnsafeMutablePointer<RawMember>
  private var last = RawMember.id
  private let table = RawMember.table

  init() {
    let count = RawMember.allCases.count
    names = .allocate(capacity: count)
    followers = .allocate(capacity: count)
    for (index, member) in RawMember.allCases.enumerated() {
      (names + index).initialize(to: ByteView(RawMember.names[index]))
      (followers + index).initialize(to: member)
    }
  }

  deinit {
    names.deallocate()
    followers.deallocate()
  }

  /// Begins a record.
  mutating func begin() {
    last = RawMember.id
  }

  /// The member called `name`; nil when it is none of the known ones.
  @inline(__always)
  mutating func member(_ name: ByteView) -> RawMember? {
    let follower = followers[Int(last.rawValue)]
    if names[Int(follower.rawValue)] == name {
      last = follower
      return follower
    }
    guard let member = table[name] else { return nil }
    followers[Int(last.rawValue)] = member
    last = member
    return member
  }
}
