import MillraceCore

/// An IPv4 or IPv6 address; an IPv4 address in IPv6 form is an IPv4 address.
struct IPAddress {
  /// The eight groups of an IPv6 address; an IPv4 address is in the last two.
  var groups = SIMD8<UInt16>(repeating: 0)
  var isIPv4 = false

  /// Reads an address in its text form (RFC 4291, section 2.2; dotted decimal without leading
  /// zeros); nil for anything else, a port or a zone included.
  init?(_ text: ByteView) {
    if let bytes = IPAddress.ipv4(text) {
      groups[6] = UInt16(truncatingIfNeeded: bytes >> 16)
      groups[7] = UInt16(truncatingIfNeeded: bytes)
      isIPv4 = true
      return
    }
    guard let groups = IPAddress.ipv6(text) else { return nil }
    self.groups = groups
    // ::ffff:a.b.c.d
    if groups[5] == 0xFFFF, (0..<5).allSatisfy({ groups[$0] == 0 }) {
      self.groups[5] = 0
      isIPv4 = true
    }
  }

  private static func ipv4(_ text: ByteView) -> UInt32? {
    guard text.count >= 7, text.count <= 15 else { return nil }
    var value: UInt32 = 0
    var octets = 0
    var index = 0
    while true {
      let first = index
      var octet: UInt32 = 0
      while index < text.count, isDigit(text[index]), index - first < 3 {
        octet = octet * 10 + UInt32(text[index] - Ascii.zero)
        index += 1
      }
      let length = index - first
      guard length > 0, octet < 256, length == 1 || text[first] != Ascii.zero else { return nil }
      value = value << 8 | octet
      octets += 1
      if octets == 4 { return index == text.count ? value : nil }
      guard index < text.count, text[index] == Ascii.dot else { return nil }
      index += 1
    }
  }

  private static func ipv6(_ text: ByteView) -> SIMD8<UInt16>? {
    guard text.count >= 2, text.count <= 45 else { return nil }
    var groups = SIMD8<UInt16>(repeating: 0)
    var count = 0
    var gap = -1
    var index = 0
    if text[0] == Ascii.colon {
      guard text[1] == Ascii.colon else { return nil }
      gap = 0
      index = 2
    }
    while index < text.count {
      guard count < 8 else { return nil }
      let first = index
      var group: UInt32 = 0
      while index < text.count, index - first < 4, let digit = hexadecimalValue(text[index]) {
        group = group << 4 | digit
        index += 1
      }
      if index < text.count, text[index] == Ascii.dot {
        guard count <= 6, let tail = ipv4(text.dropFirst(first)) else { return nil }
        groups[count] = UInt16(tail >> 16)
        groups[count + 1] = UInt16(truncatingIfNeeded: tail)
        count += 2
        index = text.count
        break
      }
      guard index > first else { return nil }
      groups[count] = UInt16(group)
      count += 1
      if index == text.count { break }
      guard text[index] == Ascii.colon else { return nil }
      index += 1
      guard index < text.count else { return nil }
      if text[index] == Ascii.colon {
        guard gap < 0 else { return nil }
        gap = count
        index += 1
      }
    }
    if gap < 0 { return count == 8 ? groups : nil }
    guard count < 8 else { return nil }
    var spread = SIMD8<UInt16>(repeating: 0)
    for place in 0..<gap { spread[place] = groups[place] }
    for place in gap..<count { spread[place + 8 - count] = groups[place] }
    return spread
  }

  /// The address as others know it.
  var bits: AddressBits {
    var words = (high: UInt64(0), low: UInt64(0))
    for place in 0..<4 {
      words.high = words.high << 16 | UInt64(groups[place])
      words.low = words.low << 16 | UInt64(groups[place + 4])
    }
    return AddressBits(high: words.high, low: isIPv4 ? words.low | 0xFFFF_0000_0000 : words.low)
  }

  /// Whether the address stands for none: `0.0.0.0`, `::`.
  var isUnspecified: Bool { groups == SIMD8(repeating: 0) }

  /// Whether the address can be met on the Internet. Documentation addresses count as public, so
  /// that examples read like the real thing.
  var isPublic: Bool {
    guard isIPv4 else {
      if (0..<7).allSatisfy({ groups[$0] == 0 }), groups[7] <= 1 { return false }
      let first = groups[0]
      return first & 0xFE00 != 0xFC00 && first & 0xFFC0 != 0xFE80 && first & 0xFF00 != 0xFF00
    }
    let first = groups[6] >> 8
    let second = groups[6] & 0xFF
    switch first {
    case 0, 10, 127: return false
    case 100: return second & 0xC0 != 64
    case 169: return second != 254
    case 172: return second & 0xF0 != 16
    case 192: return second != 168 && !(second == 0 && groups[7] >> 8 == 0)
    case 198: return second & 0xFE != 18
    default: return first < 224
    }
  }

