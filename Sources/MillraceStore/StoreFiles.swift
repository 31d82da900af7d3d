import Glibc
import MillraceCore

/// How a store reaches its files: the seam where tests let disks fail and lose power.
package struct StoreFiles: Sendable {
  /// The name of a registered SQLite file layer (https://www.sqlite.org/vfs.html); nil for the
  /// system's own.
  package var layer: String?
  /// Pages in the write-ahead log beyond which a commit moves them into the database.
  package var checkpointPages = Limits.checkpointPages
  /// Creates one folder: mkdir(2). Gives 0 or an error number.
  package var makeFolder: @Sendable (_ path: String, _ mode: UInt32) -> Int32
  /// Makes the names in an open folder durable: fsync(2). Gives 0 or an error number.
  package var synchronizeFolder: @Sendable (_ descriptor: Int32) -> Int32

  /// The system's own.
  package static let system = StoreFiles(
    makeFolder: { mkdir($0, $1) == 0 ? 0 : errno },
    synchronizeFolder: { fsync($0) == 0 ? 0 : errno })

  /// Makes the folder (0700) and those above it, and their names durable: a database that survives
  /// a power cut is lost all the same when its folder does not.
  ///
  /// Also of folders that are there already: one that an earlier process made and did not live to
  /// synchronize looks like any other.
  func makeFolders(_ folder: String) throws(StoreError) {
    var made = folder.hasPrefix("/") ? "" : "."
    for component in folder.split(separator: "/") {
      let parent = made.isEmpty ? "/" : made
      made += "/" + component
      let code = makeFolder(made, 0o700)
      if code != 0 && code != EEXIST {
        throw StoreError(
          kind: code == ENOSPC ? .full : .inputOutput, operation: "create \(made)",
          message: String(cString: strerror(code)),
          hint: "create the folder for this user, or set store.path to one it may write to")
      }
      try makeNamesDurable(in: parent)
    }
  }

  private func makeNamesDurable(in folder: String) throws(StoreError) {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder that Millrace may not read is none that it put a name into.
    guard descriptor >= 0 else { return }
    defer { Glibc.close(descriptor) }
    let code = synchronizeFolder(descriptor)
    // File systems without a notion of it (some of FUSE, CIFS) answer EINVAL for folders; what
    // cannot be written (EROFS) has no new name.
    guard code != 0 && code != EINVAL && code != EROFS else { return }
    throw StoreError(
      kind: .inputOutput, operation: "synchronize \(folder)",
      message: String(cString: strerror(code)), hint: "check that the disk of store.path is healthy"
    )
  }
}
