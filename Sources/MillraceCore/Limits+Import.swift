extension Limits {
  // MARK: Import

  /// Bytes read from a file at a time.
  package static let importReadBytes = 256 << 10
  /// Bytes of a piece that import puts into the log, as few as a blob has and enough for a commit
  /// to be worth its while. A single record may be larger.
  package static let importPieceBytes = 1 << 20
  /// Records of a piece.
  package static let importPieceRecordsMax = 2000
  /// Pieces that are being filled at the same time, one for each feed in the input. When more are
  /// needed, the one that waited longest is closed.
  package static let importOpenPiecesMax = 16
  /// The largest row of a CSV file, or damaged part of a JSON file, looked at as a whole, in
  /// bytes. A larger row is passed over and reported.
  package static let importValueBytesMax = recordBytesMax
  /// How far into a CSV file its header may stand, in bytes.
  package static let importHeaderReach = 256 << 10
  /// The window a zstd frame may ask for, as a power of two: 128 MiB, what `zstd` itself accepts
  /// without being told to.
  package static let importZstdWindowLogMax = 27
  /// Bytes of pieces that are packed and committed together, where no collector runs.
  package static let importBatchBytes = 8 << 20
  /// Pieces handed to a running collector at the same time, so that they share commits.
  package static let importPiecesAtOnce = 4
  /// How many broken values of a file are named one by one, by `import` and by `normalize`; the
  /// others are counted.
  package static let faultsNamed = 20
  /// How long an import waits before it asks a full store, or one that is in use, again.
  package static let importPause: Duration = .milliseconds(250)
  /// How long an import waits for a collector that stops to let go of the store: a little longer
  /// than that takes to deliver what it has.
  package static let importTakeOverTimeout: Duration = .seconds(30)
}
