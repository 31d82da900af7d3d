/// One way in which the simulated tenant misbehaves. The raw values are the names that `--fault`
/// and plan files take.
package enum SimulatedFault: String, CaseIterable, Sendable, Comparable {
  // The service is busy, or its front end is.
  case throttle403 = "throttle-403"
  case throttle429 = "throttle-429"
  case throttleAlways = "throttle-always"
  case serverErrors = "server-errors"
  case requestTimeout = "request-timeout"
  case redirects
  case html200 = "html-200"
  case error200 = "error-200"

  // Connections and bodies.
  case cutBodies = "cut-bodies"
  case cutGzip = "cut-gzip"
  case shortBodies = "short-bodies"
  case resets
  case slowAnswers = "slow-answers"
  case slowBodies = "slow-bodies"
  case unannounced
  case byteOrderMark = "bom"

  // Tokens and permissions.
  case shortTokens = "short-tokens"
  case empty401 = "empty-401"
  case noRoles = "no-roles"
  case noKey500 = "no-key-500"

  // Subscriptions.
  case auditingOff = "auditing-off"
  case disabledSubscription = "disabled-subscription"
  case oddSubscriptions = "odd-subscriptions"
  case slowRestarts = "slow-restarts"
  case firstDelay = "first-delay"

  // Listings.
  case smallPages = "small-pages"
  case emptyPages = "empty-pages"
  case hugePages = "huge-pages"
  case partialWindows = "partial-windows"
  case repeatedListings = "repeated-listings"
  case oddEntries = "odd-entries"
  case brokenEntry = "broken-entry"
  case oddNextPage = "odd-next-page"
  case loopingPages = "looping-pages"
  case relativeNextPage = "relative-next-page"
  case foreignNextPage = "foreign-next-page"
  case foreignContentURI = "foreign-content-uri"
  case lateBlobs = "late-blobs"
  case expiredBlobs = "expired-blobs"
  case longExpiry = "long-expiry"

  // Blobs and records.
  case poisonedBlob = "poisoned-blob"
  case partialBlobs = "partial-blobs"
  case emptyBlobs = "empty-blobs"
  case bareRecords = "bare-records"
  case brokenRecord = "broken-record"
  case hugeRecords = "huge-records"
  case oddRecords = "odd-records"
  case repeatedEvents = "repeated-events"
  case changedEvents = "changed-events"
  case sharedEvents = "shared-events"

  // The service's clock.
  case clockAhead = "clock-ahead"
  case clockBehind = "clock-behind"

  // The codes of the Activity API, one by one; `ServiceErrors` has their texts.
  case af10001
  case af20001
  case af20002
  case af20003
  case af20010
  case af20011
  case af20012
  case af20013
  case af20020
  case af20021
  case af20022
  case af20023
  case af20024
  case af20030
  case af20031
  case af20050
  case af20051
  case af20052
  case af20053
  case af20054
  case af20055
  case af50000
  case af50005
  case af50006

  package static func < (left: SimulatedFault, right: SimulatedFault) -> Bool {
    left.rawValue < right.rawValue
  }

  /// All faults with their summaries, sorted by name, for `--help`.
  package static var catalogue: [(name: String, summary: String)] {
    allCases.sorted().map { ($0.rawValue, $0.summary) }
  }
}
