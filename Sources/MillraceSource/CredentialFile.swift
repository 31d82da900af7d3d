import Glibc
import MillraceCore

/// A small file of a credential, read whole at each use: whoever rotates it needs no restart.
enum CredentialFile {
  /// The bytes of a file; blocks for as long as the file system does.
  ///
  /// - Parameter what: how errors call it, such as "certificate".
  /// - Throws: `CredentialError` when it cannot be read or is larger than
  ///   `Limits.credentialFileBytesMax`.
  static func read(_ path: String, _ what: String) throws(CredentialError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path, what, errno) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path, what, errno)
      }
      content += chunk[..<count]
      guard content.count <= Limits.credentialFileBytesMax else {
        throw CredentialError(
          subject: "\(what) \(path)",
          message: "it is larger than \(Limits.credentialFileBytesMax) bytes",
          hint: "this is another file than was meant")
      }
    }
  }

  private static func unreadable(
    _ path: String, _ what: String, _ number: Int32
  ) -> CredentialError {
    CredentialError(
      subject: "\(what) \(path)",
      message: "it cannot be read: \(String(cString: strerror(number)))",
      hint: number == EACCES
        ? "let the user that runs the collector read it" : "check the path in the configuration")
  }
}
