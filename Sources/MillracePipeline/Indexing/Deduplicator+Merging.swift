import MillraceCore
import MillraceStore

/// Keeping the runs few: small ones are merged into larger ones, those past the window go. All in
/// steps of bounded size, beside the index step.
extension Deduplicator {
  /// Does one step of what there is to do at `now`; false when there is nothing.
  func maintain(now: Timestamp) async throws(StoreError) -> Bool {
    if !isLookingUp, try await store.removeKeyRunStep() { return true }
    if let old = runs.first(where: { now - $0.run.newest > window })?.run {
      try await store.retireKeyRun(old)
      runs.removeAll { $0.run.id == old.id }
      return true
    }
    guard let group = mergeable() else { return false }
    try await merge(group)
    return true
  }

  /// Runs of one level that are worth merging, close enough in time to age out together.
  private func mergeable() -> [KeyRun]? {
    for level in Set(runs.map(\.run.level)).sorted() {
      let same = runs.map(\.run).filter { $0.level == level }.sorted { $0.oldest < $1.oldest }
      guard same.count >= Limits.keyRunsPerMerge else { continue }
      for start in 0...(same.count - Limits.keyRunsPerMerge) {
        let group = Array(same[start..<start + Limits.keyRunsPerMerge])
        let keys = group.reduce(0) { $0 + $1.keyCount }
        let newest = group.map(\.newest).max() ?? group[0].newest
        if keys <= Limits.keysPerRunMax,
          newest - group[0].oldest <= window / Limits.keyRunsPerWindow
        {
          return group
        }
      }
    }
    return nil
  }

  /// Merges runs into one; they are used until it is complete.
  private func merge(_ group: [KeyRun]) async throws(StoreError) {
    let keyCount = group.reduce(0) { $0 + $1.keyCount }
    let oldest = group.map(\.oldest).min() ?? group[0].oldest
    let newest = group.map(\.newest).max() ?? group[0].newest
    let run = try await store.beginKeyRun(
      level: group[0].level + 1, keyCount: keyCount, oldest: oldest, newest: newest)
    var sources = group.map { KeyRunReader(store: store, run: $0) }
    var filter = KeyFilter(keyCount: keyCount)
    var pages: [(page: Int, entries: [KeyEntry])] = []
    for page in 0..<run.pageCount {
      var entries: [KeyEntry] = []
      for index in sources.indices {
        entries += try await sources[index].entries(before: page + 1, of: run.pageCount)
      }
      if entries.isEmpty { continue }
      entries = latest(entries)
      for entry in entries { filter.insert(entry.key) }
      pages.append((page, entries))
      if pages.count == Limits.keyPagesPerStep {
        try await store.writeKeyPages(pages, of: run)
        pages = []
      }
    }
    if !pages.isEmpty { try await store.writeKeyPages(pages, of: run) }
    try await store.completeKeyRun(run, filter: filter, replacing: group)
    runs.removeAll { group.contains($0.run) }
    adopt(run, filter)
  }

  /// Sorted, and of a key with several places the last.
  private func latest(_ entries: [KeyEntry]) -> [KeyEntry] {
    var result: [KeyEntry] = []
    for entry in entries.sorted(by: { ($0.key, $0.location) < ($1.key, $1.location) }) {
      if let last = result.last, last.key == entry.key { result.removeLast() }
      result.append(entry)
    }
    return result
  }
}

/// Reads a run from front to back, a few pages at a time.
private struct KeyRunReader {
  let store: Store
  let run: KeyRun
  private var pages: [KeyPage] = []
  private var nextPage = 0
  private var page = 0
  private var index = 0

  private static let pagesPerRead = 32

  init(store: Store, run: KeyRun) {
    self.store = store
    self.run = run
  }

  /// The next entries whose page in a run of `pageCount` pages comes before `limit`.
  mutating func entries(
    before limit: Int, of pageCount: Int
  ) async throws(StoreError) -> [KeyEntry] {
    var found: [KeyEntry] = []
    while true {
      while page < pages.count {
        while index < pages[page].count {
          let entry = pages[page][index]
          if KeyRun.page(of: entry.key, pageCount: pageCount) >= limit { return found }
          found.append(entry)
          index += 1
        }
        page += 1
        index = 0
      }
      guard nextPage < run.pageCount else { return found }
      let end = min(nextPage + Self.pagesPerRead, run.pageCount)
      pages = try await store.keyPages(Array(nextPage..<end), of: run)
      nextPage = end
      page = 0
    }
  }
}
