/// Reading objects and lists inside members, and writing lists of objects into the event.
extension Normalizer {
  /// How much of a value the event has taken up.
  enum Taken {
    case all, none
    /// This is left, for `ext`.
    case rest(ByteView)

    /// All or nothing.
    init(_ isTaken: Bool) {
      self = isTaken ? .all : .none
    }
  }

  // MARK: Reading

  /// Offers each member of an object to `take`, its name as it is written.
  mutating func takeMembers(
    of object: ByteView, _ take: (inout Normalizer, ByteView, ByteView) -> Taken
  ) -> Taken {
    guard object.first == Ascii.openBrace else { return .none }
    var cursor = ObjectCursor(object)
    return takeMembers(in: &cursor, take)
  }

  /// The same of an object whose members are still to come.
  mutating func takeMembers(
    in cursor: inout ObjectCursor, _ take: (inout Normalizer, ByteView, ByteView) -> Taken
  ) -> Taken {
    var left = beginRemainder(Ascii.openBrace)
    while let member = cursor.next() { leave(member, take(&self, member.key, member.value), &left) }
    return endObject(left)
  }

  /// The same of members that were looked at before, those in `looked`.
  mutating func takeLookedMembers(
    _ take: (inout Normalizer, ByteView, ByteView) -> Taken
  ) -> Taken {
    var left = beginRemainder(Ascii.openBrace)
    for index in 0..<looked.count {
      let member = looked[index]
      leave(member, take(&self, member.key, member.value), &left)
    }
    return endObject(left)
  }

  /// What is left of an object or a list so far.
  private struct Left {
    /// Where it begins in `remainder`.
    let start: Int
    var isAnyTaken = false
    var isAnythingLeft = false
  }

  private mutating func beginRemainder(_ bracket: UInt8) -> Left {
    defer { remainder.append(bracket) }
    return Left(start: remainder.count)
  }

  @inline(__always)
  private mutating func leave(_ member: ObjectCursor.Member, _ taken: Taken, _ left: inout Left) {
    switch taken {
    case .all:
      left.isAnyTaken = true
      return
    case .none:
      left.isAnythingLeft = true
      if remainder.count > left.start + 1 { remainder.append(Ascii.comma) }
      // Where no white space stands around the colon, all is one piece.
      if member.value.start == member.key.end + 2 {
        remainder.append(ByteView(from: member.key.start - 1, to: member.value.end))
      } else {
        appendRemainder(member.key, member.value)
      }
    case .rest(let rest):
      left.isAnyTaken = true
      left.isAnythingLeft = true
      if remainder.count > left.start + 1 { remainder.append(Ascii.comma) }
      appendRemainder(member.key, rest)
    }
  }

  private mutating func endObject(_ left: Left) -> Taken {
    remainder.append(Ascii.closeBrace)
    return endRemainder(left)
  }

  private mutating func appendRemainder(_ key: ByteView, _ value: ByteView) {
    remainder.append(Ascii.quote)
    remainder.append(key)
    remainder.append("\":")
    remainder.append(value)
  }

  /// Sets a field to the list of what `read` appends of each element, and says what that left.
  mutating func take(
    elements array: ByteView, _ field: EventField, _ read: (inout Normalizer, ByteView) -> Taken
  ) -> Taken {
    let start = beginList()
    let taken = takeElements(of: array, read)
    set(field, list: endList(start))
    return taken
  }

  /// Offers each element of an array to `take`, or an object that stands where a list is usual.
  /// Where something is left of one element, the others keep their places.
  mutating func takeElements(
    of array: ByteView, _ take: (inout Normalizer, ByteView) -> Taken
  ) -> Taken {
    if array.first == Ascii.openBrace { return take(&self, array) }
    guard array.first == Ascii.openBracket else { return .none }
    var left = beginRemainder(Ascii.openBracket)
    var cursor = ArrayCursor(array)
    while let element = cursor.next() { leave(element: element, take(&self, element), &left) }
    return endArray(left)
  }

  private mutating func leave(element: ByteView, _ taken: Taken, _ left: inout Left) {
    if remainder.count > left.start + 1 { remainder.append(Ascii.comma) }
    switch taken {
    case .all:
      left.isAnyTaken = true
      remainder.append("{}")
    case .none:
      left.isAnythingLeft = true
      remainder.append(element)
    case .rest(let rest):
      left.isAnyTaken = true
      left.isAnythingLeft = true
      remainder.append(rest)
    }
  }

  private mutating func endArray(_ left: Left) -> Taken {
    remainder.append(Ascii.closeBracket)
    return endRemainder(left)
  }

  /// What `takeObjects` found.
  struct TakenObjects {
    var taken = Taken.none
    /// Whether nothing but objects is in the list.
    var areObjects = true
    /// Whether anything is.
    var hasElements = false
  }

