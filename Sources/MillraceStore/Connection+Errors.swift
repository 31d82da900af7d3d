import CSQLite
import Glibc

extension Connection {
  /// SQLITE_READONLY_ROLLBACK and SQLITE_READONLY_DBMOVED: macros that Swift does not import.
  private static let readOnlyRollback = SQLITE_READONLY | 3 << 8
  private static let readOnlyMoved = SQLITE_READONLY | 4 << 8

  /// Error numbers that explain a failed call of SQLite's; others may come from calls whose failure
  /// is part of its work, as looking for a file that need not be there.
  private static let tellingErrors: Set<Int32> = [
    EIO, ENOSPC, EDQUOT, EROFS, EACCES, EPERM, EMFILE, ENFILE, ENODEV, ESTALE,
  ]

  /// Makes an error of an SQLite result code (https://www.sqlite.org/rescode.html), with what the
  /// system said where a system call failed: SQLite's "disk I/O error" may be a quota, a file
  /// system that was remounted read-only, or a disk that dies.
  ///
  /// The system's word is `errno`, which whoever calls SQLite clears before: what SQLite itself
  /// remembers (sqlite3_system_errno) says nothing of a COMMIT.
  static func error(
    _ code: Int32, of handle: OpaquePointer?, operation: String
  ) -> StoreError {
    let systemCode =
      [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) && tellingErrors.contains(errno)
      ? errno : 0
    var message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    if systemCode != 0 { message += ": " + String(cString: strerror(systemCode)) }
    let (kind, hint) = explanation(of: code, systemCode: systemCode)
    return StoreError(
      kind: kind, operation: operation, message: "\(message) (SQLite \(code))", hint: hint)
  }

  private static func explanation(
    of code: Int32, systemCode: Int32
  ) -> (StoreError.Kind, String) {
    switch code & 0xFF {
    case SQLITE_FULL:
      (.full, "make room on the disk that holds store.path; collection resumes by itself")
    case SQLITE_IOERR, SQLITE_CANTOPEN:
      explanation(ofSystemCode: systemCode)
    case SQLITE_READONLY where code == readOnlyRollback:
      (
        .inputOutput,
        "a crash interrupted the making of this database: start \"millrace run\", which makes it anew"
      )
    case SQLITE_READONLY where code == readOnlyMoved:
      (.inputOutput, "the database was moved or replaced while in use: restart Millrace")
    case SQLITE_READONLY, SQLITE_PERM:
      explanation(ofSystemCode: EROFS)
    case SQLITE_BUSY, SQLITE_LOCKED:
      (.locked, "another program has the database open for writing")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      (.damaged, StoreError.damageHint)
    default:
      (.other, "")
    }
  }

  private static func explanation(ofSystemCode code: Int32) -> (StoreError.Kind, String) {
    switch code {
    case ENOSPC:
      (.full, "make room on the disk that holds store.path; collection resumes by itself")
    case EDQUOT:
      (.full, "raise the quota or free space; collection resumes by itself")
    case EROFS, EACCES, EPERM:
      (
        .inputOutput,
        "mount the file system that holds store.path read-write, and let this user write to it"
      )
    case EMFILE, ENFILE:
      (.inputOutput, "raise the limit of open files")
    case EIO:
      (
        .inputOutput,
        "look for disk errors in the kernel's log; collection resumes by itself once the disk works"
      )
    default:
      (.inputOutput, "check that the disk is healthy and store.path is writable by this user")
    }
  }
}

extension StoreError {
  /// What to do about a database that is damaged as a whole.
  static let damageHint =
    "keep a copy of the store's folder; then put a backup in its place, or start with a new store.path: content of the last seven days is listed and fetched again"
}
