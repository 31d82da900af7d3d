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

  /// Finds records in `start..<count` and hands them to `take` until that returns false. The bytes
  /// are followed by slack that begins with a quote.
  static func scan(
    _ base: UnsafePointer<UInt8>, _ count: Int, from start: Int, stop: inout Int,
    take: (Range<Int>, RecordMarks) -> Bool
  ) -> End {
    precondition(Limits.recordDepthMax == MILLRACE_SCAN_DEPTH_MAX, "one limit in two languages")
    precondition(PaddedBytes.slackBytes >= MILLRACE_SCAN_SLACK, "the scan reads into the slack")
    return withoutActuallyEscaping(take) { take in
      var taker = Taker(take: take)
      let end = withUnsafeMutablePointer(to: &taker) { taker in
        millrace_scan(
          base, count, start,
          { context, record in
            guard let context, let record else { return false }
            let taker = context.assumingMemoryBound(to: Taker.self)
            return taker.pointee.take(record.pointee)
          }, taker, &stop)
      }
      switch end {
      case MILLRACE_SCAN_CLOSED: return .closed
      case MILLRACE_SCAN_OPEN: return .open
      case MILLRACE_SCAN_UNAVAILABLE: return .doubtful(isAvailable: false)
      default: return .doubtful(isAvailable: true)
      }
    }
  }

  /// The byte behind the object or array at `pointer`, or `end`; nil on processors that this is not
  /// for. Reads up to 64 bytes past `end`, as blobs, the arena and buffers allow.
  @inline(__always)
  static func skip(
    _ pointer: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    millrace_skip(pointer, end)
  }

  /// Stands behind the pointer that goes through C.
  private struct Taker {
    let take: (Range<Int>, RecordMarks) -> Bool

    func take(_ record: millrace_record) -> Bool {
      func range(_ text: millrace_text) -> Range<Int>? {
        text.start == 0 ? nil : text.start..<text.start + text.count
      }
      let texts = record.texts
      return take(
        record.start..<record.end,
        RecordMarks(
          id: range(texts.0), recordType: range(texts.2), operation: range(texts.1),
          time: range(texts.3)))
    }
  }
}
