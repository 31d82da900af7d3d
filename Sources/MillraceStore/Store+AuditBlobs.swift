package import MillraceCore

/// A blob of the ledger with everything that became of it.
package struct AuditedBlob: Sendable {
  /// An entry of the log that holds it, or held it.
  package struct Entry: Sendable {
    /// Everything but the body.
    package let head: LogHead
    /// The digest of its body.
    package let sha256: [UInt8]
    /// Its records that an earlier entry holds with other content.
    package let changed: [ChangedRepeat]
  }

  /// Where the listing of blobs goes on.
  package let place: AuditPlace
  /// As it was first listed.
  package let blob: ContentBlob
  /// Where it came from.
  package let origin: ContentOrigin
  /// Where it stands.
  package let state: ContentState
  /// Why, where there is something to say.
  package let reason: String?
  /// Its entries, in log order.
  package let entries: [Entry]
}

/// A place in the order of blobs by the moment they were made available.
package struct AuditPlace: Hashable, Sendable {
  let created: Timestamp
  let row: Int64
}

extension Store {
  /// The next blobs of a span behind a place, by the moment they were made available.
  package func auditedBlobs(
    _ span: AuditSpan, after place: AuditPlace?, limit: Int
  ) async throws(StoreError) -> [AuditedBlob] {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in
        try connection.auditedBlobs(span, after: place, limit: limit)
      }
    }
  }
}

extension Connection {
  fileprivate func auditedBlobs(
    _ span: AuditSpan, after place: AuditPlace?, limit: Int
  ) throws(StoreError) -> [AuditedBlob] {
    try rows(
      """
      SELECT content.id, tenant, content_type, content.content_id, uri, created_at, expires_at,
        origin, state, reason
      FROM content JOIN feed ON feed.id = content.feed_id
      WHERE created_at >= ?1 AND created_at < ?2 AND (?3 IS NULL OR tenant = ?3)
        AND (created_at, content.id) > (?4, ?5)
      ORDER BY created_at, content.id LIMIT ?6
      """,
      { (statement) throws(StoreError) in
        try statement.bind(span).bind(4, place?.created.milliseconds ?? .min)
          .bind(5, place?.row ?? .min).bind(6, limit)
        // What is behind the place is not looked at again.
        if let place { try statement.bind(1, max(place.created, span.from ?? place.created)) }
      },
      { (row) throws(StoreError) in
        AuditedBlob(
          place: AuditPlace(created: row.time(5), row: row.integer(0)),
          blob: ContentBlob(
            feed: try row.feed(1, 2), id: ContentID(row.text(3)), uri: row.text(4),
            created: row.time(5), expires: row.time(6)),
          origin: ContentOrigin(rawValue: row.text(7)) ?? .service,
          state: ContentState(rawValue: row.text(8)) ?? .dead, reason: row.textOrNil(9),
          entries: try entries(of: row.integer(0)))
      })
  }

  private func entries(of content: Int64) throws(StoreError) -> [AuditedBlob.Entry] {
    let sequences = try rows(
      "SELECT sequence FROM log WHERE content_id = ?1 ORDER BY sequence",
      { (statement) throws(StoreError) in try statement.bind(1, content) },
      { (row) throws(StoreError) in row.integer(0) })
    var entries: [AuditedBlob.Entry] = []
    for sequence in sequences {
      guard let found = try storedHead(sequence) else { continue }
      let changed =
        found.head.decisions.map(\.changedCount) ?? 0 > 0 ? try changedRepeats(in: sequence) : []
      entries.append(
        AuditedBlob.Entry(head: found.head, sha256: found.sha256, changed: changed))
    }
    return entries
  }

  private func changedRepeats(in sequence: Int64) throws(StoreError) -> [ChangedRepeat] {
    try rows(
      """
      SELECT record, first_sequence, first_record FROM changed_repeat WHERE sequence = ?1
      ORDER BY record
      """,
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in
        ChangedRepeat(
          record: Int(row.integer(0)),
          first: LogPosition(sequence: row.integer(1), record: Int(row.integer(2))))
      })
  }
}
