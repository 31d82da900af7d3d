import MillraceCore
import MillraceEvents

/// Splits a stream of JSON into records: lines of NDJSON, records written over several lines,
/// arrays of either, in any mixture and of any length. Holds one record at a time.
///
/// Between records, brackets, commas and white space say nothing, so an array may be of any size.
/// Damage is local. A line that is broken costs itself; where records stand on one line, or are
/// spread over several, what follows the damage is searched for the next record.
struct JSONRecords {
  private var buffer = InputBuffer()
  /// How far the value at the buffer's beginning has been looked at; 0 when none has begun.
  private var position = 0
  private var depth = 0
  private var isInString = false
  /// Where the second line of the value begins, for when the first turns out to be broken.
  private var secondLine: Int?
  /// Whether the value has ended by its brackets and is broken all the same.
  private var isDamaged = false
  /// What a search behind damage has found, the next one last.
  private var found: [InputValue] = []
  private var openArrays = 0
  private let valueBytesMax: Int
  private var wasDamaged = false

  /// How a value ends.
  private enum Ending {
    /// The object is whole and ends here.
    case whole(Int)
    /// The value cannot be whole. What is to be searched ends here: at the end of a line or of
    /// the input, unless it is cut.
    case damaged(Int, isCut: Bool)
  }

  /// - Parameter valueBytesMax: the most that is looked at as a whole.
  init(valueBytesMax: Int = Limits.importValueBytesMax) {
    self.valueBytesMax = valueBytesMax
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    buffer.append(bytes)
  }

  /// Says that nothing follows what was appended.
  mutating func end() {
    buffer.end()
  }

  /// Whether the input ended inside an array, with all its records whole.
  var endsInsideArray: Bool { openArrays > 0 && !wasDamaged }

  /// The line at which reading stands.
  var line: Int { buffer.line }

  /// The next value; nil when more input is needed, or at its end.
  mutating func next() -> InputValue? {
    while true {
      if let value = found.popLast() { return value }
      if position == 0, !skipToValue() { return nil }
      guard let ending = findEnd() else { return nil }
      switch ending {
      case .whole(let end):
        let value = InputValue(checking: buffer.copy(0..<end), line: buffer.line)
        if value.isObject {
          drop(end)
          return value
        }
        // Where it seems to end may be in the middle of a neighbour.
        isDamaged = true
      case .damaged(let end, let isCut):
        search(upTo: end, isCut: isCut)
      }
    }
  }

  // MARK: Finding

  private mutating func drop(_ length: Int) {
    buffer.drop(length)
    position = 0
    depth = 0
    isInString = false
    secondLine = nil
    isDamaged = false
  }

