/// The encoding of query strings and form bodies (URL Standard, section 5.1,
/// `application/x-www-form-urlencoded` parsing).
package enum FormText {
  /// The fields of a query string or form body, in their order. A name without `=` has an empty
  /// value.
  package static func fields(_ bytes: [UInt8]) -> [(name: String, value: String)] {
    bytes.split(separator: UInt8(ascii: "&")).map { field in
      guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else {
        return (decoded(field, plusIsBlank: true), "")
      }
      return (
        decoded(field[..<equals], plusIsBlank: true),
        decoded(field[field.index(after: equals)...], plusIsBlank: true)
      )
    }
  }

  /// The text with its percent escapes decoded. An escape that is none stays as it is, and bytes
  /// that are not UTF-8 are replaced, so that every input gives a text.
  package static func decoded(_ bytes: some Collection<UInt8>, plusIsBlank: Bool) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index != bytes.endIndex {
      let byte = bytes[index]
      let rest = bytes[index...].prefix(3)
      if byte == UInt8(ascii: "%"), let value = escapedByte(rest) {
        output.append(value)
        index = bytes.index(index, offsetBy: 3)
      } else {
        output.append(byte == UInt8(ascii: "+") && plusIsBlank ? UInt8(ascii: " ") : byte)
        index = bytes.index(after: index)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The byte that `%XY` stands for.
  private static func escapedByte(_ escape: some Collection<UInt8>) -> UInt8? {
    let digits = escape.dropFirst().compactMap(hexadecimalValue)
    return digits.count == 2 ? digits[0] << 4 | digits[1] : nil
  }

  private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
