/// Text as CEF has it: UTF-8 on one line, with its delimiters escaped.
enum CEFText {
  /// A field of the header: backslash and pipe escaped; line breaks, which a header cannot hold,
  /// as blanks, those of Unicode too.
  static func appendHeader(_ text: ByteView, to buffer: inout ByteBuffer) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      let separator = text.lineSeparatorLength(at: index)
      index += max(separator, 1)
      switch byte {
      case _ where separator > 0: buffer.append(Ascii.blank)
      case Ascii.backslash, UInt8(ascii: "|"):
        buffer.append(Ascii.backslash)
        buffer.append(byte)
      case 0..<0x20, 0x7F: buffer.append(Ascii.blank)
      default: buffer.append(byte)
      }
    }
  }

  /// A value of the extension: backslash and equals sign escaped, a line break as `\n`; other
  /// control characters as blanks.
  static func appendValue(_ text: ByteView, to buffer: inout ByteBuffer) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      switch byte {
      case Ascii.backslash, UInt8(ascii: "="):
        buffer.append(Ascii.backslash)
        buffer.append(byte)
      case _ where text.lineSeparatorLength(at: index) > 0:
        buffer.append("\\n")
        index += text.lineSeparatorLength(at: index) - 1
      case Ascii.carriageReturn, Ascii.lineFeed:
        buffer.append("\\n")
        let isPair =
          byte == Ascii.carriageReturn && index + 1 < text.count
          && text[index + 1] == Ascii.lineFeed
        if isPair { index += 1 }
      case 0..<0x20, 0x7F: buffer.append(Ascii.blank)
      default: buffer.append(byte)
      }
      index += 1
    }
  }

  /// The first characters of a value, no more than take `room` bytes once they are escaped.
  static func prefix(of text: ByteView, escapedWithin room: Int) -> ByteView {
    // Escaping at most doubles a text.
    if text.count <= room / 2 { return text }
    var taken = 0
    for index in 0..<text.count {
      switch text[index] {
      case Ascii.backslash, UInt8(ascii: "="), Ascii.carriageReturn, Ascii.lineFeed: taken += 2
      default: taken += 1
      }
      if taken > room { return text.prefixOfCharacters(index) }
    }
    return text
  }
}

extension ByteView {
  /// How long the end of a line (U+0085), or the separator of lines or paragraphs (U+2028, U+2029),
  /// at `index` is, at which some receivers split; 0 for anything else.
  func lineSeparatorLength(at index: Int) -> Int {
    let byte = self[index]
    if byte == 0xC2 { return index + 1 < count && self[index + 1] == 0x85 ? 2 : 0 }
    guard byte == 0xE2, index + 2 < count, self[index + 1] == 0x80 else { return 0 }
    return self[index + 2] == 0xA8 || self[index + 2] == 0xA9 ? 3 : 0
  }

  /// The first bytes, no more than `length`, that end between two characters of UTF-8.
  func prefixOfCharacters(_ length: Int) -> ByteView {
    guard count > length else { return self }
    var end = max(length, 0)
    while end > 0, self[end] & 0xC0 == 0x80 { end -= 1 }
    return prefix(end)
  }
}
