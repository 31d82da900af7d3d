package import MillraceCore
package import MillraceStore

/// What `status` shows: the store's view of feeds, content and sinks, and, when a collector runs,
/// its rates and present problems. The JSON form is part of the interface: fields are only added.
package struct StatusReport: Codable, Sendable {
  /// One feed.
  package struct FeedReport: Codable, Sendable {
    /// The tenant's configured name, or its id.
    package var tenant: String
    /// The content type, in its canonical spelling.
    package var contentType: String
    /// Up to when everything is listed; absent before the first listing.
    package var listedUntil: String?
    /// When the newest blob listed was made available.
    package var newestBlob: String?
    /// Blobs listed and not fetched yet.
    package var owed: Int
    /// Blobs in the log.
    package var fetched: Int
    /// Blobs the service no longer had.
    package var expired: Int
    /// Blobs that were refused or given up.
    package var dead: Int
    /// When the first owed blob expires.
    package var owedUntil: String?
    /// Records of its blobs.
    package var records: Int
    /// Those of them that are events.
    package var events: Int
    /// Those that the service had sent before.
    package var repeats: Int
    /// Those of them that came with other content than the first time.
    package var changedRepeats: Int
  }

  /// One sink.
  package struct SinkReport: Codable, Sendable {
    package var name: String
    /// Events delivered since the sink is known.
    package var deliveredEvents: Int
    /// When the last delivery was committed.
    package var deliveredAt: String?
    /// The position of its cursor, and how many bodies of the log lie behind it.
    package var position: String
    /// Bodies of the log behind the cursor.
    package var pendingBodies: Int
    /// Events it refused for good since the sink is known.
    package var refusedEvents: Int
  }

  /// A present problem of the running collector.
  package struct ProblemReport: Codable, Sendable {
    /// What has the trouble: a feed, a sink, the store.
    package var subject: String
    /// What is wrong, and what to do.
    package var message: String
    /// When it began.
    package var since: String
    /// How often it happened since.
    package var count: Int
  }

  /// How many requests a tenant is allowed, and why.
  package struct BudgetReport: Codable, Sendable {
    /// The tenant's configured name.
    package var tenant: String
    /// The most requests in a minute, as learnt from throttling; at most what is configured.
    package var requestsPerMinute: Int
    /// Requests of the last minute.
    package var requestsLastMinute: Int
    /// Requests the service throttled since the start.
    package var throttled: Int
    /// What is left of a pause of the whole tenant, in seconds; absent when there is none.
    package var pausedSeconds: Double?
  }

  /// The running collector's own numbers.
  package struct RunReport: Codable, Sendable {
    /// When it started.
    package var startedAt: String
    /// How long it has been collecting.
    package var collectingSeconds: Double
    /// Events to the sink that got most, over that time.
    package var eventsPerSecond: Double
    /// Blobs fetched since the start.
    package var blobsFetched: Int
    /// Their bytes, after decompression.
    package var bytesFetched: Int
    /// Requests the service throttled since the start.
    package var requestsThrottled: Int
    /// Blobs fetched once more, as they were young the first time.
    package var blobsSettled: Int?
    /// Those of them that were served in part the first time.
    package var blobsCompleted: Int?
    /// What each tenant's requests are allowed now.
    package var budgets: [BudgetReport]?
    /// The largest resident set of the process so far.
    package var residentBytesPeak: Int
    /// What is wrong now.
    package var problems: [ProblemReport]
  }

  /// When the report was made.
  package var time: String
  /// The version that made it.
  package var version: String
  /// The feeds, by tenant and content type.
  package var feeds: [FeedReport]
  /// The sinks, by name.
  package var sinks: [SinkReport]
  /// Bodies in the log.
  package var bodies: Int
  /// Their bytes as fetched.
  package var bodyBytes: Int
  /// Records the index step has seen.
  package var records: Int
  /// Those of them that are events.
  package var events: Int
  /// Records that were sent before, and are not delivered again.
  package var repeats: Int
  /// Those of them that came with other content than the first time.
  package var changedRepeats: Int
  /// Bodies that are still there; retention takes the others.
  package var heldBodies: Int
  /// What they take, compressed.
  package var heldBytes: Int
  /// Bodies that were dropped before every sink had them.
  package var droppedBodies: Int
  /// Bodies the index step has not come to.
  package var unindexedBodies: Int
  /// What could not be parsed or delivered, and was neither retried nor dropped since.
  package var deadLetters: Int
  /// When the first of those was entered.
  package var deadLettersSince: String?
  /// Replays that are not over.
  package var replays: [ReplayReport]
  /// The size of the database file.
  package var databaseBytes: Int
  /// What of it holds something: what is measured against the largest size.
  package var usedBytes: Int
  /// The size at which fetching pauses.
  package var storeBytesMax: Int?
  /// Whether fetching pauses as the store is full; absent without a running collector.
  package var storeIsFull: Bool?
  /// Absent when the report was read from the store alone.
  package var run: RunReport?
  /// The process that holds the store and did not answer; absent when one did, or none runs.
  package var silentCollector: String?

  /// What is open is an alarm that lasts until someone has looked at it.
  package var deadLetterProblem: ProblemReport? {
    guard deadLetters > 0 else { return nil }
    return ProblemReport(
      subject: "dead letters",
      message: "kept until someone looks: \"millrace dead-letters list\" shows what could not be"
        + " parsed or delivered, and why",
      since: deadLettersSince ?? time, count: deadLetters)
  }

  /// A report of what the store holds.
  package init(_ status: StoreStatus, at time: Timestamp, tenantNames: [TenantID: String]) {
    self.time = time.description
    version = Version.number
    feeds = status.feeds.map { feed in
      FeedReport(
        tenant: tenantNames[feed.feed.tenant] ?? feed.feed.tenant.description,
        contentType: feed.feed.contentType.rawValue,
        listedUntil: feed.progress.listedUntil?.description,
        newestBlob: feed.newestBlob?.description, owed: feed.blobs[.listed] ?? 0,
        fetched: feed.blobs[.fetched] ?? 0, expired: feed.blobs[.expired] ?? 0,
        dead: feed.blobs[.dead] ?? 0, owedUntil: feed.owedUntil?.description,
        records: feed.records, events: feed.events, repeats: feed.repeats,
        changedRepeats: feed.changedRepeats)
    }
    sinks = status.sinks.map { sink in
      SinkReport(
        name: sink.name, deliveredEvents: sink.deliveredEvents,
        deliveredAt: sink.deliveredAt?.description, position: sink.position.description,
        pendingBodies: max(status.bodies + 1 - Int(sink.position.sequence), 0),
        refusedEvents: sink.refusedEvents)
    }
    bodies = status.bodies
    bodyBytes = status.bodyBytes
    records = status.records
    events = status.events
    repeats = status.repeats
    changedRepeats = status.changedRepeats
    heldBodies = status.heldBodies
    heldBytes = status.heldBytes
    droppedBodies = status.droppedBodies
    unindexedBodies = status.unindexedBodies
    deadLetters = status.deadLetters
    deadLettersSince = status.deadLettersSince?.description
    replays = status.replays.map { ReplayReport($0) }
    databaseBytes = status.databaseBytes
    usedBytes = status.usedBytes
  }
}
