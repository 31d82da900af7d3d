import Foundation
import MillraceCore
import Testing

@testable import MillraceStore

/// A store that was killed, as files: what was committed since the last checkpoint is in the
/// write-ahead log alone.
private struct KilledStore {
  static let bodies = 16
  /// So many of them were moved into the database before.
  static let movedBodies = 6

  let folder: TemporaryFolder
  let feed: Feed

  var database: String { folder.store + "/millrace.db" }
  var log: String { database + "-wal" }

  /// Makes one in which the log has `bodies` entries.
  init(checkpointed: Int = KilledStore.movedBodies) async throws {
    folder = try TemporaryFolder()
    feed = try MillraceStoreTests.feed()
    let living = try TemporaryFolder()
    try await withStore(living.store) { [feed, folder] store in
      _ = try await store.registerSink("archive", from: .start, at: noon)
      try await store.list(1...40, of: feed)
      for (index, content) in try await store.owed(feed).prefix(KilledStore.bodies).enumerated() {
        if index == checkpointed { try KilledStore.moveLog(living.store) }
        try await store.fetch(content, KilledStore.bytes(index + 1))
      }
      if checkpointed == KilledStore.bodies { try KilledStore.moveLog(living.store) }
      // Copied while it is open, as closing would tidy up.
      try FileManager.default.createDirectory(
        atPath: folder.store, withIntermediateDirectories: false)
      for name in ["millrace.db", "millrace.db-wal", "lock"] {
        try FileManager.default.copyItem(
          atPath: living.store + "/" + name, toPath: folder.store + "/" + name)
      }
    }
  }

  static func bytes(_ number: Int) -> [UInt8] {
    body(number % 4 * 9000 + 700, seed: UInt64(number))
  }

  /// A checkpoint, after which the log begins anew.
  private static func moveLog(_ store: String) throws {
    let connection = try Connection(path: store + "/millrace.db", mode: .readWrite)
    _ = try connection.text("PRAGMA wal_checkpoint(RESTART)")
  }

  /// Changes the bytes of one of its files.
  func change(_ path: String, _ change: (inout Data) -> Void) throws {
    var data = try #require(FileManager.default.contents(atPath: path))
    change(&data)
    try data.write(to: URL(filePath: path))
  }

  /// Checks that the log has `count` entries, all whole, and that it goes on from there.
  func expectWhole(_ store: Store, _ count: Int) async throws {
    #expect(try await store.logExtent().last == Int64(count))
    for number in stride(from: 1, through: count, by: 1) {
      let entry = try #require(try await store.logEntry(Int64(number)))
      #expect(entry.body.bytes == KilledStore.bytes(number))
    }
    let check = try await store.write { (connection) throws(StoreError) in
      try connection.text("PRAGMA integrity_check")
    }
    #expect(check == "ok")
    // What is not there is owed again, in its order.
    let owed = try await store.owed(feed)
    #expect(owed.count == 40 - count)
    let next = try #require(owed.first)
    #expect(try await store.fetch(next, KilledStore.bytes(count + 1)) == Int64(count + 1))
  }
}

/// Files of a store that were damaged while nobody had them open.
@Suite(.timeLimit(.minutes(10)))
struct DamageTests {
  // MARK: The write-ahead log

  enum LogDamage: String, CaseIterable {
    case halved, withoutFrames, flippedByte, flippedHeader, emptied, removed
  }

