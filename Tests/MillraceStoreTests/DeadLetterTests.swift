import MillraceCore
import Testing

@testable import MillraceStore

/// Dead letters in the store: listed, entered into the log again, given up.
struct DeadLetterTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Opens a store with two bodies: of the first a record and the whole body are dead letters, of
  /// the second, of another tenant, the sink `siem` refused two of three events.
  private func withLetters(_ body: (Store) async throws -> Void) async throws {
    let first = try feed()
    let second = try feed(.general, tenant: 2)
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: first)
      try await store.list([2], of: second)
      try await store.fetch(try #require(try await store.owed(first).first), Array("[1,{}".utf8))
      try await store.fetch(
        try #require(try await store.owed(second).first), Array("[{},{},{}]".utf8))
      try await store.commitIndex(
        [
          IndexedEntry(
            sequence: 1, decisions: Decisions(recordCount: 2, skipped: [0], eventSpan: nil),
            deadLetters: [
              DeadLetter(record: 0, reason: "not an object", bytes: Array("1".utf8)),
              DeadLetter(record: nil, reason: "truncated", bytes: Array("[1,{}".utf8)),
            ]),
          IndexedEntry(
            sequence: 2, decisions: Decisions(recordCount: 3, skipped: [], eventSpan: nil),
            deadLetters: []),
        ], at: noon)
      _ = try await store.registerSink("siem", from: .start, at: noon)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 3),
        DeliveredBatch(
          events: 2,
          refused: (1...2).map { record in
            RefusedRecord(
              position: LogPosition(sequence: 2, record: record), reason: "field too long",
              bytes: Array("{\"n\":\(record)}".utf8))
          }), at: noon + .seconds(1))
      try await body(store)
    }
  }

  @Test func `what a sink refused is entered with its cursor, and counted apart`() async throws {
    try await withLetters { (store) throws in
      let letters = try await store.openDeadLetters(DeadLetterFilter(sink: "siem"), limit: 10)
      #expect(letters.map(\.id) == [3, 4] && letters.allSatisfy { $0.kind == .event })
      #expect(letters.map(\.record) == [1, 2] && letters.map(\.sequence) == [2, 2])
      #expect(letters.allSatisfy { $0.attempts == 1 && $0.reason == "field too long" })
      #expect(letters.allSatisfy { $0.createdAt == noon + .seconds(1) && $0.byteCount == 7 })
      #expect(letters.first?.contentID == ContentID("blob$2"))
      let sink = try #require(try await store.status().sinks.first)
      #expect(sink.deliveredEvents == 2 && sink.refusedEvents == 2)
      #expect(sink.position == LogPosition(sequence: 3))
      let status = try await store.status()
      #expect(status.deadLetters == 4 && status.deadLettersSince == noon)
    }
  }

  @Test func `a delivery that cannot be committed leaves no dead letter`() async throws {
    try await withLetters { (store) throws in
      let error = await failure { () throws(StoreError) in
        try await store.commitDelivery(
          of: "siem", to: LogPosition(sequence: 1),
          DeliveredBatch(
            events: 0,
            refused: [
              RefusedRecord(position: LogPosition(sequence: 1), reason: "no", bytes: [0x7B])
            ]), at: noon)
      }
      #expect(error != nil)
      #expect(try await store.status().deadLetters == 4)
      #expect(try await store.status().sinks.first?.refusedEvents == 2)
    }
  }

  @Test func `letters are chosen by kind, sink, tenant and number`() async throws {
    try await withLetters { (store) throws in
      func ids(_ filter: DeadLetterFilter, after id: Int64 = 0, limit: Int = 10) async throws
        -> [Int64]
      {
        try await store.openDeadLetters(filter, after: id, limit: limit).map(\.id)
      }
      let (one, two) = (try Tenants.id(1), try Tenants.id(2))
      #expect(try await ids(DeadLetterFilter()) == [1, 2, 3, 4])
      #expect(try await ids(DeadLetterFilter(), after: 1, limit: 2) == [2, 3])
      #expect(try await ids(DeadLetterFilter(kind: .blob)) == [2])
      #expect(try await ids(DeadLetterFilter(kind: .record)) == [1])
      #expect(try await ids(DeadLetterFilter(tenant: two)) == [3, 4])
      #expect(try await ids(DeadLetterFilter(kind: .event, tenant: one)) == [])
      #expect(try await ids(DeadLetterFilter(sink: "archive")) == [])
      #expect(try await store.openDeadLetterCounts() == [.blob: 1, .record: 1, .event: 2])
      #expect(try await store.openDeadLetterCounts(DeadLetterFilter(sink: "siem")) == [.event: 2])
      #expect(try await store.deadLetter(9) == nil)
      #expect(try await store.lastDeadLetter() == 4)
    }
  }

  @Test func `a retry appends to the chained log and closes the letter, in one transaction`()
    async throws
  {
    try await withLetters { (store) throws in
      let entered = try await store.retryDeadLetters(
        [1, 2, 3, 99].map { ($0, PackedBody(PaddedBytes(Array("[\($0)]".utf8)))) },
        at: noon + .seconds(60))
      #expect(entered == [1: 3, 2: 4, 3: 5])
      let record = try #require(try await store.storedEntry(3)?.head)
      #expect(record.onlySink == nil && record.attempt == 2 && record.decisions == nil)
      #expect(record.blob.id == ContentID("blob$1") && record.fetchedAt == noon + .seconds(60))
      let event = try #require(try await store.storedEntry(5)?.head)
      #expect(event.onlySink == "siem" && event.attempt == 2)
      let tenant = try Tenants.id(2)
      #expect(event.blob.feed.tenant == tenant)
      #expect(try await store.logEntry(5)?.body.bytes == Array("[3]".utf8))
      let letter = try #require(try await store.deadLetter(3))
      #expect(letter.closing == .retried(as: 5) && letter.closedAt == noon + .seconds(60))
      #expect(letter.byteCount == 0)
      #expect(try await store.deadLetterBytes(3) == nil)
      #expect(try await store.openDeadLetters(limit: 10).map(\.id) == [4])
      #expect(try await store.retryOrigin(of: 4) == RetryOrigin(kind: .blob, recordCount: 2))
      #expect(try await store.retryOrigin(of: 5)?.kind == .event)
      #expect(try await store.retryOrigin(of: 1) == nil)
      try await expectChain(store)
      // Closed is closed.
      let again = try await store.retryDeadLetters(
        [(3, PackedBody(PaddedBytes([0x5B])))], at: noon)
      #expect(again.isEmpty)
      #expect(try await store.logExtent().last == 5)
    }
  }

  @Test func `what fails again is a new letter with one attempt more`() async throws {
    try await withLetters { (store) throws in
      _ = try await store.retryDeadLetters(
        [(1, PackedBody(PaddedBytes(Array("[1]".utf8))))], at: noon)
      try await store.commitIndex(
        [
          IndexedEntry(
            sequence: 3, decisions: Decisions(recordCount: 1, skipped: [0], eventSpan: nil),
            deadLetters: [DeadLetter(record: 0, reason: "still", bytes: Array("1".utf8))])
        ], at: noon)
      let again = try #require(try await store.openDeadLetters(after: 4, limit: 10).first)
      #expect(again.kind == .record && again.attempts == 2 && again.sequence == 3)

      _ = try await store.retryDeadLetters(
        [(3, PackedBody(PaddedBytes(Array("[{}]".utf8))))], at: noon)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 5),
        DeliveredBatch(
          events: 0,
          refused: [
            RefusedRecord(position: LogPosition(sequence: 4), reason: "again", bytes: [0x7B])
          ]), at: noon)
      let refused = try #require(try await store.openDeadLetters(after: 5, limit: 10).first)
      #expect(refused.kind == .event && refused.attempts == 2 && refused.sink == "siem")
    }
  }

  @Test func `what is entered again for one sink counts for the log and not for the feed`()
    async throws
  {
    try await withLetters { (store) throws in
      let before = try await store.status()
      _ = try await store.retryDeadLetters(
        [(3, PackedBody(PaddedBytes(Array("[{}]".utf8))))], at: noon)
      try await store.commitIndex(
        [
          IndexedEntry(
            sequence: 3, decisions: Decisions(recordCount: 1, skipped: [], eventSpan: nil),
            deadLetters: [])
        ], at: noon)
      let after = try await store.status()
      #expect(after.bodies == before.bodies + 1 && after.unindexedBodies == 0)
      #expect(after.events == before.events && after.records == before.records)
    }
  }

  @Test func `a part of a blob is entered again as that part`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let parts = ["[{},", "]}", "]"].map { PackedBody(PaddedBytes(Array($0.utf8))) }
      _ = try await store.commitFetched(
        try #require(try await store.owed(exchange).first), parts: parts, at: noon)
      let none = Decisions(recordCount: 0, skipped: [], eventSpan: nil)
      try await store.commitIndex(
        (1...3).map { sequence in
          IndexedEntry(
            sequence: sequence, decisions: none,
            deadLetters: sequence == 2
              ? [DeadLetter(record: nil, reason: "no", bytes: Array("]}".utf8))] : [])
        }, at: noon)
      #expect(try await store.retryDeadLetters([(1, parts[1])], at: noon) == [1: 4])
      let head = try #require(try await store.storedEntry(4)?.head)
      #expect(head.part == 1 && head.partCount == 3)
      try await expectChain(store)
    }
  }

  @Test func `what is dropped keeps its row and loses its bytes`() async throws {
    try await withLetters { (store) throws in
      #expect(try await store.dropDeadLetters([2, 4, 77], at: noon) == [2, 4])
      #expect(try await store.dropDeadLetters([2], at: noon) == [])
      let letter = try #require(try await store.deadLetter(2))
      #expect(letter.closing == .dropped && letter.reason == "truncated")
      #expect(try await store.deadLetterBytes(2) == nil)
      #expect(try await store.status().deadLetters == 2)
      #expect(try await store.logExtent().last == 2, "nothing is entered for them")
    }
  }

  @Test func `a retry that is cut off leaves letter and log as they were`() async throws {
    try await withLetters { (store) throws in
      let unfit = PackedBody(byteCount: 1, sha256: [1], storedBytes: 1, chunks: [])
      let error = await failure { () throws(StoreError) in
        try await store.retryDeadLetters(
          [(1, PackedBody(PaddedBytes(Array("[1]".utf8)))), (3, unfit)], at: noon)
      }
      #expect(error != nil)
      #expect(try await store.logExtent().last == 2)
      #expect(try await store.openDeadLetters(limit: 10).map(\.id) == [1, 2, 3, 4])
      #expect(try await store.deadLetterBytes(1) == Array("1".utf8))
    }
  }
}

/// Checks that each row of the log is chained to the one before it.
private func expectChain(
  _ store: Store, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let links = try await store.read { (connection) throws(StoreError) in
    try connection.chainLinks(from: 1, limit: 1000)
  }
  var chain = LogChain.beginning
  for link in links {
    chain = LogChain.link(after: chain, link.row)
    #expect(link.chain == chain, "entry \(link.row.sequence)", sourceLocation: sourceLocation)
  }
  #expect(!links.isEmpty, sourceLocation: sourceLocation)
}
