import MillraceCore

/// One scan of one blob. Bytes that are not white space, a comma or a bracket end up in exactly
/// one record.
struct ScanRun {
  let base: UnsafePointer<UInt8>
  let count: Int
  private var parser: StrictJSONParser
  private var search: RecordSearch
  private var records: [ScannedRecord] = []
  private var deadCount = 0
  private var position = 0
  /// The end of the blob without white space and commas behind it.
  private var contentEnd = 0
  /// Set when the last record is a dead one that reaches to the end of the blob.
  private var endsInDamage = false
  /// Set behind a broken record until a whole one follows or a line begins: lost quotes shift where
  /// strings end, so that the record's own lists may seem to be its neighbours.
  private var isBehindBroken = false
  private let part: BlobPart
  /// Whether brackets between records say nothing, as in a stretch of a longer stream.
  private var isStretch = false
  /// The most records that are told apart; a stretch ends behind them.
  private var recordsMax = ScanLimits.recordsMax
  /// How many bytes may still be looked at by blocks in vain: damage is looked at twice, and there
  /// may be much of it.
  private var blockBudget: Int

  /// A scan of `count` bytes at `base`, by blocks where that is possible and `usesBlocks`.
  init(base: UnsafePointer<UInt8>, count: Int, part: BlobPart, usesBlocks: Bool = true) {
    self.part = part
    self.base = base
    self.count = count
    parser = StrictJSONParser(base: base, count: count)
    search = RecordSearch(base: base, count: count)
    blockBudget = usesBlocks ? 2 * count + (1 << 16) : 0
    // Guessed, so that the list seldom grows.
    records.reserveCapacity(min(count / ScanLimits.recordBytesGuess + 8, ScanLimits.recordsMax))
    contentEnd = lastNonBlank(count)
  }

  mutating func scan() -> BlobScan {
    // A byte order mark is not part of JSON (RFC 8259, section 8.1) but may be ignored.
    if count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { position = 3 }
    position = skipBlanks(position)
    if part.continues { return scanArray() }
    if position == count { return result(problem("the body is empty", position)) }
    switch base[position] {
    case Ascii.openBracket:
      position += 1
      return scanArray()
    case Ascii.openBrace:
      return scanLoneObject()
    case UInt8(ascii: "<"):
      return salvage(problem("the body is a page of markup, not JSON", position))
    default:
      return salvage(problem("the body is not an array or object of JSON", position))
    }
  }

  /// Finds the first `recordsMax` records of a stretch of a stream, and where what follows them
  /// begins; a stretch has no shape of its own that could be wrong.
  mutating func scanStretch(
    recordsMax: Int, isBehindBroken: Bool
  ) -> (records: [ScannedRecord], end: Int) {
    isStretch = true
    self.isBehindBroken = isBehindBroken
    self.recordsMax = recordsMax
    let records = scanArray().records
    return (records, position)
  }

  // MARK: The two shapes

  private mutating func scanArray() -> BlobScan {
    while true {
      skipSeparators()
      if isBehindBroken, takeFragment() { continue }
      if position < count, base[position] == Ascii.openBrace, blockBudget > 0, !isBehindBroken {
        scanBlocks()
      }
      if isStretch, position >= count || records.count >= recordsMax { return result(nil) }
      if position >= count {
        let isOpen = !endsInDamage && !part.isContinued
        var scan = result(isOpen ? problem("the array does not end: truncated", count) : nil)
        scan.isTorn = endsInDamage && !part.isContinued
        return scan
      }
      if base[position] == Ascii.closeBracket {
        position = skipBlanks(position + 1)
        if position == count { return result(nil) }
        // A bracket too many among the records does not end the array.
        if base[position] == Ascii.comma || base[position] == Ascii.openBrace { continue }
        // In a part that is not the last one, neither does any other.
        let hasMore =
          part.isContinued || search.nearRecord(after: position) != nil
          || search.nextRecord(from: position, upTo: count) != nil
        if !hasMore { return endWithTrailingBytes() }
        if base[position] == Ascii.closeBracket { continue }
      }
      scanElement()
    }
  }

  private mutating func scanLoneObject() -> BlobScan {
    let start = position
    guard let end = parser.parse(at: start) else {
      if parser.fault == .tooDeep, let end = search.balancedEnd(from: start),
        skipBlanks(end) == count
      {
        let reason = ScanRun.describe(parser.fault, parser.faultOffset)
        appendDead(start..<end, reason)
        return result(nil)
      }
      return salvage(
        problem(ScanRun.describe(parser.fault, parser.faultOffset), parser.faultOffset))
    }
    position = skipBlanks(end)
    if position == count, !parser.marks.hasAnyName, isErrorAnswer(start..<end) {
      return result(problem("the body is an error answer of the service", start))
    }
    appendEvent(start..<end, parser.marks)
    if position == count { return result(nil) }
    return base[position] == Ascii.comma ? scanArray() : endWithTrailingBytes()
  }

