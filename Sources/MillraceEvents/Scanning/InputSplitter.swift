package import MillraceCore

/// Splits a stream of JSON into its top-level values: lines of NDJSON, one array, or arrays and
/// objects one after the other. Holds one value at a time.
///
/// A line that is broken costs itself: brackets are counted outside strings, and where a line
/// break shows that a value cannot be meant to go on, it ends there.
package struct InputSplitter {
  private var buffer: [UInt8] = []
  /// Where the value begins that is being read; what lies before it is done with.
  private var start = 0
  /// How far the value has been looked at.
  private var position = 0
  private var depth = 0
  private var isInString = false
  private var isAtBeginning = true
  /// Where the second line of the value begins, for when the first turns out to be broken.
  private var secondLine: Int?
  private let valueBytesMax: Int
  /// How many bytes of the input lay before what is in `buffer`.
  private var goneBytes = 0
  /// Where in the input the latest value began.
  package private(set) var valueStart = 0

  /// A splitter of values of at most `valueBytesMax` bytes.
  package init(valueBytesMax: Int = Limits.inputValueBytesMax) {
    self.valueBytesMax = valueBytesMax
  }

  /// Adds bytes to the end of the input.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if start > 0, start == buffer.count || start > 1 << 20 {
      buffer.removeSubrange(..<start)
      goneBytes += start
      position -= start
      secondLine = secondLine.map { $0 - start }
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next complete value, or broken line; nil when more input is needed. Throws when a value
  /// is larger than the limit; nothing follows then.
  package mutating func next() throws(InputProblem) -> PaddedBytes? {
    while true {
      if position == start, !skipToValue() { return nil }
      if let end = findEnd() { return take(end) }
      if buffer.count - start > valueBytesMax { throw InputProblem(bytesMax: valueBytesMax) }
      return nil
    }
  }

  /// The value that the end of the input leaves, complete or not; call until it gives nil.
  package mutating func finish() throws(InputProblem) -> PaddedBytes? {
    if let value = try next() { return value }
    guard start < buffer.count, position > start else { return nil }
    // What never ended is broken: its first line goes alone, the others get their chance.
    return take(secondLine ?? buffer.count)
  }

  /// Passes over the input up to a place behind the latest value.
  mutating func pass(to place: Int) {
    start = min(max(place - goneBytes, start), buffer.count)
    position = start
  }

  // MARK: Finding

  /// Moves to the first byte of the next value; false when there is none yet.
  private mutating func skipToValue() -> Bool {
    if isAtBeginning {
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      if buffer.count - start < 3, mark.starts(with: buffer[start...]), buffer.count > start {
        return false
      }
      if buffer[start...].starts(with: mark) { start += 3 }
      if start < buffer.count { isAtBeginning = false }
    }
    while start < buffer.count, isJSONBlank(buffer[start]) || buffer[start] == Ascii.comma {
      start += 1
    }
    position = start
    depth = 0
    isInString = false
    secondLine = nil
    return start < buffer.count
  }

  /// The end of the value that begins at `start`; nil when it is not there yet.
  private mutating func findEnd() -> Int? {
    while position < buffer.count {
      let byte = buffer[position]
      if byte == Ascii.lineFeed {
        guard depth > 0 || isInString else { return position }
        guard let isEnd = endsAtLineFeed() else { return nil }
        if isEnd { return secondLine ?? position }
        if secondLine == nil { secondLine = position + 1 }
      } else if isInString {
        if byte == Ascii.backslash {
          guard position + 1 < buffer.count else { return nil }
          if buffer[position + 1] != Ascii.lineFeed { position += 1 }
        } else if byte == Ascii.quote {
          isInString = false
        }
      } else if let end = step(byte) {
        return end
      }
      position += 1
    }
    return nil
  }

  /// Takes one byte outside strings into account; the end of the value if it ends here.
  private mutating func step(_ byte: UInt8) -> Int? {
    switch byte {
    case Ascii.quote:
      // Of a line that is no object or array, quotes say nothing.
      if depth > 0 { isInString = true }
    case Ascii.openBrace, Ascii.openBracket:
      if depth == 0, position > start { return nil }
      depth += 1
      // Deeper than records in an array can be.
      if depth > Limits.recordDepthMax + 1, let secondLine { return secondLine }
    case Ascii.closeBrace, Ascii.closeBracket:
      guard depth > 0 else { return nil }
      depth -= 1
      if depth == 0 { return position + 1 }
    default:
      break
    }
    return nil
  }

  /// Whether the value cannot go on behind the line feed at `position`; nil when the next line
  /// has to be seen first.
  private func endsAtLineFeed() -> Bool? {
    // No string holds a raw line feed.
    if isInString { return true }
    guard position + 1 < buffer.count else { return nil }
    let next = buffer[position + 1]
    guard next == Ascii.openBrace || next == Ascii.openBracket else { return false }
    var before = position - 1
    while before > start, isJSONBlank(buffer[before]) { before -= 1 }
    switch buffer[before] {
    case Ascii.comma, Ascii.colon, Ascii.openBracket: return false
    default: return true
    }
  }

  private mutating func take(_ end: Int) -> PaddedBytes {
    var value: [UInt8] = []
    value.reserveCapacity(end - start + PaddedBytes.slackBytes)
    value.append(contentsOf: buffer[start..<end])
    valueStart = goneBytes + start
    start = end
    position = end
    return PaddedBytes(value)
  }
}

/// Input that cannot be read as values of a bounded size.
package struct InputProblem: Error, Equatable, CustomStringConvertible {
  /// The limit that a value goes beyond.
  package let bytesMax: Int

  /// The error of a value beyond `bytesMax` bytes.
  package init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// What is wrong and what to do, for an operator.
  package var description: String {
    "a value of the input is larger than \(bytesMax) bytes: split it, or write it as one record a "
      + "line"
  }
}