  /// Moves to the first byte of the next value; false when there is none yet.
  private mutating func skipToValue() -> Bool {
    var openArrays = self.openArrays
    let (skipped, isMark) = buffer.withBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        switch bytes[offset] {
        case Ascii.openBracket: openArrays += 1
        case Ascii.closeBracket: openArrays = max(0, openArrays - 1)
        case Ascii.comma, Ascii.blank, Ascii.tab, Ascii.carriageReturn, Ascii.lineFeed: break
        case Ascii.byteOrderMark[0]:
          // Files that were put one behind the other may have one in the middle.
          let isMark = bytes.hasByteOrderMark(at: offset)
          guard isMark == true else { return (offset, isMark) }
          offset += 2
        default: return (offset, false)
        }
        offset += 1
      }
      return (offset, false)
    }
    self.openArrays = openArrays
    buffer.drop(skipped)
    return buffer.count > 0 && (isMark == false || buffer.hasEnded)
  }

  /// How the value at the buffer's beginning ends; nil when more input is needed.
  private mutating func findEnd() -> Ending? {
    let limit = min(buffer.count, valueBytesMax)
    let isObject = buffer[0] == Ascii.openBrace && !isDamaged
    if let end = isObject ? findEndOfObject(before: limit) : findEndOfDamage(before: limit) {
      return end
    }
    // Nothing but the limit and the end of the input can help now.
    let isCut = limit == valueBytesMax
    guard isCut || buffer.hasEnded else { return nil }
    return endOfFirstLine() ?? .damaged(limit, isCut: isCut)
  }

  /// Damage on one line ends there; in a value of several lines, the next record may begin on any.
  private mutating func findEndOfDamage(before limit: Int) -> Ending? {
    if secondLine == nil, let end = buffer.lineFeed(from: position), end < limit {
      return .damaged(end, isCut: false)
    }
    position = limit
    return endOfFirstLine()
  }

  private mutating func findEndOfObject(before limit: Int) -> Ending? {
    while position < limit {
      let (stop, whole) = skipWithinLine(before: limit)
      if let whole { return .whole(whole) }
      position = stop
      guard position < limit else { return nil }
      // Deeper than records in an array can be: line upon line that opens and never closes would
      // else be walked through to the end for each of them.
      if depth > Limits.recordDepthMax + 1, let first = endOfFirstLine() { return first }
      // A line feed, where a broken line would show.
      switch endsAtLineFeed(before: limit) {
      case nil: return nil
      case true?:
        if let first = endOfFirstLine() { return first }
        // Not in a string, a record begins on the next line, so that the damage ends here.
        if secondLine == nil || !isInString { return .damaged(position, isCut: false) }
        isDamaged = true
        return findEndOfDamage(before: limit)
      case false?:
        if secondLine == nil, !isEmptyLine(position + 1) { secondLine = position + 1 }
        position += 1
      }
    }
    return nil
  }

  /// Walks on to the next line feed or the limit, or to the end of the object.
  private mutating func skipWithinLine(before limit: Int) -> (stop: Int, whole: Int?) {
    var depth = self.depth
    var isInString = self.isInString
    defer {
      self.depth = depth
      self.isInString = isInString
    }
    let start = position
    return buffer.withBytes { bytes in
      var offset = start
      while offset < limit {
        if isInString { offset = bytes.endOfPlainText(from: offset, before: limit) }
        guard offset < limit else { break }
        switch bytes[offset] {
        case Ascii.lineFeed:
          return (offset, nil)
        case Ascii.quote:
          isInString.toggle()
        case Ascii.backslash where isInString:
          // Escapes nothing but what is there: a line feed shows damage all the same.
          guard offset + 1 < limit else { return (offset, nil) }
          if bytes[offset + 1] != Ascii.lineFeed { offset += 1 }
        case Ascii.openBrace where !isInString, Ascii.openBracket where !isInString:
          depth += 1
        case Ascii.closeBrace where !isInString, Ascii.closeBracket where !isInString:
          depth -= 1
          if depth == 0 { return (offset, offset + 1) }
        default:
          break
        }
        offset += 1
      }
      return (offset, nil)
    }
  }

  /// Whether the value cannot go on behind the line feed at `position`; nil when the next byte has
  /// to be seen first.
  private func endsAtLineFeed(before limit: Int) -> Bool? {
    // A backslash that waits for the byte behind it is no line feed.
    guard buffer[position] == Ascii.lineFeed else { return nil }
    // No string holds a raw line feed.
    if isInString { return true }
    guard position + 1 < limit else { return nil }
    let next = buffer[position + 1]
    guard next == Ascii.openBrace || next == Ascii.openBracket else { return false }
    var before = position - 1
    while before > 0, Ascii.isBlank(buffer[before]) { before -= 1 }
    switch buffer[before] {
    case Ascii.comma, Ascii.colon, Ascii.openBracket: return false
    default: return true
    }
  }

  private func isEmptyLine(_ start: Int) -> Bool {
    buffer[start] == Ascii.lineFeed || buffer[start] == Ascii.carriageReturn
  }

  /// The first line of several, when the second one looks like the next record: then the first is
  /// broken alone.
  private func endOfFirstLine() -> Ending? {
    guard let secondLine, secondLine < buffer.count else { return nil }
    let isRecord = buffer[secondLine] == Ascii.openBrace || buffer[secondLine] == Ascii.openBracket
    return isRecord ? .damaged(secondLine, isCut: false) : nil
  }

  // MARK: Damage

  /// Searches what stands before `end` for records and for what lies between them.
  private mutating func search(upTo end: Int, isCut: Bool) {
    wasDamaged = true
    let stretch = buffer.copy(0..<end)
    var records = BlobScanner.scanStretch(stretch).records
    var done = end
    if isCut, let last = records.last, last.verdict != .event, last.range.lowerBound > 0,
      stretch.isBlank(last.range.upperBound..<end)
    {
      // It may be whole: only the cut tore it.
      done = last.range.lowerBound
      records.removeLast()
    }
    var line = buffer.line
    var counted = 0
    for record in joined(records) {
      line += buffer.lines(in: counted..<record.range.lowerBound)
      counted = record.range.lowerBound
      let bytes = buffer.copy(record.range)
      switch record.verdict {
      case .event: found.append(InputValue(valid: bytes, line: line))
      case .dead(let reason): found.append(InputValue(broken: bytes, line: line, fault: reason))
      }
    }
    found.reverse()
    drop(done)
  }

  /// Takes text that commas divide for one broken value: only a brace begins another.
  private func joined(_ records: [ScannedRecord]) -> [ScannedRecord] {
    var joined: [ScannedRecord] = []
    for record in records {
      if let last = joined.last, last.verdict != .event, record.verdict != .event,
        buffer[record.range.lowerBound] != Ascii.openBrace
      {
        let range = last.range.lowerBound..<record.range.upperBound
        joined[joined.count - 1] = ScannedRecord(range: range, verdict: last.verdict)
      } else {
        joined.append(record)
      }
    }
    return joined
  }
}

extension PaddedBytes {
  /// Whether nothing but white space, commas and brackets between records stands in a range.
  fileprivate func isBlank(_ range: Range<Int>) -> Bool {
    withUnsafeBytes { bytes in
      bytes[range].allSatisfy {
        Ascii.isBlank($0) || $0 == Ascii.comma || $0 == Ascii.closeBracket
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Where the first quote, backslash or line feed stands at or after `offset`; `limit` when there
  /// is none before it. Most of a record is inside strings: eight bytes are looked at together.
  @inline(__always)
  fileprivate func endOfPlainText(from start: Int, before limit: Int) -> Int {
    /// The high bit of each byte that is zero, exact for the first one.
    func zeros(_ word: UInt64) -> UInt64 {
      (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = ones &* UInt64(Ascii.quote)
    let backslashes = ones &* UInt64(Ascii.backslash)
    let lineFeeds = ones &* UInt64(Ascii.lineFeed)
    var offset = start
    while offset + 8 <= limit {
      let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let found = zeros(word ^ quotes) | zeros(word ^ backslashes) | zeros(word ^ lineFeeds)
      if found != 0 { return offset + found.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < limit, self[offset] != Ascii.quote, self[offset] != Ascii.backslash,
      self[offset] != Ascii.lineFeed
    {
      offset += 1
    }
    return offset
  }

  /// Whether a byte order mark stands at `offset`; nil when it cannot be told yet.
  fileprivate func hasByteOrderMark(at offset: Int) -> Bool? {
    let there = self[offset..<Swift.min(offset + 3, count)]
    guard Ascii.byteOrderMark.starts(with: there) else { return false }
    return there.count == 3 ? true : nil
  }
}
