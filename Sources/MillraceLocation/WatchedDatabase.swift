import Glibc

/// A database whose file may be replaced, appear or go.
struct WatchedDatabase {
  /// What a look found.
  enum News {
    case opened(String, AddressDatabase)
    case failed(LocationError)
  }

  private let path: String?
  private(set) var database: AddressDatabase?
  private var seen: FileMark?
  private var isDamaged = false

  /// Tells one state of a file from another.
  private enum FileMark: Equatable {
    case missing(Int32)
    case file(device: UInt64, inode: UInt64, size: Int64, seconds: Int, nanoseconds: Int)
  }

  /// Watches a path; nil has never anything.
  init(_ path: String?) {
    self.path = path
  }

  /// Opens the file when it is another one than at the last look; nil when nothing changed. What
  /// was opened before stays in use when its successor cannot be.
  mutating func look() -> News? {
    guard let path else { return nil }
    let mark = WatchedDatabase.mark(of: path)
    guard mark != seen else { return nil }
    seen = mark
    do throws(LocationError) {
      let opened = try AddressDatabase(path: path)
      database = opened
      isDamaged = false
      return .opened(path, opened)
    } catch {
      return .failed(error)
    }
  }

  /// Notes that a lookup failed; true when it is the first of this database.
  mutating func noteDamage(of other: AddressDatabase) -> Bool {
    guard other === database, !isDamaged else { return false }
    isDamaged = true
    return true
  }

  private static func mark(of path: String) -> FileMark {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing(errno) }
    return .file(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}
