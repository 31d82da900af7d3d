import MillraceCore

@testable import MillraceStore

/// What a store should know, in plain arrays and dictionaries: what it does is simple enough to be
/// seen to be right.
struct StoreModel {
  struct Blob {
    let blob: ContentBlob
    let isImported: Bool
    var state: ContentState
    var attempts = 0
    var retryAt: Timestamp?
  }

  struct Entry {
    let feed: Feed
    let id: ContentID
    var part = 0
    var partCount = 1
    var attempt = 1
    var onlySink: String?
    let bytes: [UInt8]
    let fetchedAt: Timestamp
    var decisions: Decisions?
    var dropped: DropReason?
  }

  struct Letter {
    let kind: DeadLetterKind
    let sequence: Int64
    let record: Int?
    let sink: String?
    let reason: String
    let attempts: Int
    /// Nil once it is closed.
    var bytes: [UInt8]?
    var closing: StoredDeadLetter.Closing?
  }

  struct Sink {
    var position: LogPosition
    var delivered = 0
    var refused = 0
    var files: [UInt64: SinkFile] = [:]
  }

  struct Replay {
    let sink: String
    var state: ReplayJob.State
    var position: LogPosition
    let end: Int64
    var delivered = 0
  }

  /// Feeds that were ever named.
  var feeds: [Feed: FeedProgress] = [:]
  var blobs: [Feed: [ContentID: Blob]] = [:]
  /// The entry with the number n stands at n - 1.
  var log: [Entry] = []
  /// The letter with the number n stands at n - 1.
  var letters: [Letter] = []
  var sinks: [String: Sink] = [:]
  var replays: [Replay] = []

  var last: Int64 { Int64(log.count) }
  var firstUnindexed: Int64 { Int64(log.firstIndex { $0.decisions == nil } ?? log.count) + 1 }

  // MARK: The ledger

  mutating func list(_ listed: [ContentBlob], of feed: Feed, until: Timestamp?, from: Timestamp?) {
    for blob in listed where blobs[feed]?[blob.id] == nil {
      blobs[feed, default: [:]][blob.id] = Blob(blob: blob, isImported: false, state: .listed)
    }
    var progress = feeds[feed] ?? FeedProgress()
    if let until, progress.listedUntil ?? .distantPast < until {
      progress.listedUntil = until
      progress.listedFrom = progress.listedFrom ?? from ?? until
    }
    feeds[feed] = progress
  }

  /// Moves a blob that is owed; false when it is not.
  private mutating func move(_ id: ContentID, of feed: Feed, to state: ContentState) -> Bool {
    guard blobs[feed]?[id]?.state == .listed else { return false }
    blobs[feed]?[id]?.state = state
    blobs[feed]?[id]?.retryAt = nil
    return true
  }

  /// The entries that fetching a blob made, in the order of its parts.
  private func fetched(_ id: ContentID, of feed: Feed) -> [Int] {
    log.indices.filter { index in
      let entry = log[index]
      return entry.feed == feed && entry.id == id && entry.attempt == 1
        && entry.dropped != .replaced
    }.sorted { (log[$0].part, $0) < (log[$1].part, $1) }
  }

  mutating func lose(_ id: ContentID, of feed: Feed, as state: ContentState) -> Bool {
    move(id, of: feed, to: fetched(id, of: feed).isEmpty ? state : .fetched)
  }

