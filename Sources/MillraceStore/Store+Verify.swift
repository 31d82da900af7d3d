package import MillraceCore

/// A piece of the log as a verification reads it: all from one state of the database.
package struct LogPiece: Sendable {
  /// The rows, in the order of their numbers.
  package var links: [ChainLink] = []
  /// The entries whose bodies should be there; a failure where one cannot be read.
  package var held: [(sequence: Int64, entry: Result<StoredEntry, StoreError>)] = []
  /// The bytes of the bodies, as stored.
  package var storedBytes = 0
  /// The number the next piece begins with; nil when this is the last.
  package var next: Int64?
}

/// A blob whose ledger row and log do not agree.
package struct MissingEntry: Hashable, Sendable {
  /// Whose blob it is.
  package let feed: Feed
  /// The blob's name.
  package let content: ContentID
}

/// Reading everything to see whether it is as it was written. Each read is bounded, so that beside
/// a running collector the write-ahead log can be reset in between.
extension Store {
  /// The next rows of the log from `sequence` on with their bodies, packed: up to some megabytes.
  package func logPiece(from sequence: Int64) async throws(StoreError) -> LogPiece {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in try connection.logPiece(from: sequence) }
    }
  }

  /// What SQLite itself finds wrong, in its own words: with the structure of tables and indexes,
  /// and with references between rows. At most a hundred findings.
  ///
  /// - Parameter isWhole: whether the table of the bodies and the free pages are looked at too,
  ///   which is one long read. Without, bodies are known only by reading each of them.
  package func structureProblems(isWhole: Bool) async throws(StoreError) -> [String] {
    let tables = try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        { (_) throws(StoreError) in }, { (row) throws(StoreError) in row.text(0) })
    }
    var problems: [String] = []
    let checks = isWhole ? ["100"] : tables.filter { $0 != "body" }.map { "'\($0)'" }
    for check in checks where problems.count < 100 {
      problems += try await read { (connection) throws(StoreError) in
        try connection.rows(
          "PRAGMA integrity_check(\(check))", { (_) throws(StoreError) in },
          { (row) throws(StoreError) in row.text(0) }
        ).filter { $0 != "ok" }
      }
    }
    for table in tables where problems.count < 100 {
      problems += try await read { (connection) throws(StoreError) in
        try connection.rows(
          "SELECT \"rowid\", parent FROM pragma_foreign_key_check('\(table)') LIMIT 10",
          { (_) throws(StoreError) in },
          { (row) throws(StoreError) in
            "row \(row.integer(0)) of \(table) refers to a row of \(row.text(1)) that is not there"
          })
      }
    }
    return Array(problems.prefix(100))
  }

  /// Blobs that are fetched by the ledger and have nothing in the log.
  package func missingEntries(limit: Int) async throws(StoreError) -> [MissingEntry] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT tenant, content_type, content.content_id
        FROM content JOIN feed ON feed.id = content.feed_id
        WHERE state = 'fetched'
          AND NOT EXISTS (SELECT 1 FROM log WHERE log.content_id = content.id)
        LIMIT ?1
        """,
        { (statement) throws(StoreError) in try statement.bind(1, limit) },
        { (row) throws(StoreError) in
          MissingEntry(feed: try row.feed(0, 1), content: ContentID(row.text(2)))
        })
    }
  }

  /// Numbers of the log that have rows of a body and should have none: the body was dropped, or no
  /// entry has the number.
  package func leftoverBodies(limit: Int) async throws(StoreError) -> [Int64] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT DISTINCT sequence FROM body WHERE NOT EXISTS (
          SELECT 1 FROM log WHERE log.sequence = body.sequence AND dropped_at IS NULL)
        LIMIT ?1
        """,
        { (statement) throws(StoreError) in try statement.bind(1, limit) },
        { (row) throws(StoreError) in row.integer(0) })
    }
  }

  /// Deletes what `leftoverBodies` finds.
  package func removeLeftoverBodies(_ sequences: [Int64]) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      for sequence in sequences {
        try connection.run(
          """
          DELETE FROM body WHERE sequence = ?1 AND NOT EXISTS (
            SELECT 1 FROM log WHERE log.sequence = ?1 AND dropped_at IS NULL)
          """
        ) { (statement) throws(StoreError) in try statement.bind(1, sequence) }
      }
    }
  }
}

extension Connection {
  fileprivate func logPiece(from sequence: Int64) throws(StoreError) -> LogPiece {
    var piece = LogPiece()
    for link in try chainLinks(from: sequence, limit: Limits.verifiedRowsPerRead) {
      if piece.storedBytes >= Limits.verifiedBytesPerRead {
        piece.next = link.row.sequence
        return piece
      }
      piece.links.append(link)
      let held = try first(
        "SELECT stored_bytes FROM log WHERE sequence = ?1 AND dropped_at IS NULL",
        { (statement) throws(StoreError) in try statement.bind(1, link.row.sequence) },
        { (row) throws(StoreError) in Int(row.integer(0)) })
      guard let held else { continue }
      piece.storedBytes += held
      do throws(StoreError) {
        guard let entry = try storedEntry(link.row.sequence) else { continue }
        piece.held.append((link.row.sequence, .success(entry)))
      } catch {
        guard error.kind == .damaged else { throw error }
        piece.held.append((link.row.sequence, .failure(error)))
      }
    }
    if piece.links.count == Limits.verifiedRowsPerRead {
      piece.next = (piece.links.last?.row.sequence ?? 0) + 1
    }
    return piece
  }
}
