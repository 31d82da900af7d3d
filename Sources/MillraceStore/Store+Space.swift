package import MillraceCore

/// How large a store is.
package struct StoreSize: Hashable, Sendable {
  /// The database file, in bytes; its write-ahead log not counted.
  package let file: Int
  /// What of it holds something.
  package let used: Int
  /// What of it is free: used again before the file grows.
  package var free: Int { file - used }
}

/// What a step of freeing space came to.
package struct DropOutcome: Hashable, Sendable {
  /// Bodies that were deleted.
  package var bodies = 0
  /// Those of them that a sink had not passed.
  package var undelivered = 0
  /// Events in those.
  package var undeliveredEvents = 0
  /// The first and the last of those, by their numbers in the log.
  package var undeliveredRange: ClosedRange<Int64>?
}

/// Space: what may go, and giving it back. Everything in steps of bounded size, so that no write
/// waits long. Rows of the ledger and of the log stay, with all hashes and decisions: the proof of
/// a day outlives its bytes.
extension Store {
  /// How large the store is now.
  package func size() async throws(StoreError) -> StoreSize {
    try await read { (connection) throws(StoreError) in
      let size = try connection.size()
      return StoreSize(file: size.file, used: size.used)
    }
  }

  /// Deletes the oldest bodies that every one of these sinks has passed, at most `limit`.
  ///
  /// - Parameters:
  ///   - sinks: the configured sinks; one the store does not know yet holds everything.
  ///   - before: only what was committed before this; nil for whatever its age.
  package func dropDelivered(
    to sinks: [String], before: Timestamp?, limit: Int, at moment: Timestamp
  ) async throws(StoreError) -> DropOutcome {
    try await write { (connection) throws(StoreError) in
      let boundary = try connection.deliveredBoundary(sinks)
      return try connection.drop(
        try connection.oldestHeld(before: before, below: boundary, limit: limit),
        boundary: boundary, at: moment)
    }
  }

  /// Deletes the oldest bodies, delivered or not, at most `limit`. What a sink had not passed is
  /// entered as dropped because the store was full.
  package func dropOldest(
    sinks: [String], limit: Int, at moment: Timestamp
  ) async throws(StoreError) -> DropOutcome {
    try await write { (connection) throws(StoreError) in
      try connection.drop(
        try connection.oldestHeld(before: nil, below: .max, limit: limit),
        boundary: try connection.deliveredBoundary(sinks), at: moment)
    }
  }

  /// Gives up to `pages` free pages back to the file system (PRAGMA incremental_vacuum).
  package func vacuumStep(pages: Int) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      // A row for each page that was freed: the statement is done when all are read.
      _ = try connection.rows(
        "PRAGMA incremental_vacuum(\(pages))", { (_) throws(StoreError) in },
        { (_) throws(StoreError) in })
    }
  }

  /// The latest moment at which the service is known to have been: up to when the feed that is
  /// ahead is listed. Nil before the first listing.
  package func listedUntil() async throws(StoreError) -> Timestamp? {
    try await read { (connection) throws(StoreError) in
      try connection.integer("SELECT max(listed_until_at) FROM feed")
        .map(Timestamp.init(milliseconds:))
    }
  }

  /// When the first of what is owed expires; nil when nothing is owed.
  package func firstExpiry() async throws(StoreError) -> Timestamp? {
    try await read { (connection) throws(StoreError) in
      try connection.integer("SELECT min(expires_at) FROM content WHERE state = 'listed'")
        .map(Timestamp.init(milliseconds:))
    }
  }
}

extension Connection {
  /// Everything in the log before this was passed by all of these sinks, and by the replays that
  /// run to them. One to a sink that is not configured any more holds nothing back: nobody runs it.
  fileprivate func deliveredBoundary(_ sinks: [String]) throws(StoreError) -> Int64 {
    var boundary = Int64.max
    for name in sinks {
      let replay = try first(
        "SELECT min(next_sequence) FROM replay WHERE state = 'running' AND sink = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in row.integerOrNil(0) })
      boundary = min(boundary, (replay ?? nil) ?? .max)
      let next = try first(
        "SELECT next_sequence FROM sink WHERE name = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in row.integer(0) })
      boundary = min(boundary, next ?? 0)
    }
    return boundary
  }

  /// The oldest bodies that are there and decided. They are looked at in log order, which is the
  /// order of their age: the first that is too young ends the search.
  fileprivate func oldestHeld(
    before: Timestamp?, below boundary: Int64, limit: Int
  ) throws(StoreError) -> [(sequence: Int64, events: Int)] {
    let found = try rows(
      """
      SELECT sequence, fetched_at, event_count FROM log
      WHERE dropped_at IS NULL AND sequence < ?1 AND indexed_at IS NOT NULL
      ORDER BY sequence LIMIT ?2
      """,
      { (statement) throws(StoreError) in try statement.bind(1, boundary).bind(2, limit) },
      { (row) throws(StoreError) in (row.integer(0), row.time(1), Int(row.integer(2))) })
    guard let before else { return found.map { ($0.0, $0.2) } }
    return found.prefix { $0.1 < before }.map { ($0.0, $0.2) }
  }

  fileprivate func drop(
    _ held: [(sequence: Int64, events: Int)], boundary: Int64, at moment: Timestamp
  ) throws(StoreError) -> DropOutcome {
    var outcome = DropOutcome()
    for (sequence, events) in held {
      let isDelivered = sequence < boundary
      try drop(sequence, reason: isDelivered ? .retention : .full, at: moment)
      outcome.bodies += 1
      if isDelivered { continue }
      outcome.undelivered += 1
      outcome.undeliveredEvents += events
      outcome.undeliveredRange = (outcome.undeliveredRange?.lowerBound ?? sequence)...sequence
    }
    return outcome
  }

  /// Deletes a body and says so in its row.
  func drop(_ sequence: Int64, reason: DropReason, at moment: Timestamp) throws(StoreError) {
    try run("UPDATE log SET dropped_at = ?2, drop_reason = ?3 WHERE sequence = ?1") {
      (statement) throws(StoreError) in
      try statement.bind(1, sequence).bind(2, moment).bind(3, reason.rawValue)
    }
    try run("DELETE FROM body WHERE sequence = ?1") { (statement) throws(StoreError) in
      try statement.bind(1, sequence)
    }
  }
}
