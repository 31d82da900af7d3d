import MillraceCore

/// Numbers of people and devices that are told by their form: GUIDs, security identifiers, PUIDs.
enum IDToken {
  /// Where such a number ends that begins at `start`, before which no word goes on; nil when there
  /// is none.
  static func end(from start: Int, in text: ByteView) -> Int? {
    let rest = text.dropFirst(start)
    let end: Int
    if rest.prefix(36).isGUID {
      end = start + 36
    } else if Normalizer.isPUID(rest.prefix(16)) {
      end = start + 16
    } else if rest.hasPrefix(anyCase: "s-1-") {
      var length = 4
      while length < rest.count, isDigit(rest[length]) || rest[length] == Ascii.hyphen {
        length += 1
      }
      guard isPersonal(sid: rest.prefix(length)) else { return nil }
      end = start + length
    } else {
      return nil
    }
    return end < text.count && isWordByte(text[end]) ? nil : end
  }

  /// Whether a security identifier is longer than those that are the same on every machine, such
  /// as S-1-5-18.
  static func isPersonal(sid: ByteView) -> Bool {
    sid.buffer.count(where: { $0 == Ascii.hyphen }) >= 5
  }
}

/// Addresses of the network that stand in a text.
enum AddressToken {
  /// Where the address ends that begins at `start`, before which no word goes on; nil when there
  /// is none, and for what versions look like behind a product's name: `Chrome/120.0.0.0`.
  static func end(from start: Int, in text: ByteView) -> Int? {
    if start > 0 {
      let before = text.start[start - 1]
      if before == Ascii.dot || before == Ascii.colon { return nil }
      if before == Ascii.slash, start > 1, isWordByte(text.start[start - 2]) { return nil }
    }
    var end = start
    var marks = 0
    var hasDigit = false
    while end < text.count, end - start < 48 {
      let byte = text.start[end]
      if byte == Ascii.dot || byte == Ascii.colon {
        marks += 1
      } else if isHexadecimal(byte) {
        if isDigit(byte) { hasDigit = true }
      } else {
        break
      }
      end += 1
    }
    guard marks >= 2, hasDigit else { return nil }
    if end < text.count, isWordByte(text.start[end]) { return nil }
    while end > start, text.start[end - 1] == Ascii.dot { end -= 1 }
    let run = text.slice(start, end)
    if isMeant(run) { return end }
    // Behind an IPv4 address, or one in IPv6 form, a port may stand.
    guard run.firstIndex(of: Ascii.dot) != nil, let colon = run.lastIndex(of: Ascii.colon),
      isMeant(run.prefix(colon))
    else { return nil }
    return start + colon
  }

  /// Whether a text is an address, and one of somebody.
  private static func isMeant(_ text: ByteView) -> Bool {
    guard let address = IPAddress(text), !address.isUnspecified else { return false }
    let isLoopback =
      address.isIPv4
      ? address.groups[6] >> 8 == 127
      : address.bits.high == 0 && address.bits.low == 1
    return !isLoopback
  }
}

/// Parts of paths that are named after people: personal sites of OneDrive, profiles of Windows,
/// distinguished names of Exchange.
enum PersonalPath {
  /// The part that follows the separator at `index` and what stands behind it; nil when it is not
  /// named after a person.
  static func segment(behind index: Int, in text: ByteView) -> Range<Int>? {
    let length = separatorLength(at: index, in: text)
    guard length > 0 else { return nil }
    let rest = text.dropFirst(index + length)
    var start = index + length
    if rest.hasPrefix(anyCase: "personal") {
      start += 8
    } else if rest.hasPrefix(anyCase: "users") {
      start += 5
    } else if rest.hasPrefix(anyCase: "home") {
      start += 4
    } else if rest.hasPrefix(anyCase: "cn=recipients") {
      return recipient(from: start + 13, in: text)
    } else if text.prefix(index).hasSuffix(anyCase: "microsoft exchange hosted organizations") {
      return hosted(from: start, in: text)
    } else {
      return nil
    }
    let inner = separatorLength(at: start, in: text)
    guard inner > 0 else { return nil }
    return part(from: start + inner, in: text)
  }

  private static func part(from start: Int, in text: ByteView) -> Range<Int>? {
    var end = start
    while end < text.count, separatorLength(at: end, in: text) == 0, !isEnd(text.start[end]) {
      end += 1
    }
    return end > start ? start..<end : nil
  }

  /// `/cn=Recipients/cn=…`.
  private static func recipient(from start: Int, in text: ByteView) -> Range<Int>? {
    let inner = separatorLength(at: start, in: text)
    guard inner > 0, text.dropFirst(start + inner).hasPrefix(anyCase: "cn=") else { return nil }
    return part(from: start + inner + 3, in: text)
  }

  /// `…/Microsoft Exchange Hosted Organizations/example.com/Ana Ruiz`.
  private static func hosted(from start: Int, in text: ByteView) -> Range<Int>? {
    guard let slash = text.firstIndex(of: Ascii.slash, from: start) else { return nil }
    var end = slash + 1
    while end < text.count, text.start[end] != Ascii.backslash, !isEnd(text.start[end]) {
      end += 1
    }
    return end > slash + 1 ? slash + 1..<end : nil
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "?") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "<")
      || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "|") || byte == Ascii.semicolon
      || byte < 0x20
  }

  /// How long the separator at `index` is: a slash of either kind, or one that is encoded; 0 when
  /// there is none.
  private static func separatorLength(at index: Int, in text: ByteView) -> Int {
    guard index < text.count else { return 0 }
    switch text.start[index] {
    case Ascii.slash: return 1
    case Ascii.backslash:
      return index + 1 < text.count && text.start[index + 1] == Ascii.backslash ? 2 : 1
    case Ascii.percent:
      let code = text.dropFirst(index + 1)
      return code.hasPrefix(anyCase: "2f") || code.hasPrefix(anyCase: "5c") ? 3 : 0
    default: return 0
    }
  }
}

extension ByteView {
  /// Whether the bytes end with a text, which is in lower case, in any letter case.
  func hasSuffix(anyCase text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && dropFirst(count - text.utf8CodeUnitCount).isAnyCase(text)
  }
}
