/// An address of mail, or a principal name, that stands in a text: `ana@example.com`, also with
/// its at sign percent-encoded.
struct MailToken {
  let start: Int
  let end: Int
  private let local: ByteView
  private let domain: ByteView

  /// The address whose at sign stands at `at`; nil when there is none.
  ///
  /// - Parameter lower: where it may begin at the earliest.
  static func find(at: Int, in text: ByteView, from lower: Int) -> MailToken? {
    let byte = text.start[at]
    guard byte == Ascii.at || byte == Ascii.percent else { return nil }
    var length = 1
    if byte == Ascii.percent {
      // %40, and what becomes of it when it is encoded once more.
      let rest = text.dropFirst(at + 1)
      if rest.hasPrefix("40") {
        length = 3
      } else if rest.hasPrefix("2540") {
        length = 5
      } else {
        return nil
      }
    }
    guard let start = start(before: at, in: text, from: lower) else { return nil }
    let domainStart = at + length
    var end = domainStart
    while end < text.count, isDomainByte(text.start[end]) { end += 1 }
    while end > domainStart, !isWordByte(text.start[end - 1]) { end -= 1 }
    guard end - domainStart >= 2 else { return nil }
    let domain = text.slice(domainStart, end)
    if isOfService(domain) { return nil }
    return MailToken(
      start: start, end: end, local: text.slice(start, at), domain: domain)
  }

  /// Where the first part begins that ends before `at`; nil when there is none.
  private static func start(before at: Int, in text: ByteView, from lower: Int) -> Int? {
    var start = at
    while start > lower, isLocalByte(text.start[start - 1]) { start -= 1 }
    // `guest#ana@example.com` is Ana; `ana_example.com#EXT#@…` is a name of its own.
    if let hash = text.slice(start, at).lastIndex(of: UInt8(ascii: "#")), hash + 1 < at - start {
      start += hash + 1
    }
    // What an escape such as %23 leaves of itself.
    while start > 0, text.start[start - 1] == Ascii.percent, at - start > 2,
      isHexadecimal(text.start[start]), isHexadecimal(text.start[start + 1])
    {
      start += 2
    }
    while start < at, !isWordByte(text.start[start]) { start += 1 }
    return start < at ? start : nil
  }

  private static func isLocalByte(_ byte: UInt8) -> Bool {
    if isWordByte(byte) { return true }
    switch byte {
    case Ascii.dot, Ascii.underscore, Ascii.hyphen, UInt8(ascii: "+"), UInt8(ascii: "'"),
      UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "!"), UInt8(ascii: "~"),
      UInt8(ascii: "$"):
      return true
    default: return false
    }
  }

  private static func isDomainByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || byte == Ascii.dot || byte == Ascii.hyphen || byte == Ascii.underscore
  }

  /// Whether an at sign before this belongs to the id of a conversation, to SharePoint itself, or
  /// to a pseudonym.
  private static func isOfService(_ domain: ByteView) -> Bool {
    domain.hasPrefix(anyCase: "thread.") || domain.isAnyCase("unq.gbl.spaces")
      || domain.isAnyCase("sharepoint")
      || domain == PseudonymDomain.name
  }

  /// The address in lower case with a plain at sign, whichever way it is written.
  func canonical(in arena: inout Arena) -> ByteView {
    let name = arena.join(arena.join(local, ByteView("@")), domain)
    return arena.lowercase(name)
  }
}

/// The domain of pseudonyms that have the form of addresses; RFC 2606 keeps it from existing.
package enum PseudonymDomain {
  /// The domain alone.
  package static let name: StaticString = "pseudonym.invalid"
}
