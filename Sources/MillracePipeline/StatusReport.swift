package import MillraceCore
package import MillraceStore

/// What `status` shows: the store's view of feeds, content and sinks, and, when a collector runs,
/// its rates and present problems. The JSON form is part of the interface: fields are only added.
package struct StatusReport: Codable, Sendable {
  /// One feed.
  package struct FeedReport: Codable, Sendable {
    package var tenant: String
    package var contentType: String
    /// Up to when everything is listed; absent before the first listing.
    package var listedUntil: String?
    package var newestBlob: String?
    package var owed: Int
    package var fetched: Int
    package var expired: Int
    package var dead: Int
    /// When the first owed blob expires.
    package var owedUntil: String?
  }

  /// One sink.
  package struct SinkReport: Codable, Sendable {
    package var name: String
    package var deliveredEvents: Int
    package var deliveredAt: String?
    /// The position of its cursor, and how many bodies of the log lie behind it.
    package var position: String
    package var pendingBodies: Int
  }

  /// A present problem of the running collector.
  package struct ProblemReport: Codable, Sendable {
    package var subject: String
    package var message: String
    package var since: String
    package var count: Int
  }

  /// The running collector's own numbers.
  package struct RunReport: Codable, Sendable {
    package var startedAt: String
    /// How long it has been collecting.
    package var collectingSeconds: Double
    /// Events to the sink that got most, over that time.
    package var eventsPerSecond: Double
    package var blobsFetched: Int
    package var bytesFetched: Int
    package var requestsThrottled: Int
    package var residentBytesPeak: Int
    package var problems: [ProblemReport]
  }

  package var time: String
  package var version: String
  package var feeds: [FeedReport]
  package var sinks: [SinkReport]
  package var bodies: Int
  package var bodyBytes: Int
  package var records: Int
  package var events: Int
  package var unindexedBodies: Int
  package var deadLetters: Int
  package var databaseBytes: Int
  /// Absent when the report was read from the store alone.
  package var run: RunReport?

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
        dead: feed.blobs[.dead] ?? 0, owedUntil: feed.owedUntil?.description)
    }
    sinks = status.sinks.map { sink in
      SinkReport(
        name: sink.name, deliveredEvents: sink.deliveredEvents,
        deliveredAt: sink.deliveredAt?.description, position: sink.position.description,
        pendingBodies: max(status.bodies + 1 - Int(sink.position.sequence), 0))
    }
    bodies = status.bodies
    bodyBytes = status.bodyBytes
    records = status.records
    events = status.events
    unindexedBodies = status.unindexedBodies
    deadLetters = status.deadLetters
    databaseBytes = status.databaseBytes
  }
}
