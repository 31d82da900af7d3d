import CSQLite
import Glibc
import MillraceCore
import MillraceRuntime

/// A copy of a store's database, taken while a collector may be writing to it.
///
/// The copy is of one moment: all pages are read within one read transaction, so that nothing that
/// is committed meanwhile starts it anew. It is made under another name, read back, made durable,
/// and only then given its name: a file of that name is always a whole backup.
package enum Backup {
  /// How far it has come.
  package struct Progress: Hashable, Sendable {
    /// Bytes copied so far.
    package let bytes: Int
    /// Bytes in all.
    package let totalBytes: Int
  }

  /// What was written.
  package struct Outcome: Hashable, Sendable {
    /// The size of the file.
    package let bytes: Int
    /// The last entry of the log in it.
    package let lastEntry: Int64
  }

  /// Writes a backup of the store in `folder` to `file` (0600).
  ///
  /// - Parameters:
  ///   - replacing: whether a file of that name may be replaced.
  ///   - pagesPerStep: pages copied between two calls of `goOn`.
  ///   - goOn: told how far it has come; false ends it, and nothing is left behind.
  /// - Throws: `StoreError`.
  package static func write(
    from folder: String, to file: String, replacing: Bool,
    pagesPerStep: Int32 = Limits.backupPagesPerStep,
    goOn: @escaping @Sendable (Progress) -> Bool
  ) async throws(StoreError) -> Outcome {
    let result: Result<Outcome, StoreError> = await withCheckedContinuation { continuation in
      // Copying blocks, for minutes if need be: not on the cooperative pool.
      startThread(name: "backup") {
        let made: Result<Outcome, StoreError>
        do throws(StoreError) {
          let backup = try BackupFile(folder: folder, file: file, isReplacing: replacing)
          made = .success(try backup.write(pagesPerStep, goOn))
        } catch {
          made = .failure(error)
        }
        continuation.resume(returning: made)
      }
    }
    return try result.get()
  }
}

/// The file of one backup, from its unfinished beginning to its name.
private struct BackupFile {
  private let database: String
  private let file: String
  private let partial: String
  private let isReplacing: Bool

  init(folder: String, file: String, isReplacing: Bool) throws(StoreError) {
    database = folder + "/millrace.db"
    self.file = file
    partial = file + ".partial"
    self.isReplacing = isReplacing
    try checkTarget()
  }

  func write(
    _ pagesPerStep: Int32, _ goOn: (Backup.Progress) -> Bool
  ) throws(StoreError) -> Backup.Outcome {
    let descriptor = try begin()
    // Held open until SQLite is done with the file: closing it sooner would drop SQLite's locks.
    defer { close(descriptor) }
    do throws(StoreError) {
      let lastEntry = try copy(pagesPerStep, goOn)
      guard fsync(descriptor) == 0 else { throw failure("write", partial) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw failure("look at", partial) }
      try check(lastEntry: lastEntry, bytes: Int(status.st_size))
      try checkTarget()
      guard rename(partial, file) == 0 else { throw failure("name", file) }
      try makeNameDurable()
      return Backup.Outcome(bytes: Int(status.st_size), lastEntry: lastEntry)
    } catch {
      unlink(partial)
      throw error
    }
  }

  /// Never over a file that was not named, and never over the store itself.
  private func checkTarget() throws(StoreError) {
    var found = stat()
    guard lstat(file, &found) == 0 else {
      if errno == ENOENT { return }
      throw failure("look at", file)
    }
    for suffix in ["", "-wal", "-shm"] {
      var own = stat()
      guard stat(database + suffix, &own) == 0 else { continue }
      if own.st_dev == found.st_dev && own.st_ino == found.st_ino {
        throw StoreError(
          kind: .other, operation: "back up to \(file)", message: "that is the store itself",
          hint: "name another file")
      }
    }
    guard found.st_mode & S_IFMT == S_IFREG, isReplacing else {
      let isFile = found.st_mode & S_IFMT == S_IFREG
      throw StoreError(
        kind: .other, operation: "back up to \(file)",
        message: isFile ? "the file exists" : "something exists there that is no file",
        hint: isFile ? "name another file, or replace it with --force" : "name another file")
    }
  }

  private func begin() throws(StoreError) -> Int32 {
    let descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure("create", partial) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw StoreError(
        kind: .locked, operation: "back up to \(file)",
        message: "another backup is writing \(partial)", hint: "wait for it, or name another file")
    }
    // What a killed backup left is of no use.
    guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else {
      let error = failure("begin", partial)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Copies all pages of one moment; the last entry of the log at that moment.
  private func copy(
    _ pagesPerStep: Int32, _ goOn: (Backup.Progress) -> Bool
  ) throws(StoreError) -> Int64 {
    let source = try Connection(path: database, mode: .readOnly)
    try Migrations.checkIsOurs(source)
    let target = try Connection(path: partial, mode: .readWrite)
    // Should it be cut short, nobody sees the file: it needs no journal of its own.
    try target.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    return try source.snapshot { () throws(StoreError) in
      let lastEntry = try source.integer("SELECT max(sequence) FROM log") ?? 0
      try source.copyPages(to: target, pagesPerStep) { copied, total, pageBytes in
        goOn(Backup.Progress(bytes: copied * pageBytes, totalBytes: total * pageBytes))
      }
      return lastEntry
    }
  }

  /// Reads back what was written.
  private func check(lastEntry: Int64, bytes: Int) throws(StoreError) {
    let copy = try Connection(path: partial, mode: .immutable)
    try Migrations.checkIsOurs(copy)
    let found = try copy.integer("SELECT max(sequence) FROM log") ?? 0
    guard found == lastEntry, try copy.size().file == bytes else {
      throw StoreError(
        kind: .damaged, operation: "back up to \(file)",
        message: "what was read back is not what was written",
        hint: "check the disk that holds \(file)")
    }
  }

  private func makeNameDurable() throws(StoreError) {
    let end = file.lastIndex(of: "/")
    let folder = end.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("make durable", folder) }
  }

  private func failure(_ operation: String, _ path: String) -> StoreError {
    let number = errno
    return StoreError(
      kind: number == ENOSPC || number == EDQUOT ? .full : .inputOutput,
      operation: "\(operation) \(path)", message: String(cString: strerror(number)),
      hint: "a backup needs a folder that exists, with room for the whole store")
  }
}

extension Connection {
  /// Copies every page to another database (https://www.sqlite.org/c3ref/backup_finish.html),
  /// which becomes the same byte for byte. To be called in a read transaction, which fixes what is
  /// copied.
  fileprivate func copyPages(
    to target: Connection, _ pagesPerStep: Int32,
    _ goOn: (_ copied: Int, _ total: Int, _ pageBytes: Int) -> Bool
  ) throws(StoreError) {
    let pageBytes = Int(try integer("PRAGMA page_size") ?? 0)
    guard let backup = sqlite3_backup_init(target.handle, "main", handle, "main") else {
      throw target.failure(sqlite3_errcode(target.handle), "begin a backup")
    }
    var code = SQLITE_OK
    var isStopped = false
    while code == SQLITE_OK && !isStopped {
      code = sqlite3_backup_step(backup, pagesPerStep)
      let total = Int(sqlite3_backup_pagecount(backup))
      isStopped = !goOn(total - Int(sqlite3_backup_remaining(backup)), total, pageBytes)
    }
    let finished = sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE && !isStopped else {
      guard isStopped else { throw target.failure(finished, "copy the database") }
      throw StoreError(kind: .closed, operation: "back up", message: "it was stopped")
    }
  }
}
