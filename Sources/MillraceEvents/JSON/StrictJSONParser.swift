import MillraceCore

/// Why bytes are not a JSON value that may become an event.
enum JSONFault {
  case truncated
  case valueExpected
  case keyExpected
  case colonExpected
  case commaExpected
  case controlByte
  case escape
  case utf8
  case tooDeep
  case beyondLimit

  /// For an operator; never holds bytes of the input.
  var message: String {
    switch self {
    case .truncated: "truncated"
    case .valueExpected: "a value is missing or malformed"
    case .keyExpected: "a member name is missing"
    case .colonExpected: "a colon is missing after a member name"
    case .commaExpected: "a comma or a closing bracket is missing"
    case .controlByte: "an unescaped control character in a string"
    case .escape: "an unknown escape in a string"
    case .utf8: "bytes that are not UTF-8"
    case .tooDeep: "nested deeper than \(Limits.recordDepthMax) levels"
    case .beyondLimit: "longer than what is looked at"
    }
  }
}

/// Checks one JSON value strictly (RFC 8259), without recursion, and notes what its top level
/// tells about the record: the member names that make a record, and its time.
struct StrictJSONParser {
  private let base: UnsafePointer<UInt8>
  /// How many bytes there are before the slack.
  private let count: Int
  private(set) var fault = JSONFault.truncated
  private(set) var faultOffset = 0
  private(set) var marks = RecordMarks()

  /// A parser of `count` bytes at `base`, which at least 64 bytes of slack follow that begin with
  /// a quote.
  init(base: UnsafePointer<UInt8>, count: Int) {
    precondition(Limits.recordDepthMax <= UInt128.bitWidth, "the stack of brackets has a bit each")
    self.base = base
    self.count = count
  }

  /// The end of the value that begins at `start`; nil when there is none, and then `fault` and
  /// `faultOffset` say why. Gives up when the value goes on past `limit`.
  mutating func parse(at start: Int, limit: Int = .max) -> Int? {
    marks = RecordMarks()
    var position = start
    var depth = 0
    // One bit for each open bracket, the innermost lowest: 1 for an object.
    var brackets: UInt128 = 0
    var mark = RecordMarks.Name.other

    values: while true {
      if position >= limit { return fail(.beyondLimit, position) }
      let byte = base[position]
      switch byte {
      case Ascii.quote:
        let end = string(position + 1)
        if end < 0 { return nil }
        if depth == 1, mark != .other { marks.take(position + 1..<end - 1, for: mark) }
        position = end
      case Ascii.openBrace, Ascii.openBracket:
        if depth == Limits.recordDepthMax { return fail(.tooDeep, position) }
        let isObject = byte == Ascii.openBrace
        depth += 1
        brackets = brackets << 1 | (isObject ? 1 : 0)
        position = skipBlanks(position + 1)
        if base[position] == (isObject ? Ascii.closeBrace : Ascii.closeBracket), position < count {
          depth -= 1
          brackets >>= 1
          position += 1
        } else {
          if isObject {
            position = key(position, depth, &mark)
            if position < 0 { return nil }
          }
          continue values
        }
      default:
        let start = position
        position = scalar(position)
        if position < 0 { return nil }
        // A record type is a number, or sometimes a string of its digits.
        if depth == 1, mark == .recordType { marks.take(start..<position, for: mark) }
      }

      while depth > 0 {
        position = skipBlanks(position)
        let isObject = brackets & 1 == 1
        switch base[position] {
        case Ascii.comma:
          position = skipBlanks(position + 1)
          if isObject {
            position = key(position, depth, &mark)
            if position < 0 { return nil }
          }
          continue values
        case isObject ? Ascii.closeBrace : Ascii.closeBracket:
          depth -= 1
          brackets >>= 1
          position += 1
        default:
          return fail(.commaExpected, position)
        }
      }
      return position <= count ? position : fail(.truncated, count)
    }
  }

  private mutating func fail(_ fault: JSONFault, _ offset: Int) -> Int? {
    self.fault = offset >= count ? .truncated : fault
    faultOffset = min(offset, count)
    return nil
  }

  private mutating func refuse(_ fault: JSONFault, _ offset: Int) -> Int {
    _ = fail(fault, offset)
    return -1
  }

  @inline(__always)
  private func skipBlanks(_ start: Int) -> Int {
    var position = start
    while isJSONBlank(base[position]) { position += 1 }
    return position
  }

  /// The start of the value after the member name that begins at `start`; negative when refused.
  @inline(__always)
  private mutating func key(_ start: Int, _ depth: Int, _ mark: inout RecordMarks.Name) -> Int {
    guard base[start] == Ascii.quote, start < count else { return refuse(.keyExpected, start) }
    let end = string(start + 1)
    if end < 0 { return end }
    if depth == 1 { mark = marks.note(ByteView(start: base + start + 1, count: end - start - 2)) }
    let colon = skipBlanks(end)
    guard base[colon] == Ascii.colon else { return refuse(.colonExpected, colon) }
    return skipBlanks(colon + 1)
  }

  /// The offset behind the closing quote of the string whose content begins at `start`.
  @inline(__always)
  private mutating func string(_ start: Int) -> Int {
    var pointer = base + start
    var seen = SIMD16<UInt8>(repeating: 0)
    while true {
      pointer = StringSkipping.nextSpecial(pointer, seen: &seen)
      let byte = pointer[0]
      if byte == Ascii.quote { break }
      guard byte == Ascii.backslash else { return refuse(.controlByte, pointer - base) }
      let length = StrictJSONParser.escapeLength(pointer)
      if length == 0 { return refuse(.escape, pointer - base) }
      pointer += length
    }
    let end = pointer - base
    if end >= count { return refuse(.truncated, count) }
    if StringSkipping.hasHighBit(seen),
      let malformed = UTF8Checking.firstMalformed(base + start, pointer)
    {
      return refuse(.utf8, malformed - base)
    }
    return end + 1
  }

