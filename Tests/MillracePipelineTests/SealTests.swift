import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Sealing: a day gets its seal when nothing of it can change by itself, and then nothing changes
/// unseen.
struct SealTests {
  private let bench: LedgerBench
  private let feed: Feed
  private let day = Day(containing: LedgerBench.dawn)

  init() async throws {
    bench = try await LedgerBench.filled()
    feed = try LedgerBench.feed()
  }

  private var closed: Timestamp { day.end + .seconds(7 * 86_400) }

  private func sealer(_ store: Store) -> Sealer {
    Sealer(store: store, feeds: [feed], tenantNames: [:], clock: SystemWallClock())
  }

  private func list(
    _ store: Store, until moment: Timestamp, blobs: [ContentBlob] = []
  ) async throws {
    _ = try await store.recordListing(
      of: feed, blobs: blobs, at: LedgerBench.dawn, listedUntil: moment)
  }

  /// Seals the day, and the one after it.
  private func sealTwo() async throws {
    try await bench.withStore { store in
      try await list(store, until: closed + .seconds(86_400))
      #expect(try await sealer(store).seal(day).seal != nil)
      #expect(try await sealer(store).seal(day.next).seal != nil)
    }
  }

  private func findings() async throws -> [String] {
    try await bench.verify().findings.map { "\($0.kind.rawValue) \($0.day ?? "")" }
  }

  @Test func `a day is sealed once nothing of it can be listed any more`() async throws {
    try await bench.withStore { store in
      let early = try await sealer(store).seal(day)
      #expect(early.seal == nil && early.isWaiting)
      #expect(early.obstacle?.contains(closed.description) == true, "it says when")
      try await list(store, until: closed - .milliseconds(1))
      #expect(try await sealer(store).seal(day).isWaiting)
      try await list(store, until: closed)
      let sealed = try await sealer(store).seal(day)
      #expect(sealed.seal?.count == 64 && sealed.blobs == 12 && sealed.records == 378)
      #expect(try await sealer(store).seal(day).isSealed, "once")
      #expect(try await store.seals().count == 1)
    }
    #expect(try await bench.verify().sound)
  }

  @Test func `a day with something owed or undecided is not sealed`() async throws {
    let bench = try LedgerBench()
    try await bench.fill([LedgerBench.body(1), LedgerBench.body(2)], decided: 1)
    try await bench.withStore { store in
      try await list(store, until: closed, blobs: [LedgerBench.blob(9, of: feed)])
      let owing = try await sealer(store).seal(day)
      #expect(owing.seal == nil && owing.obstacle?.contains("fetched") == true)
      #expect(!owing.isWaiting)
      let owed = try #require(try await bench.owed(store, feed).first)
      _ = try await store.lose(owed, as: .expired, reason: "gone", at: LedgerBench.dawn)
      #expect(try await sealer(store).seal(day).obstacle?.contains("parsed") == true)
      try await bench.decide(store, upTo: 2)
      #expect(try await sealer(store).seal(day).seal != nil, "a loss is part of the day")
    }
  }

  @Test func `days are sealed in their order`() async throws {
    try await sealTwo()
    try await bench.withStore { store in
      let earlier = try await sealer(store).seal(day.previous)
      #expect(earlier.seal == nil && earlier.obstacle?.contains("\(day.next)") == true)
    }
  }

  @Test func `a seal is what it is said to be`() async throws {
    try await sealTwo()
    let seals = try await bench.withStore { try await $0.seals() }
    #expect(seals.map(\.day) == [day, day.next])
    #expect(
      seals[1].seal == Seal.link(after: seals[0].seal, day.next, ledger: seals[1].ledger.sha256))
    #expect(seals[0].ledger.sha256 != seals[1].ledger.sha256)
  }

  @Test(arguments: [
    "UPDATE content SET state = 'dead', reason = 'x' WHERE content_id = 'blob$3'",
    "UPDATE content SET reason = 'x' WHERE content_id = 'blob$3'",
    "UPDATE content SET created_at = created_at + 86400000 WHERE content_id = 'blob$3'",
    "UPDATE log SET record_count = 2, event_count = 2 WHERE sequence = 3",
    "UPDATE log SET event_count = 2, skipped = x'00000000' WHERE sequence = 3",
    "UPDATE log SET sha256 = zeroblob(32) WHERE sequence = 3",
    "DELETE FROM log WHERE sequence = 3",
    "INSERT INTO listing_gap (feed_id, from_at, to_at, noticed_at) VALUES (1, 1772582400000, 1772582400009, 1)",
  ])
  func `a change of a sealed day is found by audit and verify`(sql: String) async throws {
    try await sealTwo()
    try bench.tamper(sql)
    #expect(try await findings().contains("seal \(day)"))
    try await bench.withStore { store in
      let scope = AuditScope(
        span: AuditSpan(from: day.start, to: day.end), feeds: [feed: .seconds(60)], sinks: [],
        tenantNames: [:])
      var report = AuditReport(time: "", version: "")
      try await Auditor(scope: scope).addSeals(&report, of: store)
      #expect(report.seals.map(\.unchanged) == [false])
      #expect(report.verdict == .holes && report.holes.map(\.kind) == ["seal"])
    }
  }

  @Test func `a blob that is added to a sealed day is found`() async throws {
    try await sealTwo()
    try await bench.withStore { store in
      try await list(store, until: closed, blobs: [LedgerBench.blob(77, of: feed)])
    }
    #expect(try await findings() == ["seal \(day)"])
  }

  @Test func `a seal that is taken out or changed is found`() async throws {
    try await sealTwo()
    try bench.tamper("UPDATE seal SET seal = zeroblob(32) WHERE day = '\(day.next)'")
    #expect(try await findings() == ["seal \(day.next)"])
    try bench.tamper("DELETE FROM seal WHERE day = '\(day)'")
    #expect(try await findings() == ["seal \(day.next)"])
  }

  @Test func `retention, and the retry of a dead letter, change nothing of a sealed day`()
    async throws
  {
    try await sealTwo()
    try await bench.withStore { store in
      _ = try await store.registerSink("siem", from: .start, at: LedgerBench.dawn)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 13), events: 0, files: [], at: LedgerBench.dawn)
      let dropped = try await store.dropDelivered(
        to: ["siem"], before: nil, limit: 100, at: LedgerBench.dawn)
      #expect(dropped.bodies == 12)
      let blob = LedgerBench.blob(3, of: feed)
      try await store.write { (connection) throws(StoreError) in
        let number = try connection.integer("SELECT id FROM content WHERE content_id = 'blob$3'")
        _ = try connection.appendToLog(
          LogAppendix(
            content: ContentRow(number: number ?? 0), blob: blob, fetchedAt: LedgerBench.dawn,
            attempt: 2),
          parts: [PackedBody(PaddedBytes(LedgerBench.body(90)))])
      }
    }
    #expect(try await bench.verify().sound)
  }
}
