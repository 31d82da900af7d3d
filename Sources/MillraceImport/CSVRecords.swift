import MillraceCore

/// Finds the records in a CSV export of an audit search: of `Search-UnifiedAuditLog | Export-Csv`
/// or of the Purview portal. Each row wraps one record in its column `AuditData`.
///
/// Holds one row at a time. A quote that is missing somewhere shows at the latest where the next
/// row quotes its record; then the first line of what could not be read is broken, and reading
/// goes on with the next line.
struct CSVRecords {
  private var buffer = InputBuffer()
  /// Nil until the header was found.
  private var columns: CSVColumns?
  /// How many lines were looked at for the header.
  private var headerLines = 0
  private var row: CSVRow?
  /// Whether a row is torn and its first line still has to end.
  private var isTorn = false
  /// The line on which the row began whose bytes are passed over, being too many.
  private var tooLargeSince: Int?
  /// Whether of the line that such a row has come to, the beginning is gone, too.
  private var isLineCut = false
  /// How far no other line begins in what is left of such a row.
  private var soughtLines = 0
  private let valueBytesMax: Int

  /// - Parameter valueBytesMax: the size of the largest row that is not passed over.
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

  /// The next value; nil when more input is needed, or at its end.
  ///
  /// - Throws: when the input is no such export; nothing follows then.
  mutating func next() throws(InputFailure) -> InputValue? {
    while true {
      guard let columns = try findColumns() else { return nil }
      guard buffer.count > 0 || isTorn || tooLargeSince != nil else { return nil }
      var row = self.row ?? CSVRow(columns: columns)
      let ending = isTorn ? .torn : findEnd(of: &row)
      self.row = row
      switch ending {
      case .whole(let end)?:
        if let value = finish(row, at: end) { return value }
      case .torn?:
        isTorn = true
        guard let value = firstLine() else { return nil }
        return value
      case nil:
        guard row.position >= valueBytesMax || tooLargeSince != nil else { return nil }
        guard passOver(row.position) else { return nil }
      }
    }
  }

  /// Lets go of what was looked at of a row that is too large, but for the line it has come to;
  /// false when more input is needed.
  private mutating func passOver(_ position: Int) -> Bool {
    if tooLargeSince == nil { tooLargeSince = buffer.line }
    var gone = 0
    if let start = buffer.lineStart(in: soughtLines..<position) {
      gone = start
      isLineCut = false
    } else if position >= valueBytesMax {
      gone = position
      isLineCut = true
    }
    buffer.drop(gone)
    row?.forget(gone)
    soughtLines = position - gone
    return buffer.count > position - gone
  }

  // MARK: Header

  /// The columns; nil when more input is needed.
  private mutating func findColumns() throws(InputFailure) -> CSVColumns? {
    while columns == nil {
      let lineFeed = buffer.lineFeed(from: 0)
      let reach = lineFeed ?? buffer.count
      guard reach <= Limits.importHeaderReach, headerLines < CSVRecords.headerLinesMax else {
        throw .unknownFormat
      }
      guard lineFeed != nil || buffer.hasEnded else { return nil }
      if buffer.count == 0 {
        // A search that finds nothing is exported as an empty file.
        if headerLines == 0 { return nil }
        throw .unknownFormat
      }
      headerLines += 1
      columns = CSVColumns(line: buffer.copy(0..<reach))
      buffer.drop(min(reach + 1, buffer.count))
    }
    return columns
  }

  /// How many lines may stand above the header.
  private static let headerLinesMax = 20

  // MARK: Rows

  private func findEnd(of row: inout CSVRow) -> CSVRow.Ending? {
    let limit = min(buffer.count, valueBytesMax)
    let found = buffer.withBytes { row.findEnd(in: $0, before: limit) }
    if let found { return found }
    let isAtEnd = buffer.hasEnded && row.position == buffer.count
    return isAtEnd ? row.finish() : nil
  }

