import Glibc
import Synchronization

/// The lock on a store's folder: one process at a time may write.
///
/// An advisory lock (flock(2)) on a file that names its holder; the kernel releases it when the
/// holder dies, however it dies.
///
/// The file also says how far the log has come, beside the database and after each commit that
/// appended to it. It is not synchronized, so that it may say less than is true, never more: a
/// database that holds less has lost what it had committed.
package final class FolderLock: Sendable {
  private let descriptor: Int32
  /// How far the log had come by the words of whoever held the lock before; nil when nobody said.
  let mark: Int64?
  /// What the mark does not go below before an operator was told that it may.
  private let floor: Mutex<Int64>

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
      let holder = FolderLock.holder(in: FolderLock.lines(of: opened))
      close(opened)
      throw StoreError(
        kind: isHeld ? .locked : .inputOutput, operation: "lock \(folder)",
        message: isHeld ? "in use by \(holder ?? "another process")" : reason,
        hint: isHeld
          ? "stop that process first, or give this one a store.path of its own"
          : "put store.path on a local disk")
    }
    mark = FolderLock.mark(in: FolderLock.lines(of: opened))
    floor = Mutex(mark ?? 0)
    descriptor = opened
    write(mark)
  }

  /// The words of whoever took the lock last, such as `process 4711`, whether it still lives or
  /// not; nil when it left none.
  package static func holder(of folder: String) -> String? {
    let opened = open(folder + "/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard opened >= 0 else { return nil }
    defer { close(opened) }
    return holder(in: lines(of: opened))
  }

  /// Says how far the log has come.
  func remember(_ last: Int64) {
    floor.withLock { write(max(last, $0)) }
  }

  /// Takes back the words of whoever held the lock before: the log reaches no farther than this.
  func correct(_ last: Int64) {
    floor.withLock { floor in
      floor = 0
      write(last)
    }
  }

  private func write(_ mark: Int64?) {
    let text = "process \(getpid())\n" + (mark.map { "log \($0)\n" } ?? "")
    let bytes = Array(text.utf8)
    // The name is a courtesy to whoever comes second, and the mark one to whoever comes next; the
    // lock itself is held, and neither is worth failing for.
    if pwrite(descriptor, bytes, bytes.count, 0) == bytes.count {
      ftruncate(descriptor, off_t(bytes.count))
    }
  }

  deinit {
    // Closing alone would leave the lock with a child that is just being made and has not yet
    // executed its program: it holds a copy of the descriptor until then.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(in lines: [Substring]) -> String? {
    let words = lines.first.map { $0.filter { $0 >= " " } } ?? ""
    return words.isEmpty ? nil : words
  }

  private static func lines(of descriptor: Int32) -> [Substring] {
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return [] }
    return String(decoding: bytes[..<count], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The mark, if its line is whole.
  private static func mark(in lines: [Substring]) -> Int64? {
    guard lines.count > 2, lines[1].hasPrefix("log ") else { return nil }
    return Int64(lines[1].dropFirst(4))
  }
}
