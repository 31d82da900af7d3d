package import MillraceCore

/// Dead letters: what could not be parsed, and what a sink refused for good. An open one holds its
/// bytes. It is closed by a retry, which enters them into the log again, or dropped.
extension Store {
  /// How many are open, by kind; kinds without any are absent.
  package func openDeadLetterCounts(
    _ filter: DeadLetterFilter = DeadLetterFilter()
  ) async throws(StoreError) -> [DeadLetterKind: Int] {
    let counts = try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT kind, count(*) \(Connection.openLetters) GROUP BY kind",
        { (statement) throws(StoreError) in try statement.bind(filter, after: 0) },
        { (row) throws(StoreError) in
          (DeadLetterKind(rawValue: row.text(0)) ?? .record, Int(row.integer(1)))
        })
    }
    return Dictionary(counts, uniquingKeysWith: +)
  }

  /// Open dead letters with numbers above `id`, by number.
  package func openDeadLetters(
    _ filter: DeadLetterFilter = DeadLetterFilter(), after id: Int64 = 0, limit: Int
  ) async throws(StoreError) -> [StoredDeadLetter] {
    try await read { (connection) throws(StoreError) in
      try connection.rows(
        """
        SELECT \(Connection.letterColumns) \(Connection.openLetters)
        ORDER BY dead_letter.id LIMIT ?5
        """,
        { (statement) throws(StoreError) in
          try statement.bind(filter, after: id)
          try statement.bind(5, limit)
        },
        { (row) throws(StoreError) in try row.deadLetter() })
    }
  }

  /// One dead letter, open or closed; nil when there is none of this number.
  package func deadLetter(_ id: Int64) async throws(StoreError) -> StoredDeadLetter? {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        "SELECT \(Connection.letterColumns) \(Connection.letters) WHERE dead_letter.id = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, id) },
        { (row) throws(StoreError) in try row.deadLetter() })
    }
  }

  /// The number of the latest dead letter, open or closed; 0 when there is none.
  package func lastDeadLetter() async throws(StoreError) -> Int64 {
    try await read { (connection) throws(StoreError) in
      try connection.integer("SELECT max(id) FROM dead_letter") ?? 0
    }
  }

  /// The bytes of an open dead letter, as they arrived; nil when it is closed or unknown.
  package func deadLetterBytes(_ id: Int64) async throws(StoreError) -> [UInt8]? {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        "SELECT bytes FROM dead_letter WHERE id = ?1 AND closed_at IS NULL",
        { (statement) throws(StoreError) in try statement.bind(1, id) },
        { (row) throws(StoreError) in row.blobOrNil(0) }) ?? nil
    }
  }

  /// Enters dead letters into the log again, in one transaction, and closes them in it. What a sink
  /// refused is entered for that sink alone; what never was parsed, for whomever it was first meant
  /// for. Letters that are closed or unknown are left out.
  ///
  /// - Parameter retries: a letter's number, and the body to enter for it.
  /// - Returns: the new entries' numbers in the log, by letter.
  package func retryDeadLetters(
    _ retries: [(id: Int64, body: PackedBody)], at moment: Timestamp
  ) async throws(StoreError) -> [Int64: Int64] {
    try await write { (connection) throws(StoreError) in
      var entered: [Int64: Int64] = [:]
      for retry in retries {
        guard let appendix = try connection.appendix(retrying: retry.id, at: moment) else {
          continue
        }
        let sequence = try connection.appendToLog(appendix, parts: [retry.body])
        try connection.run(
          """
          UPDATE dead_letter
          SET closed_at = ?2, closed_how = 'retried', retry_sequence = ?3, bytes = NULL
          WHERE id = ?1
          """
        ) { (statement) throws(StoreError) in
          try statement.bind(1, retry.id).bind(2, moment).bind(3, sequence)
        }
        entered[retry.id] = sequence
      }
      return entered
    }
  }

  /// Gives dead letters up, in one transaction; their rows stay, their bytes go.
  ///
  /// - Returns: those that were open.
  package func dropDeadLetters(
    _ ids: [Int64], at moment: Timestamp
  ) async throws(StoreError) -> [Int64] {
    try await write { (connection) throws(StoreError) in
      var dropped: [Int64] = []
      for id in ids {
        try connection.run(
          """
          UPDATE dead_letter SET closed_at = ?2, closed_how = 'dropped', bytes = NULL
          WHERE id = ?1 AND closed_at IS NULL
          """
        ) { (statement) throws(StoreError) in try statement.bind(1, id).bind(2, moment) }
        if connection.changes > 0 { dropped.append(id) }
      }
      return dropped
    }
  }

  /// What a log entry goes back to that a retry made; nil for one that was fetched or imported.
  package func retryOrigin(of sequence: Int64) async throws(StoreError) -> RetryOrigin? {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT kind, record_count FROM dead_letter
        JOIN log ON log.sequence = dead_letter.sequence WHERE retry_sequence = ?1
        """,
        { (statement) throws(StoreError) in try statement.bind(1, sequence) },
        { (row) throws(StoreError) in
          RetryOrigin(
            kind: DeadLetterKind(rawValue: row.text(0)) ?? .record,
            recordCount: Int(row.integer(1)))
        })
    }
  }
}

extension Connection {
  /// Enters events that a sink refused as dead letters, with as many attempts as their log entry
  /// says.
  func enter(
    refused: [RefusedRecord], by sink: String, at moment: Timestamp
  ) throws(StoreError) {
    guard !refused.isEmpty else { return }
    for record in refused {
      try run(
        """
        INSERT INTO dead_letter (kind, sequence, record, sink, reason, bytes, attempts, created_at)
        VALUES ('event', ?1, ?2, ?3, ?4, ?5, (SELECT attempt FROM log WHERE sequence = ?1), ?6)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, record.position.sequence).bind(2, record.position.record)
          .bind(3, sink).bind(4, record.reason).bind(5, record.bytes).bind(6, moment)
      }
    }
    try run("UPDATE sink SET refused_events = refused_events + ?2 WHERE name = ?1") {
      (statement) throws(StoreError) in try statement.bind(1, sink).bind(2, refused.count)
    }
  }

  fileprivate static let letters = """
    FROM dead_letter JOIN log ON log.sequence = dead_letter.sequence
    JOIN content ON content.id = log.content_id JOIN feed ON feed.id = content.feed_id
    """

  fileprivate static let openLetters = """
    \(letters)
    WHERE closed_at IS NULL AND dead_letter.id > ?1 AND (?2 IS NULL OR kind = ?2)
      AND (?3 IS NULL OR sink = ?3) AND (?4 IS NULL OR tenant = ?4)
    """

  fileprivate static let letterColumns = """
    dead_letter.id, kind, dead_letter.sequence, record, tenant, content_type,
    content.content_id, sink, dead_letter.reason, dead_letter.attempts, dead_letter.created_at,
    length(bytes), closed_at, closed_how, retry_sequence
    """

  /// What a retry of an open dead letter appends to the log.
  fileprivate func appendix(
    retrying id: Int64, at moment: Timestamp
  ) throws(StoreError) -> LogAppendix? {
    try first(
      """
      SELECT kind, content.id, tenant, content_type, content.content_id, uri,
        content.created_at, expires_at, dead_letter.attempts,
        coalesce(dead_letter.sink, only_sink), part, part_count
      \(Connection.letters) WHERE dead_letter.id = ?1 AND closed_at IS NULL
      """,
      { (statement) throws(StoreError) in try statement.bind(1, id) },
      { (row) throws(StoreError) in
        let blob = ContentBlob(
          feed: try row.feed(2, 3), id: ContentID(row.text(4)), uri: row.text(5),
          created: row.time(6), expires: row.time(7))
        var appendix = LogAppendix(
          content: ContentRow(number: row.integer(1)), blob: blob, fetchedAt: moment)
        appendix.attempt = Int(row.integer(8)) + 1
        appendix.onlySink = row.textOrNil(9)
        // A body stands where it stood; a record or an event is a body of its own.
        if row.text(0) == DeadLetterKind.blob.rawValue {
          appendix.place = (Int(row.integer(10)), Int(row.integer(11)))
        }
        return appendix
      })
  }
}

extension Statement {
  fileprivate func bind(_ filter: DeadLetterFilter, after id: Int64) throws(StoreError) {
    try bind(1, id).bind(2, filter.kind?.rawValue).bind(3, filter.sink)
      .bind(4, filter.tenant?.description)
  }

  fileprivate func deadLetter() throws(StoreError) -> StoredDeadLetter {
    let closing: StoredDeadLetter.Closing? =
      timeOrNil(12) == nil ? nil : integerOrNil(14).map { .retried(as: $0) } ?? .dropped
    return StoredDeadLetter(
      id: integer(0), kind: DeadLetterKind(rawValue: text(1)) ?? .record, sequence: integer(2),
      record: integerOrNil(3).map { Int($0) }, feed: try feed(4, 5), contentID: ContentID(text(6)),
      sink: textOrNil(7), reason: text(8), attempts: Int(integer(9)), createdAt: time(10),
      byteCount: Int(integer(11)), closing: closing, closedAt: timeOrNil(12))
  }
}
