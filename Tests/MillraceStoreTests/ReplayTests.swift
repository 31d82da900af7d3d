import MillraceCore
import Testing

@testable import MillraceStore

/// Replays in the store: what they select, and their cursors.
struct ReplayTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Opens a store with six decided bodies of ten events each: two feeds take turns, a body is
  /// available at `noon + number seconds`, and its events happened in the ten minutes before.
  private func withLog(_ body: (Store) async throws -> Void) async throws {
    let feeds = [try feed(), try feed(.general, tenant: 2)]
    try await withStore(folder.store) { (store) throws in
      for number in 1...6 {
        let feed = feeds[number % 2]
        try await store.list([number], of: feed)
        try await store.fetch(try #require(try await store.owed(feed).first), [1])
      }
      for number in 1...6 {
        let span = noon + .seconds(number - 600)...noon + .seconds(number - 1)
        let decisions = Decisions(
          recordCount: 10, skipped: [], eventSpan: number == 6 ? nil : span)
        try await store.commitIndex(
          [IndexedEntry(sequence: Int64(number), decisions: decisions, deadLetters: [])], at: noon)
      }
      _ = try await store.registerSink("siem", from: .start, at: noon)
      try await body(store)
    }
  }

  /// Checks which entries a selection takes.
  private func expect(
    _ expected: [Int64], of store: Store, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout ReplaySelection) throws -> Void
  ) async throws {
    var selection = ReplaySelection()
    try change(&selection)
    let entries = try await store.replayEntries(selection, in: 1..<7)
    #expect(entries == expected, sourceLocation: sourceLocation)
    let extent = try await store.replayExtent(selection, before: 7)
    #expect(extent.first == entries.first && extent.blobs == entries.count)
    #expect(extent.events == 10 * entries.count, sourceLocation: sourceLocation)
  }

  @Test func `a selection takes what lies in its span, of either time`() async throws {
    try await withLog { (store) throws in
      try await expect([1, 2, 3, 4, 5, 6], of: store) { _ in }
      // What was available in the span may hold records without a time of their own.
      try await expect([3, 4, 5, 6], of: store) { $0.from = noon + .seconds(3) }
      try await expect([6], of: store) { $0.from = noon + .seconds(6) }
      try await expect([1, 2, 3, 4, 5], of: store) { $0.to = noon + .seconds(6) }
      try await expect([1], of: store) { $0.to = noon + .seconds(2 - 600) }
      try await expect([2, 3], of: store) {
        $0.basis = .availability
        $0.from = noon + .seconds(2)
        $0.to = noon + .seconds(4)
      }
    }
  }

  @Test func `a selection takes tenants, content types and blobs by name`() async throws {
    try await withLog { (store) throws in
      try await expect([2, 4, 6], of: store) { $0.tenants = [try Tenants.id(1)] }
      try await expect([1, 3, 5], of: store) { $0.contentTypes = [.general] }
      try await expect([1, 2, 3, 4, 5, 6], of: store) { $0.contentTypes = [.general, .exchange] }
      try await expect([2, 5], of: store) {
        $0.contentIDs = [ContentID("blob$2"), ContentID("blob$5"), ContentID("' OR 1 --")]
      }
      try await expect([], of: store) {
        $0.contentTypes = [.general]
        $0.contentIDs = [ContentID("blob$2")]
      }
    }
  }

  @Test func `what is gone is counted and not selected`() async throws {
    try await withLog { (store) throws in
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 4), events: 30, files: [], at: noon)
      _ = try await store.dropDelivered(to: ["siem"], before: nil, limit: 2, at: noon)
      #expect(try await store.replayEntries(ReplaySelection(), in: 1..<7) == [3, 4, 5, 6])
      let extent = try await store.replayExtent(ReplaySelection(), before: 6)
      #expect(extent.first == 3 && extent.blobs == 3 && extent.events == 30)
      #expect(extent.goneBlobs == 2 && extent.goneEvents == 20)
    }
  }

  @Test func `what was entered again for one sink is left out, as its first place is not`()
    async throws
  {
    try await withLog { (store) throws in
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 7),
        DeliveredBatch(
          events: 59,
          refused: [
            RefusedRecord(
              position: LogPosition(sequence: 2, record: 3), reason: "no", bytes: [0x7B])
          ]), at: noon)
      _ = try await store.retryDeadLetters(
        [(1, PackedBody(PaddedBytes(Array("[{}]".utf8))))], at: noon)
      try await store.commitIndex(
        [
          IndexedEntry(
            sequence: 7, decisions: Decisions(recordCount: 1, skipped: [], eventSpan: nil),
            deadLetters: [])
        ], at: noon)
      #expect(try await store.replayEntries(ReplaySelection(), in: 1..<8) == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test func `a replay moves its own cursor with the files, and is done at its end`() async throws {
    try await withLog { (store) throws in
      let job = try await store.createReplay(
        to: "siem", selection: "{}", from: 2, end: 6, at: noon)
      #expect(job.state == .running && job.position == LogPosition(sequence: 2) && job.end == 6)
      let file = SinkFile(path: "/f", device: 1, inode: 2, birthNanoseconds: 3, length: 400)
      let middle = LogPosition(sequence: 4, record: 5)
      #expect(
        try await store.commitReplay(
          job.id, to: middle, DeliveredBatch(events: 25, files: [file]), at: noon + .seconds(1))
          == .running)
      #expect(try await store.files(of: "siem") == [file])
      #expect(try await store.sinkPositions() == ["siem": .start], "the live cursor stays")
      #expect(try await store.runningReplays().map(\.position) == [middle])
      let error = await failure { () throws(StoreError) in
        try await store.commitReplay(
          job.id, to: LogPosition(sequence: 4), DeliveredBatch(events: 1), at: noon)
      }
      #expect(error != nil, "it never goes back")
      #expect(
        try await store.commitReplay(
          job.id, to: LogPosition(sequence: 6), DeliveredBatch(events: 15, retired: [file]),
          at: noon) == .done)
      #expect(try await store.files(of: "siem").isEmpty)
      let done = try #require(try await store.replay(job.id))
      #expect(done.state == .done && done.deliveredEvents == 40)
      #expect(try await store.runningReplays().isEmpty)
      #expect(try await store.cancelReplay(job.id, at: noon) == false)
    }
  }

  @Test func `a replay that is cancelled stays so, and what was on its way is accounted for`()
    async throws
  {
    try await withLog { (store) throws in
      let job = try await store.createReplay(
        to: "siem", selection: "{}", from: 1, end: 3, at: noon)
      #expect(try await store.cancelReplay(job.id, at: noon))
      #expect(try await store.cancelReplay(job.id, at: noon) == false)
      #expect(
        try await store.commitReplay(
          job.id, to: LogPosition(sequence: 3), DeliveredBatch(events: 20), at: noon) == .cancelled)
      #expect(try await store.replay(job.id)?.deliveredEvents == 20)
      let empty = try await store.createReplay(
        to: "siem", selection: "{}", from: nil, end: 7, at: noon)
      #expect(empty.state == .done)
      #expect(try await store.replays(limit: 10).map(\.id) == [empty.id, job.id])
      #expect(try await store.replays(before: empty.id, limit: 10).map(\.id) == [job.id])
    }
  }

  @Test func `events a sink refused in a replay are dead letters, too`() async throws {
    try await withLog { (store) throws in
      let job = try await store.createReplay(
        to: "siem", selection: "{}", from: 1, end: 3, at: noon)
      let refused = RefusedRecord(
        position: LogPosition(sequence: 1, record: 4), reason: "no", bytes: [0x7B])
      _ = try await store.commitReplay(
        job.id, to: LogPosition(sequence: 2), DeliveredBatch(events: 9, refused: [refused]),
        at: noon)
      let letter = try #require(try await store.openDeadLetters(limit: 10).first)
      #expect(letter.sink == "siem" && letter.record == 4 && letter.kind == .event)
      #expect(try await store.status().sinks.first?.refusedEvents == 1)
    }
  }

  @Test func `what a running replay still needs stays, unless its sink is gone`() async throws {
    try await withLog { (store) throws in
      try await store.commitDelivery(
        of: "siem", to: LogPosition(sequence: 7), events: 60, files: [], at: noon)
      _ = try await store.registerSink("archive", from: LogPosition(sequence: 7), at: noon)
      let job = try await store.createReplay(
        to: "siem", selection: "{}", from: 3, end: 7, at: noon)
      let first = try await store.dropDelivered(
        to: ["siem", "archive"], before: nil, limit: 10, at: noon)
      #expect(first.bodies == 2)
      _ = try await store.commitReplay(
        job.id, to: LogPosition(sequence: 5), DeliveredBatch(events: 20), at: noon)
      let second = try await store.dropDelivered(
        to: ["siem", "archive"], before: nil, limit: 10, at: noon)
      #expect(second.bodies == 2)
      let third = try await store.dropDelivered(to: ["archive"], before: nil, limit: 10, at: noon)
      #expect(third.bodies == 2, "nobody runs a replay to a sink that is not configured")
    }
  }
}
