package import MillraceCore

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

  /// The entry with this number, its body packed; nil when the log does not reach that far.
  package func storedEntry(_ sequence: Int64) async throws(StoreError) -> StoredEntry? {
    try await read { (connection) throws(StoreError) in
      // One snapshot for the row and its body: between the two, the body may be dropped.
      try connection.snapshot { () throws(StoreError) in try connection.storedEntry(sequence) }
    }
  }

  /// What the log knows of the entry with this number; nil when there is none.
  package func storedHead(_ sequence: Int64) async throws(StoreError) -> LogHead? {
    try await read { (connection) throws(StoreError) in try connection.storedHead(sequence)?.head }
  }

  /// The entry with this number, unpacked where it stands, on the caller's thread; nil when the log
  /// does not reach that far, or the body was dropped. For whoever reads one now and then; the
  /// pipeline unpacks on its workers.
  package func logEntry(_ sequence: Int64) async throws(StoreError) -> LogEntry? {
    try await storedEntry(sequence)?.unpack()
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
  func storedEntry(_ sequence: Int64) throws(StoreError) -> StoredEntry? {
    guard let (head, byteCount, sha256) = try storedHead(sequence) else { return nil }
    guard head.dropped == nil else { return StoredEntry(head: head, body: nil) }
    return StoredEntry(
      head: head, body: try storedBody(sequence, byteCount: byteCount, sha256: sha256))
  }

  func storedHead(
    _ sequence: Int64
  ) throws(StoreError) -> (head: LogHead, byteCount: Int, sha256: [UInt8])? {
    try first(
      """
      SELECT feed.tenant, feed.content_type, content.content_id, uri, created_at, expires_at,
        fetched_at, byte_count, record_count, skipped, first_event_at, last_event_at,
        repeat_count, changed_count, part, part_count, attempt, only_sink, drop_reason, sha256,
        content.state, completes_sequence
      FROM log JOIN content ON content.id = log.content_id JOIN feed ON feed.id = content.feed_id
      WHERE sequence = ?1
      """,
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in
        (try head(sequence, in: row), Int(row.integer(7)), row.blobOrNil(19) ?? [])
      })
  }

  private func head(_ sequence: Int64, in row: Statement) throws(StoreError) -> LogHead {
    guard let tenant = TenantID(row.text(0)), let type = ContentType(anyCase: row.text(1))
    else {
      throw StoreError(
        kind: .damaged, operation: "read log entry \(sequence)",
        message: "its feed has no valid tenant and content type")
    }
    let blob = ContentBlob(
      feed: Feed(tenant: tenant, contentType: type), id: ContentID(row.text(2)),
      uri: row.text(3), created: row.time(4), expires: row.time(5))
    let dropped = row.textOrNil(18).flatMap(DropReason.init(rawValue:))
    let decisions = try decisions(in: row, of: sequence)
    // What was damaged before it was decided comes anew, at the end of the log.
    let isAwaited =
      dropped == .damaged && row.text(20) == ContentState.listed.rawValue
      && (decisions?.eventCount ?? 0) > 0
    return LogHead(
      sequence: sequence, blob: blob, part: Int(row.integer(14)), partCount: Int(row.integer(15)),
      attempt: Int(row.integer(16)), onlySink: row.textOrNil(17), completes: row.integerOrNil(21),
      fetchedAt: row.time(6),
      decisions: decisions, dropped: dropped, isAwaited: isAwaited)
  }

  /// Read with distrust: a damaged row must end in words, not in a crash.
  private func decisions(in row: Statement, of sequence: Int64) throws(StoreError) -> Decisions? {
    guard let records = row.integerOrNil(8) else { return nil }
    let packed = row.blobOrNil(9) ?? []
    let (repeats, changed) = (row.integer(12), row.integer(13))
    guard packed.count % 4 == 0, records >= Int64(packed.count / 4),
      repeats >= 0, repeats <= Int64(packed.count / 4), changed >= 0, changed <= repeats,
      (row.timeOrNil(10) ?? row.time(11)) <= row.time(11)
    else {
      throw StoreError(
        kind: .damaged, operation: "read log entry \(sequence)",
        message: "its decisions contradict each other",
        hint: "keep a copy of the store's folder and restore a backup")
    }
    let skipped = stride(from: 0, to: packed.count, by: 4).map { index in
      UInt32(packed[index]) | UInt32(packed[index + 1]) << 8 | UInt32(packed[index + 2]) << 16
        | UInt32(packed[index + 3]) << 24
    }
    var span: ClosedRange<Timestamp>?
    if let first = row.timeOrNil(10), let last = row.timeOrNil(11) { span = first...last }
    return Decisions(
      recordCount: Int(records), skipped: skipped, repeatCount: Int(repeats),
      changedCount: Int(changed), eventSpan: span)
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
        first_event_at = ?6, last_event_at = ?7, repeat_count = ?8, changed_count = ?9
      WHERE sequence = ?1 AND indexed_at IS NULL
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, entry.sequence).bind(2, moment).bind(3, decisions.recordCount)
        .bind(4, decisions.eventCount).bind(5, packed.isEmpty ? nil : packed)
        .bind(6, decisions.eventSpan?.lowerBound).bind(7, decisions.eventSpan?.upperBound)
        .bind(8, decisions.repeatCount).bind(9, decisions.changedCount)
    }
    // Decisions are made once; a second attempt changes nothing, dead letters included.
    guard changes > 0 else { return }
    let attempt =
      entry.deadLetters.isEmpty
      ? 1
      : try first(
        "SELECT attempt FROM log WHERE sequence = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, entry.sequence) },
        { (row) throws(StoreError) in Int(row.integer(0)) }) ?? 1
    for letter in entry.deadLetters {
      try run(
        """
        INSERT INTO dead_letter (kind, sequence, record, reason, bytes, attempts, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, letter.record == nil ? "blob" : "record").bind(2, entry.sequence)
          .bind(3, letter.record.map(Int64.init)).bind(4, letter.reason).bind(5, letter.bytes)
          .bind(6, attempt).bind(7, moment)
      }
    }
    try enter(changed: entry.changed, of: entry.sequence)
    if let keys = entry.keys { try enter(keys, of: entry.sequence) }
  }

  private func enter(changed: [ChangedRepeat], of sequence: Int64) throws(StoreError) {
    for repeated in changed {
      try run(
        """
        INSERT INTO changed_repeat (sequence, record, first_sequence, first_record)
        VALUES (?1, ?2, ?3, ?4)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, sequence).bind(2, repeated.record)
          .bind(3, repeated.first.sequence).bind(4, repeated.first.record)
      }
    }
  }
}
