import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// The completeness ledger: what is there is counted, what is missing is named, each once.
struct AuditTests {
  private let bench: LedgerBench
  private let feed: Feed
  private let day = Day(containing: LedgerBench.dawn)

  init() async throws {
    bench = try await LedgerBench.filled()
    feed = try LedgerBench.feed()
  }

  /// Lists the feed until a moment of the service's, and delivers all to the sink `siem`.
  private func settle(
    _ store: Store, until moment: Timestamp, delivered: Int64 = 12
  ) async throws {
    _ = try await store.recordListing(
      of: feed, blobs: [], at: LedgerBench.dawn, listedUntil: moment)
    _ = try await store.registerSink("siem", from: .start, at: LedgerBench.dawn)
    try await store.commitDelivery(
      of: "siem", to: LogPosition(sequence: delivered + 1), events: 0, files: [],
      at: LedgerBench.dawn)
  }

  private func audit(
    _ store: Store, _ span: AuditSpan? = nil, feeds: [Feed]? = nil, sinks: [String] = ["siem"]
  ) async throws -> AuditReport {
    let configured = feeds ?? [feed]
    let scope = AuditScope(
      span: span ?? AuditSpan(from: day.start, to: day.end),
      feeds: Dictionary(configured.map { ($0, .seconds(60)) }, uniquingKeysWith: { $1 }),
      sinks: sinks, tenantNames: [feed.tenant: "contoso"])
    let auditor = Auditor(scope: scope)
    var report = try await auditor.audit(store, at: LedgerBench.dawn)
    try await auditor.addSeals(&report, of: store)
    return report
  }

  private var closed: Timestamp { day.end + .seconds(7 * 86_400) }

  private func kinds(_ report: AuditReport) -> [String] { report.holes.map(\.kind) }

  // MARK: Nothing missing

