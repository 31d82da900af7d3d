package import MillraceCore

/// A piece of a stream of JSON that begins and ends between values, or between the records of an
/// array that is too large to be held.
package struct StreamPiece: Sendable {
  /// The bytes.
  package let bytes: PaddedBytes
  /// Where in the stream they begin.
  package let offset: Int
  /// Whether an array goes on at one of its ends, so that brackets say nothing.
  let isStretch: Bool
  /// Whether the piece before it, of the same array, ended with a broken record.
  let isBehindBroken: Bool
  /// What a scan found, if one was needed to cut.
  let records: [ScannedRecord]?

  /// One value of a piece, or all that there are.
  package struct Part {
    /// The bytes that the scan is of.
    package let bytes: PaddedBytes
    /// Where in the stream they begin.
    package let offset: Int
    /// What was found in them.
    package let scan: BlobScan

    /// Whether something in them is no record.
    fileprivate var isBroken: Bool {
      scan.problem != nil || scan.records.contains { !$0.isEvent }
    }
  }

  /// The memory of a piece that was read, for another one.
  package consuming func takeMemory() -> [UInt8] { bytes.takeStorage() }

  /// Calls `body` with what is in the piece, in its order: at once when nothing is wrong with any
  /// value, else value by value, so that what is broken costs itself alone. Damage may hide where
  /// values end; at once again, if more records show that way.
  package func forEachPart<Failure: Error>(
    _ body: (Part) throws(Failure) -> Void
  ) throws(Failure) {
    let found =
      records ?? BlobScanner.scanStretch(bytes, isBehindBroken: isBehindBroken).records
    if isStretch || isOrdinary(found) { return try body(part(found)) }
    var single = 0
    forEachValue { single += StreamPiece.namedCount($0.scan.records) }
    if StreamPiece.namedCount(found) > single { return try body(part(found.map(judged))) }
    try forEachValue(body)
  }

  private func part(_ records: [ScannedRecord]) -> Part {
    Part(bytes: bytes, offset: offset, scan: BlobScan(records: records))
  }

  /// A record, which is dead if it is no record where it stands alone: an error answer.
  private func judged(_ record: ScannedRecord) -> ScannedRecord {
    guard record.isEvent, record.identity == nil else { return record }
    let alone = BlobScanner.scan(PaddedBytes(bytes.bytes(in: record.range)))
    guard let problem = alone.problem else { return record }
    return ScannedRecord(range: record.range, verdict: .dead(reason: problem.reason))
  }

  /// How many records say which events they are.
  private static func namedCount(_ records: [ScannedRecord]) -> Int {
    records.count { $0.identity != nil }
  }

  private func forEachValue<Failure: Error>(_ body: (Part) throws(Failure) -> Void) throws(Failure)
  {
    var splitter = InputSplitter(valueBytesMax: .max)
    bytes.withUnsafeBytes { splitter.append($0) }
    while let value = StreamPiece.next(&splitter) {
      let start = splitter.valueStart
      var part = Part(bytes: value, offset: offset + start, scan: BlobScanner.scan(value))
      // Damage may hide where the value ends: the rest of its line may be a part of it. What is
      // whole and still no record, as an error answer, hides nothing.
      if part.isBroken, !StreamPiece.isWhole(value),
        let line = restOfLine(from: start, behind: start + value.count)
      {
        let records = BlobScanner.scanStretch(line).records
        if records.contains(where: { !$0.isEvent && $0.range.lowerBound < value.count }) {
          part = Part(bytes: line, offset: offset + start, scan: BlobScan(records: records))
          splitter.pass(to: start + line.count)
        }
      }
      try body(part)
    }
  }

  /// Whether the bytes are one value of JSON and nothing else.
  private static func isWhole(_ value: PaddedBytes) -> Bool {
    value.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let start = raw.firstIndex(where: { !isJSONBlank($0) })
      else { return false }
      var parser = StrictJSONParser(
        base: base.assumingMemoryBound(to: UInt8.self), count: raw.count)
      guard let end = parser.parse(at: start) else { return false }
      return raw[end...].allSatisfy { isJSONBlank($0) }
    }
  }

  /// A value with what stands behind it on its last line; nil when there is nothing.
  private func restOfLine(from start: Int, behind end: Int) -> PaddedBytes? {
    bytes.withUnsafeBytes { all in
      if all[..<end].last == Ascii.lineFeed { return nil }
      let lineEnd = all[end...].firstIndex(of: Ascii.lineFeed) ?? all.count
      let isBlank = all[end..<lineEnd].allSatisfy { isJSONBlank($0) || $0 == Ascii.comma }
      return isBlank ? nil : PaddedBytes(Array(all[start..<lineEnd]))
    }
  }

  private static func next(_ splitter: inout InputSplitter) -> PaddedBytes? {
    do throws(InputProblem) { return try splitter.finish() } catch {
      preconditionFailure("a splitter without a limit finds no value too large")
    }
  }

  /// Whether the piece is made of whole arrays of events and of events alone, none of which can be
  /// an error answer of the service.
  private func isOrdinary(_ records: [ScannedRecord]) -> Bool {
    bytes.withUnsafeBytes { all in
      var isInArray = false
      var position = 0
      for record in records {
        guard record.verdict == .event,
          StreamPiece.pass(all[position..<record.range.lowerBound], &isInArray),
          isInArray || record.identity != nil
        else { return false }
        position = record.range.upperBound
      }
      return StreamPiece.pass(all[position...], &isInArray) && !isInArray
    }
  }

  /// Passes the bytes between two records; false when they are none that belong there.
  private static func pass(
    _ bytes: Slice<UnsafeRawBufferPointer>, _ isInArray: inout Bool
  ) -> Bool {
    for byte in bytes where !isJSONBlank(byte) && byte != Ascii.comma {
      switch byte {
      case Ascii.openBracket where !isInArray: isInArray = true
      case Ascii.closeBracket where isInArray: isInArray = false
      default: return false
      }
    }
    return true
  }
}
