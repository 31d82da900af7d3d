package import MillraceCore

/// A file of a file sink, and how much of it is committed.
package struct StoredFile: Hashable, Sendable {
  /// Where it was when it was last entered; it may have been renamed since.
  package let path: String
  /// The file system it is on (stat(2), st_dev).
  package let device: UInt64
  /// Its number there (st_ino).
  package let inode: UInt64
  /// When it was created, in nanoseconds since 1970; tells it from a later file with its inode.
  package let birthNanoseconds: Int64
  /// Committed bytes.
  package let length: Int64

  /// A file.
  package init(
    path: String, device: UInt64, inode: UInt64, birthNanoseconds: Int64, length: Int64
  ) {
    self.path = path
    self.device = device
    self.inode = inode
    self.birthNanoseconds = birthNanoseconds
    self.length = length
  }
}

extension Store {
  /// The cursor of a sink. A sink the store has never seen gets one, at `start`.
  package func registerSink(
    _ name: String, from start: LogPosition, at moment: Timestamp
  ) async throws(StoreError) -> LogPosition {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        INSERT INTO sink (name, next_sequence, next_record, created_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (name) DO NOTHING
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, name).bind(2, start.sequence).bind(3, start.record).bind(4, moment)
      }
      return try connection.first(
        "SELECT next_sequence, next_record FROM sink WHERE name = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in
          LogPosition(sequence: row.integer(0), record: Int(row.integer(1)))
        }) ?? start
    }
  }

  /// Moves a sink's cursor forward, together with what its receipt says of files. To be called only
  /// after the receiver has everything before `position` durably.
  package func commitDelivery(
    of sink: String, to position: LogPosition, events: Int, files: [StoredFile],
    retired: [StoredFile] = [], at moment: Timestamp
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
          .bind(4, events).bind(5, moment)
      }
      guard connection.changes == 1 else {
        throw StoreError(
          kind: .other, operation: "commit a delivery of sink \(sink)",
          message: "its cursor is unknown, or already beyond \(position)")
      }
      for file in files { try connection.enter(file, of: sink) }
      for file in retired {
        try connection.run("DELETE FROM sink_file WHERE sink = ?1 AND device = ?2 AND inode = ?3") {
          (statement) throws(StoreError) in
          try statement.bind(1, sink).bind(2, Int64(bitPattern: file.device))
            .bind(3, Int64(bitPattern: file.inode))
        }
      }
    }
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
  package func files(of sink: String) async throws(StoreError) -> [StoredFile] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT path, device, inode, birth_ns, length FROM sink_file WHERE sink = ?1 ORDER BY path",
        { (statement) throws(StoreError) in try statement.bind(1, sink) },
        { (row) throws(StoreError) in
          StoredFile(
            path: row.text(0), device: UInt64(bitPattern: row.integer(1)),
            inode: UInt64(bitPattern: row.integer(2)), birthNanoseconds: row.integer(3),
            length: row.integer(4))
        })
    }
  }

  /// Enters a file of a sink, before its first byte is written.
  package func enterFile(_ file: StoredFile, of sink: String) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in try connection.enter(file, of: sink) }
  }
}

extension Connection {
  fileprivate func enter(_ file: StoredFile, of sink: String) throws(StoreError) {
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
