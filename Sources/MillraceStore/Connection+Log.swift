import MillraceCore

/// What is about to be appended to the log.
struct LogAppendix {
  let content: ContentRow
  let blob: ContentBlob
  let fetchedAt: Timestamp
  /// Which try this is, for what a dead letter's retry enters again.
  var attempt = 1
  /// The one sink it is meant for; nil for all.
  var onlySink: String?
  /// The first part of what was fetched of the blob when it was young, and which this completes.
  var completes: Int64?
  /// Which part of its blob a single body is, for the retry of a part; nil where `parts` are all.
  var place: (part: Int, of: Int)?
}

extension Connection {
  /// Appends a body in its parts and returns the number of the first.
  func appendToLog(_ appendix: LogAppendix, parts: [PackedBody]) throws(StoreError) -> Int64 {
    let last = try first(
      "SELECT sequence, chain FROM log ORDER BY sequence DESC LIMIT 1",
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in (row.integer(0), row.blobOrNil(1) ?? []) })
    var (sequence, chain) = last ?? (0, LogChain.beginning)
    let firstSequence = sequence + 1
    precondition(appendix.place == nil || parts.count == 1, "one part has one place")
    for (index, body) in parts.enumerated() {
      let (part, partCount) = appendix.place ?? (index, parts.count)
      sequence += 1
      chain = LogChain.link(
        after: chain,
        LogChain.Row(
          sequence: sequence, tenant: appendix.blob.feed.tenant.description,
          contentType: appendix.blob.feed.contentType.rawValue,
          contentID: appendix.blob.id.description, part: part, partCount: partCount,
          fetchedAt: appendix.fetchedAt.milliseconds, byteCount: body.byteCount,
          sha256: body.sha256))
      try run(
        """
        INSERT INTO log (sequence, content_id, part, part_count, attempt, only_sink, fetched_at,
          byte_count, stored_bytes, sha256, chain, completes_sequence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, sequence).bind(2, appendix.content.number).bind(3, part)
          .bind(4, partCount).bind(5, appendix.attempt).bind(6, appendix.onlySink)
          .bind(7, appendix.fetchedAt).bind(8, body.byteCount).bind(9, body.storedBytes)
          .bind(10, body.sha256).bind(11, chain).bind(12, appendix.completes)
      }
      try append(body, sequence: sequence)
    }
    return firstSequence
  }

  /// Enters the rows of a body whose log row stands.
  func append(_ body: PackedBody, sequence: Int64) throws(StoreError) {
    for (index, chunk) in body.chunks.enumerated() {
      let bytes = try chunk.stored()
      try run(
        "INSERT INTO body (sequence, chunk, codec, byte_count, bytes) VALUES (?1, ?2, ?3, ?4, ?5)"
      ) { (statement) throws(StoreError) in
        try statement.bind(1, sequence).bind(2, index).bind(3, chunk.codec.rawValue)
          .bind(4, chunk.byteCount).bind(5, bytes)
      }
    }
  }

  /// The packed body of a log entry, whether whole or not: `unpack` finds out.
  func storedBody(_ sequence: Int64, byteCount: Int, sha256: [UInt8]) throws(StoreError)
    -> StoredBody
  {
    let chunks = try rows(
      "SELECT codec, byte_count, bytes FROM body WHERE sequence = ?1 ORDER BY chunk",
      { (statement) throws(StoreError) in try statement.bind(1, sequence) },
      { (row) throws(StoreError) in
        StoredBody.Chunk(
          codec: BodyCodec(rawValue: Int(row.integer(0))) ?? .raw, byteCount: Int(row.integer(1)),
          bytes: row.blobOrNil(2) ?? [])
      })
    return StoredBody(
      sequence: sequence, byteCount: byteCount, sha256: sha256, chunks: chunks)
  }
}

/// A row of the log as the chain covers it, with the link that was stored with it.
package struct ChainLink: Sendable {
  /// What the link covers.
  package let row: LogChain.Row
  /// The link, 32 bytes.
  package let chain: [UInt8]
}

extension Connection {
  /// The next rows of the log from `sequence` on, as the chain covers them.
  func chainLinks(from sequence: Int64, limit: Int) throws(StoreError) -> [ChainLink] {
    try rows(
      """
      SELECT sequence, tenant, content_type, content.content_id, part, part_count, fetched_at,
        byte_count, sha256, chain
      FROM log JOIN content ON content.id = log.content_id JOIN feed ON feed.id = content.feed_id
      WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2
      """,
      { (statement) throws(StoreError) in try statement.bind(1, sequence).bind(2, limit) },
      { (row) throws(StoreError) in
        ChainLink(
          row: LogChain.Row(
            sequence: row.integer(0), tenant: row.text(1), contentType: row.text(2),
            contentID: row.text(3), part: Int(row.integer(4)), partCount: Int(row.integer(5)),
            fetchedAt: row.integer(6), byteCount: Int(row.integer(7)),
            sha256: row.blobOrNil(8) ?? []),
          chain: row.blobOrNil(9) ?? [])
      })
  }
}