  private mutating func endWithTrailingBytes() -> BlobScan {
    if records.isEmpty { return result(problem("bytes follow the end of the array", position)) }
    appendDead(position..<contentEnd, "bytes follow the end of the array")
    return result(nil)
  }

  /// Looks for records in bytes that are not a blob; they are kept beside the problem.
  private mutating func salvage(_ problem: BlobProblem?) -> BlobScan {
    let rest = search.nextRecord(from: position, upTo: count)
    guard let rest else { return result(problem) }
    if rest > position { appendDead(position..<lastNonBlank(rest), "no record begins here") }
    position = rest
    var scan = scanArray()
    scan.problem = problem
    return scan
  }

  // MARK: Blocks

  /// Takes the records from here on as far as all is well with them, several times as fast as one
  /// by one. What follows is left to `scanElement`, which knows what may be wrong.
  private mutating func scanBlocks() {
    let known = records.count
    var stop = position
    let end = BlockScan.scan(base, count, from: position, stop: &stop, into: &self)
    switch end {
    case .closed, .open:
      position = stop
    case .doubtful(let isAvailable):
      if records.count > known, let last = records.popLast() {
        // What follows a record decides about it, too: it is looked at again.
        blockBudget -= stop - last.range.lowerBound
        position = last.range.lowerBound
      } else {
        blockBudget -= stop - position + BlockScan.blockBytes
      }
      if !isAvailable { blockBudget = 0 }
    }
  }

  /// Takes a record that a scan by blocks found; false when there is something to say about it.
  mutating func takeFromBlock(_ range: Range<Int>, _ marks: RecordMarks) -> Bool {
    guard range.count <= Limits.recordBytesMax, records.count < recordsMax
    else { return false }
    appendEvent(range, marks)
    return true
  }

  // MARK: Elements

  private mutating func scanElement() {
    let start = position
    let most = recordsMax
    guard records.count < most else {
      appendDead(start..<contentEnd, "more than \(most) records in one blob")
      position = count
      return
    }
    guard base[start] == Ascii.openBrace else { return scanForeignElement() }
    guard let end = parser.parse(at: start) else {
      let fault = parser.fault
      let offset = parser.faultOffset
      bury(start, ScanRun.describe(fault, offset))
      // What is merely too deep ends where it seems to.
      if fault == .tooDeep { isBehindBroken = false }
      return
    }
    let marks = parser.marks
    // What follows a whole record is damage of its own, unless members of that record may follow.
    guard search.isElementEnd(end) || marks.looksLikeRecord && !search.isMember(at: end) else {
      return bury(start, "a comma or the end of the array is missing at byte \(end)")
    }
    appendEvent(start..<end, marks)
    position = end
  }

  private mutating func scanForeignElement() {
    let start = position
    // A bracket here may be damage, with records behind it.
    let isArray = base[start] == Ascii.openBracket
    let near = isArray ? search.nearRecord(after: start) : nil
    if near == nil, let end = parser.parse(at: start), search.hasSeparator(after: end),
      !isArray || search.nextRecord(from: start + 1, upTo: end) == nil
    {
      appendDead(start..<end, "not an object, at byte \(start)")
      position = end
      return
    }
    bury(start, "not an object, at byte \(start)")
  }

  /// Makes the element at `start` a dead record that ends where the next record can begin.
  private mutating func bury(_ start: Int, _ reason: @autoclosure () -> String) {
    isBehindBroken = true
    if let next = search.nearRecord(after: start) {
      appendDead(start..<lastNonBlank(next), reason())
      position = next
      return
    }
    let end = search.balancedEnd(from: start)
    if let end, search.isElementEnd(end) {
      // Damage to a quote can hide the end and take neighbours in; they show as records.
      let next = search.nextRecord(from: start + 1, upTo: end)
      appendDead(start..<lastNonBlank(next ?? end), reason())
      position = next ?? end
      return
    }
    let next = search.nextRecord(from: start + 1, upTo: count)
    appendDead(start..<lastNonBlank(next ?? count), reason())
    position = next ?? count
  }

  // MARK: Behind a broken record

