package import MillraceCore

/// The keys of a body that are in no run yet.
package struct PendingKeys: Sendable {
  /// The body's number in the log.
  package let sequence: Int64
  /// When the body was committed.
  package let fetchedAt: Timestamp
  /// Its keys.
  package let block: KeyBlock
}

extension Store {
  // MARK: Reading

  /// The complete runs, the oldest first.
  package func keyRuns() async throws(StoreError) -> [KeyRun] {
    try await read { (connection) throws(StoreError) in
      try connection.keyRuns(where: "state = 'complete'")
    }
  }

  /// A run's filter.
  package func keyFilter(of run: KeyRun) async throws(StoreError) -> KeyFilter? {
    try await read { (connection) throws(StoreError) in
      var bytes: [UInt8] = []
      _ = try connection.rows(
        "SELECT bytes FROM key_filter WHERE run_id = ?1 ORDER BY chunk",
        { (statement) throws(StoreError) in try statement.bind(1, run.id) },
        { (row) throws(StoreError) in row.appendBlob(0, to: &bytes) })
      return KeyFilter(bytes: bytes)
    }
  }

  /// The keys that are in no run, of the next bodies behind `sequence`, in log order.
  package func pendingKeys(
    after sequence: Int64, limit: Int
  ) async throws(StoreError) -> [PendingKeys] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT key_block.sequence, fetched_at, keys
        FROM key_block JOIN log ON log.sequence = key_block.sequence
        WHERE key_block.sequence > ?1 ORDER BY key_block.sequence LIMIT ?2
        """,
        { (statement) throws(StoreError) in try statement.bind(1, sequence).bind(2, limit) },
        { (row) throws(StoreError) in
          PendingKeys(
            sequence: row.integer(0), fetchedAt: row.time(1),
            block: KeyBlock(bytes: row.blobOrNil(2) ?? []))
        })
    }
  }

  /// Pages of a run; one that holds no key is empty.
  package func keyPages(_ pages: [Int], of run: KeyRun) async throws(StoreError) -> [KeyPage] {
    try await read { (connection) throws(StoreError) in
      var found: [KeyPage] = []
      for page in pages {
        let bytes = try connection.first(
          "SELECT bytes FROM key_page WHERE run_id = ?1 AND page = ?2",
          { (statement) throws(StoreError) in try statement.bind(1, run.id).bind(2, page) },
          { (row) throws(StoreError) in row.blobOrNil(0) ?? [] })
        found.append(KeyPage(bytes: bytes ?? []))
      }
      return found
    }
  }

  // MARK: Writing

  /// Begins a run, which does not count until `completeKeyRun`.
  package func beginKeyRun(
    level: Int, keyCount: Int, oldest: Timestamp, newest: Timestamp
  ) async throws(StoreError) -> KeyRun {
    try await write { (connection) throws(StoreError) in
      let pageCount = KeyRun.pageCount(keyCount: keyCount)
      try connection.run(
        """
        INSERT INTO key_run (level, state, key_count, page_count, oldest_at, newest_at)
        VALUES (?1, 'writing', ?2, ?3, ?4, ?5)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, level).bind(2, keyCount).bind(3, pageCount).bind(4, oldest)
          .bind(5, newest)
      }
      return KeyRun(
        id: try connection.integer("SELECT last_insert_rowid()") ?? 0, level: level,
        keyCount: keyCount, pageCount: pageCount, oldest: oldest, newest: newest)
    }
  }

  /// Writes pages of a run that is not complete; empty ones need not be written.
  package func writeKeyPages(
    _ pages: [(page: Int, entries: [KeyEntry])], of run: KeyRun
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for (page, entries) in pages {
        try connection.run("INSERT INTO key_page (run_id, page, bytes) VALUES (?1, ?2, ?3)") {
          (statement) throws(StoreError) in
          try statement.bind(1, run.id).bind(2, page).bind(3, KeyPage.bytes(of: entries))
        }
      }
    }
  }

  /// Makes a run count, in one transaction with the end of what it replaces: other runs, and the
  /// blocks up to a body.
  package func completeKeyRun(
    _ run: KeyRun, filter: KeyFilter, replacing runs: [KeyRun] = [],
    blocksUpTo sequence: Int64? = nil
  ) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for chunk in 0..<filter.chunkCount {
        try connection.run("INSERT INTO key_filter (run_id, chunk, bytes) VALUES (?1, ?2, ?3)") {
          (statement) throws(StoreError) in
          try statement.bind(1, run.id).bind(2, chunk).bind(3, filter.bytes(ofChunk: chunk))
        }
      }
      try connection.setKeyRun(run.id, state: "complete")
      for run in runs { try connection.setKeyRun(run.id, state: "retired") }
      guard let sequence else { return }
      try connection.run("DELETE FROM key_block WHERE sequence <= ?1") {
        (statement) throws(StoreError) in try statement.bind(1, sequence)
      }
    }
  }

  /// Takes a run out of use; `removeKeyRunStep` then frees its rows, once nobody reads it.
  package func retireKeyRun(_ run: KeyRun) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.setKeyRun(run.id, state: "retired")
    }
  }

  /// Retires what a crash left half written. To be called before a run is begun.
  package func retireUnfinishedKeyRuns() async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.run("UPDATE key_run SET state = 'retired' WHERE state = 'writing'")
    }
  }

  /// Frees a bounded number of rows of retired runs.
  ///
  /// - Returns: whether there may be more.
  package func removeKeyRunStep() async throws(StoreError) -> Bool {
    try await write { (connection) throws(StoreError) in
      guard let stale = try connection.keyRuns(where: "state = 'retired'").first else {
        return false
      }
      for table in ["key_page", "key_filter"] {
        let column = table == "key_page" ? "page" : "chunk"
        try connection.run(
          """
          DELETE FROM \(table) WHERE rowid IN (
            SELECT rowid FROM \(table) WHERE run_id = ?1 ORDER BY \(column) LIMIT ?2)
          """
        ) { (statement) throws(StoreError) in
          try statement.bind(1, stale.id).bind(2, Limits.keyPagesPerStep)
        }
        if connection.changes > 0 { return true }
      }
      try connection.run("DELETE FROM key_run WHERE id = ?1") { (statement) throws(StoreError) in
        try statement.bind(1, stale.id)
      }
      return true
    }
  }
}

extension Connection {
  fileprivate func keyRuns(where condition: String) throws(StoreError) -> [KeyRun] {
    try rows(
      """
      SELECT id, level, key_count, page_count, oldest_at, newest_at FROM key_run
      WHERE \(condition) ORDER BY newest_at, id
      """,
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        KeyRun(
          id: row.integer(0), level: Int(row.integer(1)), keyCount: Int(row.integer(2)),
          pageCount: Int(row.integer(3)), oldest: row.time(4), newest: row.time(5))
      })
  }

  fileprivate func setKeyRun(_ id: Int64, state: String) throws(StoreError) {
    try run("UPDATE key_run SET state = ?2 WHERE id = ?1") { (statement) throws(StoreError) in
      try statement.bind(1, id).bind(2, state)
    }
  }

  /// Keeps the keys of a body.
  func enter(_ block: KeyBlock, of sequence: Int64) throws(StoreError) {
    try run("INSERT INTO key_block (sequence, keys) VALUES (?1, ?2)") {
      (statement) throws(StoreError) in try statement.bind(1, sequence).bind(2, block.bytes)
    }
  }
}
