import MillraceCore

/// Pseudonyms in the form of addresses: IPv6 addresses of `fd6d:7030::/30`, which is in the range
/// that nobody routes (RFC 4193), so that every field that wants an address takes them.
enum PseudonymAddress {
  /// The first 32 bits of addresses that cannot be turned back.
  private static let oneWay: UInt64 = 0xFD6D_7031
  /// The first 32 bits of those that can.
  private static let revealable: UInt64 = 0xFD6D_7032

  /// The address with 12 bytes, as RFC 5952 spells it.
  static func text(_ bytes: [UInt8], isRevealable: Bool) -> [UInt8] {
    let prefix = isRevealable ? revealable : oneWay
    let address = AddressBits(
      high: prefix << 32 | number(bytes[..<4]), low: number(bytes[4..<12]))
    return Array(address.text.utf8)
  }

  /// The 12 bytes of such an address, and whether they can be turned back; nil for other texts.
  static func parse(_ text: String) -> (bytes: [UInt8], isRevealable: Bool)? {
    guard let address = AddressBits(text),
      [oneWay, revealable].contains(address.high >> 32)
    else { return nil }
    let bytes = octets(address.high, 4) + octets(address.low, 8)
    return (bytes, address.high >> 32 == revealable)
  }

  /// The four bytes of a text in dotted decimal; nil for any other.
  static func octets(_ text: [UInt8]) -> [UInt8]? {
    guard text.contains(UInt8(ascii: ".")),
      let address = AddressBits(String(decoding: text, as: UTF8.self)), address.isIPv4
    else { return nil }
    return octets(address.low, 4)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The last `count` bytes of a number.
  private static func octets(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
  }
}
