import MillraceCore
import Testing

@testable import MillraceStore

struct LogTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func `a fetched body, its hash and its state are there at once`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...2, of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      let bytes = body(5000)
      #expect(try await store.fetch(content, bytes) == 1)
      // Seen from outside: whoever sees the state sees the body.
      let outside = try Store(folder: folder.store, access: .inspect)
      defer { outside.close() }
      let entry = try #require(try await outside.logEntry(1))
      #expect(entry.body.bytes == bytes && entry.blob == content.blob)
      #expect(entry.fetchedAt == noon && entry.sequence == 1 && entry.decisions == nil)
      #expect(try await outside.status().feeds.first?.blobs[.fetched] == 1)
      let hash = try await outside.hash(1)
      #expect(hash == digest(bytes))
      #expect(try await outside.logEntry(2) == nil)
      #expect(try await outside.logEntry(0) == nil)
    }
  }

  @Test func `a body is committed once`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      #expect(try await store.fetch(content, [1, 2, 3]) == 1)
      let before = try await store.number("SELECT count(*) FROM body")
      #expect(try await store.fetch(content, [4, 5, 6]) == nil)
      #expect(try await store.logExtent().last == 1)
      #expect(try await store.number("SELECT count(*) FROM body") == before)
      #expect(try await store.logEntry(1)?.body.bytes == [1, 2, 3])
    }
  }

  @Test func `two fetches of one blob at once leave one body`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      let sequences = try await withThrowingTaskGroup(of: Int64?.self) { group in
        for number in 0..<20 {
          group.addTask { @concurrent in try await store.fetch(content, [UInt8(number)]) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(sequences.compactMap { $0 } == [1])
      #expect(try await store.number("SELECT count(*) FROM log") == 1)
    }
  }

  @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 * (1 << 20) + 1])
  func `bodies of any size come back as they were`(count: Int) async throws {
    let exchange = try feed()
    let bytes = body(count, seed: UInt64(count))
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      #expect(try await store.fetch(content, bytes) == 1)
    }
    try await withStore(folder.store) { (store) throws in
      let entry = try #require(try await store.logEntry(1))
      #expect(entry.body.count == count)
      #expect(entry.body.bytes == bytes)
      let largest = try await store.number("SELECT coalesce(max(length(bytes)), 0) FROM body")
      #expect(largest == Int64(min(count, Limits.bodyChunkBytes)))
    }
  }

  @Test func `a body that lost a row is damage, not a shorter body`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      try await store.fetch(content, body((1 << 20) + 5))
      try await store.change("DELETE FROM body WHERE chunk = 1")
      let error = await failure { () throws(StoreError) in try await store.logEntry(1) }
      #expect(error?.kind == .damaged)
      #expect(error?.hint.isEmpty == false)
    }
  }

  @Test func `a failed commit leaves the blob owed and the log as it was`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      let error = await failure { () throws(StoreError) in
        try await store.commitFetched(
          content,
          parts: [PackedBody(byteCount: 0, sha256: [1, 2, 3], storedBytes: 0, chunks: [])],
          at: noon)
      }
      #expect(error?.kind == .other)
      #expect(try await store.owed(exchange) == [content])
      #expect(try await store.logExtent().last == 0)
      #expect(try await store.fetch(content, [1]) == 1, "numbers stay dense")
    }
  }

  @Test func `decisions are made once, and dead letters are stored with them`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...3, of: exchange)
      for content in try await store.owed(exchange) { try await store.fetch(content, [1]) }
      #expect(try await store.logExtent() == LogExtent(last: 3, firstUnindexed: 1))
      let first = IndexedEntry(
        sequence: 1,
        decisions: Decisions(
          recordCount: 70_000, skipped: [0, 255, 256, 65_535, 65_536, 69_999],
          eventSpan: noon - .seconds(9)...noon),
        deadLetters: [
          DeadLetter(record: 0, reason: "no object", bytes: [0x31]),
          DeadLetter(record: nil, reason: "cut off", bytes: []),
        ])
      try await store.commitIndex([first], at: noon)
      #expect(try await store.logExtent() == LogExtent(last: 3, firstUnindexed: 2))
      #expect(try await store.logEntry(1)?.decisions == first.decisions)
      let other = IndexedEntry(
        sequence: 1, decisions: Decisions(recordCount: 1, skipped: [], eventSpan: nil),
        deadLetters: [DeadLetter(record: 0, reason: "again", bytes: [])])
      try await store.commitIndex([other], at: noon)
      #expect(try await store.logEntry(1)?.decisions == first.decisions, "the first word stands")
      #expect(try await store.status().deadLetters == 2)
      let empty = Decisions(recordCount: 0, skipped: [], eventSpan: nil)
      try await store.commitIndex(
        (2...3).map { IndexedEntry(sequence: $0, decisions: empty, deadLetters: []) }, at: noon)
      #expect(try await store.logExtent() == LogExtent(last: 3, firstUnindexed: 4))
      #expect(try await store.logEntry(3)?.decisions == empty)
    }
  }

  @Test func `a group of decisions is committed whole or not at all`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...2, of: exchange)
      for content in try await store.owed(exchange) { try await store.fetch(content, [1]) }
      let decisions = Decisions(recordCount: 2, skipped: [1], eventSpan: nil)
      let error = await failure { () throws(StoreError) in
        try await store.commitIndex(
          [
            IndexedEntry(sequence: 1, decisions: decisions, deadLetters: []),
            IndexedEntry(
              sequence: 2, decisions: decisions,
              deadLetters: [DeadLetter(record: 1, reason: "", bytes: [])]),
          ], at: noon)
      }
      #expect(error?.kind == .other, "a dead letter has a reason")
      #expect(try await store.logExtent().firstUnindexed == 1)
    }
  }
}

