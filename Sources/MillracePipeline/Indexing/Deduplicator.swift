import MillraceCore
import MillraceRuntime
import MillraceStore

/// Knows every event of the window by its key, and so which records repeat an earlier one.
///
/// Keys of the latest bodies are in memory, older ones in sorted runs in the store: a few large
/// ones, as runs are merged in the background. A filter in memory says for nearly every new key
/// that no run has it. A hit is never taken on its word: the first record is read back and compared
/// by what the key stands for, so that no chance likeness of digests ever drops an event.
actor Deduplicator {
  let store: Store
  let workers: WorkerPool
  let window: Duration
  private let keysMax: Int
  private let filterBytesMax: Int

  /// A run with its filter, where there was memory for it.
  struct LoadedRun: Sendable {
    let run: KeyRun
    let filter: KeyFilter?
  }

  var table = KeyTable()
  var runs: [LoadedRun] = []
  /// The last body whose keys are in the table, and the time span of those bodies.
  private var lastSequence: Int64 = 0
  private var span: ClosedRange<Timestamp>?
  private var isLoaded = false
  /// Runs are being read that may have been replaced meanwhile: their rows have to stay.
  private(set) var isLookingUp = false

  /// - Parameters:
  ///   - keysMax: how many keys are held before they go into a run.
  ///   - filterBytesMax: memory for the filters of runs.
  init(
    store: Store, workers: WorkerPool, window: Duration,
    keysMax: Int = Limits.keysInMemoryMax, filterBytesMax: Int = Limits.keyFilterBytesMax
  ) {
    self.store = store
    self.workers = workers
    self.window = window
    self.keysMax = keysMax
    self.filterBytesMax = filterBytesMax
  }

  /// A record that repeats an earlier one.
  struct Repeat: Sendable {
    let record: Int
    let first: LogPosition
    /// Whether it came with other content than the first; nil when the first is gone.
    let isChanged: Bool?
  }

  // MARK: Loading

  /// Reads what the store keeps, once.
  private func load() async throws(StoreError) {
    if isLoaded { return }
    try await store.retireUnfinishedKeyRuns()
    var loaded: [LoadedRun] = []
    var bytes = 0
    // The newest first: they are asked for most.
    for run in try await store.keyRuns().reversed() {
      let size = KeyFilter.byteCount(keyCount: run.keyCount)
      let fits = bytes + size <= filterBytesMax
      if fits { bytes += size }
      loaded.append(LoadedRun(run: run, filter: fits ? try await store.keyFilter(of: run) : nil))
    }
    runs = loaded.reversed()
    while true {
      let pending = try await store.pendingKeys(after: lastSequence, limit: Limits.keyBlocksPerRead)
      for keys in pending { keep(keys.block.keys, of: keys.sequence, fetchedAt: keys.fetchedAt) }
      if pending.count < Limits.keyBlocksPerRead { break }
      if table.count >= keysMax { try await flush() }
    }
    isLoaded = true
  }

  private func keep(_ keys: [EventKey], of sequence: Int64, fetchedAt: Timestamp) {
    for (record, key) in keys.enumerated() where key != .none {
      table.set(key, KeyLocation(sequence: sequence, record: record))
    }
    lastSequence = max(lastSequence, sequence)
    span =
      span.map { min($0.lowerBound, fetchedAt)...max($0.upperBound, fetchedAt) }
      ?? fetchedAt...fetchedAt
  }

  // MARK: Deciding

  /// The repeats in bodies that are about to be decided, in log order. May be asked about the same
  /// bodies again when their commit failed.
  func repeats(in entries: [ScannedEntry]) async throws(StoreError) -> [[Repeat]] {
    try await load()
    if table.count >= keysMax { try await flush() }
    let older = try await lookUp(entries)
    var examination = Examination(entries: entries)
    var repeats: [[Repeat]] = []
    for entry in entries {
      var found: [Repeat] = []
      for (record, key) in (entry.keys ?? []).enumerated() where key != .none {
        let place = KeyLocation(sequence: entry.entry.sequence, record: record)
        let known = [table.find(key), older[key]].compactMap { $0 }.filter { $0 < place }.max()
        if let known,
          let verdict = try await verify(known, against: (entry, record), &examination)
        {
          found.append(verdict)
        } else {
          table.set(key, place)
        }
      }
      lastSequence = max(lastSequence, entry.entry.sequence)
      let fetchedAt = entry.entry.fetchedAt
      span =
        span.map { min($0.lowerBound, fetchedAt)...max($0.upperBound, fetchedAt) }
        ?? fetchedAt...fetchedAt
      repeats.append(found)
    }
    return repeats
  }

  /// The latest places that runs have for the keys of these bodies.
  private func lookUp(_ entries: [ScannedEntry]) async throws(StoreError) -> [EventKey: KeyLocation]
  {
    var found: [EventKey: KeyLocation] = [:]
    isLookingUp = true
    defer { isLookingUp = false }
    for loaded in runs {
      var wanted: [Int: [EventKey]] = [:]
      for entry in entries {
        for key in entry.keys ?? [] where key != .none {
          if let filter = loaded.filter, !filter.mayContain(key) { continue }
          wanted[KeyRun.page(of: key, pageCount: loaded.run.pageCount), default: []].append(key)
        }
      }
      if wanted.isEmpty { continue }
      let numbers = wanted.keys.sorted()
      // A bounded number of pages in memory at a time.
      for start in stride(from: 0, to: numbers.count, by: Limits.keyPagesPerStep) {
        let some = Array(numbers[start..<min(start + Limits.keyPagesPerStep, numbers.count)])
        let pages = try await store.keyPages(some, of: loaded.run)
        for (number, page) in zip(some, pages) {
          for key in wanted[number] ?? [] {
            guard let place = page.find(key) else { continue }
            found[key] = found[key].map { max($0, place) } ?? place
          }
        }
      }
    }
    return found
  }

  // MARK: Verifying

  /// What was read back to verify hits, for the bodies of one group.
  private struct Examination {
    /// The bodies of the group itself.
    let group: [Int64: ScannedEntry]
    /// Earlier bodies, few at a time: those of a blob that is sent again stand together.
    var earlier: [Int64: (head: LogHead, scanned: ScannedEntry?)] = [:]

    static let earlierMax = 4

    init(entries: [ScannedEntry]) {
      group = Dictionary(entries.map { ($0.entry.sequence, $0) }, uniquingKeysWith: { $1 })
    }
  }

  /// What a hit comes to: nil when the record is no repeat after all, as the first is out of the
  /// window, was dropped before it was delivered, or is another event of the same digest.
  private func verify(
    _ known: KeyLocation, against new: (entry: ScannedEntry, record: Int),
    _ examination: inout Examination
  ) async throws(StoreError) -> Repeat? {
    let place = LogPosition(sequence: known.sequence, record: known.record)
    let head: LogHead
    let scanned: ScannedEntry?
    if let own = examination.group[known.sequence] {
      (head, scanned) = (own.entry.head, own)
    } else {
      guard let read = try await earlier(known.sequence, &examination) else { return nil }
      (head, scanned) = read
    }
    if head.dropped?.isBeforeDelivery == true { return nil }
    if new.entry.entry.fetchedAt - head.fetchedAt > window { return nil }
    guard let scanned else {
      // Delivered, and gone since: the digest is all there is. It is one of 128 bits.
      return Repeat(record: new.record, first: place, isChanged: nil)
    }
    let first = (entry: scanned, record: known.record)
    guard EventKeys.areSame(first, new) else { return nil }
    return Repeat(
      record: new.record, first: place, isChanged: !EventKeys.haveSameContent(first, new))
  }

  private func earlier(
    _ sequence: Int64, _ examination: inout Examination
  ) async throws(StoreError) -> (head: LogHead, scanned: ScannedEntry?)? {
    if let read = examination.earlier[sequence] { return read }
    guard let stored = try await store.storedEntry(sequence) else { return nil }
    let scanned: ScannedEntry?
    do throws(StoreError) {
      scanned = try await workers.scan(stored, withKeys: false)
    } catch {
      // A damaged first must not hold up what comes after it; nor may it swallow a repeat that is
      // the only whole copy.
      guard error.kind == .damaged else { throw error }
      return nil
    }
    if examination.earlier.count >= Examination.earlierMax { examination.earlier = [:] }
    examination.earlier[sequence] = (stored.head, scanned)
    return (stored.head, scanned)
  }

  // MARK: Out of memory into a run

  /// Writes the keys in memory into a run of their own and forgets them here.
  private func flush() async throws(StoreError) {
    guard let span else { return }
    let entries = table.sorted
    let last = lastSequence
    var filter = KeyFilter(keyCount: entries.count)
    for entry in entries { filter.insert(entry.key) }
    let run = try await store.beginKeyRun(
      level: 0, keyCount: entries.count, oldest: span.lowerBound, newest: span.upperBound)
    var pages: [(page: Int, entries: [KeyEntry])] = []
    var start = 0
    while start < entries.count {
      let page = KeyRun.page(of: entries[start].key, pageCount: run.pageCount)
      var end = start + 1
      while end < entries.count,
        KeyRun.page(of: entries[end].key, pageCount: run.pageCount) == page
      {
        end += 1
      }
      pages.append((page, Array(entries[start..<end])))
      start = end
      if pages.count == Limits.keyPagesPerStep {
        try await store.writeKeyPages(pages, of: run)
        pages = []
      }
    }
    if !pages.isEmpty { try await store.writeKeyPages(pages, of: run) }
    // The last body may be undecided still, when its commit failed: its block comes after this.
    try await store.completeKeyRun(run, filter: filter, blocksUpTo: last)
    adopt(run, filter)
    table = KeyTable()
    self.span = nil
  }

  /// Puts a complete run to use.
  func adopt(_ run: KeyRun, _ filter: KeyFilter) {
    let used = runs.reduce(0) {
      $0 + ($1.filter == nil ? 0 : KeyFilter.byteCount(keyCount: $1.run.keyCount))
    }
    let fits = used + KeyFilter.byteCount(keyCount: run.keyCount) <= filterBytesMax
    runs.append(LoadedRun(run: run, filter: fits ? filter : nil))
  }
}
