package import MillraceCore

/// Which part of the ledger is asked about.
package struct AuditSpan: Hashable, Sendable {
  /// Only blobs made available at or after this; nil for all from the first on.
  package var from: Timestamp?
  /// Only blobs made available before this; nil for all up to the last.
  package var to: Timestamp?
  /// Only this tenant's; nil for all.
  package var tenant: TenantID?

  /// A span.
  package init(from: Timestamp? = nil, to: Timestamp? = nil, tenant: TenantID? = nil) {
    self.from = from
    self.to = to
    self.tenant = tenant
  }
}

/// Where content came from.
package enum ContentOrigin: String, CaseIterable, Sendable {
  case service
  case `import`
}

/// What the ledger and the log say about a span, counted by the database, from one state of it.
package struct AuditFacts: Sendable {
  /// A feed the store knows, and how far it is listed.
  package struct KnownFeed: Hashable, Sendable {
    /// Which.
    package let feed: Feed
    /// Where the first listing began; nil before it.
    package let listedFrom: Timestamp?
    /// Up to when everything is listed; nil before the first listing.
    package let listedUntil: Timestamp?

    /// A feed and how far it is listed; one the store does not know is not listed.
    package init(feed: Feed, listedFrom: Timestamp? = nil, listedUntil: Timestamp? = nil) {
      self.feed = feed
      self.listedFrom = listedFrom
      self.listedUntil = listedUntil
    }
  }

  /// Blobs that have much in common.
  package struct Blobs: Hashable, Sendable {
    /// Whose.
    package let feed: Feed
    /// Where they came from.
    package let origin: ContentOrigin
    /// Where they stand.
    package let state: ContentState
    /// How many.
    package let count: Int
  }

  /// Entries of the log that have much in common.
  package struct Entries: Hashable, Sendable {
    /// Whose.
    package let feed: Feed
    /// Where their content came from.
    package let origin: ContentOrigin
    /// How many of the boundaries stand at or before them.
    package let stretch: Int
    /// The one sink they are meant for; nil for all.
    package let onlySink: String?
    /// Whether the retry of dead letters made them.
    package let isRetry: Bool
    /// Why their bodies are gone; nil while they are there.
    package let dropped: DropReason?
    /// Whether the index step has come to them.
    package let isDecided: Bool
    /// How many.
    package let entries: Int
    /// How many blobs: one in several parts is counted with its last.
    package let blobs: Int
    /// Their records, where they are decided.
    package let records: Int
    /// Those of the records that are events.
    package let events: Int
    /// Those that an earlier entry holds already.
    package let repeats: Int
    /// Those of the repeats that came with other content.
    package let changedRepeats: Int
  }

  /// A sink the store knows.
  package struct KnownSink: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Where it began.
    package let start: Int64
    /// The first entry it has not passed.
    package let next: Int64
  }

  /// Open dead letters.
  package struct Letters: Hashable, Sendable {
    /// Whose.
    package let feed: Feed
    /// Where what they are of came from.
    package let origin: ContentOrigin
    /// `blob`, `record` or `event`.
    package let kind: String
    /// How many.
    package let count: Int
  }

  /// A span that left the service's reach before it was listed.
  package struct Gap: Hashable, Sendable {
    /// Of which feed.
    package let feed: Feed
    /// Its first moment.
    package let from: Timestamp
    /// The first moment behind it.
    package let to: Timestamp
  }

  /// All feeds the store knows.
  package let feeds: [KnownFeed]
  /// All sinks the store knows.
  package let sinks: [KnownSink]
  /// The numbers of the log at which sinks began and stand, rising: what `stretch` counts.
  package let boundaries: [Int64]
  /// The blobs of the span.
  package let blobs: [Blobs]
  /// Their entries in the log.
  package let entries: [Entries]
  /// Their open dead letters.
  package let letters: [Letters]
  /// What of the span was never listed.
  package let gaps: [Gap]

  /// Whether entries of a stretch all stand before a boundary.
  package func stands(_ stretch: Int, before boundary: Int64) -> Bool {
    guard let index = boundaries.firstIndex(of: boundary) else {
      preconditionFailure("what sinks are asked about is among the boundaries")
    }
    return stretch <= index
  }
}

/// Blobs that are not where they should be, for one reason.
package struct AuditHole: Hashable, Sendable {
  /// Whose.
  package let feed: Feed
  /// `listed` for what is owed, `expired`, `dead`; `fetched` for what was dropped.
  package let state: ContentState
  /// Why its body is gone; nil for what never had one.
  package let dropped: DropReason?
  /// Why, in the ledger's words; nil where it has none.
  package let reason: String?
  /// How many blobs.
  package let blobs: Int
  /// Their events, where they were counted.
  package let events: Int
  /// One of them, the first to expire.
  package let example: ContentID
  /// When that one expires.
  package let expires: Timestamp
}