struct SinkLedgerTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func file(_ inode: UInt64, length: Int64) -> SinkFile {
    SinkFile(
      path: "/var/log/audit/\(inode).ndjson", device: UInt64.max, inode: inode,
      birthNanoseconds: 1_772_625_600_000_000_001, length: length)
  }

  @Test func `a new sink begins where it is told, a known one where it stands`() async throws {
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.registerSink("file", from: .start, at: noon) == .start)
      let position = LogPosition(sequence: 3, record: 7)
      try await store.commitDelivery(of: "file", to: position, events: 5, files: [], at: noon)
      #expect(try await store.registerSink("file", from: .start, at: noon) == position)
    }
    try await withStore(folder.store) { (store) throws in
      #expect(
        try await store.sinkPositions() == ["file": LogPosition(sequence: 3, record: 7)])
    }
  }

  @Test(
    arguments: [
      LogPosition(sequence: 3, record: 6), LogPosition(sequence: 2, record: 99), .start,
    ])
  func `a cursor never goes back, and nothing of a refused receipt stays`(position: LogPosition)
    async throws
  {
    try await withStore(folder.store) { (store) throws in
      _ = try await store.registerSink("file", from: .start, at: noon)
      let reached = LogPosition(sequence: 3, record: 7)
      try await store.commitDelivery(
        of: "file", to: reached, events: 5, files: [file(1, length: 10)], at: noon)
      let error = await failure { () throws(StoreError) in
        try await store.commitDelivery(
          of: "file", to: position, events: 1, files: [file(1, length: 99)],
          retired: [file(1, length: 10)], at: noon)
      }
      #expect(error?.kind == .other)
      #expect(try await store.sinkPositions() == ["file": reached])
      #expect(try await store.files(of: "file") == [file(1, length: 10)])
      #expect(try await store.status().sinks.first?.deliveredEvents == 5)
      // Standing still is allowed: a batch may hold nothing that a sink wants.
      try await store.commitDelivery(of: "file", to: reached, events: 0, files: [], at: noon)
    }
  }

  @Test func `a receipt moves the cursor and the files in one transaction`() async throws {
    try await withStore(folder.store) { (store) throws in
      _ = try await store.registerSink("file", from: .start, at: noon)
      try await store.enterFile(file(1, length: 0), of: "file")
      try await store.enterFile(file(2, length: 0), of: "file")
      try await store.commitDelivery(
        of: "file", to: LogPosition(sequence: 2), events: 3,
        files: [file(2, length: 20), file(3, length: 30)], retired: [file(1, length: 0)], at: noon)
      #expect(try await store.files(of: "file") == [file(2, length: 20), file(3, length: 30)])
      let error = await failure { () throws(StoreError) in
        try await store.commitDelivery(
          of: "file", to: LogPosition(sequence: 3), events: 3, files: [file(2, length: -1)],
          at: noon)
      }
      #expect(error?.kind == .other, "no file has fewer bytes than none")
      #expect(try await store.sinkPositions()["file"] == LogPosition(sequence: 2))
    }
  }

  @Test func `two sinks have nothing to do with each other`() async throws {
    try await withStore(folder.store) { (store) throws in
      for name in ["a", "b"] { _ = try await store.registerSink(name, from: .start, at: noon) }
      try await store.commitDelivery(
        of: "a", to: LogPosition(sequence: 5), events: 9, files: [file(1, length: 10)], at: noon)
      try await store.enterFile(file(1, length: 77), of: "b")
      #expect(
        try await store.sinkPositions() == ["a": LogPosition(sequence: 5), "b": .start])
      #expect(try await store.files(of: "a") == [file(1, length: 10)])
      #expect(try await store.files(of: "b") == [file(1, length: 77)])
      #expect(try await store.status().sinks.map(\.deliveredEvents) == [9, 0])
    }
  }

  @Test func `a sink nobody registered has no cursor and no files`() async throws {
    try await withStore(folder.store) { (store) throws in
      let delivery = await failure { () throws(StoreError) in
        try await store.commitDelivery(
          of: "ghost", to: .start, events: 0, files: [file(1, length: 1)], at: noon)
      }
      #expect(delivery?.kind == .other)
      let entry = await failure { () throws(StoreError) in
        try await store.enterFile(file(1, length: 1), of: "ghost")
      }
      #expect(entry != nil)
      #expect(try await store.sinkPositions().isEmpty)
      #expect(try await store.files(of: "ghost").isEmpty)
    }
  }
}
