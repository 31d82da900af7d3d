extension Limits {
  // MARK: Verification, audit and backup

  /// How long after the end of a day a blob of it can still be listed: the service keeps content
  /// for seven days and lists it, however late it appears, under the moment it was made available.
  package static let blobLifetime: Duration = .seconds(7 * 86_400)
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
}
