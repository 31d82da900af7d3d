extension Limits {
  // MARK: Deduplication

  /// Keys held in memory before they go into a run: about 6 MiB.
  package static let keysInMemoryMax = 128 << 10
  /// Memory for the filters of runs, in bytes: enough for 22 million keys. Runs beyond it are
  /// looked up on disk for every key, which is slower and as exact.
  package static let keyFilterBytesMax = 32 << 20
  /// Runs of one level that are merged into one of the next.
  package static let keyRunsPerMerge = 8
  /// The largest run a merge makes, in keys.
  package static let keysPerRunMax = 16 << 20
  /// A merge joins what is at most this part of the window apart, so that whole runs age out.
  package static let keyRunsPerWindow = 8
  /// Pages of a run written or deleted in one transaction, so that no step holds up other writes.
  package static let keyPagesPerStep = 256
  /// Bodies whose keys are read at a time when a collector starts.
  package static let keyBlocksPerRead = 512
}
