import MillraceCore

/// The completeness ledger: where the blobs of a span are, counted over indexes and never row by
/// row.
extension Store {
  /// Counts a span, from one state of the database.
  package func auditFacts(_ span: AuditSpan) async throws(StoreError) -> AuditFacts {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in try connection.auditFacts(span) }
    }
  }

  /// The sinks the store knows, by name.
  package func knownSinks() async throws(StoreError) -> [AuditFacts.KnownSink] {
    try await read { (connection) throws(StoreError) in try connection.knownSinks() }
  }

  /// What of a span is owed or lost, and what was dropped before every sink had it, by feed and
  /// reason; the first to expire first, at most `limit` of each kind.
  package func auditHoles(
    _ span: AuditSpan, limit: Int
  ) async throws(StoreError) -> [AuditHole] {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in
        try connection.unfetched(span, "state = 'listed'", limit: limit)
          + connection.unfetched(span, "state IN ('expired', 'dead')", limit: limit)
          + connection.droppedUndelivered(span, limit: limit)
      }
    }
  }
}

extension Connection {
  /// The blobs of a span, bound by `bind(_:)`.
  fileprivate static let inSpan = """
    content.created_at >= ?1 AND content.created_at < ?2
    AND (?3 IS NULL OR content.feed_id IN (SELECT id FROM feed WHERE tenant = ?3))
    """

  fileprivate func auditFacts(_ span: AuditSpan) throws(StoreError) -> AuditFacts {
    let sinks = try knownSinks()
    let boundaries = Set(sinks.flatMap { [$0.start, $0.next] }).sorted()
    let feeds = try knownFeeds()
    let byNumber = Dictionary(
      feeds.map { ($0.number, $0.known.feed) }, uniquingKeysWith: { first, _ in first })
    return AuditFacts(
      feeds: feeds.map(\.known), sinks: sinks, boundaries: boundaries,
      blobs: try blobs(span, byNumber), entries: try entries(span, boundaries, byNumber),
      letters: try letters(span, byNumber), gaps: try gaps(span, byNumber))
  }

