import Glibc
import MillraceCore

/// Lines of standard input, without their ends.
enum StandardInputLines {
  /// Gives each line to `body` as soon as it is there.
  static func read(
    _ body: ([UInt8]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    var pending: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure("standard input: \(String(cString: strerror(errno)))", .badData)
      }
      if count == 0 { break }
      pending += chunk[..<count]
      var start = 0
      while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
        try body(Array(pending[start..<end]))
        start = end + 1
      }
      pending.removeFirst(start)
      if pending.count > Limits.revealedLineBytesMax {
        throw CommandFailure(
          "standard input: a line is longer than \(Limits.revealedLineBytesMax) bytes", .badData)
      }
    }
    if !pending.isEmpty { try body(pending) }
  }
}