  /// Whether the address lies in 2603:10a6::/32, from which Exchange Online calls itself.
  var isExchangeOnline: Bool { !isIPv4 && groups[0] == 0x2603 && groups[1] == 0x10A6 }

  /// The canonical text: dotted decimal, or RFC 5952.
  func text(in arena: inout Arena) -> ByteView {
    let target = arena.allocate(48)
    var count = 0
    func put(_ byte: UInt8) {
      target[count] = byte
      count += 1
    }
    func putDecimal(_ octet: UInt16) {
      if octet >= 100 { put(Ascii.zero + UInt8(octet / 100)) }
      if octet >= 10 { put(Ascii.zero + UInt8(octet / 10 % 10)) }
      put(Ascii.zero + UInt8(octet % 10))
    }
    func putHexadecimal(_ group: UInt16) {
      var shift = 12
      while shift > 0, group >> UInt16(shift) == 0 { shift -= 4 }
      while shift >= 0 {
        put(ByteBuffer.hexadecimalDigit(UInt8(group >> UInt16(shift) & 15)))
        shift -= 4
      }
    }
    if isIPv4 {
      for (place, group) in [groups[6], groups[7]].enumerated() {
        if place > 0 { put(Ascii.dot) }
        putDecimal(group >> 8)
        put(Ascii.dot)
        putDecimal(group & 0xFF)
      }
    } else {
      let gap = longestZeroRun()
      var place = 0
      while place < 8 {
        if place == gap.lowerBound, gap.count > 1 {
          put(Ascii.colon)
          put(Ascii.colon)
          place = gap.upperBound
          continue
        }
        if place > 0, target[count - 1] != Ascii.colon { put(Ascii.colon) }
        putHexadecimal(groups[place])
        place += 1
      }
    }
    arena.giveBack(48 - count)
    return ByteView(start: target, count: count)
  }

  private func longestZeroRun() -> Range<Int> {
    var best = 0..<0
    var start = 0
    for place in 0...8 {
      if place < 8, groups[place] == 0 { continue }
      if place - start > best.count { best = start..<place }
      start = place + 1
    }
    return best
  }
}

/// Where an event came from, out of one of the many spellings of records.
struct SourceAddress {
  var address: IPAddress?
  var port: Int?
  /// The name given beside, or in place of, the address.
  var domain: ByteView?

  /// Reads the text of an address member; nil when it says that there is none.
  init?(_ text: ByteView) {
    let text = text.trimmed
    if SourceAddress.isUnset(text) { return nil }
    if text.firstIndex(of: Ascii.comma) != nil {
      self.init(list: text)
      return
    }
    self.init()
    if readBracketed(text) || readPlain(text) || readWithPort(text) || readNamed(text)
      || readBrokenMapping(text)
    {
      if let address, address.isUnspecified { return nil }
      return
    }
    readHostName(text)
  }

  /// Whether a text is an address, be it one that stands for none.
  static func isAddress(_ text: ByteView) -> Bool {
    IPAddress(text) != nil || SourceAddress(text)?.address != nil
  }

  /// Whether a text is an address and names nothing beside it.
  static func isAddressAlone(_ text: ByteView) -> Bool {
    if IPAddress(text) != nil { return true }
    guard let source = SourceAddress(text) else { return isUnset(text) }
    return source.address != nil && source.domain == nil
  }

  /// Whether a text that is no address of anybody has nothing else in it: no name beside it.
  static func namesNothing(_ text: ByteView) -> Bool {
    isUnset(text)
      || text.buffer.allSatisfy { byte in
        hexadecimalValue(byte) != nil || byte == Ascii.colon || byte == Ascii.dot
          || byte == Ascii.openBracket || byte == Ascii.closeBracket
      }
  }

  private init() {}

  /// Several addresses: the first public one counts, else the first.
  private init?(list: ByteView) {
    var found: SourceAddress?
    var start = 0
    while start <= list.count {
      let end = list.firstIndex(of: Ascii.comma, from: start) ?? list.count
      if let part = SourceAddress(list.slice(start, end)), let address = part.address {
        if address.isPublic {
          self = part
          return
        }
        found = found ?? part
      }
      start = end + 1
    }
    self = found ?? SourceAddress()
  }

