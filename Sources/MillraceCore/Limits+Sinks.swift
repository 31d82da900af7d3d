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
  /// Problems a sink keeps for its status; older ones live on in the log and in the count.
  package static let sinkProblemsMax = 100
}