  mutating func fetch(
    _ id: ContentID, of feed: Feed, parts: [[UInt8]], at moment: Timestamp
  ) -> Int64? {
    guard move(id, of: feed, to: .fetched) else { return nil }
    let first = last + 1
    let new = parts.indices.map { part in
      Entry(
        feed: feed, id: id, part: part, partCount: parts.count, bytes: parts[part],
        fetchedAt: moment)
    }
    let earlier = fetched(id, of: feed)
    guard !earlier.isEmpty else {
      log += new
      return first
    }
    let isSame =
      earlier.count == parts.count
      && zip(earlier, new).allSatisfy { index, entry in
        (log[index].part, log[index].partCount, log[index].bytes)
          == (entry.part, entry.partCount, entry.bytes)
      }
    if !isSame {
      let damaged = earlier.filter { log[$0].dropped == .damaged }
      guard !damaged.isEmpty else { return nil }
      for index in damaged { log[index].dropped = .replaced }
      log += new
      return first
    }
    var places: [Int64] = []
    for (index, entry) in zip(earlier, new) where log[index].dropped != nil {
      if log[index].dropped == .damaged && log[index].decisions?.recordCount == 0 {
        log[index].dropped = .replaced
        log.append(entry)
        places.append(last)
      } else {
        log[index].dropped = nil
        places.append(Int64(index + 1))
      }
    }
    return places.first
  }

  mutating func enterImport(
    _ id: ContentID, of feed: Feed, bytes: [UInt8], at moment: Timestamp
  ) -> Int64? {
    feeds[feed] = feeds[feed] ?? FeedProgress()
    let entry = Entry(feed: feed, id: id, bytes: bytes, fetchedAt: moment)
    if blobs[feed]?[id] == nil {
      let blob = ContentBlob(feed: feed, id: id, uri: "", created: moment, expires: moment)
      blobs[feed, default: [:]][id] = Blob(blob: blob, isImported: true, state: .fetched)
    } else {
      let damaged = fetched(id, of: feed).filter { log[$0].dropped == .damaged }
      guard !damaged.isEmpty else { return nil }
      for index in damaged { log[index].dropped = .replaced }
    }
    log.append(entry)
    return last
  }

  // MARK: The log

  mutating func index(_ entry: IndexedEntry) {
    let index = Int(entry.sequence) - 1
    guard log[index].decisions == nil else { return }
    log[index].decisions = entry.decisions
    letters += entry.deadLetters.map { letter in
      Letter(
        kind: letter.record == nil ? .blob : .record, sequence: entry.sequence,
        record: letter.record, sink: nil, reason: letter.reason, attempts: log[index].attempt,
        bytes: letter.bytes)
    }
  }

  /// What was passed by all of these sinks, and by the replays that run to them.
  private func boundary(_ names: [String]) -> Int64 {
    let running = replays.filter { $0.state == .running && names.contains($0.sink) }
    return (names.map { sinks[$0]?.position.sequence ?? 0 } + running.map(\.position.sequence))
      .min() ?? .max
  }

  mutating func drop(
    passedBy names: [String], alsoUndelivered: Bool, before: Timestamp?, limit: Int
  ) -> DropOutcome {
    let boundary = boundary(names)
    var outcome = DropOutcome()
    let held = log.indices.filter { index in
      log[index].dropped == nil && log[index].decisions != nil
        && (alsoUndelivered || Int64(index + 1) < boundary)
    }.prefix(limit).prefix { before == nil || log[$0].fetchedAt < before ?? .distantPast }
    for index in held {
      let sequence = Int64(index + 1)
      outcome.bodies += 1
      log[index].dropped = sequence < boundary ? .retention : .full
      guard sequence >= boundary else { continue }
      outcome.undelivered += 1
      outcome.undeliveredEvents += log[index].decisions?.eventCount ?? 0
      outcome.undeliveredRange = (outcome.undeliveredRange?.lowerBound ?? sequence)...sequence
    }
    return outcome
  }

