package import MillraceCore

/// How far a feed has come, as the store remembers it.
package struct FeedProgress: Hashable, Sendable {
  /// Everything listed with a creation time before this is in the ledger; nil before the first.
  package var listedUntil: Timestamp?
  /// When the trailing span was last listed again.
  package var relistedAt: Timestamp?
  /// When everything still alive was last listed again.
  package var sweptAt: Timestamp?
  /// When the service last accepted a start of the subscription.
  package var startAcceptedAt: Timestamp?
  /// Where the first listing began: what was made available before it was never looked for.
  package var listedFrom: Timestamp?

  /// The progress of a feed nobody has touched.
  package init() {}
}

/// A blob that a listing named and that must never be fetched, with the reason.
package struct RefusedContent: Hashable, Sendable {
  /// The blob as listed.
  package let blob: ContentBlob
  /// Why it is refused, in words for an operator; never empty.
  package let reason: String

  /// A refused blob.
  package init(blob: ContentBlob, reason: String) {
    self.blob = blob
    self.reason = reason
  }
}

/// What of a listing was new.
package struct ListingOutcome: Hashable, Sendable {
  /// Blobs the ledger did not have.
  package var new = 0
  /// Blobs it had already.
  package var known = 0
}

extension Store {
  /// How far a feed has come.
  package func progress(of feed: Feed) async throws(StoreError) -> FeedProgress {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT listed_until_at, relisted_at, swept_at, start_accepted_at, listed_from_at FROM feed
        WHERE tenant = ?1 AND content_type = ?2
        """,
        { (statement) throws(StoreError) in
          try statement.bind(1, feed.tenant.description).bind(2, feed.contentType.rawValue)
        },
        { (row) throws(StoreError) in
          var progress = FeedProgress()
          progress.listedUntil = row.timeOrNil(0)
          progress.relistedAt = row.timeOrNil(1)
          progress.sweptAt = row.timeOrNil(2)
          progress.startAcceptedAt = row.timeOrNil(3)
          progress.listedFrom = row.timeOrNil(4)
          return progress
        }) ?? FeedProgress()
    }
  }

  /// Enters what one page of a listing named. Blobs the ledger knows stay as they are.
  ///
  /// - Parameters:
  ///   - listedUntil: for the last page of a window, how far the feed is listed with it; the cursor
  ///     moves in the same transaction as what it covers, and only forward.
  ///   - listedFrom: where that window began: with a feed's first window, since when it is listed.
  package func recordListing(
    of feed: Feed, blobs: [ContentBlob], refused: [RefusedContent] = [], at moment: Timestamp,
    listedUntil: Timestamp? = nil, listedFrom: Timestamp? = nil
  ) async throws(StoreError) -> ListingOutcome {
    try await write { (connection) throws(StoreError) in
      let row = try connection.feedRow(feed)
      var outcome = ListingOutcome()
      for blob in blobs {
        try connection.enter(blob, feed: row, at: moment, refusal: nil, outcome: &outcome)
      }
      for refused in refused {
        try connection.enter(
          refused.blob, feed: row, at: moment, refusal: refused.reason, outcome: &outcome)
      }
      if let listedUntil {
        try connection.run(
          """
          UPDATE feed SET listed_until_at = ?2, listed_from_at = coalesce(listed_from_at, ?3)
          WHERE id = ?1 AND (listed_until_at IS NULL OR listed_until_at < ?2)
          """
        ) { (statement) throws(StoreError) in
          try statement.bind(1, row).bind(2, listedUntil).bind(3, listedFrom ?? listedUntil)
        }
      }
      return outcome
    }
  }

  /// Remembers that the trailing span, and perhaps everything alive, was listed again at `moment`.
  package func recordRelisting(
    of feed: Feed, at moment: Timestamp, wasEverything: Bool
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      let row = try connection.feedRow(feed)
      try connection.run(
        "UPDATE feed SET relisted_at = ?2, swept_at = CASE ?3 WHEN 1 THEN ?2 ELSE swept_at END WHERE id = ?1"
      ) { (statement) throws(StoreError) in
        try statement.bind(1, row).bind(2, moment).bind(3, wasEverything ? 1 : 0)
      }
    }
  }

  /// Records a span that left the service's reach before it was listed.
  package func recordGap(
    of feed: Feed, from: Timestamp, to: Timestamp, at moment: Timestamp
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      let row = try connection.feedRow(feed)
      try connection.run(
        """
        INSERT INTO listing_gap (feed_id, from_at, to_at, noticed_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (feed_id, from_at) DO UPDATE SET to_at = max(to_at, ?3)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, row).bind(2, from).bind(3, to).bind(4, moment)
      }
    }
  }

  /// Remembers that the service accepted a start of the subscription, so that it is not started
  /// again within 15 minutes, restarts of the collector included.
  package func recordStart(of feed: Feed, at moment: Timestamp) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      let row = try connection.feedRow(feed)
      try connection.run("UPDATE feed SET start_accepted_at = ?2 WHERE id = ?1") {
        (statement) throws(StoreError) in try statement.bind(1, row).bind(2, moment)
      }
    }
  }

  /// Forgets when the subscription was started, as it was stopped on purpose since: it may be
  /// started again at once.
  package func forgetStart(of feed: Feed) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      let row = try connection.feedRow(feed)
      try connection.run("UPDATE feed SET start_accepted_at = NULL WHERE id = ?1") {
        (statement) throws(StoreError) in try statement.bind(1, row)
      }
    }
  }
}

extension Connection {
  fileprivate func enter(
    _ blob: ContentBlob, feed: Int64, at moment: Timestamp, refusal: String?,
    outcome: inout ListingOutcome
  ) throws(StoreError) {
    try run(
      """
      INSERT INTO content
        (feed_id, content_id, uri, created_at, expires_at, listed_at, state, state_at, reason)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8)
      ON CONFLICT (feed_id, content_id) DO NOTHING
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, feed).bind(2, blob.id.description).bind(3, blob.uri)
        .bind(4, blob.created).bind(5, blob.expires).bind(6, moment)
        .bind(7, (refusal == nil ? ContentState.listed : .dead).rawValue).bind(8, refusal)
    }
    if changes > 0 { outcome.new += 1 } else { outcome.known += 1 }
  }
}
