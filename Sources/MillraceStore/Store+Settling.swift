package import MillraceCore

/// What came of fetching a blob once more.
package enum SettledOutcome: Hashable, Sendable {
  /// The same bytes: nothing was entered.
  case same
  /// Other bytes: they are in the log under this number. Their events are what the earlier body had
  /// not.
  case entered(sequence: Int64)
  /// Other bytes, and what was fetched earlier is gone from the store: nothing was entered, as what
  /// is new in it cannot be told from what is old.
  case incomparable
  /// It was not to be fetched once more, or not any more.
  case unasked
}

/// Fetching blobs once more that were fetched when they were young: the service has been seen to
/// serve such in part. That a blob is to be fetched again is committed with its first body, and
/// ends with its second: neither a crash nor a restart loses it.
extension Store {
  /// The blobs of a tenant that may be fetched once more at `now`, the first due first. One that is
  /// due later than the longest wait was entered by a clock that was wrong: due.
  ///
  /// - Parameters:
  ///   - now: the service's time.
  ///   - excluded: rows that are being fetched already.
  package func settlingContent(
    of tenant: TenantID, types: [ContentType], now: Timestamp, limit: Int,
    excluding excluded: Set<ContentRow>
  ) async throws(StoreError) -> [OwedContent] {
    try await read { (connection) throws(StoreError) in
      var due: [(at: Timestamp, content: OwedContent)] = []
      for type in types {
        let feed = Feed(tenant: tenant, contentType: type)
        let found = try connection.rows(
          """
          SELECT content.id, content.content_id, uri, created_at, expires_at, settling.attempts,
            due_at
          FROM settling JOIN content ON content.id = settling.content_id
            JOIN feed ON feed.id = content.feed_id
          WHERE tenant = ?1 AND content_type = ?2 AND (due_at <= ?3 OR due_at > ?4)
            AND state = 'fetched'
          ORDER BY due_at LIMIT ?5
          """,
          { (statement) throws(StoreError) in
            try statement.bind(1, tenant.description).bind(2, type.rawValue).bind(3, now)
              .bind(4, now + Limits.contentSettledAge + Limits.settlingRetry)
              .bind(5, limit + excluded.count)
          },
          { (row) throws(StoreError) in
            (
              at: row.time(6),
              content: OwedContent(
                row: ContentRow(number: row.integer(0)),
                blob: ContentBlob(
                  feed: feed, id: ContentID(row.text(1)), uri: row.text(2), created: row.time(3),
                  expires: row.time(4)),
                attempts: Int(row.integer(5)))
            )
          })
        due += found.filter { !excluded.contains($0.content.row) }
      }
      due.sort { $0.at < $1.at }
      return due.prefix(limit).map(\.content)
    }
  }

  /// When the next blob of a tenant is due to be fetched once more, beyond `now`; nil when none is.
  package func nextSettling(
    of tenant: TenantID, after now: Timestamp
  ) async throws(StoreError) -> Timestamp? {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT min(due_at) FROM settling JOIN content ON content.id = settling.content_id
          JOIN feed ON feed.id = content.feed_id
        WHERE tenant = ?1 AND due_at > ?2
        """,
        { (statement) throws(StoreError) in
          try statement.bind(1, tenant.description).bind(2, now)
        },
        { (row) throws(StoreError) in row.timeOrNil(0) }) ?? nil
    }
  }

  /// How many blobs are to be fetched once more.
  package func settlingCount() async throws(StoreError) -> Int {
    try await read { (connection) throws(StoreError) in
      Int(try connection.integer("SELECT count(*) FROM settling") ?? 0)
    }
  }

  /// Takes what was fetched once more: into the log when it is not what was fetched earlier.
  package func commitSettled(
    _ content: OwedContent, parts: [PackedBody], at moment: Timestamp
  ) async throws(StoreError) -> SettledOutcome {
    precondition(!parts.isEmpty, "a body has a part, if an empty one")
    return try await write { (connection) throws(StoreError) in
      guard try connection.endSettling(content.row) else { return .unasked }
      let earlier = try connection.fetchedEntries(of: content.row)
      guard let first = earlier.first else { return .unasked }
      if connection.isSame(earlier, parts) { return .same }
      // What is being fetched to be put back in its place comes by itself, and whole.
      guard earlier.allSatisfy({ $0.dropped == nil }) else { return .incomparable }
      let appendix = LogAppendix(
        content: content.row, blob: content.blob, fetchedAt: moment, completes: first.sequence)
      return .entered(sequence: try connection.appendToLog(appendix, parts: parts))
    }
  }

  /// Remembers that a second fetch failed and when it may be tried again.
  package func postponeSettling(
    _ content: OwedContent, until moment: Timestamp
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        "UPDATE settling SET attempts = attempts + 1, due_at = ?2 WHERE content_id = ?1"
      ) { (statement) throws(StoreError) in
        try statement.bind(1, content.row.number).bind(2, moment)
      }
    }
  }

  /// Gives a second fetch up: what was fetched first stands.
  package func forgetSettling(_ content: OwedContent) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      _ = try connection.endSettling(content.row)
    }
  }
}

extension Connection {
  /// Has a blob fetched once more.
  func beginSettling(_ content: ContentRow, due: Timestamp) throws(StoreError) {
    try run("INSERT OR IGNORE INTO settling (content_id, due_at) VALUES (?1, ?2)") {
      (statement) throws(StoreError) in try statement.bind(1, content.number).bind(2, due)
    }
  }

  /// False when it was not to be fetched once more.
  fileprivate func endSettling(_ content: ContentRow) throws(StoreError) -> Bool {
    try run("DELETE FROM settling WHERE content_id = ?1") { (statement) throws(StoreError) in
      try statement.bind(1, content.number)
    }
    return changes > 0
  }
}
