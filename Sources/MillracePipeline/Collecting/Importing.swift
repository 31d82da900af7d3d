package import MillraceConfiguration
package import MillraceCore
import MillraceEvents
package import MillraceRuntime
package import MillraceStore

/// What became of a piece of imported content.
package struct ImportAnswer: Hashable, Codable, Sendable {
  /// Whether the store had it already; then nothing was written.
  package var known = false
  /// Its number in the log; nil when it was not written.
  package var sequence: Int64?
  /// Whether the store has no room; then nothing was written, and it is to be asked again.
  package var full = false
  /// Whether the collector is stopping; then nothing was written, and the store is soon free.
  package var stopping = false
}

/// Puts imported content into the store where no collector runs: it holds the store's lock for as
/// long as it lives. The next collector decides about the content and delivers it.
package final class StoreImporter: Sendable {
  private let store: Store
  private let workers: WorkerPool
  private let policy: (maxSize: Int64, sinks: [String])
  private let clock: any WallClock

  /// Opens the store.
  ///
  /// - Throws: `StoreError`, `.locked` when a collector runs after all.
  package init(
    _ configuration: Configuration, workers: Int, clock: any WallClock = SystemWallClock()
  ) throws(StoreError) {
    store = try Store(folder: configuration.store.path)
    self.workers = WorkerPool(width: workers)
    policy = (configuration.store.maxSize, configuration.sinks.map(\.name))
    self.clock = clock
  }

  /// Enters pieces in their order, all of them or, when the store is full, none: then nil.
  package func enter(
    _ pieces: [(feed: Feed, body: PaddedBytes)]
  ) async throws(StoreError) -> [ImportAnswer]? {
    guard try await hasRoom() else { return nil }
    let packed = await workers.pack(pieces)
    return try await store.commitImports(packed, at: clock.now()).map { number in
      ImportAnswer(known: number == nil, sequence: number)
    }
  }

  /// As the housekeeper does, what every sink has makes room before its time.
  private func hasRoom() async throws(StoreError) -> Bool {
    while Int64(try await store.size().used) >= policy.maxSize {
      let freed = try await store.dropDelivered(
        to: policy.sinks, before: nil, limit: Limits.bodiesPerDrop, at: clock.now())
      if freed.bodies == 0 { return false }
    }
    return true
  }

  /// Closes the store and gives its lock back.
  package func close() {
    store.close()
  }
}

extension WorkerPool {
  /// Packs pieces side by side; they come back in their order.
  func pack(_ pieces: [(feed: Feed, body: PaddedBytes)]) async -> [ImportedContent] {
    await withTaskGroup(of: (Int, ImportedContent?).self) { group in
      for (index, piece) in pieces.enumerated() {
        group.addTask {
          let packed = await run {
            ImportedContent(feed: piece.feed, body: PackedBody(piece.body))
          }
          return (index, packed)
        }
      }
      var packed = [ImportedContent?](repeating: nil, count: pieces.count)
      for await (index, content) in group { packed[index] = content }
      // One that is missing was cancelled, and so were all behind it.
      return Array(packed.prefix { $0 != nil }.compactMap { $0 })
    }
  }
}

extension ControlRoute {
  /// Takes a piece that a command imports, as the body, for the feed that `tenant` and
  /// `content_type` name.
  static let importing = ControlRoute("/import") { request, collector throws(ControlError) in
    guard let tenant = request.query["tenant"].flatMap({ TenantID($0) }),
      let type = request.query["content_type"].flatMap({ ContentType(rawValue: $0) })
    else {
      throw ControlError(400, "tenant (a GUID) and content_type are needed")
    }
    do throws(StoreError) {
      return try await collector.enter(
        PaddedBytes(request.body), for: Feed(tenant: tenant, contentType: type))
    } catch {
      throw ControlError(error)
    }
  }
}

extension Collector {
  /// Enters a piece of imported content as if it had been fetched.
  ///
  /// - Throws: `StoreError`.
  package func enter(_ body: PaddedBytes, for feed: Feed) async throws(StoreError)
    -> ImportAnswer
  {
    // What comes now would keep it from its end.
    if isStopping { return ImportAnswer(stopping: true) }
    // Asked anew each time: an import is faster than the housekeeper's rounds.
    let used = Int64(try await store.size().used)
    if gauge.isFull || used >= policy.maxSize {
      committed.beat()
      return ImportAnswer(full: true)
    }
    let withKeys = deduplicator != nil
    let work = await workers.run {
      let scan = BlobScanner.scan(body)
      let keys = withKeys ? EventKeys.keys(of: scan, in: body, tenant: feed.tenant) : nil
      return (scan, keys, ImportedContent(feed: feed, body: PackedBody(body)))
    }
    guard let (scan, keys, content) = work else { return ImportAnswer(stopping: true) }
    let moment = clock.now()
    guard let sequence = try await store.commitImport(content, at: moment) else {
      return ImportAnswer(known: true)
    }
    let head = LogHead(sequence: sequence, blob: content.blob(at: moment), fetchedAt: moment)
    recent.put(ScannedEntry(entry: LogEntry(head: head, body: body), scan: scan, keys: keys))
    committed.beat()
    return ImportAnswer(sequence: sequence)
  }
}
