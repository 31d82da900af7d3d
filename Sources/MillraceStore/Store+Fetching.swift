package import MillraceCore

/// The ledger's number of a content blob.
package struct ContentRow: Hashable, Sendable {
  let number: Int64
}

/// A blob that is owed: listed, not yet fetched.
package struct OwedContent: Hashable, Sendable {
  /// Its place in the ledger, to be handed back with the outcome.
  package let row: ContentRow
  /// The blob as it was first listed.
  package let blob: ContentBlob
  /// How often fetching it has failed so far.
  package let attempts: Int
}

extension Store {
  /// The blobs of a tenant that may be fetched at `now`, the oldest first as they expire first.
  /// One postponed beyond the longest wait there is was postponed by a clock that was wrong: due.
  ///
  /// - Parameter excluded: rows that are being fetched already.
  package func owedContent(
    of tenant: TenantID, types: [ContentType], now: Timestamp, limit: Int,
    excluding excluded: Set<ContentRow>
  ) async throws(StoreError) -> [OwedContent] {
    try await read { (connection) throws(StoreError) in
      var owed: [OwedContent] = []
      for type in types {
        let feed = Feed(tenant: tenant, contentType: type)
        let found = try connection.rows(
          """
          SELECT content.id, content.content_id, uri, created_at, expires_at, attempts
          FROM content JOIN feed ON feed.id = content.feed_id
          WHERE feed.tenant = ?1 AND feed.content_type = ?2 AND state = 'listed'
            AND (retry_at IS NULL OR retry_at <= ?3 OR retry_at > ?5)
          ORDER BY created_at LIMIT ?4
          """,
          { (statement) throws(StoreError) in
            try statement.bind(1, tenant.description).bind(2, type.rawValue).bind(3, now)
              .bind(4, limit + excluded.count).bind(5, now + Limits.postponementMax)
          },
          { (row) throws(StoreError) in
            OwedContent(
              row: ContentRow(number: row.integer(0)),
              blob: ContentBlob(
                feed: feed, id: ContentID(row.text(1)), uri: row.text(2), created: row.time(3),
                expires: row.time(4)),
              attempts: Int(row.integer(5)))
          })
        owed += found.filter { !excluded.contains($0.row) }
      }
      owed.sort { $0.blob.created < $1.blob.created }
      return Array(owed.prefix(limit))
    }
  }

  /// When the next blob of these feeds that is postponed beyond `now` becomes due; nil when none
  /// is. What is due already does not count: it is being fetched, or nobody may fetch it.
  package func nextRetry(
    of tenant: TenantID, types: [ContentType], after now: Timestamp
  ) async throws(StoreError) -> Timestamp? {
    try await read { (connection) throws(StoreError) in
      var next: Timestamp?
      for type in types {
        let found = try connection.first(
          """
          SELECT min(retry_at) FROM content JOIN feed ON feed.id = content.feed_id
          WHERE feed.tenant = ?1 AND feed.content_type = ?2 AND state = 'listed' AND retry_at > ?3
          """,
          { (statement) throws(StoreError) in
            try statement.bind(1, tenant.description).bind(2, type.rawValue).bind(3, now)
          },
          { (row) throws(StoreError) in row.timeOrNil(0) })
        if let found = found ?? nil { next = min(next ?? found, found) }
      }
      return next
    }
  }

  /// Puts a fetched body into the log, in one part or more, and marks its blob fetched, all in one
  /// transaction. A body that was fetched again, as it was damaged, is put back where it stood.
  ///
  /// - Parameter settlesAt: when the blob is fetched once more, as it is young; nil for not at all.
  /// - Returns: the number of the first part in the log; nil when the blob is not owed any more,
  ///   and then nothing was written.
  package func commitFetched(
    _ content: OwedContent, parts: [PackedBody], at moment: Timestamp,
    settlesAt: Timestamp? = nil
  ) async throws(StoreError) -> Int64? {
    precondition(!parts.isEmpty, "a body has a part, if an empty one")
    return try await write { (connection) throws(StoreError) in
      guard try connection.change(content.row, to: .fetched, reason: nil, at: moment) else {
        return nil
      }
      let appendix = LogAppendix(content: content.row, blob: content.blob, fetchedAt: moment)
      let earlier = try connection.fetchedEntries(of: content.row)
      if earlier.isEmpty {
        if let settlesAt { try connection.beginSettling(content.row, due: settlesAt) }
        return try connection.appendToLog(appendix, parts: parts)
      }
      return try connection.putBackAll(earlier, appendix, parts: parts)
    }
  }

  /// Remembers that fetching failed and when it may be tried again; the blob stays owed.
  package func postpone(
    _ content: OwedContent, until moment: Timestamp, reason: String
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        UPDATE content SET attempts = attempts + 1, retry_at = ?2, reason = ?3
        WHERE id = ?1 AND state = 'listed'
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, content.row.number).bind(2, moment).bind(3, reason)
      }
    }
  }

  /// Records that a blob can never be had: `expired` when the service no longer has it, `dead` when
  /// it was given up. False when it is not owed any more. One that was to be fetched again, as its
  /// body was damaged, stays fetched: it was had once, and its entries say what is gone of it.
  package func lose(
    _ content: OwedContent, as state: ContentState, reason: String, at moment: Timestamp
  ) async throws(StoreError) -> Bool {
    precondition(state == .expired || state == .dead, "a loss is expired or dead")
    return try await write { (connection) throws(StoreError) in
      guard try connection.fetchedEntries(of: content.row).isEmpty else {
        return try connection.change(
          content.row, to: .fetched,
          reason: "damaged in the store, and cannot be had again: \(reason)", at: moment)
      }
      return try connection.change(content.row, to: state, reason: reason, at: moment)
    }
  }
}

extension Connection {
  /// Moves a listed blob to another state; false when it is not listed.
  fileprivate func change(
    _ content: ContentRow, to state: ContentState, reason: String?, at moment: Timestamp
  ) throws(StoreError) -> Bool {
    precondition(ContentState.listed.mayBecome(state), "a listed blob may become \(state)")
    try run(
      """
      UPDATE content SET state = ?2, state_at = ?3, reason = ?4, retry_at = NULL
      WHERE id = ?1 AND state = 'listed'
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, content.number).bind(2, state.rawValue).bind(3, moment).bind(4, reason)
    }
    return changes > 0
  }
}
