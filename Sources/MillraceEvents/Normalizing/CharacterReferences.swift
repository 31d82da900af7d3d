/// Character references, as fragments of XML have them: `&amp;`, `&#8211;`, `&#x2013;`.
extension Normalizer {
  /// How far behind its begin a reference ends at most.
  private static let referenceMax = 10

  private static let references: [(name: StaticString, scalar: UInt32)] = [
    ("amp", 0x26), ("lt", 0x3C), ("gt", 0x3E), ("quot", 0x22), ("apos", 0x27),
  ]

  /// A text with the characters that its references stand for. What is none stays.
  mutating func plainCharacters(_ text: ByteView) -> ByteView {
    guard let first = text.firstIndex(of: UInt8(ascii: "&")) else { return text }
    // No reference is shorter than what it stands for.
    let target = arena.allocate(text.count)
    target.update(from: text.start, count: first)
    var count = first
    var index = first
    while index < text.count {
      let near = text.slice(index + 1, min(index + Normalizer.referenceMax, text.count))
      if text[index] == UInt8(ascii: "&"), let end = near.firstIndex(of: Ascii.semicolon),
        let scalar = Normalizer.scalar(of: near.prefix(end))
      {
        count += JSONText.encode(scalar, target + count)
        index += end + 2
      } else {
        target[count] = text[index]
        count += 1
        index += 1
      }
    }
    arena.giveBack(text.count - count)
    return ByteView(start: target, count: count)
  }

  /// The character of a reference, from what stands between `&` and `;`.
  private static func scalar(of reference: ByteView) -> UInt32? {
    if let known = references.first(where: { reference == $0.name }) { return known.scalar }
    guard reference.first == UInt8(ascii: "#") else { return nil }
    let digits = reference.dropFirst(1)
    let isHexadecimal = digits.first == UInt8(ascii: "x")
    var value: UInt32 = 0
    for digit in isHexadecimal ? digits.dropFirst(1).buffer : digits.buffer {
      guard let found = hexadecimalValue(digit), isHexadecimal || found < 10 else { return nil }
      value = value * (isHexadecimal ? 16 : 10) + found
    }
    return value > 0 && Unicode.Scalar(value) != nil ? value : nil
  }
}
