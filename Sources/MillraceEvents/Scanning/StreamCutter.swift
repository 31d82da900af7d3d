import MillraceCore

/// Cuts a stream of JSON into pieces that can be read one by one and side by side, in whatever
/// shape it comes: NDJSON, blobs one after the other, one array of any size. Holds one piece.
///
/// A value that is too large to be held costs what comes up to the next line that ends a value: its
/// beginning becomes a piece that says so, the rest is passed over.
///
/// Where lines end values, it cuts there and looks at nothing else: a line feed that is followed by
/// an object or array, and does not follow a comma, a colon or a bracket, stands within no value
/// (`InputSplitter` has the same rule). Where no line ends for long, as in one array on one line,
/// it scans and cuts between records; the piece then comes scanned.
package struct StreamCutter {
  /// What comes of asking for a piece.
  package enum Step {
    case piece(StreamPiece)
    /// Nothing is left.
    case end
    /// Reading failed with this error number.
    case failed(Int32)
  }

  /// Fills a buffer with some of the input; returns how many bytes, 0 at the end, or an error
  /// number below 0.
  package typealias Source = (UnsafeMutableRawBufferPointer) -> Int

  /// Bytes of the stream, `filled` of them, and room.
  private var block: [UInt8] = []
  private var filled = 0
  /// Where in the stream `block` begins.
  private var offset = 0
  private var hasEnded = false
  private var isAtBeginning = true
  /// Whether `block` begins between the records of an array.
  private var isInside = false
  /// Whether what stands before `block` there is a broken record.
  private var isBehindBroken = false
  /// Whether `block` begins inside a value that is too large to be held.
  private var isPassing = false
  private let pieceBytes: Int
  private let valueBytesMax: Int

  /// How many pieces long a stretch without the end of a value may be before it is scanned.
  private static let patience = 4
  /// The most records of a piece that is scanned: they may be tiny, and events never are.
  private static let recordsMax = 32_768

  /// A cutter of one stream.
  ///
  /// - Parameters:
  ///   - pieceBytes: How many bytes a piece has, about; more only if a value is larger.
  ///   - valueBytesMax: The largest record that is waited for, in bytes.
  package init(
    pieceBytes: Int = Limits.sliceBytes, valueBytesMax: Int = Limits.inputValueBytesMax
  ) {
    precondition(pieceBytes > 3, "a piece has room for a byte order mark")
    self.pieceBytes = pieceBytes
    self.valueBytesMax = max(valueBytesMax, pieceBytes)
  }

  /// The next piece of the stream.
  package mutating func next(from source: Source) -> Step {
    var spare: [UInt8] = []
    return next(spare: &spare, from: source)
  }

  /// The next piece of the stream, in the memory of `spare`, which it takes, if that is large
  /// enough. Not handed over as a copy: memory with two owners is copied before it is written to.
  package mutating func next(spare: inout [UInt8], from source: Source) -> Step {
    var wanted = pieceBytes
    while true {
      if let code = fill(wanted, from: source) { return .failed(code) }
      if isPassing {
        pass()
        wanted = max(2 * filled, pieceBytes)
        continue
      }
      if let cut = lastLineEnd() { return .piece(take(cut, &spare)) }
      if hasEnded { return filled == 0 ? .end : .piece(take(filled, &spare)) }
      if isInside || filled >= StreamCutter.patience * pieceBytes {
        if let piece = scan(&spare) { return .piece(piece) }
        if filled >= valueBytesMax { return .piece(giveUp(&spare)) }
      }
      wanted = max(filled, pieceBytes) * 2
    }
  }

  /// Reads until there are `wanted` bytes, or all; the error number when that fails.
  private mutating func fill(_ wanted: Int, from source: Source) -> Int32? {
    StreamCutter.makeRoom(for: wanted, in: &block)
    while filled < wanted, !hasEnded {
      let count = block.withUnsafeMutableBytes {
        source(UnsafeMutableRawBufferPointer(rebasing: $0[filled..<wanted]))
      }
      if count < 0 { return Int32(-count) }
      filled += count
      hasEnded = count == 0
    }
    if isAtBeginning {
      isAtBeginning = false
      // A byte order mark is not part of JSON (RFC 8259, section 8.1) but may be ignored.
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      if block[..<filled].starts(with: mark) {
        block.replaceSubrange(..<3, with: [])
        filled -= 3
        offset = 3
      }
    }
    return nil
  }

  private static func makeRoom(for count: Int, in bytes: inout [UInt8]) {
    let missing = count + PaddedBytes.slackBytes - bytes.count
    if missing > 0 { bytes.append(contentsOf: repeatElement(0, count: missing)) }
  }

  // MARK: Where to cut

  /// The place behind the last line feed that surely ends a value; nil when there is none.
  private func lastLineEnd() -> Int? {
    block.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let view = ByteView(start: base.assumingMemoryBound(to: UInt8.self), count: filled)
      var end = filled
      while let feed = StreamCutter.lastLineFeed(view.prefix(end)) {
        if StreamCutter.endsValue(feed, view) { return feed + 1 }
        end = feed
      }
      return nil
    }
  }

  /// Where a line feed stands last, found 16 bytes at a time: most often there is none for long.
  private static func lastLineFeed(_ bytes: ByteView) -> Int? {
    var end = bytes.count
    while end >= 16 {
      let block = UnsafeRawPointer(bytes.start + end - 16).loadUnaligned(as: SIMD16<UInt8>.self)
      let words = block.lanes(equalTo: Ascii.lineFeed)
      if words.y != 0 { return end - 1 - words.y.leadingZeroBitCount >> 3 }
      if words.x != 0 { return end - 9 - words.x.leadingZeroBitCount >> 3 }
      end -= 16
    }
    return bytes.prefix(end).lastIndex(of: Ascii.lineFeed)
  }

  private static func endsValue(_ feed: Int, _ bytes: ByteView) -> Bool {
    guard feed + 1 < bytes.count else { return false }
    let next = bytes[feed + 1]
    guard next == Ascii.openBrace || next == Ascii.openBracket else { return false }
    var before = feed - 1
    while before >= 0, isJSONBlank(bytes[before]) { before -= 1 }
    guard before >= 0 else { return false }
    switch bytes[before] {
    case Ascii.comma, Ascii.colon, Ascii.openBracket: return false
    default: return true
    }
  }

  /// Scans what there is and takes it up to where a record is torn by its end; nil when that is
  /// its beginning.
  private mutating func scan(_ spare: inout [UInt8]) -> StreamPiece? {
    // Moved, as an array with two owners is copied when it is written to.
    var whole: [UInt8] = []
    swap(&whole, &block)
    let bytes = PaddedBytes(consume whole, count: filled)
    let wasBehindBroken = isInside && isBehindBroken
    var (records, end) = BlobScanner.scanStretch(
      bytes, recordsMax: StreamCutter.recordsMax, isBehindBroken: wasBehindBroken)
    let torn = records.firstIndex { StreamCutter.isTorn($0, of: bytes) }
    let cut = torn.map { records[$0].range.lowerBound } ?? end
    block = bytes.takeStorage()
    // Blanks and commas before a torn record are no reason for a piece.
    if torn == 0 { return nil }
    if let torn { records.removeSubrange(torn...) }
    let begin = offset
    let cutOff = cutOff(cut, &spare)
    isInside = true
    isBehindBroken = records.last.map { !$0.isEvent } ?? wasBehindBroken
    return StreamPiece(
      bytes: cutOff, offset: begin, isStretch: true, isBehindBroken: wasBehindBroken,
      records: records)
  }

  /// Whether a record has no end yet as far as can be seen.
  private static func isTorn(_ record: ScannedRecord, of bytes: PaddedBytes) -> Bool {
    guard case .dead = record.verdict else { return false }
    return bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return false }
      var parser = StrictJSONParser(
        base: base.assumingMemoryBound(to: UInt8.self), count: raw.count)
      guard parser.parse(at: record.range.lowerBound) == nil else { return false }
      // Half a character or escape is found wrong where it begins.
      return parser.fault != .tooDeep && parser.faultOffset > raw.count - 16
    }
  }

  // MARK: Passing over

  /// How much of a value that is too large is shown.
  private static let shownBytes = 256

  /// The beginning of what is too large, as a record that cannot be read.
  private mutating func giveUp(_ spare: inout [UInt8]) -> StreamPiece {
    let begin = offset
    let bytes = cutOff(min(filled, StreamCutter.shownBytes), &spare)
    isInside = false
    isPassing = true
    let reason =
      "larger than \(valueBytesMax) bytes; what follows it on its line is passed over, too"
    let record = ScannedRecord(range: 0..<bytes.count, verdict: .dead(reason: reason))
    return StreamPiece(
      bytes: bytes, offset: begin, isStretch: true, isBehindBroken: false, records: [record])
  }

  /// Passes over what there is, up to the first line that ends a value.
  private mutating func pass() {
    let end = firstLineEnd()
    if end != nil { isPassing = false }
    // Whether a line feed at the end is one, what stands around it tells.
    let kept = hasEnded ? 0 : min(filled, StreamCutter.shownBytes)
    let gone = end ?? filled - kept
    block.withUnsafeMutableBytes { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[gone..<filled]))
    }
    filled -= gone
    offset += gone
    if hasEnded, end == nil { isPassing = false }
  }

  /// The place behind the first line feed that surely ends a value; nil when there is none.
  private func firstLineEnd() -> Int? {
    block.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let view = ByteView(start: base.assumingMemoryBound(to: UInt8.self), count: filled)
      var from = 0
      while let feed = view.firstIndex(of: Ascii.lineFeed, from: from) {
        if StreamCutter.endsValue(feed, view) { return feed + 1 }
        from = feed + 1
      }
      return nil
    }
  }

  // MARK: Cutting

  private mutating func take(_ cut: Int, _ spare: inout [UInt8]) -> StreamPiece {
    let begin = offset
    let isStretch = isInside
    isInside = false
    let bytes = cutOff(cut, &spare)
    return StreamPiece(
      bytes: bytes, offset: begin, isStretch: isStretch,
      isBehindBroken: isStretch && isBehindBroken, records: nil)
  }

  /// Takes the first `cut` bytes off; the others go to the spare memory, which is filled next.
  private mutating func cutOff(_ cut: Int, _ spare: inout [UInt8]) -> PaddedBytes {
    let rest = filled - cut
    StreamCutter.makeRoom(for: max(rest, pieceBytes), in: &spare)
    if rest > 0 {
      block.withUnsafeBytes { from in
        spare.withUnsafeMutableBytes { to in
          to.copyMemory(from: UnsafeRawBufferPointer(rebasing: from[cut..<filled]))
        }
      }
    }
    // Moved, as an array with two owners is copied when it is written to.
    var whole: [UInt8] = []
    swap(&whole, &block)
    swap(&block, &spare)
    let bytes = PaddedBytes(consume whole, count: cut)
    filled = rest
    offset += cut
    return bytes
  }
}