  /// The same of a list of objects, through each of which `take` goes once.
  mutating func takeObjects(
    of array: ByteView, _ take: (inout Normalizer, inout ObjectCursor) -> Taken
  ) -> TakenObjects {
    var found = TakenObjects()
    if array.first == Ascii.openBrace {
      var object = ObjectCursor(array)
      found.taken = take(&self, &object)
      return found
    }
    guard array.first == Ascii.openBracket else { return found }
    var left = beginRemainder(Ascii.openBracket)
    var cursor = ArrayCursor(array)
    while true {
      if var object = cursor.nextObject() {
        found.hasElements = true
        let taken = take(&self, &object)
        leave(element: cursor.pass(&object), taken, &left)
      } else if let element = cursor.next() {
        found.areObjects = false
        leave(element: element, .none, &left)
      } else {
        break
      }
    }
    found.taken = endArray(left)
    return found
  }

  private mutating func endRemainder(_ left: Left) -> Taken {
    let start = left.start
    defer { remainder.removeLast(remainder.count - start) }
    if !left.isAnythingLeft { return .all }
    if !left.isAnyTaken { return .none }
    return .rest(
      arena.copy(ByteView(start: remainder.start + start, count: remainder.count - start)))
  }

  /// Leaves in `ext` what is left of a member.
  mutating func lift(_ member: RawMember, _ taken: Taken) {
    switch taken {
    case .all: members.lift(member)
    case .none: break
    case .rest(let rest): members.keep(rest, of: member)
    }
  }

  /// Sets a text field that is empty from a value. A value that says nothing, or what the field
  /// says already, is taken up as well.
  mutating func take(text value: ByteView, _ field: EventField) -> Taken {
    guard let text = cleanText(value) else { return Taken(isEmptyScalar(value)) }
    if !event.has(field) { event.set(field, text) }
    return Taken(event.text(field).map { $0 == text } ?? false)
  }

  /// Whether a value says nothing.
  func isEmptyScalar(_ value: ByteView) -> Bool {
    value.first != Ascii.openBrace && value.first != Ascii.openBracket
  }

  /// Takes a value as the text of something outside the event's own fields.
  mutating func take(text value: ByteView, into text: inout ByteView?) -> Taken {
    guard let found = cleanText(value) else { return Taken(isEmptyScalar(value)) }
    guard text == nil else { return .none }
    text = found
    return .all
  }

  /// Takes a value as a number that is not negative.
  mutating func take(count value: ByteView, into number: inout Int?) -> Taken {
    guard let found = cleanText(value) else { return Taken(isEmptyScalar(value)) }
    guard number == nil, let read = LenientNumber.integer(found), read >= 0 else { return .none }
    number = read
    return .all
  }

  /// Takes a value as the number of a field, which must not hold one yet.
  mutating func take(count value: ByteView, _ field: EventField) -> Taken {
    var number: Int?
    let taken = take(count: value, into: &number)
    guard let number else { return taken }
    guard !event.has(field) else { return .none }
    event.set(field, number)
    return taken
  }

  /// JSON that stands in a text, clean: no surrogate stands alone, no object has a member twice.
  mutating func embedded(_ text: ByteView) -> ByteView? {
    guard var value = EmbeddedJSON.parse(text, in: &arena) else { return nil }
    _ = repeated.skip(value.start, end: value.end, arena: &arena)
    let isRepeated = repeated.isRepeated
    if repeated.escapes.haveUnits, let mended = JSONText.mendingSurrogates(value, in: &arena) {
      value = mended
      issues.add("JSON in a text", "unpaired surrogate")
    }
    guard isRepeated else { return value }
    issues.add("JSON in a text", "repeated member inside, the last one counts")
    scratch.removeAll()
    RepeatedMembers.write(value, to: &scratch, arena: &arena)
    return arena.copy(scratch.view)
  }

  /// A list in whichever shape it comes: an array, an object alone, or either as JSON in a text.
  /// Nil when it is anything else.
  mutating func elements(of value: ByteView) -> ByteView? {
    switch value.first {
    case Ascii.openBracket:
      return value
    case Ascii.openBrace:
      scratch.removeAll()
      scratch.append(Ascii.openBracket)
      scratch.append(value)
      scratch.append(Ascii.closeBracket)
      return arena.copyForParsing(scratch.view)
    case Ascii.quote:
      guard let text = scalarText(value), let json = embedded(text) else { return nil }
      return json.first == Ascii.openBracket ? json : elements(of: json)
    default:
      return nil
    }
  }

