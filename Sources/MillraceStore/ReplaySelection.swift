package import MillraceCore

/// Which entries of the log a replay takes: all, unless a property says otherwise. What can only
/// be told by looking into a record (its operation, its own time) is not for the store.
package struct ReplaySelection: Hashable, Sendable {
  /// Which time `from` and `to` are about.
  package enum Basis: String, CaseIterable, Codable, Sendable {
    /// When it happened: the record's `CreationTime`; of a record without one, when its blob was
    /// made available.
    case event
    /// When the service made the blob available (`contentCreated`).
    case availability
  }

  /// From this moment on.
  package var from: Timestamp?
  /// Before this moment.
  package var to: Timestamp?
  /// Which time is meant.
  package var basis = Basis.event
  /// Only these tenants.
  package var tenants: [TenantID] = []
  /// Only these content types.
  package var contentTypes: [ContentType] = []
  /// Only the blobs of these names.
  package var contentIDs: [ContentID] = []

  /// Everything.
  package init() {}

  /// Whether a moment is between `from` and `to`.
  package func contains(_ moment: Timestamp) -> Bool {
    (from.map { moment >= $0 } ?? true) && (to.map { moment < $0 } ?? true)
  }
}

/// What a replay is about to send, and what it cannot send any more.
package struct ReplayExtent: Hashable, Codable, Sendable {
  /// The first entry of the log that is selected and still there; nil when there is none.
  package var first: Int64?
  /// Entries that are selected and still there.
  package var blobs = 0
  /// Events in them, as far as can be told without looking into records.
  package var events = 0
  /// Entries that are selected and whose bodies were deleted.
  package var goneBlobs = 0
  /// Events that were in those.
  package var goneEvents = 0

  /// Nothing.
  package init() {}
}

/// A replay as the store keeps it: a job with a cursor of its own.
package struct ReplayJob: Hashable, Sendable {
  /// Where a replay stands in its life.
  package enum State: String, CaseIterable, Codable, Sendable {
    case running
    case done
    case cancelled
  }

  /// Its number, by which commands name it.
  package let id: Int64
  /// The sink it goes to.
  package let sink: String
  /// What is replayed and how; the store does not look into it.
  package let selection: String
  /// Where it stands in its life.
  package let state: State
  /// Everything it selects before this is durable at the receiver.
  package let position: LogPosition
  /// Where it ends: what was decided before this when it was started.
  package let end: Int64
  /// Events delivered so far.
  package let deliveredEvents: Int
  /// When it was started.
  package let createdAt: Timestamp
  /// When it last moved.
  package let updatedAt: Timestamp
}

/// What a delivery came to, to be committed together with a cursor.
package struct DeliveredBatch: Hashable, Sendable {
  /// Events the receiver took.
  package var events: Int
  /// Events it refused for good.
  package var refused: [RefusedRecord] = []
  /// Files written to, with their new lengths.
  package var files: [SinkFile] = []
  /// Entries of files to remove.
  package var retired: [SinkFile] = []
  /// Files the sink is done with, to be remembered until it removes them.
  package var finished: [SinkFile] = []

  /// A delivery of `events` events.
  package init(
    events: Int, refused: [RefusedRecord] = [], files: [SinkFile] = [], retired: [SinkFile] = [],
    finished: [SinkFile] = []
  ) {
    self.events = events
    self.refused = refused
    self.files = files
    self.retired = retired
    self.finished = finished
  }
}
