package import Glibc
package import MillraceCore
package import MillraceRuntime

extension FileSink {
  /// How a file sink is set up.
  package struct Options: Sendable {
    /// Permissions of new files.
    package var fileMode: mode_t = 0o640
    /// Permissions of new folders.
    package var folderMode: mode_t = 0o750
    /// Whether files get exactly `fileMode`; otherwise the process's umask may take some away.
    package var isFileModeExact = false
    /// Whether folders get exactly `folderMode`.
    package var isFolderModeExact = false
    /// How bytes are stored.
    package var compression = FileCompression.none
    /// When files are set aside.
    package var rotation = FileRotation()
    /// Which of the files set aside are kept.
    package var retention = FileRetention()
    /// Descriptors kept open.
    package var openFilesMax = Limits.openFilesMax
    /// Files kept in the ledger.
    package var ledgerFilesMax = Limits.sinkFilesMax
    /// Deliveries after which an untouched file leaves the ledger.
    package var idleDeliveriesMax = Limits.sinkFileIdleDeliveriesMax
    /// How often files are looked after while the sink is open; nil leaves that to its owner.
    package var upkeepInterval: Duration? = Limits.sinkUpkeepInterval
    /// Which sinks have which files.
    package var claims = FileClaims.ofThisProcess
    /// Says when a file is old enough to be rotated.
    package var clock: any WallClock = SystemWallClock()

    /// The defaults.
    package init() {}
  }
}

/// When a file sink sets a file aside under another name and begins a new one.
package struct FileRotation: Hashable, Sendable {
  /// A file grows to this many bytes, as stored; beyond it only when one delivery alone is larger.
  /// Nil for any size.
  package var bytesMax: Int64?
  /// A file holds what was written between two multiples of this since 1970 in UTC: `1h` rotates
  /// at every full hour. Nil for any time.
  package var every: Duration?

  /// When to rotate; never unless something is said.
  package init(bytesMax: Int64? = nil, every: Duration? = nil) {
    self.bytesMax = bytesMax
    self.every = every
  }

  /// Whether a file begun at `start`, with `length` bytes, takes `count` more at `now`.
  func isDue(start: Timestamp, length: Int64, adding count: Int, now: Timestamp) -> Bool {
    guard length > 0 else { return false }
    if let bytesMax, length + Int64(count) > bytesMax { return true }
    return isDue(start: start, now: now)
  }

  /// Whether the time of a file begun at `start` is over.
  func isDue(start: Timestamp, now: Timestamp) -> Bool {
    guard let every = every?.milliseconds, every > 0 else { return false }
    return floorOfQuotient(start.milliseconds, every) < floorOfQuotient(now.milliseconds, every)
  }
}

/// The largest whole number not above `number / divisor`, for a divisor above zero.
func floorOfQuotient(_ number: Int64, _ divisor: Int64) -> Int64 {
  let quotient = number / divisor
  return number % divisor < 0 ? quotient - 1 : quotient
}
