import Foundation
import MillraceCore
import MillraceRuntime
import TestChildren
import Testing

@testable import MillraceStore

/// Numbers written one to a line with write(2): what was written survives the process.
private struct Acknowledgements {
  static func write(_ number: Int, to descriptor: Int32) {
    let line = Array("\(number)\n".utf8)
    precondition(Glibc.write(descriptor, line, line.count) == line.count, "a line is written")
  }

  static func read(_ path: String) throws -> [Int] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try #require(Int($0))
    }
  }
}

@Suite(.timeLimit(.minutes(10)))
struct CrashTests {
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `what was acknowledged before a kill is there after it`(seed: UInt64) async throws {
    let folder = try TemporaryFolder()
    let ledger = folder.path + "/acknowledged"
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = folder.store as String, ledger = ledger as String, seed] in
      try await CrashTests.workUntilKilled(store: path, ledger: ledger, seed: seed)
    }
    let acknowledged = try Acknowledgements.read(ledger)
    #expect(!acknowledged.isEmpty)
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      let last = try await store.logExtent().last
      #expect(last >= Int64(acknowledged.count), "seed \(seed)")
      var found: Set<String> = []
      for sequence in stride(from: 1, through: last, by: 1) {
        let entry = try #require(try await store.logEntry(sequence), "the log is dense")
        let number = try #require(Int(entry.blob.id.description.dropFirst(5)))
        #expect(entry.body.bytes == CrashTests.bytes(number, seed: seed))
        #expect(try await store.hash(sequence) == digest(entry.body.bytes))
        found.insert(entry.blob.id.description)
      }
      #expect(found.count == Int(last), "no blob twice")
      for number in acknowledged { #expect(found.contains("blob$\(number)"), "seed \(seed)") }
      let status = try #require(try await store.status().feeds.first)
      #expect(status.blobs[.fetched] == Int(last), "state and body go together")
      #expect(try await store.owed(exchange).count == status.blobs[.listed])
      let check = try await store.write { (connection) throws(StoreError) in
        try connection.text("PRAGMA integrity_check")
      }
      #expect(check == "ok")
    }
  }

  /// Four tasks list, fetch and acknowledge, until a thread of its own kills the process in the
  /// middle of it: after a number of acknowledgements and a little more, both from the seed.
  private static func workUntilKilled(store path: String, ledger: String, seed: UInt64)
    async throws
  {
    let descriptor = open(ledger, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try #require(descriptor >= 0)
    let exchange = try feed()
    let store = try Store(folder: path)
    var generator = SeededGenerator(seed: seed)
    let enough = Int.random(in: 1...60, using: &generator)
    let spins = Int.random(in: 0...200_000, using: &generator)
    let count = ConditionLock(0)
    startThread(name: "killer") {
      count.wait {
        $0 >= enough
      } then: { _ in
      }
      var sum = 0
      for number in 0..<spins { sum &+= number }
      if sum != -1 { kill(getpid(), SIGKILL) }
    }
    await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask { @concurrent in
          for number in stride(from: worker, to: 1_000_000, by: 4) {
            try await store.list([number], of: exchange)
            let content = try await store.read { (connection) throws(StoreError) in
              try connection.integer("SELECT id FROM content WHERE content_id = 'blob$\(number)'")
            }
            let owed = OwedContent(
              row: ContentRow(number: try #require(content)), blob: blob(number, of: exchange),
              attempts: 0)
            _ = try #require(try await store.fetch(owed, bytes(number, seed: seed)))
            Acknowledgements.write(number, to: descriptor)
            count.withLock { $0 += 1 }
            count.signal()
          }
        }
      }
    }
  }

  private static func bytes(_ number: Int, seed: UInt64) -> [UInt8] {
    body(number % 7 * 9000, seed: seed &+ UInt64(number))
  }
}

@Suite(
  .enabled(if: SmallDisk.isPossible, "mounting a small disk takes the superuser"))
struct FullDiskTests {
  @Test func `a full disk loses nothing, and the same store goes on when there is room`()
    async throws
  {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk(at: folder.path, bytes: 2 << 20, keeping: folder)
    defer { withExtendedLifetime(disk) {} }
    let ballast = folder.path + "/ballast"
    try Data(count: 700_000).write(to: URL(filePath: ballast))
    let exchange = try feed()
    let store = try Store(folder: folder.store)
    defer { store.close() }
    try await store.list(1...200, of: exchange)
    let owed = try await store.owed(exchange)
    var acknowledged = 0
    var refused: StoreError?
    while refused == nil && acknowledged < owed.count {
      let bytes = body(20_000, seed: UInt64(acknowledged))
      refused = await failure { () throws(StoreError) in
        try await store.fetch(owed[acknowledged], bytes)
      }
      if refused == nil { acknowledged += 1 }
    }
    let error = try #require(refused, "two MiB do not hold eight")
    #expect(error.kind == .full, "\(error)")
    #expect(error.isPassing && error.hint.contains("room"))
    #expect(acknowledged > 0)
    // It stays full, is still readable, and does not fall over however often it is asked.
    for _ in 0..<5 {
      let again = await failure { () throws(StoreError) in
        try await store.fetch(owed[acknowledged], body(20_000))
      }
      #expect(again?.kind == .full)
    }
    try await check(store, acknowledged, owed)
    try FileManager.default.removeItem(atPath: ballast)
    for number in acknowledged..<acknowledged + 3 {
      let sequence = try await store.fetch(owed[number], body(20_000, seed: UInt64(number)))
      #expect(sequence == Int64(number + 1))
    }
    try await check(store, acknowledged + 3, owed)
    let integrity = try await store.write { (connection) throws(StoreError) in
      try connection.text("PRAGMA integrity_check")
    }
    #expect(integrity == "ok")
  }

  private func check(_ store: Store, _ count: Int, _ owed: [OwedContent]) async throws {
    #expect(try await store.logExtent().last == Int64(count))
    for number in 0..<count {
      let entry = try #require(try await store.logEntry(Int64(number + 1)))
      #expect(entry.body.bytes == body(20_000, seed: UInt64(number)))
      #expect(entry.blob == owed[number].blob)
    }
    let left = try await store.owedCount(of: owed[0].blob.feed.tenant)
    #expect(left == owed.count - count)
  }

  @Test func `a store that finds no room at all says so`() throws {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk(at: folder.path, bytes: 64 << 10, keeping: folder)
    defer { withExtendedLifetime(disk) {} }
    let error = try #require(refusal(folder.store))
    #expect(error.kind == .full, "\(error)")
  }
}
