/// Base32 in small letters without padding (RFC 4648, section 6): survives whatever folds letter
/// case, as SIEMs do with names of users.
enum Base32 {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  /// The text of bytes.
  static func encoded(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count * 8 + 4) / 5)
    var bits = 0
    var pending = 0
    for byte in bytes {
      pending = pending << 8 | Int(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        output.append(alphabet[pending >> bits & 31])
      }
      pending &= (1 << bits) - 1
    }
    if bits > 0 { output.append(alphabet[pending << (5 - bits) & 31]) }
    return output
  }

  /// The bytes of a text in small letters; nil when it is none that `encoded` writes.
  static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var bits = 0
    var pending = 0
    for byte in text {
      guard let value = value(byte) else { return nil }
      pending = (pending << 5 | value) & 0xFFF
      bits += 5
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(truncatingIfNeeded: pending >> bits))
      }
    }
    // What is left over is less than a letter, and zero.
    guard bits < 5, pending & ((1 << bits) - 1) == 0 else { return nil }
    return output
  }

  /// Whether a byte is one of the alphabet's.
  static func contains(_ byte: UInt8) -> Bool { value(byte) != nil }

  private static func value(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a"))
    case UInt8(ascii: "2")...UInt8(ascii: "7"): Int(byte - UInt8(ascii: "2")) + 26
    default: nil
    }
  }
}