  /// What a whole row holds; nil for a row that holds nothing.
  private mutating func finish(_ row: CSVRow, at end: Int) -> InputValue? {
    defer { drop(end) }
    if let line = tooLargeSince { return tooLarge(line) }
    if isEmpty(end) { return nil }
    guard let range = row.auditData else {
      return broken(
        end,
        "the row has \(row.fields) fields and none in the place of AuditData, column "
          + "\((columns?.auditData ?? 0) + 1)")
    }
    let bytes = buffer.field(range, unescaping: row.hasDoubledQuotes)
    if bytes.count == 0 { return broken(end, "its AuditData is empty") }
    let value = InputValue(checking: bytes, line: buffer.line)
    return value.fault == nil || !adoptHeader(end) ? value : nil
  }

  /// Exports that were put one behind the other have a header in their middle.
  private mutating func adoptHeader(_ end: Int) -> Bool {
    guard end <= Limits.importHeaderReach else { return false }
    let line = buffer.copy(0..<end)
    if let header = CSVColumns(line: line) {
      columns = header
      return true
    }
    return CSVColumns.isPreamble(line)
  }

  private mutating func broken(_ end: Int, _ fault: String) -> InputValue? {
    if adoptHeader(end) { return nil }
    return InputValue(
      broken: buffer.copy(0..<end), line: buffer.line, fault: fault, isRow: true)
  }

  /// Whether a row has nothing in any field, as Excel leaves them below a table.
  private func isEmpty(_ end: Int) -> Bool {
    buffer.withBytes { bytes in
      bytes[..<end].allSatisfy {
        Ascii.isBlank($0) || $0 == columns?.separator || $0 == Ascii.quote
      }
    }
  }

  /// The first line of a row that is torn, once it is there.
  private mutating func firstLine() -> InputValue? {
    let walked = row?.position ?? 0
    if let line = tooLargeSince {
      // What is torn may be the next row, that a missing quote has made part of this one.
      let start = buffer.lineStart(in: soughtLines..<walked) ?? (isLineCut ? nil : 0)
      if let start {
        forgetRow()
        buffer.drop(start)
        return tooLarge(line)
      }
    }
    let lineFeed = buffer.lineFeed(from: tooLargeSince == nil ? 0 : walked)
    let end = lineFeed ?? buffer.count
    if end > valueBytesMax, tooLargeSince == nil { tooLargeSince = buffer.line }
    if lineFeed == nil, !buffer.hasEnded {
      if tooLargeSince != nil {
        isLineCut = true
        buffer.drop(end)
        row?.forget(walked)
        soughtLines = 0
      }
      return nil
    }
    defer { drop(end) }
    if let line = tooLargeSince { return tooLarge(line) }
    return InputValue(
      broken: buffer.copy(0..<end), line: buffer.line,
      fault: "the row's quotes are not in order: one is missing, or not doubled", isRow: true)
  }

  private func tooLarge(_ line: Int) -> InputValue {
    InputValue(
      broken: PaddedBytes([]), line: line,
      fault: "the row is larger than \(valueBytesMax) bytes; is a quote missing?")
  }

  /// Is done with a row that ends before `end`.
  private mutating func drop(_ end: Int) {
    buffer.drop(min(end + 1, buffer.count))
    forgetRow()
  }

  private mutating func forgetRow() {
    row = nil
    isTorn = false
    tooLargeSince = nil
    isLineCut = false
    soughtLines = 0
  }
}

extension InputBuffer {
  /// The content of a CSV field without the white space around it.
  fileprivate func field(_ range: Range<Int>, unescaping: Bool) -> PaddedBytes {
    withBytes { bytes in
      var part = bytes[range]
      while let first = part.first, Ascii.isBlank(first) { part = part.dropFirst() }
      while let last = part.last, Ascii.isBlank(last) { part = part.dropLast() }
      let content = UnsafeRawBufferPointer(rebasing: part)
      guard unescaping else { return PaddedBytes(copying: content) }
      var text: [UInt8] = []
      text.reserveCapacity(content.count + PaddedBytes.slackBytes)
      var offset = 0
      while let quote = content.firstIndex(of: Ascii.quote, from: offset) {
        text.append(contentsOf: content[offset...quote])
        // The second of the two.
        offset = quote + 2
      }
      if offset < content.count { text.append(contentsOf: content[offset...]) }
      return PaddedBytes(text)
    }
  }
}