  @Test func `a day of which nothing can change any more is complete`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      let report = try await audit(store)
      #expect(report.verdict == .complete, "\(report.holes)")
      #expect(report.openUntil == nil && report.imported == nil)
      #expect(report.total.blobs == 12 && report.total.fetched == 12 && report.total.owed == 0)
      let records = 5 * 3 + 200 + 0 + 3 + 4 * 40
      #expect(report.total.records == records && report.total.events == records)
      let sink = try #require(report.total.sinks.first)
      #expect(sink.name == "siem" && sink.deliveredBlobs == 12)
      #expect(sink.deliveredEvents == records && sink.behindBlobs == 0)
      #expect(report.feeds.map(\.tenant) == ["contoso"])
      #expect(report.feeds.first?.counts.blobs == 12)
    }
  }

  @Test(arguments: [1, 86_400, 86_400 * 8 - 1])
  func `a day is open until a week after its end, by the service's clock`(
    seconds: Int
  ) async throws {
    try await bench.withStore { store in
      try await settle(store, until: day.start + .seconds(3600) + .seconds(seconds))
      let report = try await audit(store)
      let isClosed = day.start + .seconds(3600) + .seconds(seconds) >= closed
      #expect(report.verdict == (isClosed ? .complete : .open), "\(report.holes)")
      if !isClosed { #expect(report.openUntil == closed.description) }
    }
  }

  @Test func `without a span the ledger is open behind what is listed`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      let report = try await audit(store, AuditSpan())
      #expect(report.verdict == .open && report.total.blobs == 12)
      #expect(report.openUntil == (closed + .seconds(7 * 86_400)).description)
    }
  }

  // MARK: What is missing

  @Test func `a configured feed that was never listed is a hole`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      let other = try LedgerBench.feed(.general)
      let report = try await audit(store, feeds: [feed, other])
      #expect(kinds(report) == ["not_listed"])
      #expect(report.holes.first?.contentType == "Audit.General")
      #expect(report.feeds.count == 2, "it is shown, though the store does not know it")
    }
  }

  @Test func `what lies before the first listing is a hole`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      let before = day.previous.previous
      let report = try await audit(store, AuditSpan(from: before.start, to: day.end))
      #expect(kinds(report) == ["not_listed"])
      #expect(report.holes.first?.from == before.start.description)
      #expect(report.holes.first?.to == day.previous.start.description)
      #expect(report.holes.first?.remedy.contains("import") == true)
    }
  }

  @Test func `a day that lies ahead of what is listed is a hole`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: day.start + .seconds(7200))
      let report = try await audit(store, AuditSpan(from: day.end, to: day.next.end))
      #expect(kinds(report) == ["not_listed"] && report.total.blobs == 0)
    }
  }

  @Test func `a gap is a hole of the days it touches`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed + .seconds(86_400))
      let start = day.end - .seconds(60)
      try await store.recordGap(
        of: feed, from: start, to: day.end + .seconds(60), at: LedgerBench.dawn)
      let report = try await audit(store)
      #expect(kinds(report) == ["gap"])
      #expect(report.holes.first?.from == start.description)
      #expect(report.holes.first?.to == day.end.description, "as far as the day goes")
      let next = try await audit(store, AuditSpan(from: day.next.start, to: day.next.end))
      #expect(kinds(next) == ["gap"])
      let later = try await audit(
        store, AuditSpan(from: day.next.end, to: day.next.end + .seconds(60)))
      #expect(!kinds(later).contains("gap"))
    }
  }

  @Test func `a feed that is far behind the others is a hole`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: day.start + .seconds(4 * 3600))
      let other = try LedgerBench.feed(.general)
      _ = try await store.recordListing(
        of: other, blobs: [], at: LedgerBench.dawn, listedUntil: day.start + .seconds(9 * 3600),
        listedFrom: day.start)
      let report = try await audit(store, feeds: [feed, other])
      #expect(kinds(report) == ["lagging"])
      #expect(report.holes.first?.contentType == "Audit.Exchange")
      _ = try await store.recordListing(
        of: feed, blobs: [], at: LedgerBench.dawn,
        listedUntil: day.start + .seconds(9 * 3600 - 600))
      #expect(try await audit(store, feeds: [feed, other]).verdict == .open, "a little is no hole")
    }
  }

  @Test func `what is owed, expired or dead is named by its reason`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      _ = try await store.recordListing(
        of: feed, blobs: (21...26).map { LedgerBench.blob($0, of: feed) }, at: LedgerBench.dawn)
      for (index, owed) in try await bench.owed(store, feed).enumerated() {
        switch index {
        case 0...1:
          _ = try await store.lose(owed, as: .expired, reason: "AF20051", at: LedgerBench.dawn)
        case 2:
          _ = try await store.lose(owed, as: .dead, reason: "foreign", at: LedgerBench.dawn)
        case 3...4:
          try await store.postpone(owed, until: LedgerBench.dawn, reason: "throttled")
        default: break
        }
      }
      let report = try await audit(store)
      #expect(kinds(report).sorted() == ["dead", "expired", "owed", "owed"])
      #expect(report.total.owed == 3 && report.total.expired == 2 && report.total.dead == 1)
      let throttled = try #require(report.holes.first { $0.message.contains("throttled") })
      #expect(throttled.blobs == 2 && throttled.contentId == "blob$24")
      #expect(throttled.expires == LedgerBench.blob(24, of: feed).expires.description)
      #expect(report.holes.contains { $0.message.contains("not tried yet") && $0.blobs == 1 })
      #expect(report.holes.allSatisfy { !$0.remedy.isEmpty })
      #expect(report.verdict == .holes)
    }
  }

  @Test func `what was dropped before delivery is a hole, and no sink has it`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed, delivered: 3)
      _ = try await store.dropOldest(sinks: ["siem"], limit: 5, at: LedgerBench.dawn)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 13), events: 0, files: [], at: LedgerBench.dawn)
      let report = try await audit(store)
      #expect(kinds(report) == ["dropped"])
      #expect(report.total.dropped == 2 && report.total.droppedEvents == 6)
      #expect(report.total.sinks.first?.deliveredBlobs == 10)
      #expect(report.holes.first?.remedy.contains("when_full") == true)
    }
  }

  @Test func `a sink that is behind is a hole with what it has to get`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed, delivered: 8)
      let report = try await audit(store)
      #expect(kinds(report) == ["sink_behind"])
      #expect(report.holes.first?.blobs == 4 && report.holes.first?.events == 160)
      let unknown = try await audit(store, sinks: ["siem", "archive"])
      #expect(kinds(unknown) == ["sink_unknown", "sink_behind"])
      #expect(try await audit(store, sinks: []).verdict == .complete, "nobody waits for it")
    }
  }

  @Test func `a sink that began later misses nothing`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      _ = try await store.registerSink(
        "late", from: LogPosition(sequence: 11), at: LedgerBench.dawn)
      try await store.commitDelivery(
        of: "late", to: LogPosition(sequence: 13), events: 0, files: [], at: LedgerBench.dawn)
      let report = try await audit(store, sinks: ["siem", "late"])
      #expect(report.verdict == .complete, "\(report.holes)")
      let late = try #require(report.total.sinks.first { $0.name == "late" })
      #expect(late.deliveredBlobs == 2 && late.beforeStartBlobs == 10 && late.behindBlobs == 0)
    }
  }

  @Test func `a sink that begins after retention did not get what was gone`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      _ = try await store.dropDelivered(
        to: ["siem"], before: nil, limit: 4, at: LedgerBench.dawn)
      #expect(
        try await store.registerSink("late", from: .start, at: LedgerBench.dawn)
          == LogPosition(sequence: 5))
      let report = try await audit(store, sinks: ["siem"])
      #expect(report.total.sinks.map(\.deliveredBlobs) == [0, 12], "retention is after delivery")
      #expect(report.total.sinks.map(\.beforeStartBlobs) == [4, 0])
    }
  }

  @Test func `an undecided body and a dead blob are holes`() async throws {
    let bench = try LedgerBench()
    try await bench.fill(
      [LedgerBench.body(1), Array("no blob".utf8), LedgerBench.body(3)], decided: 2)
    try await bench.withStore { store in
      try await settle(store, until: closed, delivered: 3)
      let report = try await audit(store)
      #expect(kinds(report).sorted() == ["dead_blobs", "undecided"])
      #expect(report.total.undecided == 1 && report.total.deadLetters > 0)
    }
  }

  @Test func `what a retry entered is no blob more, and owed to its sink alone`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      _ = try await store.registerSink("other", from: .start, at: LedgerBench.dawn)
      try await store.commitDelivery(
        of: "other", to: LogPosition(sequence: 13), events: 0, files: [], at: LedgerBench.dawn)
      let blob = LedgerBench.blob(3, of: feed)
      try await store.write { (connection) throws(StoreError) in
        let number = try connection.integer("SELECT id FROM content WHERE content_id = 'blob$3'")
        _ = try connection.appendToLog(
          LogAppendix(
            content: ContentRow(number: number ?? 0), blob: blob, fetchedAt: LedgerBench.dawn,
            attempt: 2, onlySink: "siem"),
          parts: [PackedBody(PaddedBytes(LedgerBench.body(90)))])
      }
      try await bench.decide(store, upTo: 13)
      let report = try await audit(store, sinks: ["siem", "other"])
      #expect(report.total.blobs == 12 && report.total.events == 378)
      #expect(report.total.retries == 1 && report.total.retriedEvents == 3)
      #expect(report.holes.map(\.sink) == ["siem"] && report.holes.first?.events == 3)
      #expect(report.total.sinks.map(\.deliveredBlobs) == [12, 12])
    }
  }

  @Test func `imported content is counted apart, and other tenants are left out`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed)
      let other = try #require(TenantID("00000000-0000-4000-8000-000000000002"))
      for (feed, number) in [(feed, 51), (Feed(tenant: other, contentType: .general), 52)] {
        let body = PackedBody(PaddedBytes(LedgerBench.body(number, records: 2)))
        _ = try await store.commitImport(
          ImportedContent(feed: feed, body: body), at: LedgerBench.dawn)
      }
      try await bench.decide(store, upTo: 14)
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 15), events: 0, files: [], at: LedgerBench.dawn)
      let all = try await audit(store)
      #expect(all.total.blobs == 12 && all.imported?.blobs == 2 && all.imported?.events == 4)
      #expect(all.verdict == .complete, "\(all.holes)")
      let own = try await audit(
        store, AuditSpan(from: day.start, to: day.end, tenant: feed.tenant))
      #expect(own.imported?.blobs == 1 && own.feeds.count == 1 && own.tenant == "contoso")
    }
  }

  // MARK: Each blob

  @Test func `a repeat with other content is listed with where it came first`() async throws {
    let bench = try LedgerBench()
    try await bench.fill([LedgerBench.body(1), LedgerBench.body(2)], decided: 1)
    try await bench.withStore { store in
      let changed = ChangedRepeat(record: 1, first: LogPosition(sequence: 1, record: 2))
      let decisions = Decisions(
        recordCount: 3, skipped: [1, 2], repeatCount: 2, changedCount: 1, eventSpan: nil)
      try await store.commitIndex(
        [IndexedEntry(sequence: 2, decisions: decisions, deadLetters: [], changed: [changed])],
        at: LedgerBench.dawn)
      let scope = AuditScope(span: AuditSpan(), feeds: [:], sinks: [], tenantNames: [:])
      let reports = try await store.auditedBlobs(AuditSpan(), after: nil, limit: 9).map {
        BlobReport($0, scope: scope, sinks: [])
      }
      #expect(reports.map { $0.entries.first?.changedRepeats?.map(\.record) } == [nil, [1]])
      #expect(reports.last?.entries.first?.changedRepeats?.first?.first == "1:2")
      #expect(try await audit(store).total.changedRepeats == 1)
    }
  }

  @Test func `every blob is listed with its entries and where each sink stands`() async throws {
    try await bench.withStore { store in
      try await settle(store, until: closed, delivered: 6)
      let span = AuditSpan(from: day.start, to: day.end)
      let scope = AuditScope(span: span, feeds: [:], sinks: [], tenantNames: [:])
      let sinks = try await store.knownSinks()
      var reports: [BlobReport] = []
      var place: AuditPlace?
      repeat {
        let blobs = try await store.auditedBlobs(span, after: place, limit: 5)
        place = blobs.count < 5 ? nil : blobs.last?.place
        reports += blobs.map { BlobReport($0, scope: scope, sinks: sinks) }
      } while place != nil
      #expect(reports.map(\.contentId) == (1...12).map { "blob$\($0)" })
      #expect(reports.flatMap(\.entries).map(\.sequence) == Array(1...12))
      #expect(reports[5].entries.first?.records == 200)
      #expect(reports[5].sinks == ["siem": "delivered"] && reports[6].sinks == ["siem": "behind"])
      let hash = try await store.storedEntry(6)?.body?.sha256
      #expect(reports[5].entries.first?.sha256 == hash.map(Hexadecimal.text))
    }
  }
}