  @Test(arguments: LogDamage.allCases)
  func `a write-ahead log that is not whole is told, and the rest of the store is`(
    damage: LogDamage
  ) async throws {
    let killed = try await KilledStore()
    switch damage {
    case .halved: try killed.change(killed.log) { $0.removeLast($0.count / 2) }
    case .withoutFrames: try killed.change(killed.log) { $0.removeLast($0.count - 32) }
    case .flippedByte: try killed.change(killed.log) { $0[$0.count / 2] ^= 1 }
    case .flippedHeader: try killed.change(killed.log) { $0[17] ^= 1 }
    case .emptied: try killed.change(killed.log) { $0 = Data() }
    case .removed: try FileManager.default.removeItem(atPath: killed.log)
    }
    var kept = 0
    try await withStore(killed.folder.store) { store in
      let missing = try #require(store.missingEntries)
      #expect(missing.upperBound == Int64(KilledStore.bodies))
      kept = Int(missing.lowerBound) - 1
      #expect((KilledStore.movedBodies..<KilledStore.bodies).contains(kept), "\(missing)")
      try await killed.expectWhole(store, kept)
    }
    // Told until someone says that it was heard.
    try await withStore(killed.folder.store) { store in
      #expect(store.missingEntries == Int64(kept + 2)...Int64(KilledStore.bodies))
      store.acknowledgeLoss()
    }
    try await withStore(killed.folder.store) { store in #expect(store.missingEntries == nil) }
  }

  @Test func `what a crash leaves of a transaction that nobody was told of is no damage`()
    async throws
  {
    for count in [1, 24, 4000, 16_408, 50_000] {
      let killed = try await KilledStore()
      try killed.change(killed.log) { $0 += body(count) }
      try await withStore(killed.folder.store) { store in
        #expect(store.missingEntries == nil)
        try await killed.expectWhole(store, KilledStore.bodies)
      }
    }
  }

  @Test func `an older database in the place of a newer one is told`() async throws {
    let killed = try await KilledStore()
    let older = try await KilledStore(checkpointed: KilledStore.bodies)
    try older.change(killed.folder.store + "/lock") { lock in
      lock = Data("process 1\nlog 812\n".utf8)
    }
    for name in ["millrace.db", "millrace.db-wal"] {
      try FileManager.default.removeItem(atPath: killed.folder.store + "/" + name)
    }
    try FileManager.default.copyItem(atPath: older.database, toPath: killed.database)
    try await withStore(killed.folder.store) { store in
      #expect(store.missingEntries == Int64(KilledStore.bodies + 1)...812)
      try await killed.expectWhole(store, KilledStore.bodies)
    }
  }

  @Test(arguments: ["", "process 1\n", "process 1\nlog 9", "process 1\nlog x\n", "\0\0\0\n\0\n\0"])
  func `a lock file that says nothing of the log raises no alarm`(text: String) async throws {
    let killed = try await KilledStore()
    try killed.change(killed.folder.store + "/lock") { $0 = Data(text.utf8) }
    try FileManager.default.removeItem(atPath: killed.log)
    try await withStore(killed.folder.store) { store in #expect(store.missingEntries == nil) }
  }

  @Test func `a half moved database without its write-ahead log is refused`() async throws {
    let killed = try await KilledStore()
    try FileManager.default.removeItem(atPath: killed.log)
    func root(_ table: String) throws -> Int {
      let connection = try Connection(path: killed.database, mode: .readOnly)
      let page = try connection.integer(
        "SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'")
      return Int(try #require(page)) - 1
    }
    // As if pages had just been moved: one is newer than those that point to it.
    let (from, to) = (try root("log"), try root("content"))
    try killed.change(killed.database) { data in
      data.replaceSubrange(
        to * 16_384..<(to + 1) * 16_384, with: data[from * 16_384..<(from + 1) * 16_384])
    }
    let error = try #require(refusal(killed.folder.store))
    #expect(error.kind == .damaged && error.hint.contains("backup"), "\(error)")
    #expect(error.message.contains("to \(KilledStore.bodies) are gone"), "\(error)")
  }

  // MARK: The database

  /// Everything a reader can ask for; what it throws is handed on.
  private func readings(
    _ feed: Feed
  ) -> [(String, @Sendable (Store) async throws(StoreError) -> Bool)] {
    var readings: [(String, @Sendable (Store) async throws(StoreError) -> Bool)] = [
      ("status", { (store) throws(StoreError) in try await store.status().feeds.count == 1 }),
      (
        "owed",
        { (store) throws(StoreError) in
          try await store.owed(feed).count == 40 - KilledStore.bodies
        }
      ),
      (
        "cursor",
        { (store) throws(StoreError) in try await store.sinkPositions() == ["archive": .start] }
      ),
    ]
    for number in 1...KilledStore.bodies {
      readings.append(
        (
          "entry \(number)",
          { (store) throws(StoreError) in
            try await store.logEntry(Int64(number))?.body.bytes == KilledStore.bytes(number)
          }
        ))
    }
    return readings
  }

  @Test func `a damaged page is told from what it is not, and takes nothing else with it`()
    async throws
  {
    let killed = try await KilledStore(checkpointed: KilledStore.bodies)
    try FileManager.default.removeItem(atPath: killed.log)
    let whole = try #require(FileManager.default.contents(atPath: killed.database))
    var refused = 0
    var told = 0
    var right = 0
    for page in 0..<whole.count / 16_384 {
      try killed.change(killed.database) { data in
        data = whole
        data.replaceSubrange(
          page * 16_384..<(page + 1) * 16_384, with: body(16_384, seed: UInt64(page)))
      }
      if let error = refusal(killed.folder.store, .inspect) {
        #expect(error.kind == .damaged && !error.hint.isEmpty, "page \(page): \(error)")
        refused += 1
        continue
      }
      let store = try Store(folder: killed.folder.store, access: .inspect)
      for (name, isRight) in readings(killed.feed) {
        do throws(StoreError) {
          let holds = try await isRight(store)
          #expect(holds, "page \(page): \(name) is wrong without a word")
          right += 1
        } catch {
          #expect(error.kind == .damaged && !error.hint.isEmpty, "page \(page), \(name): \(error)")
          told += 1
        }
      }
      store.close()
    }
    // The first page and that of the tables' names keep everyone out; most others harm one thing.
    #expect(refused > 0 && told > 0 && right > 4 * told, "\(refused), \(told), \(right)")
  }

  @Test(arguments: [1, 3, 9, 20])
  func `a database that was cut says so`(pages: Int) async throws {
    let killed = try await KilledStore(checkpointed: KilledStore.bodies)
    try FileManager.default.removeItem(atPath: killed.log)
    try killed.change(killed.database) { $0.removeLast($0.count - pages * 16_384 + 100) }
    if let error = refusal(killed.folder.store, .inspect) {
      #expect(error.kind == .damaged && !error.hint.isEmpty, "\(error)")
      return
    }
    let store = try Store(folder: killed.folder.store, access: .inspect)
    defer { store.close() }
    var told = 0
    for (name, isRight) in readings(killed.feed) {
      do throws(StoreError) {
        let holds = try await isRight(store)
        #expect(holds, "\(name) is wrong without a word")
      } catch {
        #expect(error.kind == .damaged && !error.hint.isEmpty, "\(name): \(error)")
        told += 1
      }
    }
    #expect(told > 0)
  }
}
