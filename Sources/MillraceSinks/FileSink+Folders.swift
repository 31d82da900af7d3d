import Glibc
import MillraceCore

// Folders: created when missing, and made durable together with the names in them.

extension FileSink {
  /// Creates the folders a path needs.
  func createFolders(for path: String) throws(SinkError) {
    var missing: [String] = []
    var folder = parentFolder(of: path)
    while try lookIfPresent(at: folder) == nil {
      missing.append(folder)
      let parent = parentFolder(of: folder)
      if parent == folder { break }
      folder = parent
    }
    for folder in missing.reversed() {
      durableFolders.remove(folder)
      do {
        try operations.makeFolder(folder, options.folderMode)
        if options.isFolderModeExact { try setFolderMode(folder) }
      } catch {
        // Someone else may have made it just now.
        if error.code != EEXIST { throw failure("create folder", folder, error.code) }
      }
    }
  }

  /// Makes the names in `folder` durable, and on first use the names of all folders above it too:
  /// one that an earlier process created and did not live to synchronize looks like any other.
  func makeFolderDurable(_ folder: String) throws(SinkError) {
    try synchronizeFolder(folder)
    guard !durableFolders.contains(folder) else { return }
    var inner = folder
    while true {
      let outer = parentFolder(of: inner)
      if outer == inner { break }
      do throws(SinkError) {
        try synchronizeFolder(outer)
      } catch {
        // A folder that Millrace may not read or change is none that it put a name into.
        guard error.kind == .permission || error.kind == .readOnly else { throw error }
      }
      inner = outer
    }
    // Only a memory of work done; it may be dropped at any time.
    if durableFolders.count >= options.ledgerFilesMax { durableFolders = [] }
    durableFolders.insert(folder)
  }

  private func setFolderMode(_ folder: String) throws(SystemFailure) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
    let number = try operations.open(folder, flags, 0)
    defer { operations.close(number) }
    try operations.setMode(number, options.folderMode)
  }

  /// Makes the names in a folder durable.
  func synchronizeFolder(_ folder: String) throws(SinkError) {
    let operations = operations
    try perform("synchronize folder", folder) { () throws(SystemFailure) in
      let number = try operations.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
      defer { operations.close(number) }
      do throws(SystemFailure) {
        try operations.synchronize(number)
      } catch {
        // File systems without a notion of it (some of FUSE, CIFS) answer EINVAL for folders.
        if error.code != EINVAL { throw error }
      }
    }
  }
}

/// The folder a path stands in: `/` above `/a`, `.` above `a`; `/` and `.` are their own.
func parentFolder(of path: String) -> String {
  var rest = path[...]
  while rest.count > 1 && rest.last == "/" { rest.removeLast() }
  guard let slash = rest.lastIndex(of: "/") else { return "." }
  rest = rest[..<slash]
  while rest.count > 1 && rest.last == "/" { rest.removeLast() }
  return rest.isEmpty ? "/" : String(rest)
}
