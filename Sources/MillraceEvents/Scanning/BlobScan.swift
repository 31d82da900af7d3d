package import MillraceCore

/// What a scan of a blob found. Made once for each blob; the order of records never changes, as
/// places in the log count them.
package struct BlobScan: Sendable {
  /// The records in the order of the blob, unusable ones included.
  package var records: [ScannedRecord]
  /// Set when the bytes are not a blob: empty, not an array or object of JSON, an error answer, or
  /// an array that stops between two records. `records` then holds what could be read all the
  /// same. A record torn by the end of the blob is a dead record and no problem of the blob.
  package var problem: BlobProblem?
  /// Whether the array of a whole blob stops within a record: it may have lost its end on the way.
  package var isTorn = false

  /// Why the blob may have been served badly and is worth asking for once more; nil when nothing
  /// speaks for that.
  package var doubt: BlobProblem? {
    if let problem { return problem }
    guard isTorn, let last = records.last else { return nil }
    return BlobProblem(
      reason: "the array stops within a record: truncated", offset: last.range.lowerBound)
  }

  /// The result of a scan.
  package init(records: [ScannedRecord], problem: BlobProblem? = nil) {
    self.records = records
    self.problem = problem
  }
}

/// One element of a blob.
package struct ScannedRecord: Equatable, Sendable {
  /// Whether a record becomes an event.
  package enum Verdict: Equatable, Sendable {
    /// A valid JSON object within the limits.
    case event
    /// Anything else; `reason` is for an operator, short, and holds no content of the blob.
    case dead(reason: String)
  }

  /// The record's bytes in the blob.
  package let range: Range<Int>
  /// Whether it becomes an event.
  package let verdict: Verdict
  /// The record's `CreationTime`, when it can be read.
  package let time: Timestamp?
  /// Where the record says which event it is; nil when it does not.
  let identity: RecordIdentity?

  /// Whether it becomes an event.
  package var isEvent: Bool {
    if case .event = verdict { return true }
    return false
  }

  /// A record of a blob.
  package init(range: Range<Int>, verdict: Verdict, time: Timestamp? = nil) {
    self.init(range: range, verdict: verdict, time: time, identity: nil)
  }

  init(range: Range<Int>, verdict: Verdict, time: Timestamp?, identity: RecordIdentity?) {
    self.range = range
    self.verdict = verdict
    self.time = time
    self.identity = identity
  }
}

/// Why bytes are not a blob.
package struct BlobProblem: Equatable, Sendable {
  /// For an operator; short, and without content of the blob.
  package let reason: String
  /// The byte at which it shows.
  package let offset: Int

  /// A problem found at byte `offset`.
  package init(reason: String, offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

/// Which of the parts of a blob bytes are: a huge blob is cut between records.
package struct BlobPart: Hashable, Sendable {
  /// Whether bytes of the blob come before, so that no bracket opens the array here.
  package var continues: Bool
  /// Whether bytes of the blob follow, so that no bracket has to close it here.
  package var isContinued: Bool

  /// Part `number`, from 0, of `count`.
  package init(number: Int, of count: Int) {
    continues = number > 0
    isContinued = number < count - 1
  }

  /// All of a blob.
  package static let whole = BlobPart(number: 0, of: 1)
}

/// Splits blobs into records.
package enum BlobScanner {
  /// Finds the records of a blob: an array of objects, or one object alone. Never fails: what is
  /// wrong is said in the result. Linear in the size of the blob, whatever is in it.
  package static func scan(_ blob: PaddedBytes, part: BlobPart = .whole) -> BlobScan {
    blob.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else {
        return BlobScan(records: [], problem: BlobProblem(reason: "the body is empty", offset: 0))
      }
      var run = ScanRun(
        base: base.assumingMemoryBound(to: UInt8.self), count: bytes.count, part: part)
      return run.scan()
    }
  }

  /// Finds the records in a stretch of a longer stream of records and arrays of them: what begins
  /// before it, ends behind it or is damaged is dead. Brackets between records say nothing.
  ///
  /// - Parameter isBehindBroken: Whether the stretch before it ended with a broken record, parts of
  ///   which this one may begin with.
  /// - Returns: The first `recordsMax` records, and where what follows them begins: the stretch's
  ///   end when there are no more.
  package static func scanStretch(
    _ stretch: PaddedBytes, recordsMax: Int = .max, isBehindBroken: Bool = false
  ) -> (records: [ScannedRecord], end: Int) {
    stretch.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else { return ([], 0) }
      var run = ScanRun(
        base: base.assumingMemoryBound(to: UInt8.self), count: bytes.count, part: .whole)
      return run.scanStretch(recordsMax: recordsMax, isBehindBroken: isBehindBroken)
    }
  }
}
