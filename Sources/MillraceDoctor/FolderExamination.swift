import Glibc

/// What the system says of a folder that may not be there yet. Nothing is made to find out.
struct FolderExamination {
  /// What keeps files from being made in it; nil when nothing does.
  let problem: String?
  /// What to do about that.
  let fix: String
  /// The folder, or the nearest one above it that is there.
  let existing: String
  /// Whether the folder itself is there.
  let isThere: Bool
  /// The disk it is on, and its room; nil when the system does not say.
  let space: Space?

  /// The room on a file system.
  struct Space: Equatable {
    /// Tells file systems apart.
    let device: UInt64
    /// Bytes that a user who is not root may still write.
    let free: Int64
    /// All bytes.
    let size: Int64
    /// Files that may still be made; nil where the file system does not count them.
    let freeFiles: Int64?
  }

  init(_ folder: String) {
    var existing = folder.isEmpty ? "." : folder
    var status = stat()
    while stat(existing, &status) != 0, errno == ENOENT {
      guard let slash = existing.dropLast().lastIndex(of: "/") else {
        existing = "."
        break
      }
      existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
    }
    self.existing = existing
    isThere = existing == folder || existing + "/" == folder
    if stat(existing, &status) != 0 {
      problem = "\(existing): \(String(cString: strerror(errno)))"
      fix = "name another path, or make this one reachable"
    } else if status.st_mode & S_IFMT != S_IFDIR {
      problem = "\(existing) is not a folder"
      fix = "name another path"
    } else if access(existing, W_OK | X_OK) != 0 {
      let reason =
        errno == EROFS ? "is on a file system that is read-only" : "is not writable for this user"
      problem = "\(existing) \(reason)"
      fix =
        errno == EROFS
        ? "mount it for writing, or name another path"
        : "change its owner or mode, or name another path"
    } else {
      problem = nil
      fix = ""
    }
    space = FolderExamination.space(existing, device: UInt64(status.st_dev))
  }

  private static func space(_ folder: String, device: UInt64) -> Space? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    let unit = Int64(status.f_frsize)
    return Space(
      device: device, free: Int64(clamping: status.f_bavail) * unit,
      size: Int64(clamping: status.f_blocks) * unit,
      freeFiles: status.f_files == 0 ? nil : Int64(clamping: status.f_favail))
  }
}
