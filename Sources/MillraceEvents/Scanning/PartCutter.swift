import MillraceCore

/// Cuts a huge blob into parts of whole records as its bytes come by, so that no more than a part
/// is ever in memory. The parts put together are the blob, byte for byte.
///
/// Only brackets and quotes are looked at; what is wrong inside a part is for `BlobScanner` to say.
/// Where damage hides the ends of records, or a record is larger than any may be, the cut falls
/// somewhere, and the record it falls into becomes dead on both sides.
package struct PartCutter {
  private var buffer: [UInt8] = []
  /// How far the buffer has been looked at, and the last place behind a record.
  private var position = 0
  private var boundary = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// Nil until the first byte that counts has come: only an array has records to cut between.
  private var isArray: Bool?
  private let partBytes: Int
  private let partBytesMax: Int

  /// A cutter that cuts behind the first record that reaches `partBytes`, and anywhere at
  /// `partBytesMax`.
  package init(
    partBytes: Int = Limits.partBytes, partBytesMax: Int = Limits.partBytesMax
  ) {
    precondition(0 < partBytes && partBytes <= partBytesMax, "a part has room")
    self.partBytes = partBytes
    self.partBytesMax = partBytesMax
  }

  /// How many bytes the cutter wants next to come closer to a part.
  package var wanted: Int { max(partBytes - buffer.count, partBytes / 4) }

  /// Takes the next bytes of the blob and returns the parts that are complete with them.
  package mutating func append(_ bytes: [UInt8]) -> [[UInt8]] {
    buffer += bytes
    var parts: [[UInt8]] = []
    while true {
      lookAround()
      if buffer.count >= partBytes, boundary > 0 {
        parts.append(take(boundary))
      } else if buffer.count >= partBytesMax {
        parts.append(take(partBytesMax))
      } else {
        return parts
      }
    }
  }

  /// The last part: what is left. Empty when nothing is.
  package mutating func finish() -> [UInt8] {
    defer { buffer = [] }
    return buffer
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    let part = Array(buffer[..<count])
    buffer.removeSubrange(..<count)
    position = max(position - count, 0)
    boundary = 0
    return part
  }

  /// Looks at what is new, up to the place where a part may end.
  private mutating func lookAround() {
    buffer.withUnsafeBufferPointer { bytes in
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if isInString {
          if isEscaped {
            isEscaped = false
          } else if byte == Ascii.backslash {
            isEscaped = true
          } else if byte == Ascii.quote {
            isInString = false
          }
          continue
        }
        switch byte {
        case Ascii.quote:
          isInString = true
        case Ascii.openBrace, Ascii.openBracket:
          if isArray == nil { isArray = byte == Ascii.openBracket }
          depth += 1
        case Ascii.closeBrace, Ascii.closeBracket:
          // A bracket too many among the records does not end the array.
          depth = max(depth - 1, isArray == true ? 1 : 0)
        case Ascii.comma where depth == 1 && isArray == true:
          boundary = position
          // Enough for a part: what follows is looked at when that is cut off.
          if position >= partBytes { return }
        default:
          break
        }
      }
    }
  }
}