  /// Adds the element at `position` to the broken record before it, if it is no object, or one
  /// without any name of a record; false when it stands for itself.
  private mutating func takeFragment() -> Bool {
    guard position < count else { return false }
    if position > 0, base[position - 1] == Ascii.lineFeed {
      isBehindBroken = false
      return false
    }
    let start = position
    switch base[start] {
    case Ascii.closeBracket:
      return false
    case Ascii.openBrace:
      guard let end = parser.parse(at: start) else { return false }
      if parser.marks.looksLikeRecord { isBehindBroken = false }
      if parser.marks.hasAnyName { return false }
      appendFragment(start..<end)
      position = end
    default:
      let known = records.count
      scanForeignElement()
      if records.count > known, let fragment = records.popLast() { appendFragment(fragment.range) }
    }
    return true
  }

  private mutating func appendFragment(_ range: Range<Int>) {
    guard let last = records.last, last.verdict != .event else {
      return appendDead(range, "a part of a broken record before it")
    }
    endsInDamage = range.upperBound == contentEnd
    records[records.count - 1] = ScannedRecord(
      range: last.range.lowerBound..<range.upperBound, verdict: last.verdict)
  }

  // MARK: Results

  private mutating func appendEvent(_ range: Range<Int>, _ marks: RecordMarks) {
    if range.count > Limits.recordBytesMax {
      return appendDead(range, "larger than \(Limits.recordBytesMax) bytes")
    }
    endsInDamage = false
    let time = marks.time.flatMap { text in
      RecordTime.read(ByteView(start: base + text.lowerBound, count: text.count))
    }
    records.append(
      ScannedRecord(range: range, verdict: .event, time: time, identity: RecordIdentity(marks)))
  }

  private mutating func appendDead(_ range: Range<Int>, _ reason: @autoclosure () -> String) {
    guard !range.isEmpty else { return }
    endsInDamage = range.upperBound == contentEnd
    deadCount += 1
    if deadCount > ScanLimits.deadRecordsMax, let last = records.last, last.verdict != .event {
      // What is hostile enough to have that many is kept, but not told apart any more.
      records[records.count - 1] = ScannedRecord(
        range: last.range.lowerBound..<range.upperBound, verdict: last.verdict)
      return
    }
    records.append(ScannedRecord(range: range, verdict: .dead(reason: reason())))
  }

  private mutating func result(_ problem: BlobProblem?) -> BlobScan {
    let hasEvent = records.contains { $0.verdict == .event }
    // What is not a blob and has no event in it is one problem, not many records.
    if problem != nil, !hasEvent, !endsInDamage { return BlobScan(records: [], problem: problem) }
    return BlobScan(records: records, problem: problem)
  }

  private func problem(_ reason: String, _ offset: Int) -> BlobProblem {
    BlobProblem(reason: reason, offset: offset)
  }

  private static func describe(_ fault: JSONFault, _ offset: Int) -> String {
    "not valid JSON at byte \(offset): \(fault.message)"
  }

  /// Whether an object has the shape of the service's error answers (Activity API reference,
  /// "Errors"): `error`, `Message` or `odata.error` at the top level.
  private func isErrorAnswer(_ range: Range<Int>) -> Bool {
    var members = ObjectCursor(ByteView(start: base + range.lowerBound, count: range.count))
    while let member = members.next() {
      if member.key == "error" || member.key == "odata.error" || member.key == "Message" {
        return true
      }
    }
    return false
  }

  // MARK: Bytes between records

  private func skipBlanks(_ start: Int) -> Int {
    var offset = start
    while offset < count, isJSONBlank(base[offset]) { offset += 1 }
    return offset
  }

  private mutating func skipSeparators() {
    while position < count, isSeparator(base[position]) { position += 1 }
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    isJSONBlank(byte) || byte == Ascii.comma
      || isStretch && (byte == Ascii.openBracket || byte == Ascii.closeBracket)
  }

  /// The end of the bytes before `end` without white space and commas behind them.
  private func lastNonBlank(_ end: Int) -> Int {
    var offset = end
    while offset > 0, isJSONBlank(base[offset - 1]) || base[offset - 1] == Ascii.comma {
      offset -= 1
    }
    return offset
  }
}

/// Bounds of one scan; what goes beyond them is kept, but no longer told apart.
enum ScanLimits {
  /// About how large records are, in bytes: a little less than they really are.
  static let recordBytesGuess = 1_000
  /// The most records of one blob. Real blobs have some thousands.
  static let recordsMax = 1_000_000
  /// The most dead records of one blob that are told apart.
  static let deadRecordsMax = 10_000
  /// How far behind damage another record is looked for before anything else, in bytes.
  static let nearBytes = 16
}
