import CMillraceScan

/// A run of bytes that somebody else keeps alive: a part of the blob, of the arena, or of the
/// program's constants.
///
/// Views are made and used within one call that pins what they point to; none is ever stored
/// longer. Every view may be read 16 bytes past its end, as blobs and the arena carry slack.
struct ByteView {
  let start: UnsafePointer<UInt8>
  let count: Int

  init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  init(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) {
    self.start = start
    count = end - start
  }

  /// The bytes of a constant.
  @inline(__always)
  init(_ text: StaticString) {
    start = text.utf8Start
    count = text.utf8CodeUnitCount
  }

  var end: UnsafePointer<UInt8> { start + count }
  var isEmpty: Bool { count == 0 }
  var first: UInt8? { count > 0 ? start[0] : nil }
  var last: UInt8? { count > 0 ? start[count - 1] : nil }
  var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  subscript(index: Int) -> UInt8 {
    assert(index >= 0 && index < count, "an index inside the view")
    return start[index]
  }

  /// The part that begins `length` bytes further on; empty when there is none.
  func dropFirst(_ length: Int) -> ByteView {
    let dropped = min(length, count)
    return ByteView(start: start + dropped, count: count - dropped)
  }

  /// The first `length` bytes, or all of them.
  func prefix(_ length: Int) -> ByteView {
    ByteView(start: start, count: min(max(length, 0), count))
  }

  /// The bytes from `lower` up to, not including, `upper`.
  func slice(_ lower: Int, _ upper: Int) -> ByteView {
    precondition(lower >= 0 && lower <= upper && upper <= count, "a slice inside the view")
    return ByteView(start: start + lower, count: upper - lower)
  }

  /// Where `byte` first stands at or after `from`.
  @inline(__always)
  func firstIndex(of byte: UInt8, from: Int = 0) -> Int? {
    guard from < count else { return nil }
    let index = from + millrace_find(start + from, count - from, byte)
    return index < count ? index : nil
  }

  /// Where `byte` last stands.
  func lastIndex(of byte: UInt8) -> Int? {
    var index = count - 1
    while index >= 0 {
      if start[index] == byte { return index }
      index -= 1
    }
    return nil
  }

  /// Where `needle` first stands, letter case ignored; `needle` is written in lower case.
  func firstIndex(ofAnyCase needle: StaticString) -> Int? {
    let needle = ByteView(needle)
    guard needle.count > 0, count >= needle.count else { return nil }
    let first = needle.start[0]
    // What begins with no letter is found by that byte.
    if !isLetter(first) {
      var from = 0
      while let index = firstIndex(of: first, from: from), index + needle.count <= count {
        if slice(index, index + needle.count).isAnyCase(needle) { return index }
        from = index + 1
      }
      return nil
    }
    for index in 0...(count - needle.count)
    where lowercased(start[index]) == first
      && slice(index, index + needle.count).isAnyCase(needle)
    {
      return index
    }
    return nil
  }

  @inline(__always)
  static func == (left: ByteView, right: ByteView) -> Bool {
    left.count == right.count && equalBytes(left.start, right.start, left.count)
  }

  @inline(__always)
  static func == (left: ByteView, right: StaticString) -> Bool {
    left == ByteView(right)
  }

  /// Whether the bytes are `text`, which is written in lower case, in any letter case (ASCII).
  @inline(__always)
  func isAnyCase(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && isAnyCase(ByteView(text))
  }

  /// Whether the bytes are those of `lowered`, which is in lower case, in any letter case.
  func isAnyCase(_ lowered: ByteView) -> Bool {
    guard count == lowered.count else { return false }
    for index in 0..<count where lowercased(start[index]) != lowered.start[index] { return false }
    return true
  }

  /// Whether two runs of bytes differ in the case of ASCII letters at most.
  func equalsIgnoringCase(_ other: ByteView) -> Bool {
    guard count == other.count else { return false }
    if equalBytes(start, other.start, count) { return true }
    for index in 0..<count where lowercased(start[index]) != lowercased(other.start[index]) {
      return false
    }
    return true
  }

  func hasPrefix(_ text: StaticString) -> Bool {
    prefix(text.utf8CodeUnitCount) == text
  }

  @inline(__always)
  func hasPrefix(anyCase text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    // Most texts differ in their first byte already.
    return count >= length && (length == 0 || lowercased(start[0]) == text.utf8Start[0])
      && prefix(length).isAnyCase(ByteView(text))
  }

  func hasSuffix(_ text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && dropFirst(count - text.utf8CodeUnitCount) == text
  }

  /// A message id without the angle brackets around it.
  var withoutAngles: ByteView {
    guard count > 2, first == UInt8(ascii: "<"), last == UInt8(ascii: ">") else { return self }
    return slice(1, count - 1)
  }

  /// The bytes without blanks, tabs and line breaks at both ends.
  @inline(__always)
  var trimmed: ByteView {
    if count > 0, start[0] > Ascii.blank, start[count - 1] > Ascii.blank { return self }
    return withoutBlanks
  }

