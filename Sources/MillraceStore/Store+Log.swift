package import MillraceCore

/// One body of the log with what the ledger knows of it.
package struct LogEntry: Sendable {
  /// Its number in the log, from 1.
  package let sequence: Int64
  /// The blob as it was first listed.
  package let blob: ContentBlob
  /// When it was committed.
  package let fetchedAt: Timestamp
  /// The bytes as fetched, after decompression.
  package let body: PaddedBytes
  /// What the index step decided; nil before it did.
  package let decisions: Decisions?

  /// An entry.
  package init(
    sequence: Int64, blob: ContentBlob, fetchedAt: Timestamp, body: PaddedBytes,
    decisions: Decisions? = nil
  ) {
    self.sequence = sequence
    self.blob = blob
    self.fetchedAt = fetchedAt
    self.body = body
    self.decisions = decisions
  }
}

/// What the index step decided about a body, once and for all sinks, restarts and replays.
package struct Decisions: Hashable, Sendable {
  /// How many records the body holds, those that are not events included.
  package let recordCount: Int
  /// Ordinals of the records that are not events (dead letters, later also repeats), rising.
  package let skipped: [UInt32]
  /// The earliest and the latest event time.
  package let eventSpan: ClosedRange<Timestamp>?

  /// How many events sinks get.
  package var eventCount: Int { recordCount - skipped.count }

  /// Decisions.
  package init(recordCount: Int, skipped: [UInt32], eventSpan: ClosedRange<Timestamp>?) {
    precondition(skipped.count <= recordCount, "only records there are can be skipped")
    self.recordCount = recordCount
    self.skipped = skipped
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

/// The decisions about one body, on their way into the store.
package struct IndexedEntry: Sendable {
  /// Its number in the log, from 1.
  package let sequence: Int64
  /// What was decided.
  package let decisions: Decisions
  /// What could not be parsed; stored together with the decisions.
  package let deadLetters: [DeadLetter]

  /// Decisions about the body with this number.
  package init(sequence: Int64, decisions: Decisions, deadLetters: [DeadLetter]) {
    self.sequence = sequence
    self.decisions = decisions
    self.deadLetters = deadLetters
  }
}

/// How far the log reaches.
package struct LogExtent: Hashable, Sendable {
  /// The number of the last body; 0 when there is none.
  package var last: Int64
  /// The number of the first body the index step has not decided; `last + 1` when there is none.
  package var firstUnindexed: Int64
}

extension Store {
  /// How far the log reaches.
  package func logExtent() async throws(StoreError) -> LogExtent {
    try await read { (connection) throws(StoreError) in
      let last = try connection.integer("SELECT max(sequence) FROM log") ?? 0
      let unindexed = try connection.integer(
        "SELECT min(sequence) FROM log WHERE indexed_at IS NULL")
      return LogExtent(last: last, firstUnindexed: unindexed ?? last + 1)
    }
  }

  /// The body with this number; nil when the log does not reach that far.
  package func logEntry(_ sequence: Int64) async throws(StoreError) -> LogEntry? {
    try await read { (connection) throws(StoreError) in try connection.logEntry(sequence) }
  }

  /// Commits decisions, in log order.
  package func commitIndex(
    _ entries: [IndexedEntry], at moment: Timestamp
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for entry in entries { try connection.index(entry, at: moment) }
    }
  }
}

extension Connection {
  fileprivate func logEntry(_ sequence: Int64) throws(StoreError) -> LogEntry? {
    let head = try first(
      """
      SELECT feed.tenant, feed.content_type, content.content_id, uri, created_at, expires_at,
        fetched_at, byte_count, record_count, skipped, first_event_at, last_event_at
      FROM log JOIN content ON content.id = log.content_id JOIN feed ON feed.id = content.feed_id
      WHERE sequence = ?1
      """,
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in
        guard let tenant = TenantID(row.text(0)), let type = ContentType(anyCase: row.text(1))
        else {
          throw StoreError(
            kind: .damaged, operation: "read log entry \(sequence)",
            message: "its feed has no valid tenant and content type")
        }
        let blob = ContentBlob(
          feed: Feed(tenant: tenant, contentType: type), id: ContentID(row.text(2)),
          uri: row.text(3), created: row.time(4), expires: row.time(5))
        return (blob, row.time(6), Int(row.integer(7)), decisions(in: row))
      })
    guard let (blob, fetchedAt, byteCount, decisions) = head else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + PaddedBytes.slackBytes)
    _ = try rows(
      "SELECT bytes FROM body WHERE sequence = ?1 ORDER BY chunk",
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in row.appendBlob(0, to: &bytes) })
    guard bytes.count == byteCount else {
      throw StoreError(
        kind: .damaged, operation: "read log entry \(sequence)",
        message: "its rows hold \(bytes.count) of \(byteCount) bytes",
        hint:
          "restore a backup, or have the blob listed and fetched again while the service keeps it")
    }
    return LogEntry(
      sequence: sequence, blob: blob, fetchedAt: fetchedAt, body: PaddedBytes(bytes),
      decisions: decisions)
  }

  private func decisions(in row: Statement) -> Decisions? {
    guard let records = row.integerOrNil(8) else { return nil }
    let packed = row.blobOrNil(9) ?? []
    let skipped = stride(from: 0, to: packed.count, by: 4).map { index in
      UInt32(packed[index]) | UInt32(packed[index + 1]) << 8 | UInt32(packed[index + 2]) << 16
        | UInt32(packed[index + 3]) << 24
    }
    var span: ClosedRange<Timestamp>?
    if let first = row.timeOrNil(10), let last = row.timeOrNil(11) { span = first...last }
    return Decisions(recordCount: Int(records), skipped: skipped, eventSpan: span)
  }

  fileprivate func index(_ entry: IndexedEntry, at moment: Timestamp) throws(StoreError) {
    let decisions = entry.decisions
    let packed = decisions.skipped.flatMap { ordinal in
      [
        UInt8(truncatingIfNeeded: ordinal), UInt8(truncatingIfNeeded: ordinal >> 8),
        UInt8(truncatingIfNeeded: ordinal >> 16), UInt8(truncatingIfNeeded: ordinal >> 24),
      ]
    }
    try run(
      """
      UPDATE log SET indexed_at = ?2, record_count = ?3, event_count = ?4, skipped = ?5,
        first_event_at = ?6, last_event_at = ?7
      WHERE sequence = ?1 AND indexed_at IS NULL
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, entry.sequence).bind(2, moment).bind(3, decisions.recordCount)
        .bind(4, decisions.eventCount).bind(5, packed.isEmpty ? nil : packed)
        .bind(6, decisions.eventSpan?.lowerBound).bind(7, decisions.eventSpan?.upperBound)
    }
    // Decisions are made once; a second attempt changes nothing, dead letters included.
    guard changes > 0 else { return }
    for letter in entry.deadLetters {
      try run(
        """
        INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, letter.record == nil ? "blob" : "record").bind(2, entry.sequence)
          .bind(3, letter.record.map(Int64.init)).bind(4, letter.reason).bind(5, letter.bytes)
          .bind(6, moment)
      }
    }
  }
}
