import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// A damaged body is fetched again and stands where it stood; whom it cannot be had for goes on.
struct RepairTests {
  private let twoSinks = """
      raw: {type: file, path: 'RAW', format: raw}
      archive: {type: file, path: 'FOLDER/archive/{tenant}.ndjson'}
    """
  private let oneSink = "  raw: {type: file, path: 'RAW', format: raw}"

  private func sinks(_ text: String, _ bench: Bench) -> String {
    text.replacing("RAW", with: bench.rawPath).replacing("FOLDER", with: bench.folder.path)
  }

  private func verify(_ bench: Bench) async throws -> VerifyReport {
    let store = try Store(folder: bench.storePath, access: .inspect)
    defer { store.close() }
    return try await Verifier(store: store, tenantNames: [:]).run(
      isWhole: true, at: SystemWallClock().now()
    ) { _ in }
  }

  /// Repairs what a verification finds, while no collector runs.
  private func repair(_ bench: Bench, sinks: [String]) async throws -> [VerifyReport.Repair] {
    let damaged = try await verify(bench).repairable
    var repairs: [VerifyReport.Repair] = []
    try await bench.withStore { store in
      let feeds = Set(try await store.status().feeds.map(\.feed))
      let repairer = Repairer(
        store: store, sinks: sinks, feeds: feeds, tenantNames: [:], clock: SystemWallClock())
      repairs = try await repairer.repair(RepairRequest(sequences: damaged)).repairs
    }
    return repairs
  }

