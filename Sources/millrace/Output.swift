import Glibc

/// Where commands write: data to standard output, everything else to standard error.
enum Output {
  /// Writes data to standard output; a reader that went away ends the process quietly, as
  /// `cat` would.
  static func data(_ bytes: [UInt8]) throws(CommandFailure) {
    try write(bytes, to: STDOUT_FILENO)
  }

  /// Writes a line of data to standard output.
  static func line(_ text: String) throws(CommandFailure) {
    let bytes = Array((text + "\n").utf8)
    try write(bytes, to: STDOUT_FILENO)
  }

  /// Says something to the person at the terminal.
  static func say(_ text: String) { ErrorLines.ofThisProcess.say(text) }

  /// Writes to standard error what has its line breaks already.
  static func raw(_ text: String) {
    // Standard error that cannot be written leaves nobody to tell.
    do throws(CommandFailure) { try write(Array(text.utf8), to: STDERR_FILENO) } catch { return }
  }

  /// Whether standard error is a terminal.
  static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether standard output is a terminal that shows colours to someone who wants them
  /// (https://no-color.org).
  static func takesColours(_ environment: [String: String]) -> Bool {
    isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(CommandFailure) {
    var failure: CommandFailure?
    bytes.withUnsafeBytes { buffer in
      do throws(CommandFailure) { try write(buffer, to: descriptor) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(CommandFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Whoever shares it made its calls return at once.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
      } else if errno == EPIPE {
        exit(ExitCode.done.rawValue)
      } else if errno != EINTR {
        throw CommandFailure(
          "cannot write the output: \(String(cString: strerror(errno)))", .failed)
      }
    }
  }
}
