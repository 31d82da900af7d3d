import Foundation
import MillraceCore
import MillraceSchemas
import Testing

@testable import MillraceStore

/// A database of an earlier version goes on where it stood.
struct MigrationTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A store as version 1 wrote it: three blobs, two of them fetched, one of these decided.
  private func makeVersion1() throws -> String {
    let store = folder.store
    try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
    let connection = try Connection(path: store + "/millrace.db", mode: .readWrite)
    try connection.configureForWriting()
    try connection.execute(StoreSchema.steps[0])
    try connection.execute("PRAGMA user_version = 1")
    try connection.execute("PRAGMA application_id = \(StoreSchema.applicationID)")
    let hex = { (bytes: [UInt8]) in
      "x'" + bytes.map { String(format: "%02x", $0) }.joined() + "'"
    }
    let body = Array("[{\"Id\":\"1\"}]".utf8)
    try connection.execute(
      """
      INSERT INTO feed (id, tenant, content_type, listed_until_at)
        VALUES (1, '41463f53-8812-40f4-890f-865bf6e35190', 'Audit.Exchange', 5000);
      INSERT INTO content (id, feed_id, content_id, uri, created_at, expires_at, listed_at, state,
        state_at) VALUES (1, 1, 'a', 'u', 1000, 9000, 2000, 'fetched', 3000),
        (2, 1, 'b', 'u', 1500, 9000, 2000, 'fetched', 3000),
        (3, 1, 'c', 'u', 4000, 9000, 4500, 'listed', 4500);
      INSERT INTO log (sequence, content_id, fetched_at, byte_count, sha256, indexed_at,
        record_count, event_count) VALUES (1, 1, 3000, \(body.count), \(hex(digest(body))), 3100, 1, 1),
        (2, 2, 3000, \(body.count), \(hex(digest(body))), NULL, NULL, NULL);
      INSERT INTO body VALUES (1, 0, 0, \(hex(body))), (2, 0, 0, \(hex(body)));
      INSERT INTO sink (name, next_sequence, next_record, delivered_events, created_at)
        VALUES ('file', 2, 0, 1, 100);
      INSERT INTO sink_file VALUES ('file', 'p', 1, 2, 3, 40);
      INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at)
        VALUES ('record', 1, 7, 'odd', x'00', 10);
      """)
    return store
  }

  @Test func `what version 1 held is all there, with a chain and totals`() async throws {
    let path = try makeVersion1()
    try await withStore(path) { (store) throws in
      let status = try await store.status()
      #expect(status.feeds[0].blobs == [.listed: 1, .fetched: 2, .expired: 0, .dead: 0])
      #expect(status.feeds[0].progress.listedFrom == Timestamp(milliseconds: 1000))
      #expect(status.bodies == 2 && status.heldBodies == 2 && status.unindexedBodies == 1)
      #expect(status.records == 1 && status.events == 1 && status.deadLetters == 1)
      #expect(try await store.logEntry(1)?.body.bytes == Array("[{\"Id\":\"1\"}]".utf8))
      #expect(try await store.logEntry(1)?.decisions?.eventCount == 1)
      #expect(try await store.sinkPositions() == ["file": LogPosition(sequence: 2)])
      #expect(try await store.files(of: "file").map(\.length) == [40])
      let links = try await store.read { (connection) throws(StoreError) in
        try connection.chainLinks(from: 1, limit: 10)
      }
      try #require(links.count == 2)
      let first = LogChain.link(after: LogChain.beginning, links[0].row)
      #expect(links.map(\.chain) == [first, LogChain.link(after: first, links[1].row)])
      // It goes on as any other.
      let content = try #require(
        try await store.owedContent(
          of: status.feeds[0].feed.tenant, types: [.exchange], now: noon, limit: 1, excluding: []
        ).first)
      #expect(try await store.fetch(content, [1, 2]) == 3)
    }
  }

  @Test func `a store of version 2 keeps its log, and can fetch once more from then on`()
    async throws
  {
    let path = try makeVersion1()
    do {
      let connection = try Connection(path: path + "/millrace.db", mode: .readWrite)
      try connection.execute("PRAGMA foreign_keys = OFF")
      try connection.execute(StoreSchema.steps[1])
      try connection.execute("PRAGMA user_version = 2")
    }
    try await withStore(path) { (store) throws in
      #expect(try await store.number("PRAGMA user_version") == Int64(StoreSchema.steps.count))
      #expect(try await store.storedHead(1)?.completes == nil)
      #expect(try await store.logExtent().last == 2)
      let tenant = try await store.status().feeds[0].feed.tenant
      let content = try #require(
        try await store.owedContent(
          of: tenant, types: [.exchange], now: noon, limit: 1, excluding: []
        ).first)
      _ = try await store.commitFetched(
        content, parts: [PackedBody(PaddedBytes([1]))], at: noon, settlesAt: noon)
      #expect(try await store.settlingCount() == 1)
    }
  }

  @Test func `a store of version 1 is not looked at before it is brought up to date`() async throws
  {
    let path = try makeVersion1()
    let refused = refusal(path, .inspect)
    #expect(refused?.kind == .older)
    #expect(refused?.hint.contains("millrace run") == true)
    try await withStore(path) { _ in }
    #expect(refusal(path, .inspect) == nil)
  }

  @Test func `a migration that fails leaves the store as it was`() async throws {
    let path = try makeVersion1()
    do {
      let connection = try Connection(path: path + "/millrace.db", mode: .readWrite)
      // A row that refers to nothing, which the check at the end of a step finds.
      try connection.execute("PRAGMA foreign_keys = OFF")
      try connection.execute("DELETE FROM content WHERE id = 2")
    }
    let error = await failure { () throws(StoreError) in
      try await withStoreError(path)
    }
    #expect(error?.kind == .damaged)
    #expect(error?.operation.contains("migrate") == true)
    let connection = try Connection(path: path + "/millrace.db", mode: .readOnly)
    #expect(try Migrations.version(of: connection) == 1)
    #expect(try connection.integer("SELECT count(*) FROM log") == 2)
  }

  private func withStoreError(_ path: String) async throws(StoreError) {
    try Store(folder: path).close()
  }
}
