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

/// A file that a file sink wrote and is done with: it was rotated, or not written to for long.
package struct FinishedFile: Hashable, Sendable {
  /// The file, with the length it had when it was finished.
  package let file: SinkFile
  /// When it was finished.
  package let finishedAt: Timestamp

  /// A finished file.
  package init(file: SinkFile, finishedAt: Timestamp) {
    self.file = file
    self.finishedAt = finishedAt
  }
}

/// How much of its finished files a file sink keeps. The oldest go first; files being written are
/// neither counted nor removed.
package struct FileRetention: Hashable, Sendable {
  /// How long a file is kept once it is finished; nil for ever.
  package var ageMax: Duration?
  /// How many are kept; nil for all.
  package var filesMax: Int?
  /// Bytes of all that are kept; nil for any number.
  package var bytesMax: Int64?

  /// What is kept; everything unless something is said.
  package init(ageMax: Duration? = nil, filesMax: Int? = nil, bytesMax: Int64? = nil) {
    self.ageMax = ageMax
    self.filesMax = filesMax
    self.bytesMax = bytesMax
  }

  /// Whether nothing is ever removed.
  package var keepsEverything: Bool { ageMax == nil && filesMax == nil && bytesMax == nil }
}
