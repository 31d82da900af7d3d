extension Limits {
  // MARK: What `check` finds worth a word

  /// Free space below which a disk counts as full, in bytes: a commit and a batch need some tens of
  /// megabytes.
  package static let diskFreeFailure: Int64 = 64 << 20
  /// Free space below which a disk is worth a warning, in bytes: what a tenant of some thousand
  /// users may send in a day.
  package static let diskFreeWarning: Int64 = 1 << 30
  /// Files that may still be made below which a disk is worth a warning.
  package static let diskFreeFilesWarning: Int64 = 1000
  /// How far the local clock may be from the service's, of which only whole seconds are seen.
  package static let clockOffsetWarning: Duration = .seconds(30)
  /// How far the clock may be off before the login service refuses what is signed with its time.
  package static let clockOffsetFailure: Duration = .seconds(300)
  /// How long before its end a certificate is worth a warning: servers renew theirs earlier.
  package static let certificateEndWarning: Duration = .seconds(14 * 86_400)
  /// How long a question of `check` may take in all.
  package static let checkTimeout: Duration = .seconds(30)
  /// Pages that `check` turns in search of content: empty ones stand before others now and then.
  package static let checkPagesMax = 5
}
