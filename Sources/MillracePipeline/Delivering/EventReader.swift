import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSinks
import MillraceStore

/// A batch together with the position its delivery makes true.
struct PositionedBatch: Sendable {
  var batch: EventBatch
  /// Everything in the log before this is in this batch or in an earlier one.
  var upTo: LogPosition
  /// Events that were looked at for it, those that a replay leaves out included.
  var examined: Int
  /// The bodies the events are from, for what a sink refuses.
  var sources: [Int64: ScannedEntry] = [:]
  private var isGathered = false

  /// The events of one slice.
  init(batch: EventBatch, upTo: LogPosition, examined: Int) {
    self.batch = batch
    self.upTo = upTo
    self.examined = examined
  }

  /// Adds the events of a slice behind these, in a buffer of the shelf.
  mutating func gather(_ slice: EventBatch, _ shelf: BufferShelf) {
    if !isGathered {
      let first = batch
      batch = EventBatch(into: shelf.take())
      batch.append(first)
      isGathered = true
    }
    batch.append(slice)
  }
}

/// What a reader makes of events.
struct BatchShape: Sendable {
  let encoding: Encoding
  var eventsMax: Int
  let bytesMax: Int
}

/// Reads the log from a position on, as far as the index step has decided, and encodes it: slices
/// in parallel on the workers, handed on in log order.
struct EventReader: Sendable {
  let store: Store
  let workers: WorkerPool
  let recent: RecentContent
  /// The sink that reads; nil when none does, and then what is meant for one alone is left out.
  let sink: String?
  let shape: BatchShape
  /// What the configuration says of tenants; one no longer configured is named by its id.
  let tenants: [TenantID: TenantFacts]
  /// What of the log is read; nil for all of it.
  var route: ReplayRoute?
  /// Where the buffers of batches come from.
  var shelf = BufferShelf(bytesEach: Limits.batchBytesMax)

  /// What a slice became.
  private struct Encoded: Sendable {
    var batch = EventBatch()
    var examined = 0
  }

  /// A part of a body that one worker encodes: whole records, of a bounded number of bytes.
  private struct Slice: Sendable {
    /// Nil where a body has nothing for this sink: it was dropped, or is meant for another.
    let scanned: ScannedEntry?
    let decisions: Decisions
    let records: Range<Int>
    let end: LogPosition
  }

  /// A body that sinks may read.
  private enum Decided {
    case body(ScannedEntry, Decisions)
    /// A body that has nothing for this sink.
    case nothing
  }

  /// The next wave of events after `position`, in batches of bounded size; empty when the index
  /// step has not come further.
  ///
  /// Memory: the raw bytes of a wave plus what they encode to, whatever the size of a body.
  func wave(after position: LogPosition) async throws(StoreError) -> [PositionedBatch] {
    let slices = try await slices(from: position)
    let encoded: [Encoded?] = await withTaskGroup { group in
      for (index, slice) in slices.enumerated() {
        group.addTask { (index, await workers.run { encode(slice) }) }
      }
      var encoded = [Encoded?](repeating: nil, count: slices.count)
      for await (index, slice) in group { encoded[index] = slice }
      return encoded
    }
    var batches: [PositionedBatch] = []
    for (slice, encoded) in zip(slices, encoded) {
      // A missing slice means that we are stopping: nothing behind it may be delivered.
      guard let encoded else { break }
      if batches.last.map({ fits(encoded.batch, into: $0.batch) }) ?? false {
        batches[batches.count - 1].gather(encoded.batch, shelf)
        batches[batches.count - 1].upTo = slice.end
        batches[batches.count - 1].examined += encoded.examined
      } else {
        batches.append(
          PositionedBatch(batch: encoded.batch, upTo: slice.end, examined: encoded.examined))
      }
      if let source = slice.scanned, !encoded.batch.lines.isEmpty {
        batches[batches.count - 1].sources[source.entry.sequence] = source
      }
    }
    return batches
  }

  private func fits(_ addition: EventBatch, into batch: EventBatch) -> Bool {
    batch.bytes.count + addition.bytes.count <= shape.bytesMax
      && batch.lines.count + addition.lines.count <= shape.eventsMax
  }

  // MARK: Slices

