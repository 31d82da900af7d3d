package import MillraceCore

/// Replays: what is stored, sent to a sink again. A replay has a cursor and an end of its own, and
/// never touches the sink's. Entries made for one sink alone are left out: their events stand in
/// the log where they first came, too.
extension Store {
  // MARK: Selecting

  /// How much a selection takes of the log before `end`. Looks at every row there, in steps, so
  /// that others read in between.
  package func replayExtent(
    _ selection: ReplaySelection, before end: Int64
  ) async throws(StoreError) -> ReplayExtent {
    var extent = ReplayExtent()
    for start in stride(from: Int64(1), to: end, by: Limits.replayRowsPerRead) {
      let limit = min(start + Int64(Limits.replayRowsPerRead), end)
      let step = try await read { (connection) throws(StoreError) in
        try connection.replayExtent(selection, in: start..<limit)
      }
      extent.first = extent.first ?? step.first
      extent.blobs += step.blobs
      extent.events += step.events
      extent.goneBlobs += step.goneBlobs
      extent.goneEvents += step.goneEvents
    }
    return extent
  }

  /// The entries of a stretch of the log that a selection takes and that are still there.
  package func replayEntries(
    _ selection: ReplaySelection, in stretch: Range<Int64>
  ) async throws(StoreError) -> [Int64] {
    try await read { (connection) throws(StoreError) in
      let condition = ReplayCondition(selection)
      return try connection.rows(
        "SELECT log.sequence \(condition.sql) AND dropped_at IS NULL ORDER BY log.sequence",
        { (statement) throws(StoreError) in try condition.bind(statement, stretch) },
        { (row) throws(StoreError) in row.integer(0) })
    }
  }

  // MARK: Jobs

