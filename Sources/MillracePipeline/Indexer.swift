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
    var group: [IndexedEntry] = []
    var bytes = 0
    while group.count < Limits.indexGroupMax && bytes < Limits.waveBytes {
      let found: ScannedEntry?
      do throws(StoreError) {
        found = try await scanned(start + Int64(group.count))
      } catch {
        // What stands before a body that cannot be read is decided; the next group begins with it.
        if group.isEmpty { throw error }
        break
      }
      guard let found else { break }
      group.append(Indexer.decisions(about: found))
      bytes += found.entry.body.count
    }
    guard !group.isEmpty else { return 0 }
    try await store.commitIndex(group, at: clock.now())
    for entry in group { recent.decide(entry.sequence, entry.decisions) }
    let records = group.reduce(0) { $0 + $1.decisions.recordCount }
    let letters = group.reduce(0) { $0 + $1.deadLetters.count }
    activity.progress {
      $0.recordsIndexed += records
      $0.deadLetters += letters
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

  private func scanned(_ sequence: Int64) async throws(StoreError) -> ScannedEntry? {
    if let known = recent.entry(sequence) { return known }
    guard let entry = try await store.logEntry(sequence) else { return nil }
    guard let scan = await workers.run({ BlobScanner.scan(entry.body) }) else { return nil }
    let scanned = ScannedEntry(entry: entry, scan: scan)
    recent.put(scanned)
    return scanned
  }

  /// What a scan means for the log: pure, so that the same bytes give the same decisions.
  static func decisions(about scanned: ScannedEntry) -> IndexedEntry {
    var skipped: [UInt32] = []
    var letters: [DeadLetter] = []
    var span: ClosedRange<Timestamp>?
    for (ordinal, record) in scanned.scan.records.enumerated() {
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
    let decisions = Decisions(
      recordCount: scanned.scan.records.count, skipped: skipped, eventSpan: span)
    return IndexedEntry(
      sequence: scanned.entry.sequence, decisions: decisions, deadLetters: letters)
  }
}
