import Foundation
import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Backups: whole, of one moment, private, and stores of their own.
struct BackupTests {
  private let bench: LedgerBench

  init() async throws {
    bench = try await LedgerBench.filled()
  }

  private func backUp(
    to file: String, replacing: Bool = false, goOn: @escaping @Sendable () -> Bool = { true }
  ) async -> Result<Backup.Outcome, StoreError> {
    do throws(StoreError) {
      return .success(
        try await Backup.write(
          from: bench.store, to: file, replacing: replacing, pagesPerStep: 16
        ) { _ in goOn() })
    } catch {
      return .failure(error)
    }
  }

  /// Puts a backup where a store would be.
  private func restored(_ file: String) throws -> String {
    let folder = bench.folder + "/restored"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: file, toPath: folder + "/millrace.db")
    return folder
  }

  @Test func `a backup is a store of its own, with all that was committed`() async throws {
    let file = bench.folder + "/copy.db"
    try await bench.withStore { store in
      _ = try await store.registerSink("siem", from: .start, at: LedgerBench.dawn)
      let length = SinkFile(
        path: "/var/log/a.ndjson", device: 1, inode: 2, birthNanoseconds: 3, length: 4711)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 7, record: 2), events: 9, files: [length],
        at: LedgerBench.dawn)
      #expect(try await backUp(to: file).get().lastEntry == 12)
    }
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    let store = try Store(folder: try restored(file))
    defer { store.close() }
    #expect(try await store.sinkPositions() == ["siem": LogPosition(sequence: 7, record: 2)])
    #expect(try await store.files(of: "siem").map(\.length) == [4711])
    for (index, body) in LedgerBench.mixed.enumerated() {
      #expect(try await store.logEntry(Int64(index + 1))?.body.bytes == body)
    }
    let report = try await Verifier(store: store, tenantNames: [:]).run(
      isWhole: true, at: LedgerBench.dawn
    ) { _ in }
    #expect(report.sound && report.entries == 12)
  }

  @Test func `a backup that is taken while others write is of one moment`() async throws {
    let file = bench.folder + "/copy.db"
    let feed = try LedgerBench.feed()
    try await bench.withStore { store in
      // Between any two steps of the copy something is committed.
      let written = Mutex(0)
      let outcome = await backUp(to: file) {
        let number = written.withLock { count in
          count += 1
          return count
        }
        return commit(100 + number, of: feed, store)
      }
      let last = try outcome.get().lastEntry
      #expect(written.withLock { $0 } > 3)
      #expect(try await store.logExtent().last > last, "what came later is not in it")
    }
    let store = try Store(folder: try restored(file), access: .inspect)
    defer { store.close() }
    let report = try await Verifier(store: store, tenantNames: [:]).run(
      isWhole: true, at: LedgerBench.dawn
    ) { _ in }
    #expect(report.sound && report.entries == 12, "\(report.findings)")
  }

  /// Lists and fetches one more blob, on the backup's own thread.
  private func commit(_ number: Int, of feed: Feed, _ store: Store) -> Bool {
    let done = ConditionLock<Bool?>(nil)
    Task {
      var isWell = true
      do {
        _ = try await store.recordListing(
          of: feed, blobs: [LedgerBench.blob(number, of: feed)], at: LedgerBench.dawn)
        for owed in try await bench.owed(store, feed) {
          let body = PackedBody(PaddedBytes(LedgerBench.body(number)))
          _ = try await store.commitFetched(owed, parts: [body], at: LedgerBench.dawn)
        }
      } catch {
        isWell = false
      }
      let outcome = isWell
      done.withLock { $0 = outcome }
      done.signal()
    }
    return done.wait {
      $0 != nil
    } then: {
      $0 ?? false
    }
  }

  @Test func `a file that exists is not replaced unless that is asked for`() async throws {
    let file = bench.folder + "/copy.db"
    try Data("precious".utf8).write(to: URL(filePath: file))
    guard case .failure(let error) = await backUp(to: file) else {
      Issue.record("it was replaced")
      return
    }
    #expect(error.hint.contains("--force"))
    #expect(try Data(contentsOf: URL(filePath: file)) == Data("precious".utf8))
    #expect(try await backUp(to: file, replacing: true).get().lastEntry == 12)
  }

  @Test(arguments: ["millrace.db", "millrace.db-wal", "../link"])
  func `a backup never goes over the store it copies`(name: String) async throws {
    try FileManager.default.createSymbolicLink(
      atPath: bench.folder + "/link", withDestinationPath: bench.store + "/millrace.db")
    try await bench.withStore { store in
      _ = try await store.registerSink("siem", from: .start, at: LedgerBench.dawn)
      guard case .failure = await backUp(to: bench.store + "/" + name, replacing: true) else {
        Issue.record("it was replaced")
        return
      }
      #expect(try await store.logExtent().last == 12)
    }
    #expect(try await bench.verify().sound)
  }

  @Test func `a backup that is stopped leaves nothing behind`() async throws {
    let file = bench.folder + "/copy.db"
    guard case .failure(let error) = await backUp(to: file, goOn: { false }) else {
      Issue.record("it was not stopped")
      return
    }
    #expect(error.message.contains("stopped"))
    #expect(!FileManager.default.fileExists(atPath: file))
    #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
    // What a killed one left does not matter.
    try Data("half".utf8).write(to: URL(filePath: file + ".partial"))
    #expect(try await backUp(to: file).get().lastEntry == 12)
    #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
  }

  @Test func `a folder that is not there is named`() async throws {
    let file = bench.folder + "/nowhere/copy.db"
    guard case .failure(let error) = await backUp(to: file) else {
      Issue.record("it was written")
      return
    }
    #expect(error.operation.contains("nowhere") && !error.hint.isEmpty)
  }
}
