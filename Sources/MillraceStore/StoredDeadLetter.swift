package import MillraceCore

/// What a dead letter is.
package enum DeadLetterKind: String, CaseIterable, Codable, Sendable {
  /// A body that could not be parsed, or not to its end.
  case blob
  /// A record that could not be parsed.
  case record
  /// An event that a sink refused for good.
  case event
}

/// A dead letter as the store keeps it, its bytes left out.
package struct StoredDeadLetter: Hashable, Sendable {
  /// How it was closed.
  package enum Closing: Hashable, Sendable {
    /// Entered into the log again under this number.
    case retried(as: Int64)
    /// An operator gave it up.
    case dropped
  }

  /// Its number, by which commands name it.
  package let id: Int64
  /// What it is.
  package let kind: DeadLetterKind
  /// The log entry it comes from.
  package let sequence: Int64
  /// The record's ordinal there; nil when the whole body is meant.
  package let record: Int?
  /// The blob it comes from.
  package let feed: Feed
  /// The blob's name.
  package let contentID: ContentID
  /// The sink that refused it, of an event; nil for what could not be parsed.
  package let sink: String?
  /// Why, for an event in the receiver's words; never empty.
  package let reason: String
  /// How often it was tried.
  package let attempts: Int
  /// When it was entered.
  package let createdAt: Timestamp
  /// How many bytes it keeps; 0 when it is closed.
  package let byteCount: Int
  /// How it was closed; nil while it is open.
  package let closing: Closing?
  /// When it was closed; nil while it is open.
  package let closedAt: Timestamp?
}

/// Which dead letters are meant: all, unless a property says otherwise.
package struct DeadLetterFilter: Hashable, Sendable {
  /// Only those of this kind.
  package var kind: DeadLetterKind?
  /// Only what this sink refused.
  package var sink: String?
  /// Only those of this tenant.
  package var tenant: TenantID?

  /// Those with all of these properties.
  package init(kind: DeadLetterKind? = nil, sink: String? = nil, tenant: TenantID? = nil) {
    self.kind = kind
    self.sink = sink
    self.tenant = tenant
  }
}

/// An event that a sink refused for good, on its way into the store.
package struct RefusedRecord: Hashable, Sendable {
  /// Where the record stands in the log.
  package let position: LogPosition
  /// The receiver's words; never empty.
  package let reason: String
  /// The record as the service wrote it.
  package let bytes: [UInt8]

  /// A refused event.
  package init(position: LogPosition, reason: String, bytes: [UInt8]) {
    self.position = position
    self.reason = reason
    self.bytes = bytes
  }
}

/// What a log entry that a retry made goes back to.
package struct RetryOrigin: Hashable, Sendable {
  /// What the dead letter was.
  package let kind: DeadLetterKind
  /// How many records were decided about in the entry the dead letter came from.
  package let recordCount: Int
}
