package import MillraceCore

/// What the log knows of one body, the body itself left out.
package struct LogHead: Sendable {
  /// Its number in the log, from 1.
  package let sequence: Int64
  /// The blob as it was first listed.
  package let blob: ContentBlob
  /// Which part of the blob the body is, from 0.
  package let part: Int
  /// Into how many parts the blob was cut; 1 for most.
  package let partCount: Int
  /// Which try it is: more than 1 for what a dead letter's retry entered again.
  package let attempt: Int
  /// The one sink it is meant for; nil for all.
  package let onlySink: String?
  /// The first part of what was fetched of the blob when it was young, and which this completes;
  /// nil for nearly all.
  package let completes: Int64?
  /// When it was committed.
  package let fetchedAt: Timestamp
  /// What the index step decided; nil before it did.
  package let decisions: Decisions?
  /// Why the body is not there any more; nil while it is.
  package let dropped: DropReason?
  /// Whether the body is being fetched again, to be put back here.
  package let isAwaited: Bool

  /// A head.
  package init(
    sequence: Int64, blob: ContentBlob, part: Int = 0, partCount: Int = 1, attempt: Int = 1,
    onlySink: String? = nil, completes: Int64? = nil, fetchedAt: Timestamp,
    decisions: Decisions? = nil,
    dropped: DropReason? = nil, isAwaited: Bool = false
  ) {
    self.sequence = sequence
    self.blob = blob
    self.part = part
    self.partCount = partCount
    self.attempt = attempt
    self.onlySink = onlySink
    self.completes = completes
    self.fetchedAt = fetchedAt
    self.decisions = decisions
    self.dropped = dropped
    self.isAwaited = isAwaited
  }
}

/// Why a body was deleted.
package enum DropReason: String, CaseIterable, Sendable {
  /// Every sink had passed it, and it was old enough, room was needed, or it was damaged.
  case retention
  /// The store was full and may drop what was not delivered.
  case full
  /// It was damaged before every sink had it. What the service still has is fetched again and put
  /// back; what it has not is lost.
  case damaged
  /// It was damaged, and a later entry has what it held.
  case replaced

  /// Whether its events may never have reached anyone: then an event that comes again is not taken
  /// for a repeat of them.
  package var isBeforeDelivery: Bool { self != .retention }
}

/// One body of the log with what is known of it.
package struct LogEntry: Sendable {
  /// Everything but the body.
  package let head: LogHead
  /// The bytes as fetched, after decompression.
  package let body: PaddedBytes

  /// Its number in the log, from 1.
  package var sequence: Int64 { head.sequence }
  /// The blob as it was first listed.
  package var blob: ContentBlob { head.blob }
  /// When it was committed.
  package var fetchedAt: Timestamp { head.fetchedAt }
  /// What the index step decided; nil before it did.
  package var decisions: Decisions? { head.decisions }

  /// An entry.
  package init(head: LogHead, body: PaddedBytes) {
    self.head = head
    self.body = body
  }
}

/// A log entry as read: its body still packed, and absent when it was dropped.
package struct StoredEntry: Sendable {
  /// Everything but the body.
  package let head: LogHead
  /// The packed body; nil when it was dropped.
  package let body: StoredBody?

  /// The entry with its body unpacked; nil when it was dropped. Heavy: for a worker.
  ///
  /// - Throws: `StoreError` of kind `.damaged`.
  package func unpack() throws(StoreError) -> LogEntry? {
    guard let body else { return nil }
    return LogEntry(head: head, body: try body.unpack())
  }
}

/// What the index step decided about a body, once and for all sinks, restarts and replays.
package struct Decisions: Hashable, Sendable {
  /// How many records the body holds, those that are not events included.
  package let recordCount: Int
  /// Ordinals of the records that are not events (repeats and dead letters), rising.
  package let skipped: [UInt32]
  /// How many of them an earlier place in the log holds already.
  package let repeatCount: Int
  /// How many of the repeats came with other content than the first.
  package let changedCount: Int
  /// The earliest and the latest event time.
  package let eventSpan: ClosedRange<Timestamp>?

  /// How many events sinks get.
  package var eventCount: Int { recordCount - skipped.count }

  /// Decisions.
  package init(
    recordCount: Int, skipped: [UInt32], repeatCount: Int = 0, changedCount: Int = 0,
    eventSpan: ClosedRange<Timestamp>?
  ) {
    precondition(skipped.count <= recordCount, "only records there are can be skipped")
    precondition(repeatCount <= skipped.count && changedCount <= repeatCount, "repeats are skipped")
    self.recordCount = recordCount
    self.skipped = skipped
    self.repeatCount = repeatCount
    self.changedCount = changedCount
    self.eventSpan = eventSpan
  }
}

/// Something that could not be parsed, kept with its bytes.
package struct DeadLetter: Hashable, Sendable {
  /// The record's ordinal; nil when the whole blob is meant.
  package let record: Int?
  /// Why it could not be parsed, in words for an operator; never empty.
  package let reason: String
  /// The record, or the blob, as it arrived.
  package let bytes: [UInt8]

  /// A dead letter.
  package init(record: Int?, reason: String, bytes: [UInt8]) {
    self.record = record
    self.reason = reason
    self.bytes = bytes
  }
}

/// A repeat whose content differs from the first.
package struct ChangedRepeat: Hashable, Sendable {
  /// The ordinal of the repeat in its body.
  package let record: Int
  /// Where the first stands.
  package let first: LogPosition

  /// A changed repeat.
  package init(record: Int, first: LogPosition) {
    self.record = record
    self.first = first
  }
}

/// The decisions about one body, on their way into the store.
package struct IndexedEntry: Sendable {
  /// Its number in the log, from 1.
  package let sequence: Int64
  /// What was decided.
  package let decisions: Decisions
  /// What could not be parsed; stored together with the decisions.
  package let deadLetters: [DeadLetter]
  /// Repeats that differ from the first; stored together with the decisions.
  package let changed: [ChangedRepeat]
  /// The keys by which later repeats are known; nil when deduplication is off.
  package let keys: KeyBlock?

  /// Decisions about the body with this number.
  package init(
    sequence: Int64, decisions: Decisions, deadLetters: [DeadLetter],
    changed: [ChangedRepeat] = [], keys: KeyBlock? = nil
  ) {
    self.sequence = sequence
    self.decisions = decisions
    self.deadLetters = deadLetters
    self.changed = changed
    self.keys = keys
  }
}

/// How far the log reaches.
package struct LogExtent: Hashable, Sendable {
  /// The number of the last body; 0 when there is none.
  package var last: Int64
  /// The number of the first body the index step has not decided; `last + 1` when there is none.
  package var firstUnindexed: Int64
}
