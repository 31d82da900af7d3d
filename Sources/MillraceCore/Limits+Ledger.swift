extension Limits {
  // MARK: Verification, audit and backup

  /// How long after the end of a day a blob of it can still be listed: the service keeps content
  /// for seven days and lists it, however late it appears, under the moment it was made available.
  package static let blobLifetime: Duration = .seconds(7 * 86_400)
  /// How far a feed may be listed behind the others before an audit calls that a hole, beside twice
  /// the time between two polls.
  package static let auditLagMax: Duration = .seconds(3600)
  /// Holes of one kind that an audit names; each stands for all blobs with the same reason.
  package static let auditHolesPerKind = 20
  /// Holes that an audit names in all; the rest is counted.
  package static let auditHolesMax = 100
  /// Blobs an audit reads at a time when it lists each.
  package static let auditedBlobsPerRead = 500
  /// Days whose seals an audit checks by itself; `verify` checks all there are.
  package static let auditedSealsMax = 31

  /// Rows of the log a verification reads at a time.
  package static let verifiedRowsPerRead = 256
  /// Bytes of stored bodies a verification reads at a time, so that no read of it keeps the
  /// write-ahead log from being reset for long.
  package static let verifiedBytesPerRead = 8 << 20
  /// Bodies a verification examines at the same time.
  package static let verificationWorkers = 2
  /// Findings of a verification that are told one by one; the rest is counted.
  package static let verifyFindingsMax = 1000
  /// Bodies one request to the running collector has repaired.
  package static let repairsPerRequest = 64
  /// Pages of the database a backup copies at a time: some megabytes.
  package static let backupPagesPerStep: Int32 = 512
}
