/// Finds pseudonyms in lines of any text.
enum PseudonymFinder {
  /// Where a pseudonym ends that begins at `start`; nil when none does.
  static func end(from start: Int, in bytes: [UInt8]) -> Int? {
    if start > 0, isWord(bytes[start - 1]) { return nil }
    let rest = bytes[start...]
    if starts(rest, with: PseudonymText.prefix) { return wordEnd(rest) }
    if starts(rest, with: Array("fd6d:703".utf8)) { return addressEnd(rest) }
    return nil
  }

  private static func wordEnd(_ rest: ArraySlice<UInt8>) -> Int? {
    var end = rest.startIndex + PseudonymText.prefix.count
    while end < rest.endIndex, Base32.contains(lowered(rest[end])) { end += 1 }
    // Shorter words are somebody's own.
    guard end - rest.startIndex >= PseudonymText.headLength + PseudonymText.oneWayLength else {
      return nil
    }
    if starts(rest[end...], with: PseudonymText.domain) { return end + PseudonymText.domain.count }
    return end < rest.endIndex && isWord(rest[end]) ? nil : end
  }

  private static func addressEnd(_ rest: ArraySlice<UInt8>) -> Int? {
    var end = rest.startIndex
    while end < rest.endIndex, end - rest.startIndex < 40,
      rest[end] == UInt8(ascii: ":") || isHexadecimal(rest[end])
    {
      end += 1
    }
    while end > rest.startIndex {
      if PseudonymAddress.parse(String(decoding: rest[..<end], as: UTF8.self).lowercased()) != nil {
        return end
      }
      // A colon that follows belongs to the sentence, or is before a port.
      end -= 1
    }
    return nil
  }

  private static func starts(_ bytes: ArraySlice<UInt8>, with beginning: [UInt8]) -> Bool {
    bytes.count >= beginning.count && zip(bytes, beginning).allSatisfy { lowered($0) == $1 }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    let lowered = lowered(byte)
    return isDigit(lowered) || lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "f")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    let lowered = lowered(byte)
    return isDigit(byte) || lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")
  }
}
