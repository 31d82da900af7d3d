import CMillrace
import Glibc
import Synchronization

/// Bytes that are too many for memory, in a file without a name: the kernel gives its space back
/// when it is let go, however the process ends.
package final class SpillFile: Sendable {
  /// A spill file that cannot be made, written or read.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error number (errno).
    package let code: Int32
    /// What was being done.
    package let operation: String

    /// Operation and the system's words.
    package var description: String { "\(operation): \(String(cString: strerror(code)))" }
  }

  private let descriptor: Int32
  private let size = Mutex(0)

  /// An empty file on the file system that holds `folder`.
  package init(folder: String) throws(Failure) {
    let opened = millrace_open_unnamed(folder)
    guard opened >= 0 else {
      throw Failure(code: errno, operation: "make a spill file in \(folder)")
    }
    descriptor = opened
  }

  deinit {
    close(descriptor)
  }

  /// How many bytes there are.
  package var count: Int { size.withLock { $0 } }

  /// Adds bytes to the end and returns where they begin.
  @discardableResult
  package func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
    try size.withLock { (size) throws(Failure) -> Int in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(size + done))
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          throw Failure(code: written == 0 ? EIO : errno, operation: "write a spill file")
        }
        done += written
      }
      defer { size += bytes.count }
      return size
    }
  }

  /// Appends up to `count` bytes from `offset` on to `bytes`, as many as there are.
  package func read(
    at offset: Int, count: Int, into bytes: inout [UInt8]
  ) throws(Failure) {
    let wanted = min(count, max(self.count - offset, 0))
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: wanted))
    var done = 0
    while done < wanted {
      let got = bytes.withUnsafeMutableBytes { all in
        pread(
          descriptor, all.baseAddress.map { $0 + start + done }, wanted - done,
          off_t(offset + done))
      }
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        throw Failure(code: got == 0 ? EIO : errno, operation: "read a spill file")
      }
      done += got
    }
  }
}
