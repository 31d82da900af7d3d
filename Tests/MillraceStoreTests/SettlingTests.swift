import MillraceCore
import Testing

@testable import MillraceStore

/// What was fetched young is fetched once more: the store knows of it until it was.
struct SettlingTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private let due = noon + .seconds(1200)

  /// A store with one blob, fetched young.
  private func young(_ store: Store, _ bytes: [UInt8]) async throws -> OwedContent {
    try await store.list(1...1, of: feed())
    let content = try #require(try await store.owed(feed()).first)
    let sequence = try await store.commitFetched(
      content, parts: [PackedBody(PaddedBytes(bytes))], at: noon, settlesAt: due)
    #expect(sequence == 1)
    return content
  }

  private func settling(_ store: Store, at moment: Timestamp) async throws -> [OwedContent] {
    try await store.settlingContent(
      of: feed().tenant, types: [.exchange], now: moment, limit: 10, excluding: [])
  }

  private func again(_ store: Store, _ content: OwedContent, _ bytes: [UInt8]) async throws
    -> SettledOutcome
  {
    try await store.commitSettled(
      content, parts: [PackedBody(PaddedBytes(bytes))], at: noon + .seconds(1300))
  }

  @Test func `it is due at its time, is not owed, and survives a restart`() async throws {
    try await withStore(folder.store) { (store) throws in
      _ = try await young(store, [1])
      #expect(try await settling(store, at: due - .seconds(1)).isEmpty)
      #expect(try await store.nextSettling(of: feed().tenant, after: noon) == due)
      #expect(try await store.owedCount(of: feed().tenant) == 0, "a run that ends need not wait")
    }
    try await withStore(folder.store) { (store) throws in
      let found = try await settling(store, at: due)
      #expect(found.map(\.blob.id) == [ContentID("blob$1")])
      #expect(try await store.settlingCount() == 1)
    }
  }

  @Test func `one that a wrong clock put off for weeks is due`() async throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let content = try await young(store, [1])
    try await store.postponeSettling(content, until: noon + .seconds(40 * 86_400))
    #expect(try await settling(store, at: noon).map(\.attempts) == [1])
  }

  @Test func `the same bytes enter nothing, and it is over`() async throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let content = try await young(store, [1, 2])
    #expect(try await again(store, content, [1, 2]) == .same)
    #expect(try await store.logExtent().last == 1)
    #expect(try await settling(store, at: due).isEmpty)
    #expect(try await again(store, content, [1, 2, 3]) == .unasked, "once is enough")
    #expect(try await store.logExtent().last == 1)
  }

  @Test func `other bytes are a new entry that names the first, and the chain goes on`()
    async throws
  {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let content = try await young(store, [1, 2])
    #expect(try await again(store, content, [1, 2, 3]) == .entered(sequence: 2))
    #expect(try await store.storedHead(2)?.completes == 1)
    #expect(try await store.storedHead(1)?.completes == nil)
    #expect(try await store.logEntry(1)?.body.bytes == [1, 2], "the log is only added to")
    #expect(try await store.logEntry(2)?.body.bytes == [1, 2, 3])
    let links = try await store.read { (connection) throws(StoreError) in
      try connection.chainLinks(from: 1, limit: 10)
    }
    let first = LogChain.link(after: LogChain.beginning, links[0].row)
    #expect(links.map(\.chain) == [first, LogChain.link(after: first, links[1].row)])
    let facts = try await store.auditFacts(AuditSpan())
    #expect(facts.entries.reduce(0) { $0 + $1.blobs } == 1, "one blob in two entries")
    #expect(facts.entries.reduce(0) { $0 + $1.entries } == 2)
  }

  @Test func `when the first body is gone, what is new cannot be told, and nothing is entered`()
    async throws
  {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let content = try await young(store, [1, 2])
    try await store.write { (connection) throws(StoreError) in
      try connection.execute(
        """
        UPDATE log SET indexed_at = 1, record_count = 0, event_count = 0, repeat_count = 0,
          changed_count = 0;
        UPDATE log SET dropped_at = 1, drop_reason = 'retention';
        """)
    }
    #expect(try await again(store, content, [1, 2, 3]) == .incomparable)
    #expect(try await store.logExtent().last == 1)
  }

  @Test(arguments: [1, 2])
  func `a damaged body of either fetch is put back where it stood`(_ sequence: Int64) async throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let content = try await young(store, [1, 2])
    #expect(try await again(store, content, [1, 2, 3]) == .entered(sequence: 2))
    try await store.commitIndex(
      (1...2).map {
        IndexedEntry(
          sequence: $0, decisions: Decisions(recordCount: 1, skipped: [], eventSpan: nil),
          deadLetters: [])
      }, at: noon)
    let repaired = try await store.repairBody(
      sequence, damage: "test", sinks: ["file"], feeds: [feed()], at: noon)
    #expect(repaired?.repaired == .awaited)
    let owed = try #require(try await store.owed(feed()).first)
    let bytes: [UInt8] = sequence == 1 ? [1, 2] : [1, 2, 3]
    #expect(try await store.fetch(owed, bytes) == sequence)
    #expect(try await store.logEntry(sequence)?.body.bytes == bytes)
    #expect(try await store.logExtent().last == 2)
  }
}
