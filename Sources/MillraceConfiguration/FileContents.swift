internal import Glibc

/// A whole small file, read at once. Blocks, for as long as the file system does.
package struct FileContents {
  /// Why a file could not be read, in the system's words.
  package struct Failure: Error {
    /// What the system says of it.
    package let message: String
    /// Whether there is no such file.
    package let isMissing: Bool
  }

  /// All of the file.
  package let bytes: [UInt8]
  /// The permission bits, such as 0o600.
  let permissions: mode_t

  /// Reads at most `limit` bytes; a larger file is an error.
  package init(path: String, limit: Int) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.systemFailure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.systemFailure() }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(message: "it is a folder", isMissing: false)
    }
    permissions = status.st_mode & 0o7777
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.systemFailure()
      }
      content.append(contentsOf: chunk[..<count])
      guard content.count <= limit else {
        throw Failure(message: "it is larger than \(limit) bytes", isMissing: false)
      }
    }
    bytes = content
  }

  /// The permission bits of a file; nil when it cannot be asked.
  static func permissions(of path: String) -> mode_t? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return status.st_mode & 0o7777
  }

  private static func systemFailure() -> Failure {
    let code = errno
    return Failure(message: String(cString: strerror(code)), isMissing: code == ENOENT)
  }
}
