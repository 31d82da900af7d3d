import Foundation
import MillraceCore
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Damage of every kind is found, named exactly, and nothing else is.
struct VerifierTests {
  private let bench: LedgerBench
  private let all = LedgerBench.mixed.count

  init() async throws {
    bench = try await LedgerBench.filled()
  }

  private func kinds(_ report: VerifyReport) -> [String] {
    report.findings.map { "\($0.kind.rawValue) \($0.sequence.map(String.init) ?? "")" }
  }

  @Test(arguments: [true, false])
  func `a store that nobody touched is sound`(isWhole: Bool) async throws {
    let report = try await bench.verify(isWhole: isWhole)
    #expect(report.sound && report.findings == [])
    #expect(report.entries == all && report.entriesInChain == all)
    #expect(report.bodies == all && report.bodiesWhole == all)
    #expect(report.bytes == LedgerBench.mixed.reduce(0) { $0 + $1.count })
  }

  @Test(arguments: LedgerBench.mixed.indices.map { $0 + 1 })
  func `one changed bit in any body is found, and its blob alone`(number: Int) async throws {
    // The blob without records is not empty: it is "[]".
    var generator = SeededGenerator(seed: UInt64(number))
    try bench.flip(bit: Int(generator.next() >> 8), ofBody: Int64(number))
    let report = try await bench.verify()
    #expect(!report.sound)
    #expect(kinds(report) == ["body_damaged \(number)"])
    #expect(report.findings.first?.contentId == "blob$\(number)")
    #expect(report.findings.first?.contentType == "Audit.Exchange")
    #expect(report.findings.first?.remedy.contains("verify --repair") == true)
    #expect(report.bodiesWhole == all - 1, "all others are whole")
    #expect(report.entriesInChain == all, "the chain is over digests, and those stand")
  }

  @Test func `a changed bit in a later row of a large body is found`() async throws {
    try bench.flip(bit: 4711, ofBody: 8, chunk: 1)
    #expect(kinds(try await bench.verify()) == ["body_damaged 8"])
  }

  @Test func `a missing body is found`() async throws {
    try bench.tamper("DELETE FROM body WHERE sequence = 3")
    let report = try await bench.verify()
    #expect(kinds(report) == ["body_missing 3"])
    #expect(report.bodiesWhole == all - 1)
  }

  @Test func `a body that lost a row is found`() async throws {
    try bench.tamper("DELETE FROM body WHERE sequence = 8 AND chunk = 1")
    #expect(kinds(try await bench.verify()) == ["body_damaged 8"])
  }

