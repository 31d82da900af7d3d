import MillraceCore
import MillraceRuntime
import MillraceSinks
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Where a workload keeps what it writes.
struct Place: Sendable {
  let folder: String
  let disk: FaultyDisk
  /// How the sink stores what it writes.
  var compression = FileCompression.none
  /// When it begins another file, by bytes.
  var rotatedAt: Int64?

  var store: String { folder + "/state/store" }
  var template: String { folder + "/events/{tenant}/{date}.ndjson" }
}

/// A clock that stands.
private struct Noon: WallClock {
  func now() -> Timestamp { noon }
}

/// One life of a collector: from opening the store and the sink to closing them, or to the end of
/// the power.
struct Life {
  static let sinkName = "archive"

  let store: Store
  let sink: FileSink

  /// Opens the store, and the sink against what the store says.
  init(at place: Place) async throws {
    store = try Store(folder: place.store, files: place.disk.storeFiles())
    var options = FileSink.Options()
    options.openFilesMax = 2
    options.compression = place.compression
    options.rotation = FileRotation(bytesMax: place.rotatedAt)
    // So that files are called the same in each run.
    options.clock = Noon()
    sink = FileSink(
      name: Life.sinkName,
      template:
        try PathTemplate(NameTemplate(place.template), sink: Life.sinkName),
      options: options, log: .silent, operations: place.disk.sinkFiles)
    do {
      try await openSink()
    } catch {
      store.close()
      throw error
    }
  }

  private func openSink() async throws(SinkError) {
    try await sink.open(ledger: StoreSinkLedger(store: store, sink: Life.sinkName))
  }

  /// Ends it in good order, as far as the disk lets it.
  func close() async {
    await sink.close()
    store.close()
  }

  /// Does what a step says. The step is done when this returns.
  func perform(_ step: Step) async throws {
    switch step {
    case .list(let feed, let numbers, let isLastPage):
      let feed = try Workload.feed(feed)
      let until = isLastPage ? noon + .seconds(numbers.upperBound) : nil
      let outcome = try await store.recordListing(
        of: feed, blobs: numbers.map { Workload.blob($0, of: feed) }, at: noon,
        listedUntil: until, listedFrom: noon)
      #expect(outcome.new == numbers.count)
    case .refuse(let feed, let number):
      let feed = try Workload.feed(feed)
      let refused = RefusedContent(blob: Workload.blob(number, of: feed), reason: "elsewhere")
      _ = try await store.recordListing(of: feed, blobs: [], refused: [refused], at: noon)
    case .start(let feed): try await store.recordStart(of: Workload.feed(feed), at: noon)
    case .listAgain(let feed):
      try await store.recordRelisting(of: Workload.feed(feed), at: noon, wasEverything: true)
    case .gap(let feed):
      let feed = try Workload.feed(feed)
      try await store.recordGap(of: feed, from: noon, to: noon + .seconds(9), at: noon)
    case .fetch(let feed, let number, let partBytes):
      let parts = partBytes.indices.map { part in
        Workload.body(partBytes[part], number: number, part: part)
      }
      let owed = try await owed(feed, number)
      _ = try #require(try await store.commitFetched(owed, parts: parts, at: noon))
    case .postpone(let feed, let number):
      try await store.postpone(
        try await owed(feed, number), until: noon + .seconds(60), reason: "trouble")
    case .lose(let feed, let number):
      let isLost = try await store.lose(
        try await owed(feed, number), as: number % 2 == 0 ? .expired : .dead, reason: "gone",
        at: noon)
      #expect(isLost)
    case .index(let bodies): try await index(bodies)
    case .register(let sink): _ = try await store.registerSink(sink, from: .start, at: noon)
    case .deliver(let events): try await deliver(events)
    case .dropDelivered(let bodies):
      _ = try await store.dropDelivered(to: [Life.sinkName], before: nil, limit: bodies, at: noon)
    case .enterImport(let number):
      let piece = ImportedContent(
        feed: try Workload.feed(0), body: Workload.body(900, number: number, part: 0))
      _ = try #require(try await store.commitImport(piece, at: noon))
    case .retry:
      guard let letter = try await store.openDeadLetters(limit: 1).first else { return }
      let body = PackedBody(PaddedBytes(Array("[{}]".utf8)))
      let entered = try await store.retryDeadLetters([(letter.id, body)], at: noon)
      #expect(entered.count == 1)
    case .giveUp:
      guard let letter = try await store.openDeadLetters(limit: 1000).last else { return }
      let dropped = try await store.dropDeadLetters([letter.id], at: noon)
      #expect(dropped == [letter.id])
    case .reopen: preconditionFailure("whoever holds a life opens it again")
    }
  }

