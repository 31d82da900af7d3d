import MillraceCore
import Testing

@testable import MillraceStore

struct SchemaTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A store with one feed, one fetched and one listed blob, and one sink.
  private func withRows(_ body: (Store) async throws -> Void) async throws {
    try await withStore(folder.store) { (store) throws in
      let exchange = try feed()
      try await store.list(1...2, of: exchange, until: noon)
      let content = try #require(try await store.owed(exchange).first)
      try await store.fetch(content, [1, 2, 3])
      _ = try await store.registerSink("file", from: .start, at: noon)
      try await body(store)
    }
  }

  /// The columns of a log row that are always there, and what a decision sets besides its counts.
  static let logColumns =
    "(sequence, content_id, part, part_count, attempt, fetched_at, byte_count, stored_bytes, "
    + "sha256, chain)"
  static let decided = "indexed_at = 1, repeat_count = 0, changed_count = 0"

  /// Statements that would make a row that cannot be.
  static let impossible = [
    "INSERT INTO feed (tenant, content_type) VALUES ('contoso', 'Audit.Exchange')",
    "INSERT INTO feed (tenant, content_type) VALUES ('\(String(repeating: "0", count: 36))', '')",
    "INSERT INTO feed (tenant, content_type) SELECT tenant, content_type FROM feed",
    "INSERT INTO tenant_domain VALUES ('contoso.example.com', 'contoso')",
    "INSERT INTO tenant_domain VALUES ('', '\(String(repeating: "0", count: 36))')",
    "UPDATE feed SET listed_until_at = NULL, relisted_at = 5",
    "UPDATE feed SET listed_until_at = 'yesterday'",
    "UPDATE content SET state = 'lost'",
    "UPDATE content SET state = NULL",
    "UPDATE content SET state = 'dead', reason = NULL WHERE id = 2",
    "UPDATE content SET state = 'expired', reason = NULL WHERE id = 2",
    "UPDATE content SET retry_at = 5 WHERE state = 'fetched'",
    "UPDATE content SET attempts = -1",
    "UPDATE content SET content_id = 'the same'",
    "UPDATE content SET feed_id = 99",
    "DELETE FROM feed",
    "DELETE FROM content WHERE id = 1",
    "DELETE FROM log",
    "INSERT INTO log \(SchemaTests.logColumns) VALUES (0, 1, 0, 1, 1, 0, 0, 0, zeroblob(32), zeroblob(32))",
    "INSERT INTO log \(SchemaTests.logColumns) VALUES (2, 99, 0, 1, 1, 0, 0, 0, zeroblob(32), zeroblob(32))",
    "INSERT INTO log \(SchemaTests.logColumns) VALUES (2, 1, 1, 1, 1, 0, 0, 0, zeroblob(32), zeroblob(32))",
    "INSERT INTO log \(SchemaTests.logColumns) VALUES (2, 1, 0, 1, 0, 0, 0, 0, zeroblob(32), zeroblob(32))",
    "INSERT INTO log \(SchemaTests.logColumns) VALUES (2, 1, 0, 1, 1, 0, 0, 0, zeroblob(32), zeroblob(31))",
    "UPDATE log SET dropped_at = 1",
    "UPDATE log SET dropped_at = 1, drop_reason = 'retention'",
    "UPDATE log SET dropped_at = 1, drop_reason = 'mood'",
    "UPDATE log SET sha256 = zeroblob(31)",
    "UPDATE log SET byte_count = -1",
    "UPDATE log SET indexed_at = 1",
    "UPDATE log SET record_count = 1, event_count = 1",
    "UPDATE log SET \(SchemaTests.decided), record_count = 1, event_count = 2",
    "UPDATE log SET \(SchemaTests.decided), record_count = 2, event_count = 1",
    "UPDATE log SET \(SchemaTests.decided), record_count = 2, event_count = 1, skipped = zeroblob(8)",
    "UPDATE log SET \(SchemaTests.decided), record_count = 2, event_count = 2, skipped = zeroblob(0)",
    "UPDATE log SET \(SchemaTests.decided), record_count = -1, event_count = -1",
    "UPDATE log SET indexed_at = 1, record_count = 2, event_count = 2",
    "UPDATE log SET \(SchemaTests.decided), record_count = 2, event_count = 1, skipped = zeroblob(4), repeat_count = 2",
    "UPDATE log SET \(SchemaTests.decided), record_count = 2, event_count = 1, skipped = zeroblob(4), changed_count = 1",
    "INSERT INTO body VALUES (1, 0, 0, 1, zeroblob(1))",
    "INSERT INTO body VALUES (99, 0, 0, 1, zeroblob(1))",
    "INSERT INTO body VALUES (1, -1, 0, 1, zeroblob(1))",
    "INSERT INTO body VALUES (1, 1, 9, 1, zeroblob(1))",
    "INSERT INTO body VALUES (1, 1, 0, 2, zeroblob(1))",
    "INSERT INTO body VALUES (1, 1, 1, 1048577, zeroblob(1))",
    "INSERT INTO body VALUES (1, 1, 0, 4, 'text')",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('thing', 1, 1, 'why', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('blob', 1, 1, 'why', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('record', 1, NULL, 'why', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('event', 1, 1, 'why', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('record', 1, 1, '', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('record', 9, 1, 'why', zeroblob(1), 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
      + "VALUES ('record', 1, 1, 'why', NULL, 0)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at, closed_at) "
      + "VALUES ('record', 1, 1, 'why', NULL, 0, 1)",
    "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at, closed_at, "
      + "closed_how) VALUES ('record', 1, 1, 'why', NULL, 0, 1, 'retried')",
    "INSERT INTO key_block VALUES (1, zeroblob(15))",
    "INSERT INTO key_block VALUES (99, zeroblob(16))",
    "INSERT INTO key_run VALUES (1, 0, 'lost', 1, 1, 0, 0)",
    "INSERT INTO key_run VALUES (1, 0, 'writing', 1, 1, 5, 4)",
    "INSERT INTO key_page VALUES (99, 0, zeroblob(24))",
    "INSERT INTO replay VALUES (1, 'file', '{}', 'running', 3, 0, 2, 0, 0, 0)",
    "INSERT INTO replay VALUES (1, 'file', '{}', 'asleep', 1, 0, 2, 0, 0, 0)",
    "INSERT INTO seal VALUES ('today', 0, 0, 0, 0, zeroblob(32), zeroblob(32))",
    "INSERT INTO changed_repeat VALUES (1, 0, 99, 0)",
    "UPDATE feed_total SET listed = -1",
    "UPDATE feed_total SET indexed = 2",
    "UPDATE sink SET start_sequence = 2",
    "UPDATE sink SET next_sequence = 0",
    "UPDATE sink SET next_record = -1",
    "UPDATE sink SET delivered_events = -1",
    "INSERT INTO sink (name, next_sequence, next_record, created_at) VALUES (NULL, 1, 0, 0)",
    "INSERT INTO sink_file VALUES ('ghost', 'p', 1, 1, 1, 1)",
    "INSERT INTO sink_file VALUES ('file', 'p', 1, 1, 1, -1)",
    "INSERT INTO listing_gap (feed_id, from_at, to_at, noticed_at) VALUES (1, 5, 5, 0)",
  ]

  @Test(arguments: SchemaTests.impossible)
  func `an impossible row is refused`(sql: String) async throws {
    try await withRows { store in
      let error = await failure { () throws(StoreError) in try await store.change(sql) }
      #expect(error?.kind == .other, "\(sql)")
      #expect(error?.message.contains("SQLite") == true)
    }
  }

  @Test func `possible rows are accepted, so the refusals above mean something`() async throws {
    try await withRows { store in
      for sql in [
        "INSERT INTO log \(Self.logColumns) VALUES (2, 1, 0, 1, 1, 0, 0, 0, zeroblob(32), zeroblob(32))",
        "UPDATE log SET \(Self.decided), record_count = 2, event_count = 1, skipped = zeroblob(4)",
        "UPDATE log SET dropped_at = 1, drop_reason = 'retention' WHERE sequence = 2",
        "INSERT INTO body VALUES (1, 2, 1, 1048576, zeroblob(9))",
        "INSERT INTO dead_letter (kind, sequence, record, reason, created_at, closed_at, closed_how) "
          + "VALUES ('record', 1, 1, 'why', 0, 1, 'dropped')",
        "INSERT INTO key_block VALUES (1, zeroblob(16))",
        "INSERT INTO key_run VALUES (1, 0, 'writing', 1, 1, 5, 5)",
        "INSERT INTO key_page VALUES (1, 0, zeroblob(24))",
        "INSERT INTO replay VALUES (1, 'file', '{}', 'running', 1, 0, 2, 0, 0, 0)",
        "INSERT INTO seal VALUES ('2026-01-02', 0, 0, 0, 0, zeroblob(32), zeroblob(32))",
        "INSERT INTO changed_repeat VALUES (1, 0, 1, 0)",
        "UPDATE content SET state = 'dead', reason = 'why' WHERE id = 2",
        "INSERT INTO body VALUES (1, 1, 0, 1, zeroblob(1))",
        "INSERT INTO dead_letter (kind, sequence, record, reason, bytes, created_at) "
          + "VALUES ('record', 1, 1, 'why', zeroblob(1), 0)",
        "INSERT INTO sink_file VALUES ('file', 'p', 1, 1, 1, 1)",
        "INSERT INTO listing_gap (feed_id, from_at, to_at, noticed_at) VALUES (1, 5, 6, 0)",
      ] {
        try await store.change(sql)
      }
    }
  }
}
