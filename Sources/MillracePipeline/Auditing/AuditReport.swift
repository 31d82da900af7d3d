import MillraceCore

/// What `audit` shows of a span: where every blob of it is, and what is missing. The JSON form is
/// part of the interface: fields are only added.
package struct AuditReport: Codable, Sendable {
  /// How a span stands.
  package enum Verdict: String, Codable, Sendable {
    /// Every blob is listed, fetched and delivered, and no other can appear.
    case complete
    /// The same for all that was listed so far; others can still appear.
    case open
    /// Something is missing.
    case holes
  }

  /// What was delivered to one sink.
  package struct SinkCounts: Codable, Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Whether it is configured now; one that is not gets nothing, and misses nothing.
    package var configured: Bool
    /// Blobs it has.
    package var deliveredBlobs = 0
    /// Events it has.
    package var deliveredEvents = 0
    /// Blobs it has yet to get.
    package var behindBlobs = 0
    /// Events it has yet to get, as far as they are counted.
    package var behindEvents = 0
    /// Blobs that were in the log before it began.
    package var beforeStartBlobs = 0
  }

  /// Blobs, and what became of them.
  package struct Counts: Codable, Hashable, Sendable {
    /// All of them: listed by the service, or imported.
    package var blobs = 0
    /// Those still to be fetched.
    package var owed = 0
    /// Those in the log.
    package var fetched = 0
    /// Those the service no longer had.
    package var expired = 0
    /// Those that were refused or given up.
    package var dead = 0
    /// Those in the log that are not parsed yet.
    package var undecided = 0
    /// Records in those that are.
    package var records = 0
    /// Records that are events for sinks.
    package var events = 0
    /// Records that came before.
    package var repeats = 0
    /// Repeats with other content than the first.
    package var changedRepeats = 0
    /// Open dead letters of all kinds.
    package var deadLetters = 0
    /// Entries that retries of dead letters made.
    package var retries = 0
    /// Events that those brought.
    package var retriedEvents = 0
    /// Blobs that were dropped before every sink had them.
    package var dropped = 0
    /// Events in those.
    package var droppedEvents = 0
    /// What was delivered to each sink, by name.
    package var sinks: [SinkCounts] = []
  }

  /// One feed.
  package struct FeedAudit: Codable, Sendable {
    /// The tenant's configured name, or its id.
    package var tenant: String
    /// The content type.
    package var contentType: String
    /// Whether it is configured now.
    package var configured: Bool
    /// Where its first listing began.
    package var listedFrom: String?
    /// Up to when it is listed.
    package var listedUntil: String?
    /// Its blobs of the span.
    package var counts: Counts
  }

  /// Something that is missing.
  package struct Hole: Codable, Hashable, Sendable {
    /// `not_resolved`, `not_listed`, `gap`, `lagging`, `owed`, `expired`, `dead`, `dropped`,
    /// `undecided`, `dead_blobs`, `sink_behind`, `sink_unknown`, `seal`.
    package var kind: String
    /// Whose: the tenant's configured name, or its id.
    package var tenant: String?
    /// The content type.
    package var contentType: String?
    /// One of the blobs.
    package var contentId: String?
    /// The sink.
    package var sink: String?
    /// The first moment that is missing.
    package var from: String?
    /// The first moment behind what is missing.
    package var to: String?
    /// How many blobs.
    package var blobs: Int?
    /// Their events, where they are counted.
    package var events: Int?
    /// When the first of the blobs expires.
    package var expires: String?
    /// What is missing, and why.
    package var message: String
    /// What to do.
    package var remedy: String
  }

  /// A sealed day.
  package struct SealedDay: Codable, Hashable, Sendable {
    /// Which.
    package var day: String
    /// The seal, in hexadecimal digits.
    package var seal: String
    /// When it was sealed.
    package var sealedAt: String
    /// Whether the day is as it was sealed; absent where that was not looked at.
    package var unchanged: Bool?
  }

  /// When the audit was made.
  package var time: String
  /// The version that made it.
  package var version: String
  /// The first moment asked about; absent for all from the first on.
  package var from: String?
  /// The first moment no longer asked about; absent for all up to the last.
  package var to: String?
  /// The tenant asked about; absent for all.
  package var tenant: String?
  /// The feeds, by tenant and content type.
  package var feeds: [FeedAudit] = []
  /// All that the service listed.
  package var total = Counts()
  /// What was imported; absent when nothing was.
  package var imported: Counts?
  /// What is missing.
  package var holes: [Hole] = []
  /// Holes beyond those listed.
  package var moreHoles = 0
  /// Days of the span that are sealed.
  package var seals: [SealedDay] = []
  /// Up to when every configured feed is listed, by the service's clock.
  package var listedUntil: String?
  /// Until when blobs of the span can still appear; absent when none can.
  package var openUntil: String?
  /// How the span stands.
  package var verdict: Verdict = .complete

  /// Adds a hole, within the bound.
  package mutating func add(_ hole: Hole) {
    verdict = .holes
    if holes.count < Limits.auditHolesMax { holes.append(hole) } else { moreHoles += 1 }
  }
}
