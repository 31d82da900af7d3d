package import MillraceCore

/// What a feed's totals say, and what counting them says.
package struct TotalsMismatch: Hashable, Sendable {
  /// A total that is not right.
  package struct Column: Hashable, Sendable {
    /// The name in the database.
    package let name: String
    /// What is kept.
    package let kept: Int
    /// What it should be.
    package let counted: Int
  }

  /// Whose totals.
  package let feed: Feed
  /// Those that differ.
  package let columns: [Column]
}

/// The totals that rows keep, counted anew: to see whether they are right, and to put them right.
extension Store {
  /// The feeds whose totals are not what counting gives.
  package func totalsMismatches() async throws(StoreError) -> [TotalsMismatch] {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in try connection.totalsMismatches() }
    }
  }

  /// Puts the totals right.
  package func recountTotals() async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for mismatch in try connection.totalsMismatches() {
        let feed = try connection.feedRow(mismatch.feed)
        // In one statement, as each column is checked against the others.
        let assignments = mismatch.columns.map { "\($0.name) = \($0.counted)" }
        try connection.execute(
          """
          INSERT INTO feed_total (feed_id) VALUES (\(feed)) ON CONFLICT DO NOTHING;
          UPDATE feed_total SET \(assignments.joined(separator: ", ")) WHERE feed_id = \(feed)
          """)
      }
    }
  }
}

extension Connection {
  /// The columns that are counted from the ledger, and from the log; `newest_at` is a time.
  private static let ofContent = ["listed", "fetched", "expired", "dead"]
  private static let ofLog = [
    "bodies", "body_bytes", "held_bodies", "held_bytes", "indexed", "records", "events", "repeats",
    "changed", "dropped",
  ]

  fileprivate func totalsMismatches() throws(StoreError) -> [TotalsMismatch] {
    var counted: [Int64: [String: Int]] = [:]
    try count(
      """
      SELECT feed_id, sum(state = 'listed'), sum(state = 'fetched'), sum(state = 'expired'),
        sum(state = 'dead')
      FROM content GROUP BY feed_id
      """, Connection.ofContent, into: &counted)
    // What is entered again for one sink alone was counted when it came. Bytes are summed by
    // total(), which no damaged size can make overflow; it is exact up to 2^53.
    try count(
      """
      SELECT feed_id, count(*), CAST(total(byte_count) AS INTEGER), sum(dropped_at IS NULL),
        CAST(total(iif(dropped_at IS NULL, stored_bytes, 0)) AS INTEGER), count(indexed_at),
        sum(iif(only_sink IS NULL, record_count, 0)), sum(iif(only_sink IS NULL, event_count, 0)),
        sum(iif(only_sink IS NULL, repeat_count, 0)),
        sum(iif(only_sink IS NULL, changed_count, 0)), sum(drop_reason IN ('full', 'damaged'))
      FROM log JOIN content ON content.id = log.content_id GROUP BY feed_id
      """, Connection.ofLog, into: &counted)
    let names = Connection.ofContent + Connection.ofLog
    return try rows(
      """
      SELECT feed.id, tenant, content_type, \(names.joined(separator: ", "))
      FROM feed LEFT JOIN feed_total ON feed_id = feed.id ORDER BY tenant, content_type
      """,
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        let truth = counted[row.integer(0)] ?? [:]
        let columns = names.enumerated().map { index, name in
          TotalsMismatch.Column(
            name: name, kept: Int(row.integer(Int32(index) + 3)), counted: truth[name] ?? 0)
        }
        return TotalsMismatch(
          feed: try row.feed(1, 2), columns: columns.filter { $0.kept != $0.counted })
      }
    ).filter { !$0.columns.isEmpty }
  }

  private func count(
    _ sql: String, _ names: [String], into counted: inout [Int64: [String: Int]]
  ) throws(StoreError) {
    let found = try rows(
      sql, { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        (row.integer(0), names.indices.map { Int(row.integer(Int32($0) + 1)) })
      })
    for (feed, values) in found {
      for (name, value) in zip(names, values) { counted[feed, default: [:]][name] = value }
    }
  }
}