  private func owed(_ feed: Int, _ number: Int) async throws -> OwedContent {
    let feed = try Workload.feed(feed)
    let owed = try await store.owedContent(
      of: feed.tenant, types: [feed.contentType], now: noon + .seconds(86_400), limit: 1000,
      excluding: [])
    return try #require(owed.first { $0.blob.id == ContentID("blob$\(number)") })
  }

  private func index(_ bodies: Int) async throws {
    let extent = try await store.logExtent()
    let last = min(extent.last, extent.firstUnindexed + Int64(bodies) - 1)
    guard extent.firstUnindexed <= last else { return }
    let entries = (extent.firstUnindexed...last).map { sequence in
      let (count, skipped) = Workload.records(of: sequence)
      return IndexedEntry(
        sequence: sequence,
        decisions: Decisions(recordCount: count, skipped: skipped, eventSpan: nil),
        deadLetters: skipped.map { record in
          DeadLetter(record: Int(record), reason: "no object", bytes: Array("\(record)".utf8))
        })
    }
    try await store.commitIndex(entries, at: noon)
  }

  // MARK: Delivering

  /// Delivers the next events behind the sink's cursor, as a deliverer does.
  private func deliver(_ events: Int) async throws {
    let position = try #require(try await store.sinkPositions()[Life.sinkName])
    let (batch, end) = try await batch(from: position, atMost: events)
    guard end > position else { return }
    var receipt = SinkReceipt()
    if !batch.lines.isEmpty { receipt = try await sink.deliver(batch) }
    try await store.commitDelivery(
      of: Life.sinkName, to: end, events: batch.lines.count, files: receipt.files,
      retired: receipt.retired, at: noon)
    if !batch.lines.isEmpty { await sink.committed(receipt) }
  }

  private func batch(
    from start: LogPosition, atMost events: Int
  ) async throws -> (EventBatch, LogPosition) {
    var batch = EventBatch()
    var position = start
    while batch.lines.count < events,
      let head = try await store.storedEntry(position.sequence)?.head,
      let decisions = head.decisions
    {
      let origin = batch.index(
        of: EventOrigin(
          feed: head.blob.feed, tenantName: "tenant\(head.blob.feed.tenant.description.last!)"))
      while position.record < decisions.recordCount && batch.lines.count < events {
        if !decisions.skipped.contains(UInt32(position.record)) {
          append(position, origin, to: &batch)
        }
        position = LogPosition(sequence: position.sequence, record: position.record + 1)
      }
      if position.record == decisions.recordCount {
        position = LogPosition(sequence: position.sequence + 1)
      }
    }
    return (batch, position)
  }

  /// An event says where it stands in the log, and nothing else; days alternate.
  private func append(_ position: LogPosition, _ origin: Int, to batch: inout EventBatch) {
    let start = batch.bytes.count
    batch.bytes += Array("\(position.sequence)/\(position.record)\n".utf8)
    batch.lines.append(
      EventBatch.Line(
        range: start..<batch.bytes.count, origin: origin,
        time: noon + .seconds(position.record % 2 * 86_400), position: position))
  }
}