  private func slices(from position: LogPosition) async throws(StoreError) -> [Slice] {
    var slices: [Slice] = []
    var bytes = 0
    var next = position
    while bytes < Limits.waveBytes {
      let found: Decided?
      do throws(StoreError) {
        if let route {
          guard let position = try await route.next(from: next) else {
            // Nothing more is selected: with what is read already the end is reached.
            slices.append(nothing(upTo: route.endPosition))
            break
          }
          next = position
        }
        found = try await checked(next.sequence)
      } catch {
        // What stands before a damaged body is delivered; the next wave begins with it and says so.
        if slices.isEmpty { throw error }
        break
      }
      guard let found else { break }
      guard case .body(let scanned, let decisions) = found else {
        next = LogPosition(sequence: next.sequence + 1)
        slices.append(nothing(upTo: next))
        bytes += 1024
        continue
      }
      let records = scanned.scan.records
      repeat {
        let start = next.record
        var end = start
        var size = 0
        while end < records.count && end - start < shape.eventsMax
          && (end == start || size + records[end].range.count <= Limits.sliceBytes)
        {
          size += records[end].range.count
          end += 1
        }
        next =
          end == records.count
          ? LogPosition(sequence: next.sequence + 1)
          : LogPosition(sequence: next.sequence, record: end)
        slices.append(
          Slice(scanned: scanned, decisions: decisions, records: start..<end, end: next))
        bytes += size
      } while next.record > 0 && bytes < Limits.waveBytes
      // A body without records still moves the cursor, and costs a little.
      bytes += 1024
    }
    return slices
  }

  private func nothing(upTo end: LogPosition) -> Slice {
    Slice(
      scanned: nil, decisions: Decisions(recordCount: 0, skipped: [], eventSpan: nil),
      records: 0..<0, end: end)
  }

  /// A decided body whose decisions fit it.
  private func checked(_ sequence: Int64) async throws(StoreError) -> Decided? {
    guard let found = try await decided(sequence) else { return nil }
    guard case .body(let scanned, let decisions) = found else { return found }
    let count = scanned.scan.records.count
    guard count == decisions.recordCount else {
      throw StoreError(
        kind: .damaged, operation: "read log entry \(sequence)",
        message: "it holds \(count) records, the index step found \(decisions.recordCount)",
        hint: "run the version of Millrace that indexed it, or restore a backup")
    }
    return found
  }

  private func decided(_ sequence: Int64) async throws(StoreError) -> Decided? {
    if let known = recent.entry(sequence), let decisions = recent.decisions(sequence) {
      return isMeant(known.entry.head) ? .body(known, decisions) : .nothing
    }
    guard let stored = try await store.storedEntry(sequence) else { return nil }
    if stored.head.isAwaited && isMeant(stored.head) {
      throw StoreError(
        kind: .damaged, operation: "read log entry \(sequence)",
        message: "it was damaged, and is being fetched again",
        hint: "the sink goes on when it has come, or cannot be had; see \"millrace status\"")
    }
    if stored.head.dropped != nil { return .nothing }
    guard let decisions = stored.head.decisions else { return nil }
    guard isMeant(stored.head) else { return .nothing }
    if let known = recent.entry(sequence) { return .body(known, decisions) }
    guard let scanned = try await workers.scan(stored, withKeys: false) else { return nil }
    return .body(scanned, decisions)
  }

  private func isMeant(_ head: LogHead) -> Bool {
    head.onlySink == nil || head.onlySink == sink
  }

  // MARK: Encoding

  private func encode(_ slice: Slice) -> Encoded {
    var encoded = Encoded()
    guard let scanned = slice.scanned else { return encoded }
    let entry = scanned.entry
    let feed = entry.blob.feed
    let facts = tenants[feed.tenant]
    let name = facts?.name ?? feed.tenant.description
    let context = EventContext(
      tenant: feed.tenant, tenantName: facts?.name, domains: facts?.domains ?? .unknown,
      contentType: feed.contentType, contentID: entry.blob.id, available: entry.blob.created,
      collected: entry.fetchedAt)
    var encoder = shape.encoding.encoder()
    var filter = route?.recordFilter()
    if let first = slice.records.first, let last = slice.records.last {
      // Native events are a little larger than their records, and the last wants some room.
      let records = scanned.scan.records
      let bytes = records[last].range.upperBound - records[first].range.lowerBound
      encoded.batch.bytes.reserveCapacity(bytes + bytes / 2 + (16 << 10))
    }
    let origin = encoded.batch.index(of: EventOrigin(feed: feed, tenantName: name))
    var chosen: [Int] = []
    var skipped = slice.decisions.skipped.drop { $0 < slice.records.lowerBound }[...]
    for ordinal in slice.records {
      if let first = skipped.first, first == ordinal {
        skipped = skipped.dropFirst()
        continue
      }
      encoded.examined += 1
      let record = scanned.scan.records[ordinal]
      if filter?.includes(record, of: entry) == false { continue }
      chosen.append(ordinal)
    }
    encoder.append(
      chosen, of: scanned.scan, in: entry.body, context: context, to: &encoded.batch,
      origin: origin, sequence: entry.sequence)
    return encoded
  }
}
