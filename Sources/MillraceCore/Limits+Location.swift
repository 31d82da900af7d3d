extension Limits {
  // MARK: Location

  /// How often the files of location databases are looked at, to find a new one soon.
  package static let locationCheckInterval: Duration = .seconds(5)
  /// Addresses whose place is remembered: more than most tenants use in an hour.
  package static let locationsRemembered = 8192
  /// The age of a location database in days beyond which it is worth a warning.
  package static let locationAgeDaysMax: Int64 = 90
}
