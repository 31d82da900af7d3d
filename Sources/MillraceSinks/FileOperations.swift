import CMillrace
package import Glibc
package import MillraceCore

/// A system call that failed.
package struct SystemFailure: Error, Hashable, Sendable {
  /// The error number, such as `ENOSPC`.
  package let code: Int32

  /// A failure with an error number.
  package init(code: Int32) {
    self.code = code
  }
}

/// What a file system says about a file.
package struct FileFacts: Hashable, Sendable {
  /// `st_dev`.
  package let device: UInt64
  /// `st_ino`.
  package let inode: UInt64
  /// Nanoseconds since 1970; 0 when the file system does not say.
  package let birthNanoseconds: Int64
  /// Bytes.
  package let size: Int64
  /// Whether it is a regular file.
  package let isRegular: Bool
  /// How many names the file has; 0 once it is deleted.
  package let links: UInt32
  /// When its bytes were last changed.
  package let modifiedAt: Timestamp
}

/// Every system call the file sink makes, as a value: the seam where tests let disks fill, fail and
/// lose power. All of them block.
package struct FileOperations: Sendable {
  /// Looks at what a path names, without following a last symbolic link.
  package var look: @Sendable (_ path: String) throws(SystemFailure) -> FileFacts
  /// Looks at an open file.
  package var lookAtOpen: @Sendable (_ descriptor: Int32) throws(SystemFailure) -> FileFacts
  /// The names in a folder, `.` and `..` left out.
  package var names: @Sendable (_ folder: String) throws(SystemFailure) -> [String]
  /// Opens a file or folder and gives its descriptor. `mode` matters when it creates one.
  package var open:
    @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) throws(SystemFailure) -> Int32
  /// Closes a descriptor.
  package var close: @Sendable (_ descriptor: Int32) -> Void
  /// Reads at an offset and says how many bytes it read: fewer than there is room for only at the
  /// end of the file.
  package var read:
    @Sendable (_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, _ offset: Int64)
      throws(SystemFailure) -> Int
  /// Writes at an offset and says how many bytes it wrote, which may be fewer than given.
  package var write:
    @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64)
      throws(SystemFailure) -> Int
  /// Cuts a file to a length in bytes.
  package var cut: @Sendable (_ descriptor: Int32, _ length: Int64) throws(SystemFailure) -> Void
  /// Makes a file's bytes and length durable: fdatasync(2).
  package var synchronizeData: @Sendable (_ descriptor: Int32) throws(SystemFailure) -> Void
  /// Makes a new file, or the names in a folder, durable: fsync(2).
  package var synchronize: @Sendable (_ descriptor: Int32) throws(SystemFailure) -> Void
  /// Creates one folder.
  package var makeFolder: @Sendable (_ path: String, _ mode: mode_t) throws(SystemFailure) -> Void
  /// Gives an open file or folder the permissions named, whatever the umask is.
  package var setMode: @Sendable (_ descriptor: Int32, _ mode: mode_t) throws(SystemFailure) -> Void
  /// Gives a file another name; `EEXIST` when something has it.
  package var rename: @Sendable (_ path: String, _ newPath: String) throws(SystemFailure) -> Void
  /// Removes a file's name.
  package var remove: @Sendable (_ path: String) throws(SystemFailure) -> Void

  /// The system's own.
  package static let system = FileOperations(
    look: { (path) throws(SystemFailure) in try facts(descriptor: -1, path: path) },
    lookAtOpen: { (descriptor) throws(SystemFailure) in
      try facts(descriptor: descriptor, path: nil)
    },
    names: { (folder) throws(SystemFailure) in try namesInFolder(folder) },
    open: { (path, flags, mode) throws(SystemFailure) in
      try repeatingInterrupted { Glibc.open(path, flags, mode) }
    },
    close: { descriptor in
      // Never repeated: Linux frees the descriptor whatever close(2) says. What had to be durable
      // was synchronized before.
      _ = Glibc.close(descriptor)
    },
    read: { (descriptor, bytes, offset) throws(SystemFailure) in
      var done = 0
      while done < bytes.count {
        let count = try repeatingInterrupted {
          pread(
            descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, Int(offset) + done)
        }
        if count == 0 { break }
        done += count
      }
      return done
    },
    write: { (descriptor, bytes, offset) throws(SystemFailure) in
      try repeatingInterrupted { pwrite(descriptor, bytes.baseAddress, bytes.count, Int(offset)) }
    },
    cut: { (descriptor, length) throws(SystemFailure) in
      _ = try repeatingInterrupted { ftruncate(descriptor, Int(length)) }
    },
    synchronizeData: { (descriptor) throws(SystemFailure) in
      _ = try repeatingInterrupted { fdatasync(descriptor) }
    },
    synchronize: { (descriptor) throws(SystemFailure) in
      _ = try repeatingInterrupted { fsync(descriptor) }
    },
    makeFolder: { (path, mode) throws(SystemFailure) in
      _ = try repeatingInterrupted { mkdir(path, mode) }
    },
    setMode: { (descriptor, mode) throws(SystemFailure) in
      _ = try repeatingInterrupted { fchmod(descriptor, mode) }
    },
    rename: { (path, newPath) throws(SystemFailure) in
      let code = millrace_rename_to_free(path, newPath)
      if code != 0 { throw SystemFailure(code: code) }
    },
    remove: { (path) throws(SystemFailure) in
      _ = try repeatingInterrupted { unlink(path) }
    })
}

/// Calls until no signal interrupts; -1 becomes a failure.
private func repeatingInterrupted<Number: SignedInteger>(
  _ call: () -> Number
) throws(SystemFailure) -> Number {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemFailure(code: code) }
  }
}

private func facts(descriptor: Int32, path: String?) throws(SystemFailure) -> FileFacts {
  var found = millrace_facts()
  let code = millrace_file_facts(descriptor, path, &found)
  guard code == 0 else { throw SystemFailure(code: code) }
  return FileFacts(
    device: found.device, inode: found.inode, birthNanoseconds: found.birth_nanoseconds,
    size: found.size, isRegular: found.mode & UInt32(S_IFMT) == UInt32(S_IFREG),
    links: found.links,
    modifiedAt: Timestamp(milliseconds: found.modified_nanoseconds / 1_000_000))
}

private func namesInFolder(_ folder: String) throws(SystemFailure) -> [String] {
  guard let stream = opendir(folder) else { throw SystemFailure(code: errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while true {
    errno = 0
    guard let entry = readdir(stream) else {
      if errno != 0 { throw SystemFailure(code: errno) }
      return names
    }
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
        String(cString: $0)
      }
    }
    if name != "." && name != ".." { names.append(name) }
  }
}
