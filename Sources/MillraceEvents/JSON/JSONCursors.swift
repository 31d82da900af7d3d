/// Walks over bytes that are known to be valid JSON. On other bytes the walk is meaningless but
/// stays in the blob and its slack.
enum ValidJSON {
  /// The first byte at or after `pointer` that is not white space.
  @inline(__always)
  static func skipBlanks(_ pointer: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var pointer = pointer
    while isJSONBlank(pointer[0]) { pointer += 1 }
    return pointer
  }

  /// What is known of the escapes in some strings.
  struct Escapes {
    /// Whether there is any.
    var areThere = false
    /// Whether one of them is of a code unit, which may be a surrogate.
    var haveUnits = false
  }

  /// The byte behind the closing quote of the string whose content begins at `pointer`; notes which
  /// escapes are in it.
  @inline(__always)
  static func skipString(
    _ pointer: UnsafePointer<UInt8>, escapes: inout Escapes
  ) -> UnsafePointer<UInt8> {
    var pointer = StringSkipping.nextQuoteOrBackslash(pointer)
    while pointer[0] == Ascii.backslash {
      escapes.areThere = true
      if pointer[1] == UInt8(ascii: "u") { escapes.haveUnits = true }
      pointer = StringSkipping.nextQuoteOrBackslash(pointer + 2)
    }
    return pointer + 1
  }

  /// The byte behind the closing quote of the string whose content begins at `pointer`.
  @inline(__always)
  static func skipString(
    _ pointer: UnsafePointer<UInt8>, isEscaped: inout Bool
  ) -> UnsafePointer<UInt8> {
    var escapes = Escapes()
    let end = skipString(pointer, escapes: &escapes)
    if escapes.areThere { isEscaped = true }
    return end
  }

  /// The byte behind the number or word at `pointer`.
  @inline(__always)
  static func skipScalar(_ pointer: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var pointer = pointer
    while true {
      switch pointer[0] {
      case Ascii.comma, Ascii.closeBrace, Ascii.closeBracket, Ascii.blank, Ascii.lineFeed,
        Ascii.carriageReturn, Ascii.tab, Ascii.quote, 0:
        return pointer
      default:
        pointer += 1
      }
    }
  }

