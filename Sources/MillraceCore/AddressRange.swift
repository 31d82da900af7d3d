import Glibc

/// The 128 bits of an IPv6 address. An IPv4 address is the last 32 of `::ffff:0:0/96` (RFC 4291,
/// section 2.5.5.2), so that both spellings of it are equal.
package struct AddressBits: Hashable, Sendable {
  /// The first 64 bits.
  package let high: UInt64
  /// The last 64 bits.
  package let low: UInt64

  /// An address of these bits.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads an address in its text form; nil for anything else, a port or a zone included.
  package init?(_ text: String) {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr)))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self = withUnsafeBytes(of: &six) { bytes in
      AddressBits(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  /// The text form of an IPv6 address (RFC 5952), of IPv4 addresses as well.
  package var text: String {
    var address = in6_addr()
    withUnsafeMutableBytes(of: &address) { bytes in
      bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let written = inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
    precondition(written != nil, "the longest address has room")
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it is an IPv4 address.
  package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

/// A range of addresses that share their first bits (CIDR, RFC 4632).
package struct AddressRange: Hashable, Sendable {
  private let first: AddressBits
  private let mask: AddressBits

  /// Reads `203.0.113.0/24`, `2001:db8::/32`, or one address; nil for anything else, bits behind
  /// the prefix included, as then the range is not the one that was meant.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = AddressBits(String(parts[0])) else { return nil }
    let bits = address.isIPv4 && !parts[0].contains(":") ? 32 : 128
    var length = bits
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber), let given = Int(parts[1]),
        given <= bits
      else { return nil }
      length = given
    }
    length += 128 - bits
    mask = AddressBits(
      high: AddressRange.ones(min(length, 64)), low: AddressRange.ones(max(length - 64, 0)))
    first = address
    guard address.high & ~mask.high == 0, address.low & ~mask.low == 0 else { return nil }
  }

  /// Whether an address lies in the range.
  package func contains(_ address: AddressBits) -> Bool {
    address.high & mask.high == first.high && address.low & mask.low == first.low
  }

  private static func ones(_ count: Int) -> UInt64 {
    count == 0 ? 0 : ~0 << UInt64(64 - count)
  }
}