  /// How long the escape at a backslash is; 0 when it is none.
  static func escapeLength(_ pointer: UnsafePointer<UInt8>) -> Int {
    switch pointer[1] {
    case Ascii.quote, Ascii.backslash, Ascii.slash, UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      for offset in 2..<6 where hexadecimalValue(pointer[offset]) == nil { return 0 }
      return 6
    default:
      return 0
    }
  }

  /// The end of a number, `true`, `false` or `null`; negative when there is none.
  private mutating func scalar(_ start: Int) -> Int {
    switch base[start] {
    case UInt8(ascii: "t"): return word("true", start)
    case UInt8(ascii: "f"): return word("false", start)
    case UInt8(ascii: "n"): return word("null", start)
    default: return number(start)
    }
  }

  private mutating func word(_ text: StaticString, _ start: Int) -> Int {
    ByteView(start: base + start, count: text.utf8CodeUnitCount) == text
      ? start + text.utf8CodeUnitCount : refuse(.valueExpected, start)
  }

  private mutating func number(_ start: Int) -> Int {
    var position = start
    func digits() -> Bool {
      let first = position
      while isDigit(base[position]) { position += 1 }
      return position > first
    }
    if base[position] == Ascii.hyphen { position += 1 }
    if base[position] == Ascii.zero {
      position += 1
    } else if !digits() {
      return refuse(.valueExpected, position)
    }
    if base[position] == Ascii.dot {
      position += 1
      if !digits() { return refuse(.valueExpected, position) }
    }
    if base[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if base[position] == Ascii.hyphen || base[position] == UInt8(ascii: "+") { position += 1 }
      if !digits() { return refuse(.valueExpected, position) }
    }
    return position
  }
}

/// What the top level of an object tells about it being an audit record.
struct RecordMarks {
  /// The member names that matter here.
  enum Name {
    case other, id, recordType, operation, creationTime
  }

  private var hasID = false
  private var hasRecordType = false
  private var hasOperation = false
  private var hasCreationTime = false
  /// Where the text of `CreationTime` stands, when it is a string.
  private(set) var time: Range<Int>?
  /// Where the texts of `Id`, `RecordType` and `Operation` stand, without quotes.
  private(set) var id: Range<Int>?
  private(set) var recordType: Range<Int>?
  private(set) var operation: Range<Int>?

  /// Nothing noted yet.
  init() {}

  /// What a scan by blocks found of a record.
  init(
    id: Range<Int>?, recordType: Range<Int>?, operation: Range<Int>?, time: Range<Int>?
  ) {
    self.id = id
    self.recordType = recordType
    self.operation = operation
    self.time = time
  }

  /// Whether the object can only be an audit record: used to find the next record behind damage.
  var looksLikeRecord: Bool { (hasCreationTime && hasOperation) || (hasID && hasRecordType) }

  /// Whether any of the names of an audit record is there.
  var hasAnyName: Bool { hasID || hasRecordType || hasOperation || hasCreationTime }

  /// Notes where the value of a member stands.
  @inline(__always)
  mutating func take(_ range: Range<Int>, for name: Name) {
    switch name {
    case .id: id = range
    case .recordType: recordType = range
    case .operation: operation = range
    case .creationTime: time = range
    case .other: break
    }
  }

  /// Notes a member name of the top level.
  @inline(__always)
  mutating func note(_ key: ByteView) -> Name {
    switch key.count {
    case 2 where key == "Id":
      hasID = true
      id = nil
      return .id
    case 9 where key == "Operation":
      hasOperation = true
      operation = nil
      return .operation
    case 10 where key == "RecordType":
      hasRecordType = true
      recordType = nil
      return .recordType
    case 12 where key == "CreationTime":
      hasCreationTime = true
      // The last of several counts, whatever it is.
      time = nil
      return .creationTime
    default:
      return note(escaped: key)
    }
  }

  /// Notes a member name that may be spelled with escapes, as whoever reads the record undoes them.
  private mutating func note(escaped key: ByteView) -> Name {
    guard key.count >= RecordMarks.escapedLengthMin, key.firstIndex(of: Ascii.backslash) != nil
    else { return .other }
    for name: StaticString in ["Id", "Operation", "RecordType", "CreationTime"]
    where RecordMarks.spells(key, name) {
      return note(ByteView(name))
    }
    return .other
  }

  /// The length of the shortest name with an escape in it: `I\u0064`.
  private static let escapedLengthMin = 7

  /// Whether a valid key is a name of ASCII letters, some of them as escapes.
  private static func spells(_ key: ByteView, _ name: StaticString) -> Bool {
    var offset = 0
    for letter in ByteView(name).buffer {
      guard offset < key.count else { return false }
      var byte = UInt32(key[offset])
      offset += 1
      if byte == UInt32(Ascii.backslash) {
        // No other escape stands for a letter.
        guard key[offset] == UInt8(ascii: "u") else { return false }
        byte = 0
        for place in offset + 1...offset + 4 {
          byte = byte << 4 | UInt32(hexadecimalValue(key[place]) ?? 0)
        }
        offset += 5
      }
      if byte != UInt32(letter) { return false }
    }
    return offset == key.count
  }
}
