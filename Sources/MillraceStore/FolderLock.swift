import Glibc

/// The lock on a store's folder: one process at a time may write.
///
/// An advisory lock (flock(2)) on a file that names its holder; the kernel releases it when the
/// holder dies, however it dies.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, or says who holds it.
  package init(folder: String) throws(StoreError) {
    let path = folder + "/lock"
    // Kept apart until the lock is held: throwing from a finished object would run its deinit, and
    // closing a descriptor twice may close one that another thread has just opened.
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else {
      throw StoreError(
        kind: errno == ENOSPC ? .full : .inputOutput, operation: "lock \(folder)",
        message: String(cString: strerror(errno)),
        hint: "check that store.path is a folder this user may write to, with room on its disk")
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let reason = String(cString: strerror(errno))
      let holder = FolderLock.text(of: opened)
      close(opened)
      throw StoreError(
        kind: isHeld ? .locked : .inputOutput, operation: "lock \(folder)",
        message: isHeld ? "in use by \(holder.isEmpty ? "another process" : holder)" : reason,
        hint: isHeld
          ? "stop that process first, or give this one a store.path of its own"
          : "put store.path on a local disk")
    }
    let holder = Array("process \(getpid())\n".utf8)
    ftruncate(opened, 0)
    // The name is a courtesy to whoever comes second; the lock itself is already held.
    _ = pwrite(opened, holder, holder.count, 0)
    descriptor = opened
  }

  deinit {
    // Closing alone would leave the lock with a child that is just being made and has not yet
    // executed its program: it holds a copy of the descriptor until then.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return "" }
    return String(decoding: bytes[..<count].prefix { $0 >= 0x20 }, as: UTF8.self)
  }
}
