package import MillraceCore

/// What the store knows about one feed.
package struct FeedStatus: Hashable, Sendable {
  /// The tenant and the content type.
  package let feed: Feed
  /// How far it has been listed.
  package let progress: FeedProgress
  /// Blobs by state.
  package var blobs: [ContentState: Int] = [:]
  /// When the newest blob listed was made available.
  package let newestBlob: Timestamp?
  /// When the first of what is still owed expires.
  package let owedUntil: Timestamp?
  /// Records of its bodies.
  package var records = 0
  /// Those of them that are events.
  package var events = 0
  /// Those that repeat an earlier one.
  package var repeats = 0
  /// Those that repeat an earlier one with other content.
  package var changedRepeats = 0
}

/// What the store knows about one sink.
package struct SinkStatus: Hashable, Sendable {
  /// The name in the configuration, which is the identity of the sink.
  package let name: String
  /// Everything in the log before this is durable at the receiver.
  package let position: LogPosition
  /// Events delivered since the sink was first seen.
  package let deliveredEvents: Int
  /// When the cursor last moved; nil before the first delivery.
  package let deliveredAt: Timestamp?
  /// Events it refused for good since it was first seen.
  package let refusedEvents: Int
}

/// What the store holds, at one moment.
package struct StoreStatus: Sendable {
  /// All feeds ever listed, by tenant and content type.
  package let feeds: [FeedStatus]
  /// All sinks ever registered, by name.
  package let sinks: [SinkStatus]
  /// Bodies in the log.
  package let bodies: Int
  /// Bytes of all bodies as fetched.
  package let bodyBytes: Int
  /// Bodies whose bytes are still there.
  package let heldBodies: Int
  /// What those take, compressed.
  package let heldBytes: Int
  /// Records the index step has seen.
  package let records: Int
  /// How many of the records are events.
  package let events: Int
  /// Records that an earlier place in the log holds already.
  package let repeats: Int
  /// Those of them that came with other content.
  package let changedRepeats: Int
  /// Bodies that were deleted before every sink had them.
  package let droppedBodies: Int
  /// Bodies the index step has not decided yet.
  package let unindexedBodies: Int
  /// Open dead letters of all kinds.
  package let deadLetters: Int
  /// When the first of those was entered.
  package let deadLettersSince: Timestamp?
  /// Replays that are not over, the oldest first.
  package let replays: [ReplayJob]
  /// Size of the database file in bytes, its write-ahead log not counted.
  package let databaseBytes: Int
  /// What of the file holds something.
  package let usedBytes: Int
}

/// A blob that was lost, and why.
package struct LostContent: Hashable, Sendable {
  /// The tenant and the content type.
  package let feed: Feed
  package let id: ContentID
  /// `expired` or `dead`; `listed` where what is still owed is asked for.
  package let state: ContentState
  /// Why, in words for an operator.
  package let reason: String
}

extension Store {
  /// What the store holds now.
  package func status() async throws(StoreError) -> StoreStatus {
    try await read { (connection) throws(StoreError) in
      let feeds = try connection.feedStatuses()
      let sinks = try connection.rows(
        """
        SELECT name, next_sequence, next_record, delivered_events, delivered_at, refused_events
        FROM sink ORDER BY name
        """,
        { (_) throws(StoreError) in },
        { (row) throws(StoreError) in
          SinkStatus(
            name: row.text(0),
            position: LogPosition(sequence: row.integer(1), record: Int(row.integer(2))),
            deliveredEvents: Int(row.integer(3)), deliveredAt: row.timeOrNil(4),
            refusedEvents: Int(row.integer(5)))
        })
      let totals =
        try connection.first(
          """
          SELECT sum(bodies), sum(body_bytes), sum(held_bodies), sum(held_bytes), sum(records),
            sum(events), sum(repeats), sum(changed), sum(dropped), sum(bodies - indexed)
          FROM feed_total
          """,
          { (_) throws(StoreError) in },
          { (row) throws(StoreError) in (0..<10).map { Int(row.integer($0)) } })
        ?? [Int](repeating: 0, count: 10)
      let size = try connection.size()
      return StoreStatus(
        feeds: feeds, sinks: sinks, bodies: totals[0], bodyBytes: totals[1],
        heldBodies: totals[2], heldBytes: totals[3], records: totals[4], events: totals[5],
        repeats: totals[6], changedRepeats: totals[7], droppedBodies: totals[8],
        unindexedBodies: totals[9],
        deadLetters: Int(
          try connection.integer("SELECT count(*) FROM dead_letter WHERE closed_at IS NULL") ?? 0),
        deadLettersSince: try connection.integer(
          "SELECT created_at FROM dead_letter WHERE closed_at IS NULL ORDER BY id LIMIT 1"
        ).map(Timestamp.init(milliseconds:)), replays: try connection.runningReplays(),
        databaseBytes: size.file, usedBytes: size.used)
    }
  }

