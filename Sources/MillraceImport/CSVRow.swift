import MillraceCore

/// Walks over one row of CSV (RFC 4180) as its bytes arrive, and remembers where the one field
/// stands that matters.
struct CSVRow {
  /// How a row ends.
  enum Ending: Equatable {
    /// Before the byte at this offset, a line feed or the end of the input.
    case whole(Int)
    /// It cannot be read: in quotes, a quote that is neither doubled nor the last.
    case torn
  }

  private enum State {
    case fieldStart, unquoted, quoted
    /// Behind a quote that ends its field, unless another follows.
    case quoteInQuoted
    /// Behind the quotes and a carriage return.
    case quotedThenReturn
  }

  private let columns: CSVColumns
  private var state = State.fieldStart
  /// How many fields lie behind.
  private(set) var fields = 0
  /// How far the row has been looked at.
  private(set) var position = 0
  /// Where the content of the column `AuditData` stands, quotes not included, once it has ended.
  private(set) var auditData: Range<Int>?
  /// Whether quotes are doubled in it.
  private(set) var hasDoubledQuotes = false
  private var fieldStart = 0
  private var hasForgottenBytes = false

  init(columns: CSVColumns) {
    self.columns = columns
  }

  /// The row goes on, but so many of its bytes are gone, and with them what its fields hold.
  mutating func forget(_ count: Int) {
    position -= count
    hasForgottenBytes = true
  }

  /// Walks on to the row's end, before `limit`; nil when it is not there.
  mutating func findEnd(in bytes: UnsafeRawBufferPointer, before limit: Int) -> Ending? {
    while position < limit {
      if state == .quoted {
        // Most bytes of an export stand in quotes.
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<limit])
        guard let quote = part.firstIndex(of: Ascii.quote, from: position) else {
          position = limit
          return nil
        }
        position = quote + 1
        state = .quoteInQuoted
        continue
      }
      if let ending = step(bytes[position]) { return ending }
      position += 1
    }
    return nil
  }

  /// The end of a row that the end of the input ends.
  mutating func finish() -> Ending {
    switch state {
    case .quoted: return .torn
    case .quotedThenReturn: return .whole(position)
    case .fieldStart, .unquoted, .quoteInQuoted:
      endField(at: position)
      return .whole(position)
    }
  }

  private mutating func step(_ byte: UInt8) -> Ending? {
    switch (state, byte) {
    case (.quotedThenReturn, Ascii.lineFeed):
      return .whole(position)
    case (.quotedThenReturn, _):
      return .torn
    case (_, Ascii.lineFeed):
      endField(at: position)
      return .whole(position)
    case (_, columns.separator):
      endField(at: position)
      state = .fieldStart
    case (.fieldStart, Ascii.quote):
      fieldStart = position + 1
      state = .quoted
    case (.fieldStart, _):
      fieldStart = position
      state = .unquoted
    case (.quoteInQuoted, Ascii.quote):
      if fields == columns.auditData { hasDoubledQuotes = true }
      state = .quoted
    case (.quoteInQuoted, Ascii.carriageReturn):
      endField(at: position)
      state = .quotedThenReturn
    case (.quoteInQuoted, _):
      return .torn
    default:
      break
    }
    return nil
  }

  private mutating func endField(at end: Int) {
    if fields == columns.auditData, !hasForgottenBytes {
      switch state {
      case .quoteInQuoted: auditData = fieldStart..<end - 1
      case .unquoted: auditData = fieldStart..<end
      default: auditData = end..<end
      }
    }
    fields += 1
  }
}
