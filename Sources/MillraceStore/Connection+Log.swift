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
    for (part, body) in parts.enumerated() {
      sequence += 1
      chain = LogChain.link(
        after: chain,
        LogChain.Row(
          sequence: sequence, tenant: appendix.blob.feed.tenant.description,
          contentType: appendix.blob.feed.contentType.rawValue,
          contentID: appendix.blob.id.description, part: part, partCount: parts.count,
          fetchedAt: appendix.fetchedAt.milliseconds, byteCount: body.byteCount,
          sha256: body.sha256))
      try run(
        """
        INSERT INTO log (sequence, content_id, part, part_count, attempt, only_sink, fetched_at,
          byte_count, stored_bytes, sha256, chain)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, sequence).bind(2, appendix.content.number).bind(3, part)
          .bind(4, parts.count).bind(5, appendix.attempt).bind(6, appendix.onlySink)
          .bind(7, appendix.fetchedAt).bind(8, body.byteCount).bind(9, body.storedBytes)
          .bind(10, body.sha256).bind(11, chain)
      }
      try append(body, sequence: sequence)
    }
    return firstSequence
  }

  private func append(_ body: PackedBody, sequence: Int64) throws(StoreError) {
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