  fileprivate func knownSinks() throws(StoreError) -> [AuditFacts.KnownSink] {
    try rows(
      "SELECT name, start_sequence, next_sequence FROM sink ORDER BY name",
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        AuditFacts.KnownSink(name: row.text(0), start: row.integer(1), next: row.integer(2))
      })
  }

  private func knownFeeds() throws(StoreError) -> [(number: Int64, known: AuditFacts.KnownFeed)] {
    try rows(
      """
      SELECT id, tenant, content_type, listed_from_at, listed_until_at FROM feed
      ORDER BY tenant, content_type
      """,
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        (
          row.integer(0),
          AuditFacts.KnownFeed(
            feed: try row.feed(1, 2), listedFrom: row.timeOrNil(3), listedUntil: row.timeOrNil(4))
        )
      })
  }

  private func blobs(
    _ span: AuditSpan, _ feeds: [Int64: Feed]
  ) throws(StoreError) -> [AuditFacts.Blobs] {
    try rows(
      """
      SELECT feed_id, origin, state, count(*) FROM content WHERE \(Connection.inSpan)
      GROUP BY feed_id, origin, state
      """,
      { (statement) throws(StoreError) in try statement.bind(span) },
      { (row) throws(StoreError) in
        guard let feed = feeds[row.integer(0)] else { return nil }
        return AuditFacts.Blobs(
          feed: feed, origin: ContentOrigin(rawValue: row.text(1)) ?? .service,
          state: ContentState(rawValue: row.text(2)) ?? .dead, count: Int(row.integer(3)))
      }
    ).compactMap(\.self)
  }

  private func entries(
    _ span: AuditSpan, _ boundaries: [Int64], _ feeds: [Int64: Feed]
  ) throws(StoreError) -> [AuditFacts.Entries] {
    // Where an entry stands among the cursors, as one number: so one pass serves all sinks.
    let stretch = boundaries.indices.map { "(sequence >= ?\($0 + 4))" }.joined(separator: " + ")
    return try rows(
      """
      SELECT feed_id, origin, \(boundaries.isEmpty ? "0" : stretch) AS stretch, only_sink,
        attempt > 1 AS retried, drop_reason, indexed_at IS NOT NULL AS decided,
        count(*), sum(part = part_count - 1 AND completes_sequence IS NULL),
        coalesce(sum(record_count), 0),
        coalesce(sum(event_count), 0), coalesce(sum(repeat_count), 0),
        coalesce(sum(changed_count), 0)
      FROM content JOIN log ON log.content_id = content.id
      WHERE \(Connection.inSpan)
      GROUP BY feed_id, origin, stretch, only_sink, retried, drop_reason, decided
      """,
      { (statement) throws(StoreError) in
        try statement.bind(span)
        for (index, boundary) in boundaries.enumerated() {
          try statement.bind(Int32(index) + 4, boundary)
        }
      },
      { (row) throws(StoreError) in
        guard let feed = feeds[row.integer(0)] else { return nil }
        return AuditFacts.Entries(
          feed: feed, origin: ContentOrigin(rawValue: row.text(1)) ?? .service,
          stretch: Int(row.integer(2)), onlySink: row.textOrNil(3), isRetry: row.integer(4) == 1,
          dropped: row.textOrNil(5).flatMap(DropReason.init(rawValue:)),
          isDecided: row.integer(6) == 1, entries: Int(row.integer(7)),
          blobs: Int(row.integer(8)), records: Int(row.integer(9)), events: Int(row.integer(10)),
          repeats: Int(row.integer(11)), changedRepeats: Int(row.integer(12)))
      }
    ).compactMap(\.self)
  }

  private func letters(
    _ span: AuditSpan, _ feeds: [Int64: Feed]
  ) throws(StoreError) -> [AuditFacts.Letters] {
    try rows(
      """
      SELECT feed_id, origin, kind, count(*)
      FROM dead_letter JOIN log ON log.sequence = dead_letter.sequence
        JOIN content ON content.id = log.content_id
      WHERE closed_at IS NULL AND \(Connection.inSpan) GROUP BY feed_id, origin, kind
      """,
      { (statement) throws(StoreError) in try statement.bind(span) },
      { (row) throws(StoreError) in
        feeds[row.integer(0)].map {
          AuditFacts.Letters(
            feed: $0, origin: ContentOrigin(rawValue: row.text(1)) ?? .service, kind: row.text(2),
            count: Int(row.integer(3)))
        }
      }
    ).compactMap(\.self)
  }

  private func gaps(
    _ span: AuditSpan, _ feeds: [Int64: Feed]
  ) throws(StoreError) -> [AuditFacts.Gap] {
    try rows(
      """
      SELECT feed_id, max(from_at, ?1), min(to_at, ?2) FROM listing_gap
      WHERE to_at > ?1 AND from_at < ?2
        AND (?3 IS NULL OR feed_id IN (SELECT id FROM feed WHERE tenant = ?3))
      ORDER BY from_at
      """,
      { (statement) throws(StoreError) in try statement.bind(span) },
      { (row) throws(StoreError) in
        feeds[row.integer(0)].map {
          AuditFacts.Gap(feed: $0, from: row.time(1), to: row.time(2))
        }
      }
    ).compactMap(\.self)
  }

  // MARK: Holes

  fileprivate func unfetched(
    _ span: AuditSpan, _ condition: String, limit: Int
  ) throws(StoreError) -> [AuditHole] {
    // With min(), the other columns are those of the row that has it
    // (https://www.sqlite.org/lang_select.html, "bare columns").
    try rows(
      """
      SELECT tenant, content_type, state, reason, count(*), content.content_id, min(expires_at)
      FROM content JOIN feed ON feed.id = content.feed_id
      WHERE \(condition) AND \(Connection.inSpan)
      GROUP BY content.feed_id, state, reason ORDER BY min(expires_at) LIMIT ?4
      """,
      { (statement) throws(StoreError) in try statement.bind(span).bind(4, limit) },
      { (row) throws(StoreError) in
        AuditHole(
          feed: try row.feed(0, 1), state: ContentState(rawValue: row.text(2)) ?? .dead,
          dropped: nil, reason: row.textOrNil(3), blobs: Int(row.integer(4)), events: 0,
          example: ContentID(row.text(5)), expires: row.time(6))
      })
  }

  fileprivate func droppedUndelivered(
    _ span: AuditSpan, limit: Int
  ) throws(StoreError) -> [AuditHole] {
    try rows(
      """
      SELECT tenant, content_type, state, drop_reason, count(DISTINCT content.id),
        coalesce(sum(event_count), 0), content.content_id, min(expires_at), reason
      FROM content JOIN feed ON feed.id = content.feed_id
        JOIN log ON log.content_id = content.id
      WHERE drop_reason IN ('full', 'damaged') AND state <> 'listed' AND \(Connection.inSpan)
      GROUP BY content.feed_id, drop_reason ORDER BY min(expires_at) LIMIT ?4
      """,
      { (statement) throws(StoreError) in try statement.bind(span).bind(4, limit) },
      { (row) throws(StoreError) in
        AuditHole(
          feed: try row.feed(0, 1), state: ContentState(rawValue: row.text(2)) ?? .fetched,
          dropped: DropReason(rawValue: row.text(3)), reason: row.textOrNil(8),
          blobs: Int(row.integer(4)), events: Int(row.integer(5)),
          example: ContentID(row.text(6)), expires: row.time(7))
      })
  }
}

extension Statement {
  /// Binds a span as the first three parameters.
  @discardableResult
  func bind(_ span: AuditSpan) throws(StoreError) -> Statement {
    try bind(1, span.from?.milliseconds ?? .min).bind(2, span.to?.milliseconds ?? .max)
      .bind(3, span.tenant?.description)
  }
}