  @inline(never)
  private var withoutBlanks: ByteView {
    var lower = start
    var upper = end
    while lower < upper, isJSONBlank(lower[0]) { lower += 1 }
    while upper > lower, isJSONBlank(upper[-1]) { upper -= 1 }
    return ByteView(from: lower, to: upper)
  }

  /// Whether the bytes have the shape of a GUID, in any letter case.
  var isGUID: Bool {
    guard count == 36, start[8] == Ascii.hyphen, start[13] == Ascii.hyphen,
      start[18] == Ascii.hyphen, start[23] == Ascii.hyphen
    else { return false }
    // Five words, of which the last two overlap; hyphens count as digits here.
    return ByteView.areHexadecimal(start) && ByteView.areHexadecimal(start + 24)
      && ByteView.areHexadecimal(start + 28)
      && ByteView.areHexadecimal(start + 8, except: 0x0000_FF00_0000_00FF)
      && ByteView.areHexadecimal(start + 16, except: 0xFF00_0000_00FF_0000)
  }

  /// Whether eight bytes are hexadecimal digits, those that are set in `except` left out.
  @inline(__always)
  private static func areHexadecimal(
    _ pointer: UnsafePointer<UInt8>, except: UInt64 = 0
  ) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high = ones << 7
    let word =
      UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self) & ~except
      | (ones &* UInt64(Ascii.zero)) & except
    let letters = word | ones << 5
    // The high bit of each byte, all of which are ASCII or refused, that is no less than a bound.
    func reach(_ word: UInt64, _ bound: UInt8) -> UInt64 {
      (word & ~high) &+ ones &* UInt64(0x80 - bound)
    }
    let isDigit = reach(word, Ascii.zero) & ~reach(word, Ascii.nine + 1)
    let isLetter = reach(letters, UInt8(ascii: "a")) & ~reach(letters, UInt8(ascii: "g"))
    return (isDigit | isLetter) & ~word & high == high
  }

  /// The number these bytes spell in decimal digits, with an optional minus; nil for anything
  /// else and for what does not fit.
  var decimalInteger: Int? {
    var digits = self
    let isNegative = first == Ascii.hyphen
    if isNegative { digits = dropFirst(1) }
    guard digits.count > 0, digits.count <= 18 else { return nil }
    var value = 0
    for byte in digits.buffer {
      guard isDigit(byte) else { return nil }
      // Of so few digits none overflows.
      value = value &* 10 &+ Int(byte &- Ascii.zero)
    }
    return isNegative ? -value : value
  }
}

/// Names for the bytes that parsing turns on.
enum Ascii {
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let comma = UInt8(ascii: ",")
  static let colon = UInt8(ascii: ":")
  static let hyphen = UInt8(ascii: "-")
  static let dot = UInt8(ascii: ".")
  static let at = UInt8(ascii: "@")
  static let slash = UInt8(ascii: "/")
  static let percent = UInt8(ascii: "%")
  static let semicolon = UInt8(ascii: ";")
  static let underscore = UInt8(ascii: "_")
  static let blank = UInt8(ascii: " ")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let tab = UInt8(ascii: "\t")
  static let zero = UInt8(ascii: "0")
  static let nine = UInt8(ascii: "9")
}

/// Whether a byte is insignificant white space (RFC 8259, section 2).
@inline(__always)
func isJSONBlank(_ byte: UInt8) -> Bool {
  byte <= Ascii.blank
    && (byte == Ascii.blank || byte == Ascii.lineFeed || byte == Ascii.carriageReturn
      || byte == Ascii.tab)
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- Ascii.zero <= 9 }

@inline(__always)
func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

@inline(__always)
func isUpperCase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }

@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { isUpperCase(byte) ? byte | 0x20 : byte }

@inline(__always)
func uppercased(_ byte: UInt8) -> UInt8 {
  byte &- UInt8(ascii: "a") < 26 ? byte & ~0x20 : byte
}

/// The value of a hexadecimal digit; nil for any other byte.
@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> UInt32? {
  if isDigit(byte) { return UInt32(byte - Ascii.zero) }
  let folded = (byte | 0x20) &- UInt8(ascii: "a")
  return folded < 6 ? UInt32(folded) + 10 : nil
}

/// Compares bytes eight at a time; both sides may be read to `count` only.
@inline(__always)
func equalBytes(
  _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int
) -> Bool {
  func word<Word: FixedWidthInteger>(
    _ pointer: UnsafePointer<UInt8>, _ offset: Int, _ type: Word.Type
  ) -> Word {
    UnsafeRawPointer(pointer + offset).loadUnaligned(as: type)
  }
  if count >= 8 {
    var offset = 0
    while offset < count - 8 {
      if word(left, offset, UInt64.self) != word(right, offset, UInt64.self) { return false }
      offset += 8
    }
    // The last word overlaps the one before.
    return word(left, count - 8, UInt64.self) == word(right, count - 8, UInt64.self)
  }
  if count >= 4 {
    return word(left, 0, UInt32.self) == word(right, 0, UInt32.self)
      && word(left, count - 4, UInt32.self) == word(right, count - 4, UInt32.self)
  }
  for offset in 0..<count where left[offset] != right[offset] { return false }
  return true
}
