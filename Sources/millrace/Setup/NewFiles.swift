import Glibc

/// A key and a certificate on their way into files that nobody had before.
struct NewFiles: ~Copyable {
  let key: String
  let certificate: String
  private let keyDescriptor: Int32
  private let certificateDescriptor: Int32

  /// Takes both names; neither is taken when one of them is in use.
  init(key: String, certificate: String) throws(CommandFailure) {
    let first = try NewFiles.make(key, mode: 0o600)
    let second: Int32
    do throws(CommandFailure) {
      second = try NewFiles.make(certificate, mode: 0o644)
    } catch {
      close(first)
      unlink(key)
      throw error
    }
    self.key = key
    self.certificate = certificate
    keyDescriptor = first
    certificateDescriptor = second
  }

  deinit {
    close(keyDescriptor)
    close(certificateDescriptor)
  }

  /// Writes both, durably; what cannot be written whole is removed.
  func write(key keyBytes: [UInt8], certificate certificateBytes: [UInt8]) throws(CommandFailure) {
    do throws(CommandFailure) {
      try NewFiles.write(keyBytes, to: keyDescriptor, key)
      try NewFiles.write(certificateBytes, to: certificateDescriptor, certificate)
    } catch {
      unlink(key)
      unlink(certificate)
      throw error
    }
  }

  private static func make(_ path: String, mode: mode_t) throws(CommandFailure) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      let reason =
        switch errno {
        case EEXIST: "it exists and is left as it is; choose another --name"
        case ENOENT: "its folder is not there; make it first"
        default: String(cString: strerror(errno))
        }
      throw CommandFailure("\(path): \(reason)", .failed)
    }
    return descriptor
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(CommandFailure) {
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw CommandFailure("\(path): \(String(cString: strerror(errno)))", .failed)
    }
  }
}
