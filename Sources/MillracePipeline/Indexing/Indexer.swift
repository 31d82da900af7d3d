import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceStore

/// The index step: decides about each body once, in log order, right after its commit. Sinks read
/// decisions and never make them, so that a new sink, a replay and a crash all see the same events.
struct Indexer: Sendable {
  let store: Store
  let workers: WorkerPool
  let recent: RecentContent
  /// Knows repeats; nil when they are not to be told.
  let deduplicator: Deduplicator?
  let activity: Activity
  let clock: any WallClock
  let log: Log
  /// Beats when a body was committed.
  let committed: Pulse
  /// Beats when a body was decided; sinks wait for it.
  let indexed: Pulse

  /// Decides until the task is cancelled.
  func run() async {
    var next: Int64?
    while !Task.isCancelled {
      let seen = committed.count
      do throws(StoreError) {
        let start: Int64
        if let next { start = next } else { start = try await store.logExtent().firstUnindexed }
        let decided = try await decide(from: start)
        next = start + Int64(decided)
        if decided == 0 { await committed.wait(beyond: seen, atMost: .seconds(60)) }
      } catch {
        activity.report("store", error.description, level: .error)
        await committed.wait(beyond: committed.count, atMost: .seconds(5))
      }
    }
  }

  /// Decides about the next bodies, as many as are there up to a limit, and returns how many.
  func decide(from start: Int64) async throws(StoreError) -> Int {
    var bodies: [ScannedEntry] = []
    var bytes = 0
    while bodies.count < Limits.indexGroupMax && bytes < Limits.waveBytes {
      let found: Undecided?
      do throws(StoreError) {
        found = try await undecided(start + Int64(bodies.count))
      } catch {
        // What stands before a body that cannot be read is decided; the next group begins with it.
        if bodies.isEmpty { throw error }
        break
      }
      guard case .body(let scanned) = found else {
        // What was taken out was decided by that; a group ends before it.
        if case .decided = found, bodies.isEmpty {
          indexed.beat()
          return 1
        }
        break
      }
      bodies.append(scanned)
      bytes += scanned.entry.body.count
    }
    guard !bodies.isEmpty else { return 0 }
    let origins = try await origins(of: bodies)
    for (index, origin) in origins { bodies[index] = bodies[index].entered(again: origin) }
    let repeats = try await deduplicator?.repeats(in: bodies)
    let own = try await ownRepeats(in: bodies)
    let group = bodies.indices.map { index in
      Indexer.decisions(
        about: bodies[index], repeats: Indexer.merged(repeats?[index], own[index]),
        origin: origins[index])
    }
    try await store.commitIndex(group, at: clock.now())
    for entry in group { recent.decide(entry.sequence, entry.decisions) }
    activity.progress { counters in
      // What is entered again for one sink was counted when it came.
      for (entry, body) in zip(group, bodies) where body.entry.head.onlySink == nil {
        counters.recordsIndexed += entry.decisions.recordCount
        counters.skipped += entry.decisions.skipped.count
      }
    }
    for entry in group where !entry.deadLetters.isEmpty {
      log.warning(
        "dead letters",
        [
          "sequence": "\(entry.sequence)", "count": "\(entry.deadLetters.count)",
          "first": entry.deadLetters[0].reason,
        ])
    }
    indexed.beat()
    return group.count
  }

  /// What the next place of the log holds for the index step.
  private enum Undecided {
    case body(ScannedEntry)
    /// A repair decided it, as it took the damaged body out.
    case decided
  }

  private func undecided(_ sequence: Int64) async throws(StoreError) -> Undecided? {
    if let known = recent.entry(sequence) { return .body(known) }
    guard let stored = try await store.storedEntry(sequence) else { return nil }
    if stored.head.dropped != nil { return .decided }
    let withKeys = deduplicator != nil
    guard let scanned = try await workers.scan(stored, withKeys: withKeys) else { return nil }
    recent.put(scanned)
    return .body(scanned)
  }

  /// What a scan means for the log: pure, so that the same bytes give the same decisions.
  ///
  /// - Parameters:
  ///   - repeats: the records that repeat earlier ones, rising; nil when nobody looked.
  ///   - origin: what the entry goes back to, when a retry made it.
  static func decisions(
    about scanned: ScannedEntry, repeats: [Deduplicator.Repeat]?, origin: RetryOrigin? = nil
  ) -> IndexedEntry {
    if let entry = decisionsAboutLoneRecord(scanned, origin) { return entry }
    var keys = repeats == nil ? nil : scanned.keys
    var remaining = (repeats ?? [])[...]
    // A body that is entered again was decided about up to here.
    let decided = origin?.kind == .blob ? origin?.recordCount ?? 0 : 0
    var skipped: [UInt32] = []
    var letters: [DeadLetter] = []
    var span: ClosedRange<Timestamp>?
    for (ordinal, record) in scanned.scan.records.enumerated() {
      if ordinal < decided {
        skipped.append(UInt32(ordinal))
        continue
      }
      if remaining.first?.record == ordinal {
        remaining.removeFirst()
        skipped.append(UInt32(ordinal))
        // The first stands for both, for as long as its window lasts.
        keys?[ordinal] = .none
        continue
      }
      switch record.verdict {
      case .dead(let reason):
        skipped.append(UInt32(ordinal))
        letters.append(
          DeadLetter(
            record: ordinal, reason: reason, bytes: scanned.entry.body.bytes(in: record.range)))
      case .event:
        guard let time = record.time else { continue }
        span = span.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
      }
    }
    if let problem = scanned.scan.problem {
      letters.append(
        DeadLetter(record: nil, reason: problem.reason, bytes: scanned.entry.body.bytes))
    }
    let changed = (repeats ?? []).filter { $0.isChanged == true }.map {
      ChangedRepeat(record: $0.record, first: $0.first)
    }
    let count = scanned.scan.records.count
    let decisions = Decisions(
      recordCount: count, skipped: skipped,
      repeatCount: (repeats?.count ?? 0) + min(decided, count), changedCount: changed.count,
      eventSpan: span)
    return IndexedEntry(
      sequence: scanned.entry.sequence, decisions: decisions, deadLetters: letters,
      changed: changed, keys: keys.map(KeyBlock.init(keys:)))
  }
}
