/// Replacing values inside texts.
extension EventMask {
  /// A text without what is to be replaced in it; nil when there is nothing. What cannot be
  /// searched within bounds is replaced whole.
  mutating func scan(_ text: ByteView, _ content: MaskedContent) -> ByteView? {
    var done = 0
    var index = 0
    output.removeAll()
    var isInWord = false
    known.beginSearch(in: text)
    while index < text.count {
      let byte = text.start[index]
      // Most bytes go on in a word, or begin nothing.
      let isBeginning = !isInWord || !kinds[Int(byte)].beginsWords
      isInWord = isWordByte(byte)
      guard known.mayBegin(with: byte) || isBeginning && kinds[Int(byte)] != .plain,
        let found = find(at: index, done, text, content)
      else {
        index += 1
        continue
      }
      isInWord = false
      // An address begins before its at sign.
      output.append(text.slice(done, found.start))
      output.append(found.pseudonym)
      done = found.end
      index = done
    }
    if known.hasGivenUp { return pseudonym(arena.lowercase(text), .text) }
    guard done > 0 else { return nil }
    output.append(text.dropFirst(done))
    return arena.copy(output.view)
  }

  /// What stands in a text that is replaced.
  private struct Found {
    let start: Int
    let end: Int
    let pseudonym: ByteView
  }

  /// What stands at `index`; `done` is where the text begins that was not looked at.
  @inline(__always)
  private mutating func find(
    at index: Int, _ done: Int, _ text: ByteView, _ content: MaskedContent
  ) -> Found? {
    let byte = text.start[index]
    if let length = known.length(at: index, in: text) {
      let value = text.slice(index, index + length)
      return Found(start: index, end: index + length, pseudonym: pseudonym(ofFound: value))
    }
    if content == .known { return nil }
    switch kinds[Int(byte)] {
    case .plain: return nil
    case .at: return findMail(index, done, text)
    case .separator: return findSegment(index, text)
    case .percent:
      return findMail(index, done, text) ?? findSegment(index, text)
    case .digit: return findNumber(index, text, content)
    case .letter: return findNumber(index, text, content)
    }
  }

  private mutating func findMail(_ index: Int, _ done: Int, _ text: ByteView) -> Found? {
    guard groups.contains(.users), let token = MailToken.find(at: index, in: text, from: done)
    else { return nil }
    return Found(
      start: token.start, end: token.end,
      pseudonym: pseudonym(token.canonical(in: &arena), .mail))
  }

  // MARK: Names in paths

  private mutating func findSegment(_ index: Int, _ text: ByteView) -> Found? {
    guard groups.contains(.users),
      let segment = PersonalPath.segment(behind: index, in: text)
    else { return nil }
    let name = text.slice(segment.lowerBound, segment.upperBound)
    if let address = whole(name) {
      return Found(start: segment.lowerBound, end: segment.upperBound, pseudonym: address)
    }
    return nil
  }

  // MARK: Numbers

  private mutating func findNumber(
    _ index: Int, _ text: ByteView, _ content: MaskedContent
  ) -> Found? {
    if index > 0, isWordByte(text.start[index - 1]) { return nil }
    if groups.contains(.addresses), content != .names,
      let end = AddressToken.end(from: index, in: text),
      let address = IPAddress(text.slice(index, end))
    {
      return Found(
        start: index, end: end, pseudonym: pseudonym(address.text(in: &arena), .address))
    }
    guard groups.contains(.ids), content != .names, let end = IDToken.end(from: index, in: text)
    else { return nil }
    let id = text.slice(index, end)
    if id.isGUID {
      if isKept(id) || ApplicationNames.table[arena.lowercase(id)] != nil { return nil }
    }
    return Found(start: index, end: end, pseudonym: pseudonym(arena.lowercase(id), .text))
  }
}

/// What a byte of a text may be the beginning of.
enum TextByte: UInt8 {
  case plain, at, percent, separator, digit, letter

  /// Whether what begins with it begins where a word does.
  @inline(__always)
  var beginsWords: Bool { self == .digit || self == .letter }

  /// By the byte. Letters are those that numbers may begin with: hexadecimal ones, and SIDs.
  static let kinds: [TextByte] = (0...255).map { value in
    let byte = UInt8(value)
    switch byte {
    case Ascii.at: return .at
    case Ascii.percent: return .percent
    case Ascii.slash, Ascii.backslash: return .separator
    case Ascii.colon: return .digit
    case UInt8(ascii: "S"), UInt8(ascii: "s"): return .letter
    default:
      if isDigit(byte) { return .digit }
      return isHexadecimal(byte) ? .letter : .plain
    }
  }
}