  @Test func `two bodies that changed places are told from damage`() async throws {
    try bench.tamper(
      """
      UPDATE body SET sequence = -2 WHERE sequence = 2;
      UPDATE body SET sequence = 2 WHERE sequence = 9;
      UPDATE body SET sequence = 9 WHERE sequence = -2;
      """)
    let report = try await bench.verify()
    #expect(kinds(report) == ["body_damaged 2", "body_damaged 9"])
    #expect(
      report.findings.map(\.message.description) == [
        "it holds the body of entry 9", "it holds the body of entry 2",
      ])
  }

  @Test func `a body without an entry is found, and repair deletes it`() async throws {
    try bench.tamper("INSERT INTO body VALUES (99, 0, 0, 1, x'31')")
    let found = kinds(try await bench.verify())
    #expect(found.contains("body_leftover 99"))
    try await bench.withStore { store in
      let repairer = Repairer(
        store: store, sinks: [], feeds: [], tenantNames: [:], clock: MovableClock())
      _ = try await repairer.repair(RepairRequest(leftovers: [99, 1]))
    }
    #expect(try await bench.verify().sound, "and an entry's own body stays")
  }

  // MARK: The chain

  @Test func `a missing entry is named, with its blob`() async throws {
    try bench.tamper("DELETE FROM log WHERE sequence = 5; DELETE FROM body WHERE sequence = 5")
    let report = try await bench.verify()
    let kinds = kinds(report)
    #expect(kinds.contains("entry_missing 5") && kinds.contains("unlogged "))
    #expect(report.findings.first { $0.kind == .unlogged }?.contentId == "blob$5")
    #expect(report.bodiesWhole == all - 1)
    #expect(report.entriesInChain == all - 2, "all but the one behind the hole")
    #expect(!kinds.contains { $0.hasPrefix("entry_changed") || $0.hasPrefix("body") })
  }

  @Test func `entries cut off at the end are named`() async throws {
    try bench.tamper("DELETE FROM log WHERE sequence > 10; DELETE FROM body WHERE sequence > 10")
    let report = try await bench.verify()
    #expect(
      report.findings.filter { $0.kind == .unlogged }.compactMap(\.contentId).sorted()
        == ["blob$11", "blob$12"])
  }

  @Test(arguments: [
    "fetched_at = fetched_at + 1", "byte_count = byte_count + 1", "part_count = 2",
    "sha256 = zeroblob(32)", "content_id = 5",
  ])
  func `a changed entry is named, and no other`(change: String) async throws {
    try bench.tamper("UPDATE log SET \(change) WHERE sequence = 4")
    let report = try await bench.verify()
    #expect(kinds(report).contains("entry_changed 4"), "\(kinds(report))")
    let others = report.findings.compactMap(\.sequence).filter { $0 != 4 }
    #expect(others.isEmpty)
    #expect(report.entriesInChain == all - 1)
  }

  @Test func `a changed name of a blob is found`() async throws {
    try bench.tamper("UPDATE content SET content_id = 'blob$77' WHERE content_id = 'blob$7'")
    #expect(kinds(try await bench.verify()) == ["entry_changed 7"])
  }

  @Test func `a changed link is told from a changed entry`() async throws {
    try bench.tamper("UPDATE log SET chain = zeroblob(32) WHERE sequence = 6")
    let report = try await bench.verify()
    #expect(kinds(report) == ["entry_changed 6"])
    #expect(report.findings.first?.message.contains("link") == true)
    #expect(report.entriesInChain == all - 1)
  }

  @Test(arguments: [(3, 4), (2, 9), (1, 12)])
  func `entries that changed places are named with where they stood`(
    one: Int, other: Int
  ) async throws {
    try bench.tamper(
      """
      UPDATE log SET sequence = 1000 WHERE sequence = \(one);
      UPDATE log SET sequence = \(one) WHERE sequence = \(other);
      UPDATE log SET sequence = \(other) WHERE sequence = 1000;
      UPDATE body SET sequence = -1 WHERE sequence = \(one);
      UPDATE body SET sequence = \(one) WHERE sequence = \(other);
      UPDATE body SET sequence = \(other) WHERE sequence = -1;
      """)
    let report = try await bench.verify()
    #expect(kinds(report) == ["entry_moved \(one)", "entry_moved \(other)"])
    #expect(report.findings.first?.message.contains("entry \(other)") == true)
    #expect(report.bodiesWhole == all, "each body is that of its entry")
  }

  @Test func `an entry that was taken out with all numbers behind it moved up is found`()
    async throws
  {
    try bench.tamper(
      "DELETE FROM log WHERE sequence = 5; DELETE FROM body WHERE sequence = 5;"
        + (6...all).map {
          "UPDATE log SET sequence = \($0 - 1) WHERE sequence = \($0);"
            + "UPDATE body SET sequence = \($0 - 1) WHERE sequence = \($0);"
        }.joined())
    let report = try await bench.verify()
    #expect(report.findings.contains { $0.kind == .unlogged && $0.contentId == "blob$5" })
    #expect(report.findings.contains { $0.kind == .entryMoved && $0.sequence == 6 })
  }

  // MARK: The rest

  @Test(arguments: [
    "UPDATE log SET record_count = 1, event_count = 0, skipped = zeroblob(8)",
    "UPDATE log SET skipped = x'0102'", "UPDATE log SET repeat_count = 9",
    "UPDATE log SET changed_count = -1", "UPDATE log SET last_event_at = first_event_at - 1",
    "UPDATE log SET byte_count = -5", "UPDATE log SET byte_count = 1 << 60",
    "UPDATE body SET byte_count = 1 << 60", "UPDATE body SET byte_count = -1",
    "UPDATE log SET part = 7", "UPDATE feed SET tenant = 'x'", "UPDATE body SET codec = 7",
  ])
  func `rows that contradict themselves are damage, not a crash`(sql: String) async throws {
    try bench.tamper(sql)
    let report = try await bench.verify()
    #expect(!report.sound && report.findings.allSatisfy { !$0.message.isEmpty })
  }

  @Test(arguments: 0..<8)
  func `no changed byte of the file crashes a verification`(seed: Int) async throws {
    try bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)")
    let file = try FileHandle(forUpdating: URL(filePath: bench.store + "/millrace.db"))
    let size = try file.seekToEnd()
    var generator = SeededGenerator(seed: UInt64(seed) + 1)
    for _ in 0..<8 {
      // Behind the header, without which there is no database.
      let place = 100 + generator.next() % (size - 100)
      try file.seek(toOffset: place)
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: place)
      try file.write(contentsOf: [byte ^ UInt8(1 << (generator.next() % 8))])
    }
    try file.close()
    do {
      let report = try await bench.verify()
      #expect(report.sound == report.findings.isEmpty)
    } catch let error as StoreError {
      #expect(error.kind == .damaged || error.kind == .other, "\(error)")
    }
  }

  @Test func `changed decisions are found`() async throws {
    try bench.tamper(
      "UPDATE log SET record_count = 2, event_count = 2 WHERE sequence = 1;"
        + "UPDATE feed_total SET records = records - 1, events = events - 1")
    #expect(kinds(try await bench.verify()) == ["decisions 1"])
  }

  @Test func `wrong totals are found, and repair counts anew`() async throws {
    try bench.tamper("UPDATE feed_total SET events = events + 7, fetched = 1")
    let report = try await bench.verify()
    #expect(kinds(report) == ["totals "])
    #expect(report.findings.first?.message.contains("fetched 1 instead of 12") == true)
    try await bench.withStore { try await $0.recountTotals() }
    #expect(try await bench.verify().sound)
  }

  @Test func `a reference to nothing is found`() async throws {
    try bench.tamper(
      "INSERT INTO listing_gap (feed_id, from_at, to_at, noticed_at) VALUES (99, 1, 2, 3)")
    #expect(kinds(try await bench.verify(isWhole: false)) == ["structure "])
  }

  @Test func `a damaged page of the file is damage, not a crash`() async throws {
    let connection = try Connection(path: bench.store + "/millrace.db", mode: .readWrite)
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let root = try #require(
      try connection.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'log'"))
    let file = try FileHandle(forUpdating: URL(filePath: bench.store + "/millrace.db"))
    try file.seek(toOffset: UInt64(root - 1) * 16_384)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 16_384))
    try file.close()
    let report = try await bench.verify()
    #expect(!report.sound)
    #expect(report.findings.contains { $0.kind == .structure })
    #expect(report.findings.allSatisfy { !$0.remedy.isEmpty })
  }
}
