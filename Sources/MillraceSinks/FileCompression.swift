import MillraceCompression
import MillraceCore

/// How a file sink stores what it writes.
///
/// Compressed files are rows of members (gzip) or frames (zstd), one for each delivery and complete
/// in itself, so that every committed length is a boundary: whatever is cut off behind it leaves a
/// file that any reader accepts.
package enum FileCompression: String, CaseIterable, Sendable {
  case none
  case gzip
  case zstd

  /// Bytes as they go to the file.
  func stored(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    switch self {
    case .none: bytes
    // Level 6 is gzip's own choice, 3 zstd's.
    case .gzip: bytes.withUnsafeBytes { Gzip.compress($0, level: 6) }[...]
    case .zstd: bytes.withUnsafeBytes { Zstd.compressForKeeping($0, level: 3) }[...]
    }
  }

  /// What a file holds by its first bytes; plain is what nothing says is not.
  static func recognized(_ beginning: some Collection<UInt8>) -> FileCompression {
    if beginning.starts(with: Gzip.magic) { return .gzip }
    return beginning.starts(with: ZstdStream.magic) ? .zstd : .none
  }

  /// Reads members back; nil for what has none.
  func decompression() -> (any DecompressionStream)? {
    switch self {
    case .none: nil
    case .gzip: GzipStream()
    case .zstd: ZstdStream(windowLogMax: Limits.sinkFileWindowLogMax)
    }
  }

  /// The word for what a file is a row of.
  var memberName: String {
    switch self {
    case .none: "line"
    case .gzip: "gzip member"
    case .zstd: "zstd frame"
    }
  }
}
