import Glibc

/// A small file system in memory, mounted over a folder for one test, unmounted with this object.
package final class SmallDisk {
  /// The system did not do what it was told.
  package struct Failure: Error, CustomStringConvertible {
    /// What, and why not.
    package let description: String
  }

  /// Must not go before the disk is unmounted.
  private let owner: any AnyObject & Sendable
  private let path: String

  /// Mounts it over a folder, which is made if need be.
  ///
  /// - Parameter owner: removes the folder when it goes; it is kept until the disk is unmounted.
  /// - Throws: `Failure` where this process may not mount one.
  package init(
    at path: String, bytes: Int, keeping owner: any AnyObject & Sendable
  ) throws {
    self.owner = owner
    self.path = path
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("mkdir", path) }
    try mount(0, "size=\(bytes)")
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// Makes room.
  ///
  /// - Throws: `Failure` where the system refuses.
  package func grow(to bytes: Int) throws { try mount(MS_REMOUNT, "size=\(bytes)") }

  /// Makes it read-only.
  ///
  /// - Throws: `Failure` where the system refuses.
  package func protect() throws { try mount(MS_REMOUNT | MS_RDONLY, nil) }

  private func mount(_ flags: Int, _ options: String?) throws {
    guard Glibc.mount("tmpfs", path, "tmpfs", UInt(flags), options) == 0 else {
      throw Self.failure("mount", path)
    }
  }

  private static func failure(_ call: String, _ path: String) -> Failure {
    Failure(description: "\(call) \(path): \(String(cString: strerror(errno)))")
  }

  /// Whether this process may mount one at all.
  package static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    var path = Array("/tmp/millrace-disk-XXXXXX".utf8CString)
    guard mkdtemp(&path) != nil else { return false }
    defer { rmdir(path) }
    guard Glibc.mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount2(path, 0) == 0
  }()
}