  /// JSON without the blanks between its parts.
  mutating func compact(_ json: ByteView) -> ByteView {
    let copy = arena.allocate(json.count)
    var count = 0
    var pointer = json.start
    while pointer < json.end {
      let start = pointer
      if pointer[0] == Ascii.quote {
        var isEscaped = false
        pointer = min(ValidJSON.skipString(pointer + 1, isEscaped: &isEscaped), json.end)
        (copy + count).update(from: start, count: pointer - start)
        count += pointer - start
      } else {
        pointer += 1
        guard !isJSONBlank(start[0]) else { continue }
        copy[count] = start[0]
        count += 1
      }
    }
    arena.giveBack(json.count - count)
    return ByteView(start: copy, count: count)
  }

  // MARK: Writing

  /// Begins a value in `list`; returns where.
  mutating func beginList(_ bracket: UInt8 = Ascii.openBracket) -> Int {
    list.append(bracket)
    return list.count - 1
  }

  /// Ends the value that began at `start`; nil when nothing is in it.
  mutating func endList(_ start: Int, _ bracket: UInt8 = Ascii.closeBracket) -> ByteView? {
    defer { list.removeLast(list.count - start) }
    guard list.count > start + 1 else { return nil }
    list.append(bracket)
    return arena.copy(ByteView(start: list.start + start, count: list.count - start))
  }

  /// Begins an element of a list.
  mutating func beginElement() {
    if list.last != Ascii.openBracket { list.append(Ascii.comma) }
    list.append(Ascii.openBrace)
  }

  /// Ends the element that began at `start`; one with nothing in it is taken back.
  mutating func endElement(_ start: Int) {
    if list.last == Ascii.openBrace { return list.removeLast(list.count - start) }
    list.append(Ascii.closeBrace)
  }

  /// A list of one object, which `write` puts together; nil when nothing is in it.
  mutating func listOfOne(_ write: (inout Normalizer) -> Void) -> ByteView? {
    let start = beginList()
    appendObject(write)
    return endList(start)
  }

  /// An object as an element of a list, unless `write` puts nothing into it.
  mutating func appendObject(_ write: (inout Normalizer) -> Void) {
    let start = list.count
    beginElement()
    write(&self)
    endElement(start)
  }

  /// A member of an element, unless there is no text.
  mutating func append(_ name: StaticString, _ text: ByteView?) {
    guard let text, !text.isEmpty else { return }
    list.appendMember(name, text)
  }

  /// A number as a member of an element, unless there is none.
  mutating func append(_ name: StaticString, integer: Int?) {
    guard let integer else { return }
    list.appendName(name)
    list.append(integer: integer)
  }

  /// JSON as a member of an element, unless there is none.
  mutating func append(_ name: StaticString, json: ByteView?) {
    guard let json else { return }
    list.appendName(name)
    list.appendOnOneLine(json)
  }

  /// A list of texts from a JSON list of scalars, or from one text in which `separator` stands
  /// between them; nil when there is none. Notes whether anything else was in the list.
  mutating func texts(_ value: ByteView, separator: UInt8 = Ascii.semicolon) -> ByteView? {
    let start = beginList()
    hasSkippedStructures = false
    appendTexts(value, separator: separator)
    return endList(start)
  }

  private mutating func appendTexts(_ value: ByteView, separator: UInt8) {
    if value.first == Ascii.openBracket {
      var cursor = ArrayCursor(value)
      while let element = cursor.next() {
        if element.mayBeJSON { hasSkippedStructures = true }
        if let text = cleanText(element) { appendText(text) }
      }
    } else if value.first == Ascii.openBrace {
      hasSkippedStructures = true
    } else if let text = cleanText(value) {
      if text.first == Ascii.openBracket, let json = embedded(text) {
        appendTexts(json, separator: separator)
      } else {
        appendParts(of: text, separator: separator)
      }
    }
  }

  mutating func appendParts(of text: ByteView, separator: UInt8) {
    forEachPart(of: text, separator: separator) { (self: inout Normalizer, part) in
      self.appendText(part)
    }
  }

  /// Calls `body` with each part of a text that is not blank.
  mutating func forEachPart(
    of text: ByteView, separator: UInt8, _ body: (inout Normalizer, ByteView) -> Void
  ) {
    var start = 0
    while start <= text.count {
      let end = text.firstIndex(of: separator, from: start) ?? text.count
      let part = text.slice(start, end).trimmed
      if !part.isEmpty { body(&self, part) }
      start = end + 1
    }
  }

  /// A text as an element of a list.
  mutating func appendText(_ text: ByteView) {
    if list.last != Ascii.openBracket { list.append(Ascii.comma) }
    list.appendString(text)
  }

  /// Sets a field to a list, if there is one.
  mutating func set(_ field: EventField, list: ByteView?) {
    if let list { event.set(field, .json(list)) }
  }
}
