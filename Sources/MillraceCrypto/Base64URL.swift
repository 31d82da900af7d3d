/// Base64 with the URL-safe alphabet and without padding (RFC 4648, section 5), as JSON Web Tokens
/// use it.
package enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The text of bytes.
  package static func encoded(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    var bits = 0
    var pending = 0
    for byte in bytes {
      pending = pending << 8 | Int(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        output.append(alphabet[pending >> bits & 63])
      }
      pending &= (1 << bits) - 1
    }
    if bits > 0 { output.append(alphabet[pending << (6 - bits) & 63]) }
    return String(decoding: output, as: UTF8.self)
  }

  /// The bytes of a text; nil when it has other characters.
  package static func decoded(_ text: some StringProtocol) -> [UInt8]? {
    var output: [UInt8] = []
    var bits = 0
    var pending = 0
    for byte in text.utf8 {
      guard let value = alphabet.firstIndex(of: byte) else { return nil }
      pending = (pending << 6 | value) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(truncatingIfNeeded: pending >> bits))
      }
    }
    return output
  }
}
