package import MillraceCore

/// Files that sinks have finished and remove some day.
extension Store {
  /// The oldest finished files of a sink beyond what it keeps at a moment, at most `limit` of them.
  package func finishedFiles(
    of sink: String, beyond retention: FileRetention, at moment: Timestamp, limit: Int
  ) async throws(StoreError) -> [FinishedFile] {
    let oldest = retention.ageMax.map { moment - $0 }
    return try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT path, device, inode, birth_ns, length, finished_at FROM (
          SELECT *,
            row_number() OVER newest AS number,
            sum(length) OVER newest AS bytes
          FROM finished_file WHERE sink = ?1
          WINDOW newest AS (ORDER BY finished_at DESC, path DESC)
        )
        WHERE finished_at < ?2 OR number > ?3 OR bytes > ?4
        ORDER BY finished_at, path LIMIT ?5
        """,
        { (statement) throws(StoreError) in
          try statement.bind(1, sink).bind(2, oldest ?? Timestamp(milliseconds: .min))
            .bind(3, retention.filesMax ?? .max).bind(4, retention.bytesMax ?? .max)
            .bind(5, limit)
        },
        { (row) throws(StoreError) in
          FinishedFile(
            file: SinkFile(
              path: row.text(0), device: UInt64(bitPattern: row.integer(1)),
              inode: UInt64(bitPattern: row.integer(2)), birthNanoseconds: row.integer(3),
              length: row.integer(4)),
            finishedAt: Timestamp(milliseconds: row.integer(5)))
        })
    }
  }

  /// Forgets finished files of a sink; those that were finished again meanwhile stay.
  package func forgetFinished(
    _ files: [FinishedFile], of sink: String
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for finished in files {
        try connection.run(
          """
          DELETE FROM finished_file
          WHERE sink = ?1 AND device = ?2 AND inode = ?3 AND finished_at = ?4
          """
        ) { (statement) throws(StoreError) in
          try statement.bind(1, sink).bind(2, Int64(bitPattern: finished.file.device))
            .bind(3, Int64(bitPattern: finished.file.inode)).bind(4, finished.finishedAt)
        }
      }
    }
  }
}

extension Connection {
  /// Remembers a file that a sink has finished.
  func finish(_ file: SinkFile, of sink: String, at moment: Timestamp) throws(StoreError) {
    try run(
      """
      INSERT INTO finished_file (sink, path, device, inode, birth_ns, length, finished_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (sink, device, inode)
        DO UPDATE SET path = ?2, birth_ns = ?5, length = ?6, finished_at = ?7
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, sink).bind(2, file.path).bind(3, Int64(bitPattern: file.device))
        .bind(4, Int64(bitPattern: file.inode)).bind(5, file.birthNanoseconds).bind(6, file.length)
        .bind(7, moment)
    }
  }

  /// Takes it that a file is written to again.
  func resume(_ file: SinkFile, of sink: String) throws(StoreError) {
    try run("DELETE FROM finished_file WHERE sink = ?1 AND device = ?2 AND inode = ?3") {
      (statement) throws(StoreError) in
      try statement.bind(1, sink).bind(2, Int64(bitPattern: file.device))
        .bind(3, Int64(bitPattern: file.inode))
    }
  }
}
