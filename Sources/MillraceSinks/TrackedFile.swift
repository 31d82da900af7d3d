import MillraceCore

/// What a file system and the ledger call a file, whatever its path is.
struct FileIdentity: Hashable, Sendable {
  /// The part that no two files share at one moment, and the key of the ledger.
  struct Key: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
  }

  let key: Key
  private let birthNanoseconds: Int64

  /// When the file was created; nil when the file system does not say.
  var birth: Timestamp? {
    birthNanoseconds > 0 ? Timestamp(milliseconds: birthNanoseconds / 1_000_000) : nil
  }

  init(_ facts: FileFacts) {
    key = Key(device: facts.device, inode: facts.inode)
    birthNanoseconds = facts.birthNanoseconds
  }

  init(_ file: SinkFile) {
    key = Key(device: file.device, inode: file.inode)
    birthNanoseconds = file.birthNanoseconds
  }

  /// Whether both mean one file. The time of birth tells a file from a later one that got its
  /// inode number; where the file system does not say it, the number has to do.
  func isSame(as other: FileIdentity) -> Bool {
    key == other.key
      && (birthNanoseconds == other.birthNanoseconds || birthNanoseconds == 0
        || other.birthNanoseconds == 0)
  }

  /// Whether both mean one file at one path. The numbers of devices may change when the machine
  /// starts (btrfs, overlayfs, NFS), so a known time of birth stands in for the device.
  func isSameAtOnePath(as other: FileIdentity) -> Bool {
    if isSame(as: other) { return true }
    return key.inode == other.key.inode && birthNanoseconds != 0
      && birthNanoseconds == other.birthNanoseconds
  }

  /// The ledger's entry for this file.
  func entry(path: String, length: Int64) -> SinkFile {
    SinkFile(
      path: path, device: key.device, inode: key.inode, birthNanoseconds: birthNanoseconds,
      length: length)
  }
}

/// A descriptor, closed when it is let go.
final class OpenDescriptor {
  let number: Int32
  private let close: @Sendable (Int32) -> Void

  init(_ number: Int32, close: @escaping @Sendable (Int32) -> Void) {
    self.number = number
    self.close = close
  }

  deinit {
    close(number)
  }
}

/// A file of the ledger, as the running sink sees it. It never leaves its actor.
final class TrackedFile {
  let identity: FileIdentity
  /// What keeps other sinks from it; nil once it is not tracked any more.
  var claim: FileClaim?
  /// The path that named it when it was last looked at.
  var path: String
  /// What the ledger says: everything before it counts.
  var committedLength: Int64
  /// Where the next byte goes. Beyond `committedLength` stands what waits for its commit.
  var pendingLength: Int64
  /// When it was begun, as far as that is known.
  let begunAt: Timestamp
  /// The bytes before the committed end, read before anything was written behind it.
  var endBefore: [UInt8] = []
  /// Whether its beginning was looked at, and ours can follow it.
  var hasOurForm = false
  /// Whether it was said that it cannot be rotated.
  var isRotationRefused = false
  /// Present while the file is among the sink's open files.
  var descriptor: OpenDescriptor?
  /// Whether everything up to `pendingLength` is durable. A file that is not stays open.
  var isSynchronized = true
  /// The number of the delivery that last wrote to it.
  var lastDelivery: Int
  /// When it was last written to.
  var lastWrittenAt: Timestamp

  init(
    identity: FileIdentity, claim: FileClaim, path: String, committedLength: Int64,
    begunAt: Timestamp, lastDelivery: Int, lastWrittenAt: Timestamp
  ) {
    self.claim = claim
    self.lastWrittenAt = lastWrittenAt
    self.begunAt = begunAt
    self.identity = identity
    self.path = path
    self.committedLength = committedLength
    self.pendingLength = committedLength
    self.lastDelivery = lastDelivery
  }

  var hasPendingBytes: Bool { pendingLength > committedLength }

  /// The ledger's entry once what is pending is committed.
  var entry: SinkFile { identity.entry(path: path, length: pendingLength) }
}
