import CMillraceScan
import MillraceCore

/// Finds records 64 bytes at a time, in C: Swift has no instructions for what that takes. Accepts
/// nothing that `StrictJSONParser` would not, and leaves everything unusual to it.
enum BlockScan {
  /// How a scan ended.
  enum End {
    /// With the bracket of the array, at `stop`, and nothing but white space behind it.
    case closed
    /// Between two records, at the end of the bytes.
    case open
    /// At `stop`, with something that needs a closer look, or because this processor is not among
    /// those that it is for.
    case doubtful(isAvailable: Bool)
  }

  /// The bytes of a block.
  static let blockBytes = 64

  /// Finds records in `start..<count` and hands them to `run` until that takes no more. The bytes
  /// are followed by slack that begins with a quote.
  static func scan(
    _ base: UnsafePointer<UInt8>, _ count: Int, from start: Int, stop: inout Int,
    into run: inout ScanRun
  ) -> End {
    precondition(Limits.recordDepthMax == MILLRACE_SCAN_DEPTH_MAX, "one limit in two languages")
    precondition(PaddedBytes.slackBytes >= MILLRACE_SCAN_SLACK, "the scan reads into the slack")
    // No closure goes through C: calling one counts references for every record.
    let end = withUnsafeMutablePointer(to: &run) { run in
      millrace_scan(
        base, count, start,
        { context, record in
          guard let context, let record else { return false }
          return BlockScan.hand(record.pointee, to: context.assumingMemoryBound(to: ScanRun.self))
        }, run, &stop)
    }
    switch end {
    case MILLRACE_SCAN_CLOSED: return .closed
    case MILLRACE_SCAN_OPEN: return .open
    case MILLRACE_SCAN_UNAVAILABLE: return .doubtful(isAvailable: false)
    default: return .doubtful(isAvailable: true)
    }
  }

  /// Hands over a record; false when no more are taken.
  private static func hand(
    _ record: millrace_record, to run: UnsafeMutablePointer<ScanRun>
  ) -> Bool {
    func range(_ text: millrace_text) -> Range<Int>? {
      text.start == 0 ? nil : text.start..<text.start + text.count
    }
    let texts = record.texts
    return run.pointee.takeFromBlock(
      record.start..<record.end,
      RecordMarks(
        id: range(texts.0), recordType: range(texts.2), operation: range(texts.1),
        time: range(texts.3)))
  }

  /// The byte behind the object or array at `pointer`, or `end`; nil on processors that this is not
  /// for. Reads up to 64 bytes past `end`, as blobs, the arena and buffers allow.
  @inline(__always)
  static func skip(
    _ pointer: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    millrace_skip(pointer, end)
  }
}
