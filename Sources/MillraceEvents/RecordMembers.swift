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
    var state: State
  }

  private var entries: [Entry] = []
  /// Where each known member is in `entries`; -1 when the record has none.
  private var places = [Int32](repeating: -1, count: RawMember.allCases.count)
  private var unknownNames = MemberNames()
  private var unknownPlaces: [Int] = []
  private var repeated = RepeatedMembers()
  private let table = RawMember.table

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
      pointer = repeated.skip(valueStart, end: record.end, arena: &arena)
      var value = ByteView(from: valueStart, to: pointer)
      if repeated.isEscaped, let mended = JSONText.mendingSurrogates(value, in: &arena) {
        value = mended
        issues.add(name, "unpaired surrogate")
      }
      if repeated.isRepeated {
        scratch.removeAll()
        RepeatedMembers.write(value, to: &scratch, arena: &arena)
        value = arena.copy(scratch.view)
        issues.add(name, "repeated member inside, the last one counts")
      }
      append(name, value, &issues)
    }
  }

  private mutating func forget() {
    entries.removeAll(keepingCapacity: true)
    for index in places.indices { places[index] = -1 }
    unknownNames.removeAll()
    unknownPlaces.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ name: ByteView, _ value: ByteView, _ issues: inout ParseIssues) {
    let member = table[name]
    if let member {
      let earlier = Int(places[Int(member.rawValue)])
      if earlier >= 0 { replace(earlier, &issues) }
      places[Int(member.rawValue)] = Int32(entries.count)
    } else {
      if let earlier = unknownNames.add(name) { replace(unknownPlaces[earlier], &issues) }
      unknownPlaces.append(entries.count)
    }
    entries.append(Entry(name: name, value: value, member: member, state: .pending))
  }

  private mutating func replace(_ place: Int, _ issues: inout ParseIssues) {
    entries[place].state = .replaced
    issues.add(entries[place].name, "repeated member, the last one counts")
  }

  /// The value of a member as it is written; nil when it is absent or null.
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

  /// Whether anything is left for `ext`.
  var hasPending: Bool { entries.contains(where: RecordMembers.isPending) }

  /// Writes all members that no field took up as one JSON object, in the record's order.
  func writePending(to buffer: inout ByteBuffer) {
    buffer.append(Ascii.openBrace)
    var isFirst = true
    for entry in entries where RecordMembers.isPending(entry) {
      if !isFirst { buffer.append(Ascii.comma) }
      isFirst = false
      buffer.appendString(entry.name)
      buffer.append(Ascii.colon)
      buffer.appendOnOneLine(entry.value)
    }
    buffer.append(Ascii.closeBrace)
  }

  /// A known member that holds nothing says nothing; of unknown ones everything is kept.
  private static func isPending(_ entry: Entry) -> Bool {
    guard entry.state == .pending else { return false }
    guard entry.member != nil else { return true }
    return
      !(entry.value == "null" || entry.value == "\"\"" || entry.value == "[]"
      || entry.value == "{}")
  }
}
