import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillraceStore

@Stage
@Suite(.timeLimit(.minutes(10)))
struct GroupCommitTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// How many transactions the write-ahead log holds: frames that end one carry the size of the
  /// database (https://www.sqlite.org/fileformat2.html#wal_file_format).
  private func commits() throws -> Int {
    let path = folder.store + "/millrace.db-wal"
    let wal = Array(try #require(FileManager.default.contents(atPath: path)))
    func number(_ offset: Int) -> UInt32 {
      wal[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard wal.count >= 32 else { return 0 }
    let frame = Int(number(8)) + 24
    let salts = wal[16..<24]
    return stride(from: 32, to: wal.count - frame + 1, by: frame).count { start in
      wal[start + 8..<start + 16] == salts && number(start + 4) != 0
    }
  }

  /// Lets everything that `work` starts queue up behind a write that does not end before.
  private func queued(on store: Store, _ work: () async throws -> Void) async throws {
    let gate = ConditionLock(false)
    let (entered, entrance) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let blocker = Task { @Stage in
      try await store.write { _ in
        entrance.finish()
        gate.wait {
          $0
        } then: { _ in
        }
      }
    }
    for await _ in entered {}
    try await work()
    await everyoneWaits()
    gate.withLock { $0 = true }
    gate.signal()
    try await blocker.value
  }

  @Test(arguments: [(1, 1), (200, 1), (256, 1), (257, 2), (600, 3)])
  func `writes that wait together share a transaction`(writes: Int, transactions: Int)
    async throws
  {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([], of: exchange, until: noon)
      let before = try commits()
      var tasks: [Task<ListingOutcome, any Error>] = []
      try await queued(on: store) {
        for number in 1...writes {
          tasks.append(await onStage { try await store.list([number], of: exchange) })
        }
      }
      for task in tasks { #expect(try await task.value.new == 1) }
      #expect(try commits() - before == transactions)
      #expect(try await store.owedCount(of: exchange.tenant) == writes)
    }
  }

  @Test func `a write that fails is undone alone, and the others of its group stand`()
    async throws
  {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...50, of: exchange)
      let owed = try await store.owed(exchange)
      let before = try commits()
      var tasks: [Task<Int64?, any Error>] = []
      try await queued(on: store) {
        for (number, content) in owed.enumerated() {
          // Every third digest is too short for the ledger; it fails after its blob was marked.
          let sha256 = [UInt8](repeating: 7, count: number % 3 == 0 ? 31 : 32)
          tasks.append(
            await onStage {
              try await store.commitFetched(
                content,
                parts: [
                  PackedBody(byteCount: 0, sha256: sha256, storedBytes: 0, chunks: [])
                ], at: noon)
            })
        }
      }
      var sequences: [Int64] = []
      for (number, task) in tasks.enumerated() {
        let result = await task.result
        guard number % 3 == 0 else {
          sequences.append(try #require(try result.get()))
          continue
        }
        #expect(throws: StoreError.self) { try result.get() }
      }
      #expect(try commits() - before == 1)
      #expect(sequences == Array(1...33), "in the order of asking, without a hole")
      let stillOwed = try await store.owed(exchange)
      #expect(
        stillOwed.map(\.row) == owed.enumerated().filter { $0.offset % 3 == 0 }.map(\.element.row))
      #expect(try await store.number("SELECT count(*) FROM log") == 33)
    }
  }

  @Test func `what was queued before the store closed is done`() async throws {
    let exchange = try feed()
    let store = try Store(folder: folder.store)
    var tasks: [Task<ListingOutcome, any Error>] = []
    try await queued(on: store) {
      for number in 1...20 {
        tasks.append(await onStage { try await store.list([number], of: exchange) })
      }
      await everyoneWaits()
      store.close()
    }
    for task in tasks { #expect(try await task.value.new == 1) }
    let outside = try Store(folder: folder.store, access: .inspect)
    defer { outside.close() }
    #expect(try await outside.owedCount(of: exchange.tenant) == 20)
  }
}
