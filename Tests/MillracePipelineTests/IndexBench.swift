import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// A real store and the index step over it, without a service: bodies go in, decisions come out.
final class IndexBench {
  let folder: URL
  let window: Duration?
  let keysMax: Int
  let filterBytesMax: Int
  /// All that a restart replaces; one that is left holds the store's lock.
  private struct Live {
    let store: Store
    let deduplicator: Deduplicator?
    let indexer: Indexer
  }

  private var live: Live?
  private var blobs = 0
  var now: Timestamp

  static let tenants = [
    "41463f53-8812-40f4-890f-865bf6e35190", "52574064-9923-4105-9a10-976cf7f46201",
  ]

  init(
    window: Duration? = .seconds(8 * 86_400), keysMax: Int = Limits.keysInMemoryMax,
    filterBytesMax: Int = Limits.keyFilterBytesMax
  ) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("millrace-index-\(UUID().uuidString)")
    self.window = window
    self.keysMax = keysMax
    self.filterBytesMax = filterBytesMax
    now = try #require(Timestamp("2026-03-01T12:00:00Z"))
    try open()
  }

  deinit {
    live?.store.close()
    try? FileManager.default.removeItem(at: folder)
  }

  var store: Store {
    guard let live else { preconditionFailure("the bench is open") }
    return live.store
  }
  var deduplicator: Deduplicator? { live?.deduplicator }

  private func open() throws {
    let store = try Store(folder: folder.path)
    let workers = WorkerPool(width: 2)
    let deduplicator = window.map {
      Deduplicator(
        store: store, workers: workers, window: $0, keysMax: keysMax,
        filterBytesMax: filterBytesMax)
    }
    let clock = SystemWallClock()
    let indexer = Indexer(
      store: store, workers: workers, recent: RecentContent(bytesMax: 0),
      deduplicator: deduplicator, activity: Activity(log: .silent, clock: clock), clock: clock,
      log: .silent, committed: Pulse(), indexed: Pulse())
    live = Live(store: store, deduplicator: deduplicator, indexer: indexer)
  }

  /// What a new start of the collector does: everything in memory is gone.
  func restart() throws {
    live?.store.close()
    live = nil
    try open()
  }

  /// Commits a body, as if fetched at `now`, and returns its number in the log.
  @discardableResult
  func append(
    _ body: String, tenant: Int = 0, type: ContentType = .exchange
  ) async throws -> Int64 {
    blobs += 1
    let feed = Feed(tenant: try #require(TenantID(Self.tenants[tenant])), contentType: type)
    let blob = ContentBlob(
      feed: feed, id: ContentID("blob-\(blobs)"), uri: "http://127.0.0.1/\(blobs)", created: now,
      expires: now + .seconds(7 * 86_400))
    _ = try await store.recordListing(of: feed, blobs: [blob], at: now)
    let owed = try await store.owedContent(
      of: feed.tenant, types: [type], now: now, limit: 10, excluding: [])
    let content = try #require(owed.first { $0.blob.id == blob.id })
    let sequence = try await store.commitFetched(
      content, parts: [PackedBody(PaddedBytes(Array(body.utf8)))], at: now)
    return try #require(sequence)
  }

  /// Has the index step decide about everything that is there.
  func decide() async throws {
    while true {
      let first = try await store.logExtent().firstUnindexed
      if try await live?.indexer.decide(from: first) ?? 0 == 0 { return }
    }
  }

  /// Commits a body, decides, and returns the ordinals of its records that are no events.
  func skipped(
    _ body: String, tenant: Int = 0, type: ContentType = .exchange
  ) async throws -> [UInt32] {
    let sequence = try await append(body, tenant: tenant, type: type)
    try await decide()
    return try #require(try await store.storedEntry(sequence)?.head.decisions).skipped
  }

  /// Has every background step done that there is.
  func maintain() async throws {
    while try await deduplicator?.maintain(now: now) == true {}
  }
}

/// A record as the service writes it, as short as can be.
func record(
  _ id: String?, type: Int = 1, operation: String = "Set-Mailbox", extra: String = ""
) -> String {
  let name = id.map { "\"Id\":\"\($0)\"," } ?? ""
  return "{\"CreationTime\":\"2026-03-01T11:00:00\",\(name)\"Operation\":\"\(operation)\""
    + ",\"RecordType\":\(type)\(extra)}"
}

func blob(_ records: String...) -> String { "[" + records.joined(separator: ",") + "]" }
