import Foundation
import MillraceCompression

/// Counts the lines of a file that grows.
struct LineCount {
  private let path: String
  private var offset = 0
  private(set) var lines = 0
  private var chunk = [UInt8](repeating: 0, count: 1 << 20)

  init(of path: String) {
    self.path = path
  }

  /// Counts what has come since the last time. A file that is not there yet has no lines.
  mutating func update() {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    while true {
      let count = pread(descriptor, &chunk, chunk.count, off_t(offset))
      guard count > 0 else { return }
      offset += count
      lines += chunk.withUnsafeBytes { LineCount.count(in: $0[..<count]) }
    }
  }

  /// The lines in a compressed file.
  static func unpacking(_ path: String, by stream: any DecompressionStream) throws -> Int {
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    var output = [UInt8](repeating: 0, count: 1 << 20)
    var lines = 0
    try data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      var place = 0
      while place < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        let step = try output.withUnsafeMutableBytes { try stream.decode(rest, into: $0) }
        place += step.consumed
        lines += output.withUnsafeBytes { count(in: $0[..<step.produced]) }
      }
    }
    return lines
  }

  /// The line feeds in some bytes.
  static func count(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    var count = 0
    var rest = UnsafeRawBufferPointer(rebasing: bytes)
    while let start = rest.baseAddress, let found = memchr(start, 0x0A, rest.count) {
      count += 1
      rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(found) - start + 1)...])
    }
    return count
  }
}