  /// Whether a text stands for a missing value.
  static func isUnset(_ text: ByteView) -> Bool {
    UnsetWords.contains(text) || text == "0.0.0.0" || text == "::"
  }

  /// `[address]`, `[address]:port`, `[NAME (address)]`.
  private mutating func readBracketed(_ text: ByteView) -> Bool {
    guard text.first == Ascii.openBracket, let close = text.lastIndex(of: Ascii.closeBracket)
    else { return false }
    let inside = text.slice(1, close).trimmed
    let behind = text.dropFirst(close + 1)
    guard behind.isEmpty || readPort(behind) else { return false }
    return readPlain(inside) || readNamed(inside) || readBrokenMapping(inside)
  }

  /// An address alone, perhaps with a zone. Tried before a port is looked for, as the last group
  /// of an IPv6 address would pass for one.
  private mutating func readPlain(_ text: ByteView) -> Bool {
    let zone = text.firstIndex(of: Ascii.percent)
    address = IPAddress(zone.map(text.prefix) ?? text)
    return address != nil
  }

  /// `a.b.c.d:port`.
  private mutating func readWithPort(_ text: ByteView) -> Bool {
    guard let colon = text.firstIndex(of: Ascii.colon), colon == text.lastIndex(of: Ascii.colon),
      let found = IPAddress(text.prefix(colon)), readPort(text.dropFirst(colon))
    else { return false }
    address = found
    return true
  }

  /// `NAME (address)`.
  private mutating func readNamed(_ text: ByteView) -> Bool {
    guard text.last == UInt8(ascii: ")"), let open = text.lastIndex(of: UInt8(ascii: "(")),
      let found = IPAddress(text.slice(open + 1, text.count - 1).trimmed)
    else { return false }
    address = found
    let name = text.prefix(open).trimmed
    if !name.isEmpty { domain = name }
    return true
  }

  /// `ffff:a.b.c.d`, which the service's own documentation shows.
  private mutating func readBrokenMapping(_ text: ByteView) -> Bool {
    var rest = text
    for _ in 0..<2 where rest.first == Ascii.colon { rest = rest.dropFirst(1) }
    guard rest.hasPrefix(anyCase: "ffff:") else { return false }
    let found = IPAddress(rest.dropFirst(5))
    guard let found, found.isIPv4 else { return false }
    address = found
    return true
  }

  /// `:port`. A number that can be no port costs the port and not the address.
  private mutating func readPort(_ text: ByteView) -> Bool {
    guard text.first == Ascii.colon, text.dropFirst(1).buffer.allSatisfy(isDigit) else {
      return false
    }
    let digits = text.dropFirst(1)
    if digits.count <= 5, let number = digits.decimalInteger, (1...65535).contains(number) {
      port = number
    }
    return true
  }

  private mutating func readHostName(_ text: ByteView) {
    var name = text
    if let colon = text.firstIndex(of: Ascii.colon), readPort(text.dropFirst(colon)) {
      name = text.prefix(colon)
    }
    let isName =
      name.buffer.contains(where: isLetter)
      && name.buffer.allSatisfy {
        isLetter($0) || isDigit($0) || $0 == Ascii.dot || $0 == Ascii.hyphen
          || $0 == Ascii.underscore
      }
    if isName { domain = name } else { port = nil }
  }
}

/// Words that records use for a missing value.
enum UnsetWords {
  /// Whether a trimmed text is empty or such a word.
  @inline(__always)
  static func contains(_ text: ByteView) -> Bool {
    guard text.count < 14 else {
      return text.count == 36 && text.start[0] == Ascii.zero && isOne(text)
    }
    return lengths &>> UInt32(truncatingIfNeeded: text.count) & 1 != 0 && isOne(text)
  }

  /// A bit for each length that a short one has.
  private static let lengths: UInt32 = 1 | 1 << 1 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 9 | 1 << 13

  private static func isOne(_ text: ByteView) -> Bool {
    switch text.count {
    case 0: true
    case 1: text == "-"
    case 4: text.isAnyCase("null")
    case 6: text.isAnyCase("<null>")
    case 7: text.isAnyCase("unknown")
    case 9: text.isAnyCase("not-found")
    case 13: text.isAnyCase("not available")
    case 36: text[0] == Ascii.zero && text == "00000000-0000-0000-0000-000000000000"
    default: false
    }
  }
}
