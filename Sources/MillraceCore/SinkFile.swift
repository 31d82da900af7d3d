/// A file as the ledger knows it. Device and inode are the key of an entry, the path is not: a
/// renamed file and its successor stand side by side for a while.
package struct SinkFile: Hashable, Sendable {
  /// Where the file was when it was last written to.
  package var path: String
  /// `st_dev` of the file.
  package var device: UInt64
  /// `st_ino` of the file.
  package var inode: UInt64
  /// When the file was created, in nanoseconds since 1970; 0 when the file system does not say.
  /// It tells a file from a later one that was given the same inode number.
  package var birthNanoseconds: Int64
  /// The committed length in bytes: everything before it counts, nothing behind it does.
  package var length: Int64

  /// A file of the ledger.
  package init(
    path: String, device: UInt64, inode: UInt64, birthNanoseconds: Int64, length: Int64
  ) {
    self.path = path
    self.device = device
    self.inode = inode
    self.birthNanoseconds = birthNanoseconds
    self.length = length
  }
}
