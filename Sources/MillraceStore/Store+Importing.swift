package import MillraceCore

/// A piece of imported content: records of one tenant and content type, as a JSON array.
package struct ImportedContent: Sendable {
  /// Whose records they are.
  package let feed: Feed
  /// The packed piece; its digest is its name.
  package let body: PackedBody

  /// A piece.
  package init(feed: Feed, body: PackedBody) {
    self.feed = feed
    self.body = body
  }

  /// What stands in the ledger of content imported at a moment.
  package func blob(at moment: Timestamp) -> ContentBlob {
    ContentBlob(feed: feed, id: id, uri: "", created: moment, expires: moment)
  }

  /// The name in the ledger: the same bytes are the same content, whenever they come.
  package var id: ContentID {
    let digits = Array("0123456789abcdef".utf8)
    let hexadecimal = body.sha256.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return ContentID("import:" + String(decoding: hexadecimal, as: UTF8.self))
  }
}

extension Store {
  /// Enters imported content into the ledger and the log, in one transaction. What is known is
  /// entered again where it was damaged before every sink had it.
  ///
  /// - Returns: its number in the log; nil when the ledger knows it already, and then nothing was
  ///   written.
  package func commitImport(
    _ content: ImportedContent, at moment: Timestamp
  ) async throws(StoreError) -> Int64? {
    try await write { (connection) throws(StoreError) in
      try connection.enter(content, at: moment)
    }
  }

  /// Enters several pieces in their order, in one transaction.
  ///
  /// - Returns: for each its number in the log, or nil as `commitImport` does.
  package func commitImports(
    _ contents: [ImportedContent], at moment: Timestamp
  ) async throws(StoreError) -> [Int64?] {
    try await write { (connection) throws(StoreError) in
      var numbers: [Int64?] = []
      for content in contents { numbers.append(try connection.enter(content, at: moment)) }
      return numbers
    }
  }
}

extension Connection {
  fileprivate func enter(
    _ content: ImportedContent, at moment: Timestamp
  ) throws(StoreError) -> Int64? {
    let blob = content.blob(at: moment)
    try run(
      """
      INSERT INTO content
        (feed_id, content_id, uri, created_at, expires_at, listed_at, state, state_at, origin)
      VALUES (?1, ?2, '', ?3, ?3, ?3, 'fetched', ?3, 'import')
      ON CONFLICT (feed_id, content_id) DO NOTHING
      """
    ) { (statement) throws(StoreError) in
      try statement.bind(1, try feedRow(content.feed)).bind(2, blob.id.description)
        .bind(3, moment)
    }
    let isNew = changes > 0
    let row = ContentRow(
      number: isNew
        ? try integer("SELECT last_insert_rowid()") ?? 0 : try contentRow(of: blob))
    let appendix = LogAppendix(content: row, blob: blob, fetchedAt: moment)
    if isNew { return try appendToLog(appendix, parts: [content.body]) }
    let damaged = try fetchedEntries(of: row).filter { $0.dropped == .damaged }
    if damaged.isEmpty { return nil }
    for entry in damaged { try replace(entry) }
    return try appendToLog(appendix, parts: [content.body])
  }

  /// The ledger's number of a blob that it knows.
  fileprivate func contentRow(of blob: ContentBlob) throws(StoreError) -> Int64 {
    let feed = try feedRow(blob.feed)
    return try first(
      "SELECT id FROM content WHERE feed_id = ?1 AND content_id = ?2",
      { (statement) throws(StoreError) in
        try statement.bind(1, feed).bind(2, blob.id.description)
      },
      { (row) throws(StoreError) in row.integer(0) }) ?? 0
  }
}