  /// The byte behind the value at `pointer`, before `end`.
  @inline(__always)
  static func skipValue(
    _ pointer: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8> {
    var isEscaped = false
    switch pointer[0] {
    case Ascii.quote: return skipString(pointer + 1, isEscaped: &isEscaped)
    case Ascii.openBrace, Ascii.openBracket:
      return BlockScan.skip(pointer, end: end) ?? skipBrackets(pointer, end: end)
    default: return skipScalar(pointer)
    }
  }

  /// The same for an object or array, where nothing faster can be had.
  private static func skipBrackets(
    _ pointer: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8> {
    var isEscaped = false
    var pointer = pointer
    var depth = 0
    while pointer < end {
      switch pointer[0] {
      case Ascii.quote:
        pointer = skipString(pointer + 1, isEscaped: &isEscaped)
        continue
      case Ascii.openBrace, Ascii.openBracket:
        depth += 1
      case Ascii.closeBrace, Ascii.closeBracket:
        depth -= 1
        if depth == 0 { return pointer + 1 }
      default:
        break
      }
      pointer += 1
    }
    return end
  }
}

/// The members of a valid JSON object, one after the other; none when the value is no object.
struct ObjectCursor {
  private var pointer: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  /// One member: the name's content between its quotes, and the value as it is written.
  struct Member {
    let key: ByteView
    let value: ByteView
  }

  init(_ value: ByteView) {
    end = value.end
    pointer = value.first == Ascii.openBrace ? value.start + 1 : value.end
  }

  /// The members of the object that begins at `start`, of which no more is known than that it ends
  /// before `limit`.
  fileprivate init(at start: UnsafePointer<UInt8>, before limit: UnsafePointer<UInt8>) {
    end = limit
    pointer = start + 1
  }

  /// The byte behind the object; passes the members that are left.
  fileprivate mutating func endOfObject() -> UnsafePointer<UInt8> {
    while next() != nil {}
    return min(pointer + 1, end)
  }

  mutating func next() -> Member? {
    while pointer < end, isJSONBlank(pointer[0]) || pointer[0] == Ascii.comma { pointer += 1 }
    guard pointer < end, pointer[0] == Ascii.quote else { return nil }
    var isEscaped = false
    let keyEnd = ValidJSON.skipString(pointer + 1, isEscaped: &isEscaped)
    let key = ByteView(from: pointer + 1, to: keyEnd - 1)
    let valueStart = ValidJSON.skipBlanks(ValidJSON.skipBlanks(keyEnd) + 1)
    pointer = ValidJSON.skipValue(valueStart, end: end)
    return Member(key: key, value: ByteView(from: valueStart, to: pointer))
  }

  /// The value of the next member when that is called `name` and no white space is around the name;
  /// nil, and nothing is passed, when it is another.
  @inline(__always)
  private mutating func value(ofNext name: StaticString) -> ByteView? {
    let length = name.utf8CodeUnitCount
    var start = pointer
    if start < end, start[0] == Ascii.comma { start += 1 }
    guard end - start > length + 3, start[0] == Ascii.quote,
      equalBytes(name.utf8Start, start + 1, length), start[length + 1] == Ascii.quote,
      start[length + 2] == Ascii.colon, !isJSONBlank(start[length + 3])
    else { return nil }
    let valueStart = start + length + 3
    pointer = ValidJSON.skipValue(valueStart, end: end)
    return ByteView(from: valueStart, to: pointer)
  }

  /// The values of three members, of each the first; nil where there is none.
  static func values(
    of first: StaticString, _ second: StaticString, _ third: StaticString, in object: ByteView
  ) -> (ByteView?, ByteView?, ByteView?) {
    var found: (ByteView?, ByteView?, ByteView?) = (nil, nil, nil)
    var cursor = ObjectCursor(object)
    // Where they come first and in this order, names are compared and not looked for.
    found.0 = cursor.value(ofNext: first)
    if found.0 != nil { found.1 = cursor.value(ofNext: second) }
    if found.1 != nil { found.2 = cursor.value(ofNext: third) }
    while let member = cursor.next() {
      if found.0 == nil, member.key == first {
        found.0 = member.value
      } else if found.1 == nil, member.key == second {
        found.1 = member.value
      } else if found.2 == nil, member.key == third {
        found.2 = member.value
      }
    }
    return found
  }

  /// The value of the member called `name`; nil when there is none.
  static func value(of name: StaticString, in object: ByteView) -> ByteView? {
    var cursor = ObjectCursor(object)
    while let member = cursor.next() {
      if member.key == name { return member.value }
    }
    return nil
  }
}

/// The elements of a valid JSON array, one after the other; none when the value is no array.
struct ArrayCursor {
  private var pointer: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  init(_ value: ByteView) {
    end = value.end
    pointer = value.first == Ascii.openBracket ? value.start + 1 : value.end
  }

  mutating func next() -> ByteView? {
    while pointer < end, isJSONBlank(pointer[0]) || pointer[0] == Ascii.comma { pointer += 1 }
    guard pointer < end, pointer[0] != Ascii.closeBracket else { return nil }
    let start = pointer
    pointer = ValidJSON.skipValue(start, end: end)
    return ByteView(from: start, to: pointer)
  }

  /// The members of the next element when it is an object, which `pass` has to be told of once they
  /// were looked at. Nil, and nothing is passed, when it is none.
  mutating func nextObject() -> ObjectCursor? {
    while pointer < end, isJSONBlank(pointer[0]) || pointer[0] == Ascii.comma { pointer += 1 }
    guard pointer < end, pointer[0] == Ascii.openBrace else { return nil }
    return ObjectCursor(at: pointer, before: end)
  }

  /// Passes the object that `nextObject` returned; returns all of it.
  mutating func pass(_ object: inout ObjectCursor) -> ByteView {
    let start = pointer
    pointer = object.endOfObject()
    return ByteView(from: start, to: pointer)
  }

  /// Whether a value is an array that is not empty.
  static func hasElements(_ value: ByteView?) -> Bool {
    guard let value else { return false }
    var cursor = ArrayCursor(value)
    return cursor.next() != nil
  }

  /// Whether an object or a list is among the elements.
  static func hasStructures(_ value: ByteView) -> Bool {
    guard value.first == Ascii.openBracket else { return false }
    var cursor = ArrayCursor(value)
    while let element = cursor.next() {
      if element.first == Ascii.openBrace || element.first == Ascii.openBracket { return true }
    }
    return false
  }

  /// A property, the bytes of its name and value still as they are written.
  struct Pair {
    let name: ByteView
    let isNameEscaped: Bool
    let value: ByteView
    /// The whole element.
    let element: ByteView
  }

  /// The next element when it is written as the service writes properties, `{"Name":"…","Value":…}`
  /// or the same with `Key`, without white space; nil, and nothing is passed, when it is anything
  /// else.
  mutating func nextPair() -> Pair? {
    var start = pointer
    if start < end, start[0] == Ascii.comma { start += 1 }
    guard end - start > 16 else { return nil }
    let nameStart: UnsafePointer<UInt8>
    if ArrayCursor.stands("{\"Name\":\"", at: start) {
      nameStart = start + 9
    } else if ArrayCursor.stands("{\"Key\":\"", at: start) {
      nameStart = start + 8
    } else {
      return nil
    }
    var isNameEscaped = false
    let nameEnd = ValidJSON.skipString(nameStart, isEscaped: &isNameEscaped)
    guard ArrayCursor.stands(",\"Value\":", at: nameEnd) else { return nil }
    let valueStart = nameEnd + 9
    guard !isJSONBlank(valueStart[0]) else { return nil }
    let valueEnd = ValidJSON.skipValue(valueStart, end: end)
    guard valueEnd < end, valueEnd[0] == Ascii.closeBrace else { return nil }
    pointer = valueEnd + 1
    return Pair(
      name: ByteView(from: nameStart, to: nameEnd - 1), isNameEscaped: isNameEscaped,
      value: ByteView(from: valueStart, to: valueEnd),
      element: ByteView(from: start, to: pointer))
  }

  @inline(__always)
  private static func stands(_ text: StaticString, at pointer: UnsafePointer<UInt8>) -> Bool {
    equalBytes(text.utf8Start, pointer, text.utf8CodeUnitCount)
  }
}