  /// Takes a damaged body out; nil when there is none.
  mutating func repair(
    _ sequence: Int64, sinks names: [String], feeds configured: Set<Feed>
  ) -> RepairedBody? {
    let index = Int(sequence) - 1
    let entry = log[index]
    guard entry.dropped == nil, let blob = blobs[entry.feed]?[entry.id] else { return nil }
    let events = entry.decisions?.eventCount
    let isDelivered =
      events == 0
      || events != nil
        && names.filter { entry.onlySink == nil || entry.onlySink == $0 }
          .allSatisfy { sinks[$0]?.position.sequence ?? 0 > sequence }
    if entry.decisions == nil {
      log[index].decisions = Decisions(recordCount: 0, skipped: [], eventSpan: nil)
    }
    log[index].dropped = isDelivered ? .retention : .damaged
    let isExpired = feeds[entry.feed]?.listedUntil.map { blob.blob.expires <= $0 } ?? false
    let canReturn =
      entry.attempt == 1 && !blob.isImported && configured.contains(entry.feed) && !isExpired
    if canReturn && blob.state == .fetched {
      blobs[entry.feed]?[entry.id]?.state = .listed
      blobs[entry.feed]?[entry.id]?.attempts = 0
    }
    if !canReturn { return isDelivered ? .delivered : .lost }
    return events == nil ? .fetchedAnew : isDelivered ? .restoring : .awaited
  }

  // MARK: Sinks

  mutating func register(_ name: String, from start: LogPosition) -> LogPosition {
    let held = log.firstIndex { $0.dropped == nil } ?? log.count
    let first = max(start, LogPosition(sequence: Int64(held) + 1))
    let sink = sinks[name] ?? Sink(position: first)
    sinks[name] = sink
    return sink.position
  }

  /// False when the cursor would go back.
  mutating func deliver(_ name: String, to position: LogPosition, _ batch: DeliveredBatch) -> Bool {
    guard let sink = sinks[name], sink.position <= position else { return false }
    sinks[name]?.position = position
    sinks[name]?.delivered += batch.events
    take(batch, of: name)
    return true
  }

  private mutating func take(_ batch: DeliveredBatch, of name: String) {
    for file in batch.files { sinks[name]?.files[file.inode] = file }
    for file in batch.retired { sinks[name]?.files[file.inode] = nil }
    sinks[name]?.refused += batch.refused.count
    letters += batch.refused.map { refused in
      Letter(
        kind: .event, sequence: refused.position.sequence, record: refused.position.record,
        sink: name, reason: refused.reason,
        attempts: log[Int(refused.position.sequence) - 1].attempt, bytes: refused.bytes)
    }
  }

  /// Nil when the cursor would go back, or the replay is over.
  mutating func advance(
    replay index: Int, to position: LogPosition, _ batch: DeliveredBatch
  ) -> ReplayJob.State? {
    guard replays[index].state != .done, replays[index].position <= position else { return nil }
    replays[index].position = position
    replays[index].delivered += batch.events
    if replays[index].state == .running && position.sequence >= replays[index].end {
      replays[index].state = .done
    }
    take(batch, of: replays[index].sink)
    return replays[index].state
  }

  // MARK: Dead letters

  /// The letters with these numbers that are open.
  func open(_ ids: [Int64]) -> [Int64] {
    ids.filter { $0 >= 1 && $0 <= letters.count && letters[Int($0) - 1].closing == nil }
  }

  mutating func retry(_ id: Int64, as bytes: [UInt8], at moment: Timestamp) -> Int64? {
    guard !open([id]).isEmpty else { return nil }
    let letter = letters[Int(id) - 1]
    let origin = log[Int(letter.sequence) - 1]
    var entry = Entry(feed: origin.feed, id: origin.id, bytes: bytes, fetchedAt: moment)
    entry.attempt = letter.attempts + 1
    entry.onlySink = letter.sink ?? origin.onlySink
    if letter.kind == .blob { (entry.part, entry.partCount) = (origin.part, origin.partCount) }
    log.append(entry)
    close(id, .retried(as: last))
    return last
  }

  mutating func close(_ id: Int64, _ closing: StoredDeadLetter.Closing) {
    letters[Int(id) - 1].closing = closing
    letters[Int(id) - 1].bytes = nil
  }
}

extension Timestamp {
  fileprivate static let distantPast = Timestamp(milliseconds: .min)
}
