extension Limits {
  // MARK: Space of the store

  /// Pages of 16 KiB in the write-ahead log beyond which a commit moves them into the database:
  /// about every 32 MiB.
  package static let checkpointPages = 2000
  /// How often the store's size and age are looked at when nothing is committed.
  package static let housekeepingInterval: Duration = .seconds(5)
  /// The least time between two looks, which cost a few small queries.
  package static let housekeepingPause: Duration = .milliseconds(200)
  /// The least time between two moments at which freed memory goes back to the system.
  package static let memoryTrimInterval: Duration = .seconds(1)
  /// Bodies deleted in one transaction: some milliseconds.
  package static let bodiesPerDrop = 16
  /// Pages given back to the file system in one transaction.
  package static let pagesPerVacuum = 64
  /// Free space that stays in the file, as the next bodies need it, in bytes.
  package static let freeBytesKept = 32 << 20
  /// How far the local clock may be ahead of what the service said and still age content.
  package static let housekeepingClockTrust: Duration = .seconds(86_400)
}
