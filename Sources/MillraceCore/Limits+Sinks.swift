extension Limits {
  /// The longest wait a receiver can ask for (`Retry-After`); what it asks beyond is taken for a
  /// mistake, as a sink that sleeps for days looks like one that is dead.
  package static let receiverWaitMax: Duration = .seconds(3600)

  // MARK: File sinks

  /// Files a file sink remembers in its ledger; the least recently used are let go first.
  package static let sinkFilesMax = 1024
  /// Deliveries after which a file that none of them touched is closed and leaves the ledger, so
  /// that a file deleted by others gives its space back.
  package static let sinkFileIdleDeliveriesMax = 100
  /// Time after which such a file leaves the ledger, whatever the number of deliveries: runs that
  /// end by themselves have few. Events of a day come a day late at most, as a rule.
  package static let sinkFileIdleTimeMax: Duration = .seconds(36 * 3600)
  /// Problems a sink keeps for its status; older ones live on in the log and in the count.
  package static let sinkProblemsMax = 100
  /// Bytes before the committed end of a file that are read before and after it is written to: a
  /// file that was emptied in between has none of them. More than the checksum that ends a member.
  package static let sinkFileEndBytes = 16
  /// Bytes read at a time where the contents of a file have to be looked through.
  package static let sinkFileReadBytes = 64 << 10
  /// The largest window of a frame of Zstandard that is looked through, as a power of two; what is
  /// compressed in batches never asks for more than a batch.
  package static let sinkFileWindowLogMax = 27
  /// How long a sink that writes to standard output waits for its reader before it looks whether it
  /// is to stop, in milliseconds.
  package static let stdoutPollMilliseconds: Int32 = 250
  /// How often such a sink looks whether somebody still reads.
  package static let stdoutWatchInterval: Duration = .seconds(1)
  /// How often an idle file sink looks whether a file is to be rotated or removed.
  package static let sinkUpkeepInterval: Duration = .seconds(10)
  /// Files that a busy file sink finishes before it looks for those that are kept no longer.
  package static let filesFinishedUnseen = 8
  /// Files that one look removes before others may write to the store.
  package static let filesRemovedAtOnce = 256
  /// Bytes of an event's own value that go into a path: names of files end at 255.
  package static let pathPartBytesMax = 100
  /// Names tried for a rotated file when others have the first ones.
  package static let rotatedNamesMax = 10_000
  /// The smallest size a file may be rotated at, in bytes.
  package static let rotationSizeMin: Int64 = 4 << 10
}
