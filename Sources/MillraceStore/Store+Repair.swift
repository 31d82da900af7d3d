package import MillraceCore

/// What is made of a damaged body.
package enum RepairedBody: String, CaseIterable, Sendable {
  /// A sink still needs it, and waits: it is fetched again, and put back in its place.
  case awaited
  /// Every sink has it: it is fetched again for replays.
  case restoring
  /// The index step had not come to it: it is fetched again, and comes at the end of the log.
  case fetchedAnew
  /// Every sink has it; it cannot be had again, so that replays do without it.
  case delivered
  /// A sink still needed it, and it cannot be had any more.
  case lost
}

/// What a repair came to, for one entry of the log.
package struct RepairOutcome: Sendable {
  /// Its number in the log.
  package let sequence: Int64
  /// What was made of it.
  package let repaired: RepairedBody
  /// Whose body it was.
  package let feed: Feed
  /// The blob's name.
  package let content: ContentID
  /// How many events it holds; nil when the index step had not come to it.
  package let events: Int?
  /// Why it cannot be had again; nil when it is fetched again.
  package let obstacle: String?
}

/// Repair: a body that is damaged is taken out, and its blob is owed again where the service may
/// still have it. Its row stays, with digest, link and decisions: the same bytes are put back under
/// it, so that no sink gets an event twice and the chain stays whole.
extension Store {
  /// Takes a damaged body out of the log; nil when it is not there any more.
  ///
  /// - Parameters:
  ///   - sinks: the configured sinks; one the store does not know yet needs everything.
  ///   - feeds: the configured feeds: nobody fetches for others.
  ///   - damage: what is wrong with the body, for the ledger.
  package func repairBody(
    _ sequence: Int64, damage: String, sinks: [String], feeds: Set<Feed>, at moment: Timestamp
  ) async throws(StoreError) -> RepairOutcome? {
    try await write { (connection) throws(StoreError) in
      guard let entry = try connection.damagedEntry(sequence) else { return nil }
      let isDelivered = try connection.isPassed(entry, by: sinks)
      if entry.events == nil { try connection.decideAsEmpty(sequence, at: moment) }
      try connection.drop(sequence, reason: isDelivered ? .retention : .damaged, at: moment)
      let obstacle = entry.obstacle(feeds: feeds)
      if obstacle == nil {
        try connection.run(
          """
          UPDATE content
          SET state = 'listed', state_at = ?2, reason = ?3, attempts = 0, retry_at = NULL
          WHERE id = ?1 AND state = 'fetched'
          """
        ) { (statement) throws(StoreError) in
          try statement.bind(1, entry.content).bind(2, moment)
            .bind(3, "damaged in the store (\(damage)): it is fetched again")
        }
      }
      return RepairOutcome(
        sequence: sequence, repaired: entry.repaired(isDelivered, canReturn: obstacle == nil),
        feed: entry.feed, content: entry.contentID, events: entry.events, obstacle: obstacle)
    }
  }
}

/// What a repair has to know of an entry.
private struct DamagedEntry {
  let sequence: Int64
  let content: Int64
  let contentID: ContentID
  let feed: Feed
  let isFromService: Bool
  let attempt: Int
  let onlySink: String?
  /// Nil before the index step.
  let events: Int?
  let expires: Timestamp
  /// The latest time the service is known to have had for this feed.
  let listedUntil: Timestamp?

  /// Why the body cannot be had again.
  func obstacle(feeds: Set<Feed>) -> String? {
    if attempt > 1 { return "it was entered by the retry of a dead letter" }
    if !isFromService { return "it was imported: import its file again" }
    if !feeds.contains(feed) { return "its feed is not configured any more" }
    if let listedUntil, expires <= listedUntil { return "the service kept it until \(expires)" }
    return nil
  }

  func repaired(_ isDelivered: Bool, canReturn: Bool) -> RepairedBody {
    if !canReturn { return isDelivered ? .delivered : .lost }
    if events == nil { return .fetchedAnew }
    return isDelivered ? .restoring : .awaited
  }
}

extension Connection {
  fileprivate func damagedEntry(_ sequence: Int64) throws(StoreError) -> DamagedEntry? {
    try first(
      """
      SELECT content.id, content.content_id, tenant, content_type, origin, attempt, only_sink,
        event_count, expires_at, listed_until_at
      FROM log JOIN content ON content.id = log.content_id JOIN feed ON feed.id = content.feed_id
      WHERE sequence = ?1 AND dropped_at IS NULL
      """,
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in
        DamagedEntry(
          sequence: sequence, content: row.integer(0), contentID: ContentID(row.text(1)),
          feed: try row.feed(2, 3), isFromService: row.text(4) == "service",
          attempt: Int(row.integer(5)), onlySink: row.textOrNil(6),
          events: row.integerOrNil(7).map(Int.init), expires: row.time(8),
          listedUntil: row.timeOrNil(9))
      })
  }

  /// Whether everyone it is meant for has it.
  fileprivate func isPassed(_ entry: DamagedEntry, by sinks: [String]) throws(StoreError) -> Bool {
    // Nothing is delivered before it is decided, and what has no events is needed by no sink.
    guard let events = entry.events else { return false }
    if events == 0 { return true }
    for name in sinks where entry.onlySink == nil || entry.onlySink == name {
      let next = try first(
        "SELECT next_sequence FROM sink WHERE name = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in row.integer(0) })
      if (next ?? 0) <= entry.sequence { return false }
    }
    return true
  }

  /// Decides that a body holds nothing, so that what stands behind it is decided too.
  fileprivate func decideAsEmpty(_ sequence: Int64, at moment: Timestamp) throws(StoreError) {
    try run(
      """
      UPDATE log SET indexed_at = ?2, record_count = 0, event_count = 0, repeat_count = 0,
        changed_count = 0
      WHERE sequence = ?1 AND indexed_at IS NULL
      """
    ) { (statement) throws(StoreError) in try statement.bind(1, sequence).bind(2, moment) }
  }
}

