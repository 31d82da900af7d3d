import Glibc
import MillraceRuntime
import Testing

/// Something to write into, and its other end in the hands of a test.
final class ReadingPipe: Sendable {
  enum Kind: CaseIterable, CustomTestStringConvertible {
    case pipe
    /// One whose calls do not wait, as some programs leave it to those after them.
    case hastyPipe
    case socket

    var testDescription: String { "\(self)" }
  }

  let writing: Int32
  private let reading: Int32
  private let isOpen = ConditionLock((writing: true, reading: true))

  init(_ kind: Kind) throws {
    // A reader that left is to be found out by an error.
    signal(SIGPIPE, SIG_IGN)
    if kind == .socket {
      var ends: [Int32] = [0, 0]
      let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
      try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
      (reading, writing) = (ends[0], ends[1])
      return
    }
    // One with a name, whose ends no child of another test inherits in a moment between two calls.
    let folder = try TemporaryFolder()
    let path = folder.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    writing = open(path, O_WRONLY | O_CLOEXEC)
    try #require(reading >= 0 && writing >= 0)
    _ = fcntl(reading, F_SETFL, 0)
    if kind == .hastyPipe { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    closeWriting()
    closeReading()
  }

  func closeWriting() {
    isOpen.withLock { if exchange(&$0.writing, with: false) { close(writing) } }
  }

  func closeReading() {
    isOpen.withLock { if exchange(&$0.reading, with: false) { close(reading) } }
  }

  /// Reads some bytes, at least so many, on a thread of its own.
  @discardableResult
  func read(atLeast count: Int) async -> [UInt8] {
    await read { $0.count < count ? min(4096, count) : nil }
  }

  /// Reads to the end.
  func readAll(chunk: Int) async -> [UInt8] {
    await read { _ in chunk }
  }

  /// Reads to the end, on a thread of its own: hands on what came, and is told how much to take
  /// next.
  func follow(_ take: @escaping @Sendable (ArraySlice<UInt8>) -> Int) {
    startThread(name: "test reader") { [self] in
      var most = 4096
      while true {
        var chunk = [UInt8](repeating: 0, count: most)
        let count = Glibc.read(reading, &chunk, most)
        if count <= 0 { return }
        most = take(chunk[..<count])
      }
    }
  }

  private func read(_ next: @escaping @Sendable ([UInt8]) -> Int?) async -> [UInt8] {
    await withCheckedContinuation { continuation in
      startThread(name: "test reader") { [reading] in
        var bytes: [UInt8] = []
        while let most = next(bytes) {
          var chunk = [UInt8](repeating: 0, count: most)
          let count = Glibc.read(reading, &chunk, most)
          if count <= 0 { break }
          bytes += chunk[..<count]
        }
        continuation.resume(returning: bytes)
      }
    }
  }
}