  @Test func `what every sink has is fetched again for replays, and delivered to nobody twice`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 200))
    _ = try await bench.runOnce()
    let damage = Damage(store: bench.storePath)
    try damage.flip(bit: 99, ofBody: 7)
    try damage.tamper("DELETE FROM body WHERE sequence = 12")
    #expect(try await verify(bench).repairable == [7, 12])

    let repairs = try await repair(bench, sinks: ["raw", "archive"])
    #expect(repairs.map(\.outcome) == ["restoring", "restoring"])
    #expect(repairs.allSatisfy { $0.reason == nil && ($0.events ?? 0) > 0 })
    let outcome = try await bench.runOnce()
    #expect(outcome.outcome.ending == .complete)
    #expect(try await verify(bench).sound, "the same bytes stand in the same place")
    try bench.expectEveryRecordOnce()
  }

  @Test func `a sink that stopped at a damaged body goes on with it in its place`() async throws {
    let bench = try Bench(Bench.options(events: 200))
    _ = try await bench.runOnce(sinks: sinks(oneSink, bench))
    try Damage(store: bench.storePath).flip(bit: 99, ofBody: 7)
    // A second sink begins with the oldest content, and cannot pass. A busy machine may need longer
    // to find that out.
    var owed: [String] = []
    for patience in [1, 4, 16, 60] {
      owed = try await bench.runOnce(
        patience: .seconds(patience), sinks: sinks(twoSinks, bench)
      ).outcome.owed
      if owed.contains(where: { $0.contains("--repair") }) { break }
    }
    #expect(owed.contains { $0.contains("archive") && $0.contains("--repair") }, "\(owed)")

    let repairs = try await repair(bench, sinks: ["raw", "archive"])
    #expect(repairs.map(\.outcome) == ["awaited"])
    let waiting = try await bench.withStoreValue { try await $0.storedHead(7) }
    #expect(waiting?.isAwaited == true)
    let mended = try await bench.runOnce(sinks: sinks(twoSinks, bench))
    #expect(mended.outcome.ending == .complete, "\(mended.outcome.owed)")
    #expect(try await verify(bench).sound)
    try bench.expectEveryRecordOnce()
  }

  @Test func `a body that was damaged before it was parsed comes at the end of the log`()
    async throws
  {
    let bench = try LedgerBench()
    try await bench.fill(decided: 4)
    try bench.tamper("DELETE FROM body WHERE sequence = 5")
    let feed = try LedgerBench.feed()
    try await bench.withStore { store in
      let repaired = try await store.repairBody(
        5, damage: "gone", sinks: ["siem"], feeds: [feed], at: LedgerBench.dawn)
      #expect(repaired?.repaired == .fetchedAnew)
      #expect(try await store.logExtent().firstUnindexed == 6, "what stands behind it goes on")
      let indexer = self.indexer(of: store)
      #expect(try await indexer.decide(from: 5) == 1, "an index step that waits at it goes on")
      var next: Int64 = 6
      while next <= 12 { next += Int64(try await indexer.decide(from: next)) }
      let owed = try #require(try await bench.owed(store, feed).first)
      #expect(owed.blob.id.description == "blob$5")
      let body = PackedBody(PaddedBytes(LedgerBench.mixed[4]))
      let last = try await store.logExtent().last
      #expect(try await store.commitFetched(owed, parts: [body], at: LedgerBench.dawn) == last + 1)
      #expect(try await store.storedHead(5)?.dropped == .replaced)
      #expect(try await indexer.decide(from: 13) == 1)
      #expect(try await store.storedHead(13)?.decisions?.eventCount == 3)
    }
    #expect(try await bench.verify().sound)
  }

  private func indexer(of store: Store) -> Indexer {
    let clock = SystemWallClock()
    return Indexer(
      store: store, workers: WorkerPool(width: 1), recent: RecentContent(bytesMax: 0),
      deduplicator: nil, activity: Activity(log: .silent, clock: clock), clock: clock,
      log: .silent, committed: Pulse(), indexed: Pulse())
  }

  @Test func `what cannot be had again is lost, and said so`() async throws {
    let bench = try await LedgerBench.filled()
    let feed = try LedgerBench.feed()
    try bench.tamper("DELETE FROM body WHERE sequence IN (2, 3, 4)")
    try await bench.withStore { store in
      _ = try await store.registerSink("siem", from: .start, at: LedgerBench.dawn)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 3), events: 6, files: [], at: LedgerBench.dawn)
      // The service is known to have been there when it no longer kept the second blob.
      let passed = try await repaired(2, feeds: [feed], store, until: 7 * 86_400 + 100)
      #expect(passed?.repaired == .delivered)
      let lost = try await repaired(3, feeds: [feed], store, until: 7 * 86_400 + 100)
      #expect(lost?.repaired == .lost && lost?.events == 3)
      #expect(lost?.obstacle?.contains("the service kept it until") == true)
      let foreign = try await repaired(4, feeds: [], store, until: 0)
      #expect(foreign?.repaired == .lost && foreign?.obstacle?.contains("configured") == true)
      #expect(try await bench.owed(store, feed) == [])
      #expect(try await store.status().droppedBodies == 2, "what every sink has is not lost")
      #expect(try await store.storedHead(3)?.isAwaited == false, "nobody waits for it")
      #expect(
        try await store.repairBody(3, damage: "", sinks: [], feeds: [], at: LedgerBench.dawn) == nil
      )
    }
    #expect(try await bench.verify().sound, "what is gone is accounted for")
  }

  private func repaired(
    _ sequence: Int64, feeds: Set<Feed>, _ store: Store, until seconds: Int
  ) async throws -> RepairOutcome? {
    _ = try await store.recordListing(
      of: try LedgerBench.feed(), blobs: [], at: LedgerBench.dawn,
      listedUntil: LedgerBench.dawn + .seconds(seconds))
    return try await store.repairBody(
      sequence, damage: "gone", sinks: ["siem"], feeds: feeds, at: LedgerBench.dawn)
  }

  @Test func `a body that the service does not give again holds up nobody`() async throws {
    let bench = try await LedgerBench.filled()
    let feed = try LedgerBench.feed()
    try bench.tamper("DELETE FROM body WHERE sequence = 2")
    try await bench.withStore { store in
      let repaired = try await repaired(2, feeds: [feed], store, until: 0)
      #expect(repaired?.repaired == .awaited)
      #expect(try await store.storedHead(2)?.isAwaited == true)
      let owed = try #require(try await bench.owed(store, feed).first)
      #expect(
        try await store.lose(owed, as: .expired, reason: "AF20051", at: LedgerBench.dawn))
      #expect(try await store.storedHead(2)?.isAwaited == false)
      #expect(try await store.storedHead(2)?.dropped == .damaged)
      #expect(try await store.status().feeds.first?.blobs[.fetched] == 12, "it was had once")
    }
    #expect(try await bench.verify().sound)
  }

  @Test func `when the service has other bytes now, they come as new content`() async throws {
    let bench = try await LedgerBench.filled()
    let feed = try LedgerBench.feed()
    try bench.tamper("DELETE FROM body WHERE sequence = 2")
    try await bench.withStore { store in
      _ = try await repaired(2, feeds: [feed], store, until: 0)
      let owed = try #require(try await bench.owed(store, feed).first)
      let other = PackedBody(PaddedBytes(LedgerBench.body(2, records: 4)))
      #expect(try await store.commitFetched(owed, parts: [other], at: LedgerBench.dawn) == 13)
      #expect(try await store.storedHead(2)?.dropped == .replaced)
    }
    #expect(try await bench.verify().sound)
  }

  @Test func `a part of a huge blob is put back alone`() async throws {
    let bench = try LedgerBench()
    let feed = try LedgerBench.feed()
    let parts = (1...3).map { PackedBody(PaddedBytes(LedgerBench.body($0))) }
    try await bench.withStore { store in
      _ = try await store.recordListing(
        of: feed, blobs: [LedgerBench.blob(1, of: feed)], at: LedgerBench.dawn,
        listedUntil: LedgerBench.dawn)
      let owed = try #require(try await bench.owed(store, feed).first)
      #expect(try await store.commitFetched(owed, parts: parts, at: LedgerBench.dawn) == 1)
      try await bench.decide(store, upTo: 3)
      try bench.tamper("DELETE FROM body WHERE sequence = 2")
      let repaired = try await store.repairBody(
        2, damage: "gone", sinks: ["siem"], feeds: [feed], at: LedgerBench.dawn)
      #expect(repaired?.repaired == .awaited)
      let again = try #require(try await bench.owed(store, feed).first)
      #expect(try await store.commitFetched(again, parts: parts, at: LedgerBench.dawn) == 2)
      #expect(try await store.logExtent().last == 3, "nothing was entered anew")
    }
    #expect(try await bench.verify().bodiesWhole == 3)
  }

  @Test func `a part that was damaged before it was parsed comes anew, and the others stay`()
    async throws
  {
    let bench = try LedgerBench()
    let feed = try LedgerBench.feed()
    let parts = (1...3).map { PackedBody(PaddedBytes(LedgerBench.body($0))) }
    try await bench.withStore { store in
      _ = try await store.recordListing(
        of: feed, blobs: [LedgerBench.blob(1, of: feed)], at: LedgerBench.dawn,
        listedUntil: LedgerBench.dawn)
      let owed = try #require(try await bench.owed(store, feed).first)
      _ = try await store.commitFetched(owed, parts: parts, at: LedgerBench.dawn)
      try await bench.decide(store, upTo: 1)
      try bench.tamper("DELETE FROM body WHERE sequence = 2")
      let repaired = try await store.repairBody(
        2, damage: "gone", sinks: ["siem"], feeds: [feed], at: LedgerBench.dawn)
      #expect(repaired?.repaired == .fetchedAnew)
      let again = try #require(try await bench.owed(store, feed).first)
      #expect(try await store.commitFetched(again, parts: parts, at: LedgerBench.dawn) == 4)
      let anew = try #require(try await store.storedHead(4))
      #expect(anew.part == 1 && anew.partCount == 3, "it is the second of three")
      #expect(try await store.storedEntry(4)?.body?.sha256 == parts[1].sha256)
      #expect(try await store.logExtent().last == 4)
    }
    #expect(try await bench.verify().bodiesWhole == 3)
  }

  @Test func `a body that is whole is left alone, whoever says that it is damaged`() async throws {
    let bench = try await LedgerBench.filled()
    try await bench.withStore { store in
      let repairer = Repairer(
        store: store, sinks: ["siem"], feeds: [], tenantNames: [:], clock: SystemWallClock())
      let answer = try await repairer.repair(RepairRequest(sequences: [1, 8, 99]))
      #expect(answer.repairs.map(\.outcome) == ["whole", "whole", "whole"])
    }
    #expect(try await bench.verify().bodies == 12)
  }
}

extension Bench {
  /// Reads the store while no collector does.
  func withStoreValue<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
    let store = try Store(folder: storePath)
    defer { store.close() }
    return try await body(store)
  }
}

extension RepairTests {
  @Test func `imported content that was damaged is had again by importing it again`() async throws {
    let bench = try LedgerBench()
    let content = ImportedContent(
      feed: try LedgerBench.feed(), body: PackedBody(PaddedBytes(LedgerBench.body(1))))
    try await bench.withStore { store in
      #expect(try await store.commitImport(content, at: LedgerBench.dawn) == 1)
      #expect(try await store.commitImport(content, at: LedgerBench.dawn) == nil)
      try await bench.decide(store, upTo: 1)
      try bench.tamper("DELETE FROM body")
      let repaired = try await store.repairBody(
        1, damage: "gone", sinks: ["siem"], feeds: [content.feed], at: LedgerBench.dawn)
      #expect(repaired?.repaired == .lost && repaired?.obstacle?.contains("import") == true)
      #expect(try await store.commitImport(content, at: LedgerBench.dawn) == 2)
      #expect(try await store.commitImport(content, at: LedgerBench.dawn) == nil)
      try await bench.decide(store, upTo: 2)
    }
    #expect(try await bench.verify().sound)
  }
}
