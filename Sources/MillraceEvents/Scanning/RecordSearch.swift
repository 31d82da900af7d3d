import MillraceCore

/// Finds where the next record begins when the bytes before it are damaged.
///
/// What it tries in vain is bounded by a multiple of the blob's size, so that a blob of millions of
/// broken records costs no more than that: then nothing more is found, and what is left of the
/// blob is one dead record.
struct RecordSearch {
  private let base: UnsafePointer<UInt8>
  private let count: Int
  private var parser: StrictJSONParser
  /// How many bytes may still be looked at in vain.
  private var budget: Int
  /// Bytes in which no record begins, and whether one begins behind them: what was looked through
  /// for one element is not looked through again for the next.
  private var barren = 0..<0
  private var isRecordBehindBarren = false

  /// How far an object in which no record was seen could be read.
  private var readUntil = 0

  init(base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
    parser = StrictJSONParser(base: base, count: count)
    budget = 8 * count + (1 << 20)
  }

  /// How far one try may go.
  private var reach: Int { max(2048, min(Limits.recordBytesMax, budget / 8)) }

  private mutating func spend(_ bytes: Int) {
    budget = max(0, budget - bytes)
  }

  /// Whether an element may end at `offset`: a comma, the array's end, the blob's end, or another
  /// element follows, or a few damaged bytes and then a record.
  mutating func isElementEnd(_ offset: Int) -> Bool {
    hasSeparator(after: offset) || nearRecord(after: skipBlanks(offset) - 1) != nil
  }

  /// Whether what follows `offset` is what may follow an element of an array.
  func hasSeparator(after offset: Int) -> Bool {
    let next = skipBlanks(offset)
    if next >= count { return true }
    switch base[next] {
    case Ascii.comma, Ascii.closeBracket, Ascii.openBrace: return true
    default: return false
    }
  }

  /// Whether a name and a colon follow `offset`, as when the bracket before it is one too many.
  func isMember(at offset: Int) -> Bool {
    let name = skipBlanks(offset)
    guard name < count, base[name] == Ascii.quote else { return false }
    let colon = skipBlanks(stringEnd(name + 1, min(count, name + Limits.recordBytesMax)))
    return colon < count && base[colon] == Ascii.colon
  }

  private func endsObject(after offset: Int) -> Bool {
    let next = skipBlanks(offset)
    return next < count && base[next] == Ascii.closeBrace
  }

  /// A record that begins within a few bytes behind `offset`: what lies between is damage to the
  /// separator and not to a record.
  mutating func nearRecord(after offset: Int) -> Int? {
    var candidate = offset + 1
    while candidate < min(offset + 1 + ScanLimits.nearBytes, count), budget > 0 {
      // Behind a colon stands a member's value, unless the colon is itself the damage.
      if base[candidate] == Ascii.openBrace,
        precedingByte(candidate) != Ascii.colon || candidate <= offset + 2,
        looksLikeRecord(at: candidate) != nil
      {
        return candidate
      }
      candidate += 1
    }
    return nil
  }

  /// The first record that begins in `from..<upTo`: an object where one may stand, strictly valid,
  /// with the names of a record, and not followed by more of an object.
  mutating func nextRecord(from: Int, upTo: Int) -> Int? {
    if !barren.contains(from), !(from == barren.upperBound && isRecordBehindBarren) {
      barren = from..<from
      isRecordBehindBarren = false
    }
    var candidate = barren.upperBound
    while candidate < upTo, budget > 0 {
      if isRecordBehindBarren { return candidate }
      if base[candidate] == Ascii.openBrace, isPlace(candidate), isRecord(at: candidate) {
        isRecordBehindBarren = true
        return candidate
      }
      candidate += 1
      barren = barren.lowerBound..<candidate
    }
    return nil
  }

  /// Whether a record may begin at `candidate`, by what stands before it: not a member's value, the
  /// first item of a list or JSON in a text, if it stands in what could be read as an object.
  private func isPlace(_ candidate: Int) -> Bool {
    guard let before = precedingOffset(candidate) else { return true }
    switch base[before] {
    case Ascii.colon, Ascii.quote: return candidate >= readUntil
    case Ascii.openBracket:
      // Nowhere in JSON does a list begin where one has ended: there another array does, though a
      // text that is torn before it seems to go on.
      return candidate >= readUntil || precedingByte(before) == Ascii.closeBracket
    default: return true
    }
  }

  /// The end of the object at `start` when it is valid and has the names of a record.
  private mutating func looksLikeRecord(at start: Int) -> Int? {
    let end = parser.parse(at: start, limit: start + reach)
    guard let end, parser.marks.looksLikeRecord else {
      let readEnd = end ?? parser.faultOffset
      spend(readEnd - start)
      readUntil = max(readUntil, readEnd)
      return nil
    }
    return end
  }

  private mutating func isRecord(at start: Int) -> Bool {
    guard let end = looksLikeRecord(at: start) else { return false }
    // What an object within a damaged record is followed by, a record is not.
    if !isMember(at: end), !endsObject(after: end) { return true }
    spend(end - start)
    return false
  }

  /// The end of the element at `start` when brackets outside strings are counted and nothing
  /// else is looked at; nil when they do not balance within reach.
  ///
  /// An element that is no object or array ends before the next comma or closing bracket.
  mutating func balancedEnd(from start: Int) -> Int? {
    let limit = min(count, start + reach)
    var depth = 0
    var offset = start
    while offset < limit {
      switch base[offset] {
      case Ascii.quote:
        offset = stringEnd(offset + 1, limit)
        continue
      case Ascii.openBrace, Ascii.openBracket:
        depth += 1
      case Ascii.closeBrace, Ascii.closeBracket:
        if depth == 0, base[offset] == Ascii.closeBracket { return offset }
        depth -= 1
        if depth == 0 { return offset + 1 }
        depth = max(0, depth)
      case Ascii.comma where depth == 0:
        return offset
      default:
        break
      }
      offset += 1
    }
    spend(limit - start)
    return nil
  }

  /// The offset behind the closing quote, or `limit`.
  private func stringEnd(_ start: Int, _ limit: Int) -> Int {
    var pointer = base + start
    while pointer - base < limit {
      pointer = StringSkipping.nextQuoteOrBackslash(pointer)
      if pointer[0] == Ascii.quote { break }
      pointer += 2
    }
    return min(pointer - base + 1, limit)
  }

  private func precedingByte(_ offset: Int) -> UInt8? {
    precedingOffset(offset).map { base[$0] }
  }

  /// Where the byte before `offset` is, white space left out; nil when there is none.
  private func precedingOffset(_ offset: Int) -> Int? {
    var before = offset - 1
    while before >= 0, isJSONBlank(base[before]) { before -= 1 }
    return before >= 0 ? before : nil
  }

  private func skipBlanks(_ start: Int) -> Int {
    var offset = start
    while offset < count, isJSONBlank(base[offset]) { offset += 1 }
    return offset
  }
}