// MARK: - Putting back

/// An entry of a blob that was fetched before.
struct FetchedEntry {
  let sequence: Int64
  let part: Int
  let partCount: Int
  let byteCount: Int
  let sha256: [UInt8]
  let recordCount: Int
  let dropped: DropReason?
}

extension Connection {
  /// The entries that fetching a blob made, in the order of its parts; what came of a retry or was
  /// replaced is none of them.
  ///
  /// - Parameter completing: those of the second fetch instead, which completed the first.
  func fetchedEntries(
    of content: ContentRow, completing: Bool = false
  ) throws(StoreError) -> [FetchedEntry] {
    try rows(
      """
      SELECT sequence, part, part_count, byte_count, sha256, record_count, drop_reason FROM log
      WHERE content_id = ?1 AND attempt = 1 AND drop_reason IS NOT 'replaced'
        AND (completes_sequence IS NOT NULL) = ?2
      ORDER BY part, sequence
      """,
      { (statement) throws(StoreError) in
        try statement.bind(1, content.number).bind(2, completing ? 1 : 0)
      },
      { (row) throws(StoreError) in
        FetchedEntry(
          sequence: row.integer(0), part: Int(row.integer(1)), partCount: Int(row.integer(2)),
          byteCount: Int(row.integer(3)), sha256: row.blobOrNil(4) ?? [],
          recordCount: Int(row.integer(5)),
          dropped: row.textOrNil(6).flatMap(DropReason.init(rawValue:)))
      })
  }

  /// Puts what was fetched again where it stood. What was not decided when it was taken out comes
  /// anew at the end of the log; so does everything when the service has other bytes now.
  ///
  /// - Returns: the number of the first part that was put somewhere; nil when none had to be.
  func putBack(
    _ earlier: [FetchedEntry], _ appendix: LogAppendix, parts: [PackedBody]
  ) throws(StoreError) -> Int64? {
    guard isSame(earlier, parts) else {
      // Nobody waits for what every sink has.
      guard earlier.contains(where: { $0.dropped == .damaged }) else { return nil }
      for entry in earlier where entry.dropped == .damaged { try replace(entry) }
      return try appendToLog(appendix, parts: parts)
    }
    var first: Int64?
    for (entry, part) in zip(earlier, parts) where entry.dropped != nil {
      let sequence: Int64
      if entry.dropped == .damaged && entry.recordCount == 0 {
        try replace(entry)
        var single = appendix
        single.place = (entry.part, entry.partCount)
        sequence = try appendToLog(single, parts: [part])
      } else {
        try hold(entry.sequence, part)
        sequence = entry.sequence
      }
      first = first ?? sequence
    }
    return first
  }

  /// Puts back what was fetched of a blob, by its first fetch and by its second: each where it has
  /// the bytes that came now.
  func putBackAll(
    _ earlier: [FetchedEntry], _ appendix: LogAppendix, parts: [PackedBody]
  ) throws(StoreError) -> Int64? {
    let later = try fetchedEntries(of: appendix.content, completing: true)
    var first: Int64?
    if later.contains(where: { $0.dropped != nil }) {
      var completing = appendix
      completing.completes = earlier.first?.sequence
      first = try putBack(later, completing, parts: parts)
    }
    guard earlier.contains(where: { $0.dropped != nil }) else { return first }
    let put = try putBack(earlier, appendix, parts: parts)
    return first.flatMap { one in put.map { min(one, $0) } ?? one } ?? put
  }

  /// Whether parts are what entries hold, or held.
  func isSame(_ entries: [FetchedEntry], _ parts: [PackedBody]) -> Bool {
    entries.count == parts.count
      && zip(entries, parts).enumerated().allSatisfy { index, pair in
        pair.0.part == index && pair.0.partCount == parts.count
          && pair.0.byteCount == pair.1.byteCount && pair.0.sha256 == pair.1.sha256
      }
  }

  /// Says of an entry that was taken out that a later one has what it held.
  func replace(_ entry: FetchedEntry) throws(StoreError) {
    try run("UPDATE log SET drop_reason = 'replaced' WHERE sequence = ?1") {
      (statement) throws(StoreError) in try statement.bind(1, entry.sequence)
    }
  }

  private func hold(_ sequence: Int64, _ body: PackedBody) throws(StoreError) {
    try run(
      """
      UPDATE log SET dropped_at = NULL, drop_reason = NULL, stored_bytes = ?2 WHERE sequence = ?1
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, sequence).bind(2, body.storedBytes)
    }
    try append(body, sequence: sequence)
  }
}
