/// Pseudonyms in the form of addresses: IPv6 addresses of `fd6d:7030::/30`, which is in the range
/// that nobody routes (RFC 4193), so that every field that wants an address takes them.
enum PseudonymAddress {
  /// The second group of addresses that cannot be turned back.
  private static let oneWay: UInt16 = 0x7031
  /// The second group of those that can.
  private static let revealable: UInt16 = 0x7032
  private static let first: UInt16 = 0xFD6D

  /// The address with 12 bytes, as RFC 5952 spells it.
  static func text(_ bytes: [UInt8], isRevealable: Bool) -> [UInt8] {
    var groups = [first, isRevealable ? revealable : oneWay]
    for place in 0..<6 {
      groups.append(UInt16(bytes[2 * place]) << 8 | UInt16(bytes[2 * place + 1]))
    }
    let run = longestZeroRun(groups)
    var text = ""
    var place = 0
    while place < 8 {
      if run.count > 1, place == run.lowerBound {
        text += "::"
        place = run.upperBound
        continue
      }
      if !text.isEmpty, !text.hasSuffix(":") { text += ":" }
      text += String(groups[place], radix: 16)
      place += 1
    }
    return Array(text.utf8)
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start = 0
    for place in 0...8 {
      if place < 8, groups[place] == 0 { continue }
      if place - start > best.count { best = start..<place }
      start = place + 1
    }
    return best
  }

  /// The 12 bytes of such an address, and whether they can be turned back; nil for other texts.
  static func parse(_ text: String) -> (bytes: [UInt8], isRevealable: Bool)? {
    guard let groups = groups(text), groups[0] == first,
      groups[1] == oneWay || groups[1] == revealable
    else { return nil }
    let bytes = groups.dropFirst(2).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    return (bytes, groups[1] == revealable)
  }

  /// The eight groups of an IPv6 address without dots in it.
  private static func groups(_ text: String) -> [UInt16]? {
    let sides = text.split(separator: "::", omittingEmptySubsequences: false)
    guard sides.count <= 2 else { return nil }
    var groups: [[UInt16]] = []
    for side in sides {
      var part: [UInt16] = []
      if !side.isEmpty {
        for group in side.split(separator: ":", omittingEmptySubsequences: false) {
          guard group.utf8.count <= 4, let value = UInt16(group, radix: 16) else { return nil }
          part.append(value)
        }
      }
      groups.append(part)
    }
    if sides.count == 1 { return groups[0].count == 8 ? groups[0] : nil }
    let missing = 8 - groups[0].count - groups[1].count
    guard missing > 0 else { return nil }
    return groups[0] + [UInt16](repeating: 0, count: missing) + groups[1]
  }

  /// The four bytes of a text in dotted decimal; nil for any other.
  static func octets(_ text: [UInt8]) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let octets = parts.compactMap { UInt8(String(decoding: $0, as: UTF8.self)) }
    return octets.count == 4 ? octets : nil
  }
}
