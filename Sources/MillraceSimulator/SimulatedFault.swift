/// One way in which the simulated tenant misbehaves. The raw values are the names that
/// `--fault` takes.
package enum SimulatedFault: String, CaseIterable, Sendable, Comparable {
  case throttle403 = "throttle-403"
  case throttle429 = "throttle-429"
  case serverErrors = "server-errors"
  case cutBodies = "cut-bodies"
  case resets
  case slowBodies = "slow-bodies"
  case unannounced
  case byteOrderMark = "bom"
  case html200 = "html-200"
  case error200 = "error-200"
  case shortTokens = "short-tokens"
  case noRoles = "no-roles"
  case auditingOff = "auditing-off"
  case disabledSubscription = "disabled-subscription"
  case smallPages = "small-pages"
  case emptyPages = "empty-pages"
  case repeatedListings = "repeated-listings"
  case repeatedEvents = "repeated-events"
  case lateBlobs = "late-blobs"
  case expiredBlobs = "expired-blobs"
  case foreignContentURI = "foreign-content-uri"
  case foreignNextPage = "foreign-next-page"
  case poisonedBlob = "poisoned-blob"
  case brokenRecord = "broken-record"

  /// What the fault does, in one line for `--help`.
  package var summary: String {
    switch self {
    case .throttle403: "answers AF429 with status 403 and single quotes"
    case .throttle429: "answers status 429, with Retry-After or with a page of HTML"
    case .serverErrors: "answers AF50000 with status 500, or HTML with 502 and 503"
    case .cutBodies: "drops the connection in the middle of a body"
    case .resets: "resets the connection without an answer"
    case .slowBodies: "sends bodies in small pieces with pauses"
    case .unannounced: "sends bodies in chunks, without a length"
    case .byteOrderMark: "puts a byte order mark in front of bodies"
    case .html200: "answers a login page with status 200"
    case .error200: "answers an error object with status 200 in place of a blob"
    case .shortTokens: "issues tokens for 5 seconds, and revokes some of them earlier"
    case .noRoles: "issues tokens without permissions, which are refused with AF10001"
    case .auditingOff: "says at first that the tenant does not exist, as with auditing off"
    case .disabledSubscription: "answers AF20023 to one listing of each feed"
    case .smallPages: "lists two blobs a page"
    case .emptyPages: "puts empty pages between the others"
    case .repeatedListings: "lists blobs on several pages and in several windows, shuffled"
    case .repeatedEvents: "sends events a second time, in the same blob or in another one"
    case .lateBlobs: "lists some blobs late, with an old time of creation"
    case .expiredBlobs: "lists blobs that are expired or gone"
    case .foreignContentURI: "lists one blob of each feed at another origin"
    case .foreignNextPage: "sends one listing of each feed on to another origin"
    case .poisonedBlob: "serves blobs that arrive whole and are not JSON"
    case .brokenRecord: "puts a malformed record between good ones, once for each feed"
    }
  }

  /// All faults with their summaries, sorted by name, for `--help`.
  package static var catalogue: [(name: String, summary: String)] {
    allCases.sorted().map { ($0.rawValue, $0.summary) }
  }

  package static func < (left: SimulatedFault, right: SimulatedFault) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Which faults happen, and how often.
package struct FaultPlan: Sendable {
  /// The faults; all of them can be combined.
  package var faults: Set<SimulatedFault>
  /// Determines which requests and which blobs suffer.
  package var seed: UInt64
  /// The share of requests, 0 to 1, whose first one to three attempts fail. The same request
  /// never fails four times in a row.
  package var rate: Double
  /// How many requests the tenant has served before `lateBlobs` shows the late ones.
  package var lateAfterRequests: Int
  /// How many requests to the API of a tenant `auditingOff` refuses.
  package var auditingOffRequests: Int
  /// How long `slowBodies` rests before each of the four pieces of a body.
  package var slowBodyPause: Duration

  /// A plan; without faults unless some are given.
  package init(
    _ faults: Set<SimulatedFault> = [], seed: UInt64 = 1, rate: Double = 0.3,
    lateAfterRequests: Int = 40, auditingOffRequests: Int = 3,
    slowBodyPause: Duration = .milliseconds(50)
  ) {
    precondition((0...1).contains(rate), "a rate of faults is a share of all requests")
    self.faults = faults
    self.seed = seed
    self.rate = rate
    self.lateAfterRequests = lateAfterRequests
    self.auditingOffRequests = auditingOffRequests
    self.slowBodyPause = slowBodyPause
  }

  func has(_ fault: SimulatedFault) -> Bool { faults.contains(fault) }
}