  /// How many blobs of a tenant are still owed.
  package func owedCount(of tenant: TenantID) async throws(StoreError) -> Int {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT count(*) FROM content JOIN feed ON feed.id = content.feed_id
        WHERE feed.tenant = ?1 AND state = 'listed'
        """,
        { (statement) throws(StoreError) in try statement.bind(1, tenant.description) },
        { (row) throws(StoreError) in Int(row.integer(0)) }) ?? 0
    }
  }

  /// How many blobs are still owed, by feed; feeds that owe nothing are absent.
  package func owedCounts() async throws(StoreError) -> [Feed: Int] {
    let counts = try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT tenant, content_type, listed FROM feed_total JOIN feed ON feed.id = feed_id
        WHERE listed > 0
        """,
        { (_) throws(StoreError) in },
        { (row) throws(StoreError) in (try row.feed(0, 1), Int(row.integer(2))) })
    }
    return Dictionary(counts, uniquingKeysWith: +)
  }

  /// What is still owed, and why it has not come yet; the oldest first.
  package func owedReasons(limit: Int) async throws(StoreError) -> [LostContent] {
    try await content(where: "state = 'listed'", order: "created_at", limit: limit)
  }

  /// What these feeds still owe, and why it has not come yet; the oldest first of each feed.
  package func owedReasons(limit: Int, of feeds: Set<Feed>) async throws(StoreError)
    -> [LostContent]
  {
    var reasons: [LostContent] = []
    for feed in feeds.sorted() where reasons.count < limit {
      reasons += try await content(
        where: "state = 'listed' AND tenant = ?2 AND content_type = ?3", order: "created_at",
        limit: limit - reasons.count, of: feed)
    }
    return reasons
  }

  /// The latest losses.
  package func losses(limit: Int) async throws(StoreError) -> [LostContent] {
    try await content(
      where: "state IN ('expired', 'dead')", order: "state_at DESC", limit: limit)
  }

  private func content(
    where condition: String, order: String, limit: Int, of feed: Feed? = nil
  ) async throws(StoreError) -> [LostContent] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT tenant, content_type, content.content_id, state, coalesce(reason, 'not tried yet')
        FROM content JOIN feed ON feed.id = content.feed_id
        WHERE \(condition) ORDER BY \(order) LIMIT ?1
        """,
        { (statement) throws(StoreError) in
          try statement.bind(1, limit)
          guard let feed else { return }
          try statement.bind(2, feed.tenant.description).bind(3, feed.contentType.rawValue)
        },
        { (row) throws(StoreError) in
          LostContent(
            feed: try row.feed(0, 1), id: ContentID(row.text(2)),
            state: ContentState(rawValue: row.text(3)) ?? .dead, reason: row.text(4))
        })
    }
  }
}

extension Connection {
  /// The size of the database file, and what of it holds something.
  func size() throws(StoreError) -> (file: Int, used: Int) {
    let pages = try integer("PRAGMA page_count") ?? 0
    let free = try integer("PRAGMA freelist_count") ?? 0
    let pageBytes = try integer("PRAGMA page_size") ?? 0
    return (Int(pages * pageBytes), Int((pages - free) * pageBytes))
  }

  fileprivate func feedStatuses() throws(StoreError) -> [FeedStatus] {
    try rows(
      """
      SELECT tenant, content_type, listed_until_at, relisted_at, swept_at, start_accepted_at,
        listed, fetched, expired, dead, newest_at,
        (SELECT min(expires_at) FROM content WHERE feed_id = feed.id AND state = 'listed'),
        listed_from_at, records, events, repeats, changed
      FROM feed JOIN feed_total ON feed_id = feed.id ORDER BY tenant, content_type
      """,
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        var progress = FeedProgress()
        progress.listedUntil = row.timeOrNil(2)
        progress.relistedAt = row.timeOrNil(3)
        progress.sweptAt = row.timeOrNil(4)
        progress.startAcceptedAt = row.timeOrNil(5)
        progress.listedFrom = row.timeOrNil(12)
        var status = FeedStatus(
          feed: try row.feed(0, 1), progress: progress, newestBlob: row.timeOrNil(10),
          owedUntil: row.timeOrNil(11))
        status.blobs = [
          .listed: Int(row.integer(6)), .fetched: Int(row.integer(7)),
          .expired: Int(row.integer(8)), .dead: Int(row.integer(9)),
        ]
        status.records = Int(row.integer(13))
        status.events = Int(row.integer(14))
        status.repeats = Int(row.integer(15))
        status.changedRepeats = Int(row.integer(16))
        return status
      })
  }
}

extension Statement {
  /// A feed from its two columns.
  func feed(_ tenant: Int32, _ contentType: Int32) throws(StoreError) -> Feed {
    guard let id = TenantID(text(tenant)), let type = ContentType(anyCase: text(contentType)) else {
      throw StoreError(
        kind: .damaged, operation: "read a feed", message: "it has no valid tenant and content type"
      )
    }
    return Feed(tenant: id, contentType: type)
  }
}
