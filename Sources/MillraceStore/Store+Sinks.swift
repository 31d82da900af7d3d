package import MillraceCore

extension Store {
  /// The cursor of a sink. A sink the store has never seen gets one, at `start`, or at the first
  /// body that is still there if that is later.
  package func registerSink(
    _ name: String, from start: LogPosition, at moment: Timestamp
  ) async throws(StoreError) -> LogPosition {
    try await write { (connection) throws(StoreError) in
      let held = try connection.integer("SELECT min(sequence) FROM log WHERE dropped_at IS NULL")
      let end = try connection.integer("SELECT max(sequence) + 1 FROM log")
      let first = max(start, LogPosition(sequence: held ?? end ?? 1))
      try connection.run(
        """
        INSERT INTO sink (name, next_sequence, next_record, created_at, start_sequence)
        VALUES (?1, ?2, ?3, ?4, ?2)
        ON CONFLICT (name) DO NOTHING
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, name).bind(2, first.sequence).bind(3, first.record).bind(4, moment)
      }
      return try connection.first(
        "SELECT next_sequence, next_record FROM sink WHERE name = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in
          LogPosition(sequence: row.integer(0), record: Int(row.integer(1)))
        }) ?? first
    }
  }

  /// The number of the first body of the log whose content was created at `moment` or later; the
  /// next body's, when there is none.
  package func firstSequence(createdSince moment: Timestamp) async throws(StoreError) -> Int64 {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT coalesce(
          (SELECT min(log.sequence) FROM log JOIN content ON content.id = log.content_id
            WHERE content.created_at >= ?1 AND log.dropped_at IS NULL),
          (SELECT max(sequence) + 1 FROM log), 1)
        """,
        { (statement) throws(StoreError) in try statement.bind(1, moment) },
        { (row) throws(StoreError) in row.integer(0) }) ?? 1
    }
  }

  /// Events that the index step has decided about from a position on, and the bytes of their
  /// bodies as fetched; no further than `limit` bodies.
  package func waiting(
    from position: LogPosition, atMost limit: Int
  ) async throws(StoreError) -> (events: Int, bytes: Int) {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT coalesce(sum(event_count), 0), coalesce(sum(byte_count), 0) FROM (
          SELECT event_count, byte_count FROM log
          WHERE sequence >= ?1 AND indexed_at IS NOT NULL AND dropped_at IS NULL
          ORDER BY sequence LIMIT ?2)
        """,
        { (statement) throws(StoreError) in try statement.bind(1, position.sequence).bind(2, limit)
        },
        { (row) throws(StoreError) in (Int(row.integer(0)), Int(row.integer(1))) }) ?? (0, 0)
    }
  }

  /// Forgets a sink: its cursor, its files and the replays to it. Dead letters stay.
  ///
  /// - Returns: False when the store does not know it.
  package func dropSink(_ name: String) async throws(StoreError) -> Bool {
    try await write { (connection) throws(StoreError) in
      for table in ["sink_file", "finished_file", "replay"] {
        try connection.run("DELETE FROM \(table) WHERE sink = ?1") {
          (statement) throws(StoreError) in try statement.bind(1, name)
        }
      }
      try connection.run("DELETE FROM sink WHERE name = ?1") {
        (statement) throws(StoreError) in try statement.bind(1, name)
      }
      return connection.changes == 1
    }
  }

  /// Moves a sink's cursor forward, together with what was delivered. To be called only after the
  /// receiver has everything before `position` durably, or has refused it for good.
  package func commitDelivery(
    of sink: String, to position: LogPosition, _ delivered: DeliveredBatch, at moment: Timestamp
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        UPDATE sink SET next_sequence = ?2, next_record = ?3,
          delivered_events = delivered_events + ?4, delivered_at = ?5
        WHERE name = ?1 AND (next_sequence, next_record) <= (?2, ?3)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, sink).bind(2, position.sequence).bind(3, position.record)
          .bind(4, delivered.events).bind(5, moment)
      }
      guard connection.changes == 1 else {
        throw StoreError(
          kind: .other, operation: "commit a delivery of sink \(sink)",
          message: "its cursor is unknown, or already beyond \(position)")
      }
      try connection.enter(delivered, of: sink, at: moment)
    }
  }

  /// The same without refused events.
  package func commitDelivery(
    of sink: String, to position: LogPosition, events: Int, files: [SinkFile],
    retired: [SinkFile] = [], at moment: Timestamp
  ) async throws(StoreError) {
    try await commitDelivery(
      of: sink, to: position, DeliveredBatch(events: events, files: files, retired: retired),
      at: moment)
  }

  /// Where the cursors of all sinks stand, by name.
  package func sinkPositions() async throws(StoreError) -> [String: LogPosition] {
    let rows = try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT name, next_sequence, next_record FROM sink",
        { (_) throws(StoreError) in },
        { (row) throws(StoreError) in
          (row.text(0), LogPosition(sequence: row.integer(1), record: Int(row.integer(2))))
        })
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// The files of a sink.
  package func files(of sink: String) async throws(StoreError) -> [SinkFile] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT path, device, inode, birth_ns, length FROM sink_file WHERE sink = ?1 ORDER BY path",
        { (statement) throws(StoreError) in try statement.bind(1, sink) },
        { (row) throws(StoreError) in
          SinkFile(
            path: row.text(0), device: UInt64(bitPattern: row.integer(1)),
            inode: UInt64(bitPattern: row.integer(2)), birthNanoseconds: row.integer(3),
            length: row.integer(4))
        })
    }
  }

  /// Enters a file of a sink, before its first byte is written.
  package func enterFile(_ file: SinkFile, of sink: String) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.enter(file, of: sink)
      try connection.resume(file, of: sink)
    }
  }
}

extension Connection {
  /// Enters what a delivery changed besides a cursor: files, and dead letters.
  func enter(
    _ delivered: DeliveredBatch, of sink: String, at moment: Timestamp
  ) throws(StoreError) {
    for file in delivered.files { try enter(file, of: sink) }
    for file in delivered.retired {
      try run("DELETE FROM sink_file WHERE sink = ?1 AND device = ?2 AND inode = ?3") {
        (statement) throws(StoreError) in
        try statement.bind(1, sink).bind(2, Int64(bitPattern: file.device))
          .bind(3, Int64(bitPattern: file.inode))
      }
    }
    for file in delivered.finished { try finish(file, of: sink, at: moment) }
    try enter(refused: delivered.refused, by: sink, at: moment)
  }

  fileprivate func enter(_ file: SinkFile, of sink: String) throws(StoreError) {
    try run(
      """
      INSERT INTO sink_file (sink, path, device, inode, birth_ns, length)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (sink, device, inode) DO UPDATE SET path = ?2, birth_ns = ?5, length = ?6
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, sink).bind(2, file.path).bind(3, Int64(bitPattern: file.device))
        .bind(4, Int64(bitPattern: file.inode)).bind(5, file.birthNanoseconds).bind(6, file.length)
    }
  }
}