  /// Starts a replay of what is selected from `first` on; one that has nothing to send is done.
  package func createReplay(
    to sink: String, selection: String, from first: Int64?, end: Int64, at moment: Timestamp
  ) async throws(StoreError) -> ReplayJob {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        INSERT INTO replay (sink, selection, state, next_sequence, next_record, end_sequence,
          created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?6)
        """
      ) { (statement) throws(StoreError) in
        let state: ReplayJob.State = first == nil ? .done : .running
        try statement.bind(1, sink).bind(2, selection).bind(3, state.rawValue)
          .bind(4, first ?? end).bind(5, end).bind(6, moment)
      }
      let id = try connection.integer("SELECT last_insert_rowid()") ?? 0
      guard let job = try connection.replays(where: "id = ?1", id, limit: 1).first else {
        throw StoreError(
          kind: .other, operation: "start a replay", message: "it cannot be read back")
      }
      return job
    }
  }

  /// One replay; nil when there is none of this number.
  package func replay(_ id: Int64) async throws(StoreError) -> ReplayJob? {
    try await read { (connection) throws(StoreError) in
      try connection.replays(where: "id = ?1", id, limit: 1).first
    }
  }

  /// Replays with numbers below `id`, the latest first.
  package func replays(
    before id: Int64 = .max, limit: Int
  ) async throws(StoreError) -> [ReplayJob] {
    try await read { (connection) throws(StoreError) in
      try connection.replays(where: "id < ?1", id, limit: limit)
    }
  }

  /// The replays that are not over, the oldest first.
  package func runningReplays() async throws(StoreError) -> [ReplayJob] {
    try await read { (connection) throws(StoreError) in try connection.runningReplays() }
  }

  /// Moves a replay's cursor forward, together with what was delivered. One that comes to its end
  /// is done; one that was cancelled meanwhile stays so.
  ///
  /// - Returns: where it stands in its life now.
  package func commitReplay(
    _ id: Int64, to position: LogPosition, _ delivered: DeliveredBatch, at moment: Timestamp
  ) async throws(StoreError) -> ReplayJob.State {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        UPDATE replay SET next_sequence = ?2, next_record = ?3,
          delivered_events = delivered_events + ?4, updated_at = ?5,
          state = iif(state = 'running' AND ?2 >= end_sequence, 'done', state)
        WHERE id = ?1 AND state <> 'done' AND (next_sequence, next_record) <= (?2, ?3)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, id).bind(2, position.sequence).bind(3, position.record)
          .bind(4, delivered.events).bind(5, moment)
      }
      guard connection.changes == 1,
        let job = try connection.replays(where: "id = ?1", id, limit: 1).first
      else {
        throw StoreError(
          kind: .other, operation: "commit a delivery of replay \(id)",
          message: "its cursor is unknown, or already beyond \(position)")
      }
      try connection.enter(delivered, of: job.sink, at: moment)
      return job.state
    }
  }

  /// Ends a replay where it stands; false when it is not running.
  package func cancelReplay(_ id: Int64, at moment: Timestamp) async throws(StoreError) -> Bool {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        "UPDATE replay SET state = 'cancelled', updated_at = ?2 WHERE id = ?1 AND state = 'running'"
      ) { (statement) throws(StoreError) in try statement.bind(1, id).bind(2, moment) }
      return connection.changes > 0
    }
  }
}

extension Connection {
  /// The replays that are not over, the oldest first.
  func runningReplays() throws(StoreError) -> [ReplayJob] {
    try replays(where: "state = 'running' AND id < ?1", .max, limit: .max).reversed()
  }

  fileprivate func replayExtent(
    _ selection: ReplaySelection, in stretch: Range<Int64>
  ) throws(StoreError) -> ReplayExtent {
    let condition = ReplayCondition(selection)
    let found = try first(
      """
      SELECT min(iif(dropped_at IS NULL, log.sequence, NULL)), count(*), sum(event_count),
        count(dropped_at), sum(iif(dropped_at IS NULL, 0, event_count)) \(condition.sql)
      """,
      { (statement) throws(StoreError) in try condition.bind(statement, stretch) },
      { (row) throws(StoreError) in
        var extent = ReplayExtent()
        extent.first = row.integerOrNil(0)
        extent.goneBlobs = Int(row.integer(3))
        extent.goneEvents = Int(row.integer(4))
        extent.blobs = Int(row.integer(1)) - extent.goneBlobs
        extent.events = Int(row.integer(2)) - extent.goneEvents
        return extent
      })
    return found ?? ReplayExtent()
  }

  fileprivate func replays(
    where condition: String, _ value: Int64, limit: Int
  ) throws(StoreError) -> [ReplayJob] {
    try rows(
      """
      SELECT id, sink, selection, state, next_sequence, next_record, end_sequence,
        delivered_events, created_at, updated_at
      FROM replay WHERE \(condition) ORDER BY id DESC LIMIT ?2
      """,
      { (statement) throws(StoreError) in try statement.bind(1, value).bind(2, limit) },
      { (row) throws(StoreError) in
        ReplayJob(
          id: row.integer(0), sink: row.text(1), selection: row.text(2),
          state: ReplayJob.State(rawValue: row.text(3)) ?? .cancelled,
          position: LogPosition(sequence: row.integer(4), record: Int(row.integer(5))),
          end: row.integer(6), deliveredEvents: Int(row.integer(7)), createdAt: row.time(8),
          updatedAt: row.time(9))
      })
  }
}

/// A selection as a condition on rows of the log with decisions, and the values it is about.
private struct ReplayCondition {
  let sql: String
  private var texts: [String] = []
  private let times: (from: Timestamp?, to: Timestamp?)

  init(_ selection: ReplaySelection) {
    var texts: [String] = []
    var conditions = [
      "log.sequence >= ?1", "log.sequence < ?2", "event_count > 0", "only_sink IS NULL",
    ]
    func add(_ column: String, _ values: [String]) {
      guard !values.isEmpty else { return }
      let places = values.indices.map { "?\($0 + texts.count + 5)" }
      conditions.append("\(column) IN (\(places.joined(separator: ", ")))")
      texts += values
    }
    add("tenant", selection.tenants.map(\.description))
    add("content_type", selection.contentTypes.map(\.rawValue))
    add("content.content_id", selection.contentIDs.map(\.description))
    let isAvailable =
      "(?3 IS NULL OR content.created_at >= ?3) AND (?4 IS NULL OR content.created_at < ?4)"
    switch selection.basis {
    case .availability:
      conditions.append(isAvailable)
    case .event:
      // Events without a time of their own are taken for as old as their blob.
      conditions.append(
        """
        ((?3 IS NULL OR last_event_at >= ?3) AND (?4 IS NULL OR first_event_at < ?4)
          OR \(isAvailable))
        """)
    }
    // Rows are looked at in log order, a bounded stretch at a time.
    sql = """
      FROM log CROSS JOIN content ON content.id = log.content_id
      CROSS JOIN feed ON feed.id = content.feed_id
      WHERE \(conditions.joined(separator: " AND "))
      """
    self.texts = texts
    times = (selection.from, selection.to)
  }

  func bind(_ statement: Statement, _ stretch: Range<Int64>) throws(StoreError) {
    try statement.bind(1, stretch.lowerBound).bind(2, stretch.upperBound).bind(3, times.from)
      .bind(4, times.to)
    for (index, text) in texts.enumerated() { try statement.bind(Int32(index) + 5, text) }
  }
}
