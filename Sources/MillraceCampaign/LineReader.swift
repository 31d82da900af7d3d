import Glibc
import MillraceCore

/// Reads the lines of a file one after the other, in bounded memory.
enum LineReader {
  /// A file that cannot be read, in words for an operator.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Calls `body` with each line, without its end.
  ///
  /// - Returns: how many bytes stand behind the last end of a line: a line that is not whole.
  static func forEachLine(
    of path: String, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(Failure) -> Int {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var pending: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      guard count > 0 else { return pending.count }
      pending += chunk[..<count]
      let rest = pending.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          body(UnsafeRawBufferPointer(rebasing: rest[..<end]))
          rest = rest[(end + 1)...]
        }
        return rest.count
      }
      pending.removeFirst(pending.count - rest)
    }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
  }
}
