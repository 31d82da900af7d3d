import Glibc
import MillraceRuntime
import Testing

/// A named pipe that a test writes into while a program reads it. It ends for its reader with
/// `end` or with itself, and never sends a signal to its writer.
final class FedPipe {
  private var descriptor: Int32
  private let path: String

  init(_ path: String) throws {
    self.path = path
    try #require(mkfifo(path, 0o600) == 0)
    // Open for reading as well, so that opening waits for nobody and the reader may go.
    descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    try #require(descriptor >= 0)
  }

  deinit {
    end()
    unlink(path)
  }

  /// Nothing more comes.
  func end() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Writes bytes, as fast as they are read.
  func feed(_ bytes: some Collection<UInt8>) async throws {
    let bytes = Array(bytes)
    let deadline = ContinuousClock.now + .seconds(500)
    var done = 0
    while done < bytes.count {
      try #require(ContinuousClock.now < deadline, "nobody reads the pipe")
      let written = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        try #require(errno == EAGAIN)
        await Pulse().wait(beyond: 0, atMost: .milliseconds(1))
      } else {
        done += written
      }
    }
  }
}
