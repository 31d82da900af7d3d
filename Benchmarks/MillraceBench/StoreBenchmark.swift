import Foundation
import MillraceCompression
import MillraceCore
import MillraceStore

/// Bodies into the store (`synchronous=FULL`): hashed, compressed and committed, beside a plain
/// file to which the same bodies are appended, compressed as well, and synced as often.
enum StoreBenchmark {
  /// How many are under way at once; those that wait together share a transaction.
  private static let groups = [1, 8, 64]
  /// Records in a blob: 200 and 530 kB.
  private static let shapes = [116, 308]
  private static let blobs = 192
  /// How often each goes in: enough for the write-ahead log to be moved into the database.
  private static let repetitions = 4
  private static let roundsMax = 5

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    for events in shapes {
      let count = options.isSmoke ? 8 : blobs
      let megabytes = count * events * 1800 / 1_000_000 + 1
      let corpus = try Corpus(megabytes: megabytes, eventsPerBlob: events, options)
      // The last blob of each feed is smaller.
      let whole = corpus.blobs.sorted { $0.count > $1.count }.prefix(count)
      let bodies = (0..<(options.isSmoke ? 1 : repetitions)).flatMap { _ in whole }
      var plain: [Int: [Sample]] = [:]
      var store: [Int: [Sample]] = [:]
      for _ in 0..<min(options.rounds, roundsMax) {
        for group in groups {
          plain[group, default: []].append(try append(bodies, group, options.folder))
          store[group, default: []].append(try await commit(bodies, group, options.folder))
        }
      }
      let bytes = bodies.reduce(0) { $0 + $1.count }
      report.store += groups.map { group in
        StoreFigures(
          group: group, blobs: bodies.count, bytes: bytes, plain: plain[group, default: []],
          store: store[group, default: []])
      }
    }
  }

  /// What a durable append costs at the least on this disk.
  private static func append(
    _ bodies: [PaddedBytes], _ group: Int, _ parent: String
  ) throws -> Sample {
    let folder = try TemporaryFolder(in: parent)
    let descriptor = open(folder.path + "/plain", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ChildFailure(description: "cannot write to \(parent)") }
    defer { close(descriptor) }
    let watch = Stopwatch()
    for (index, body) in bodies.enumerated() {
      let frame = body.withUnsafeBytes { Zstd.compress($0) }
      let written = frame.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard written == frame.count else { throw ChildFailure(description: "the disk is full") }
      if (index + 1) % group == 0 || index + 1 == bodies.count {
        guard fdatasync(descriptor) == 0 else { throw ChildFailure(description: "no sync") }
      }
    }
    return watch.sample
  }

  private static func commit(
    _ bodies: [PaddedBytes], _ group: Int, _ parent: String
  ) async throws -> Sample {
    let folder = try TemporaryFolder(in: parent)
    let store = try Store(folder: folder.path + "/store")
    defer { store.close() }
    let owed = try await listed(bodies.count, in: store)
    let moment = Timestamp(milliseconds: 1_772_625_600_000)
    let watch = Stopwatch()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (index, content) in owed.enumerated() {
        // As a fetcher does: when one is done, the next one begins.
        if index >= group { try await tasks.next() }
        tasks.addTask {
          _ = try await store.commitFetched(
            content, parts: [PackedBody(bodies[index])], at: moment)
        }
      }
      try await tasks.waitForAll()
    }
    return watch.sample
  }

  /// Enters as many blobs into the ledger.
  private static func listed(_ count: Int, in store: Store) async throws -> [OwedContent] {
    guard let tenant = TenantID("00000000-0000-4000-8000-000000000001") else { return [] }
    let feed = Feed(tenant: tenant, contentType: .exchange)
    let noon = Timestamp(milliseconds: 1_772_625_600_000)
    let blobs = (0..<count).map { number in
      ContentBlob(
        feed: feed, id: ContentID("blob$\(number)"),
        uri: "https://manage.example.com/api/v1.0/\(tenant)/activity/feed/audit/blob$\(number)",
        created: noon, expires: noon + .seconds(7 * 86_400))
    }
    _ = try await store.recordListing(of: feed, blobs: blobs, at: noon)
    return try await store.owedContent(
      of: tenant, types: [.exchange], now: noon + .seconds(86_400), limit: count, excluding: [])
  }
}

/// What commits cost, beside the plain file: medians.
struct StoreFigures: Codable {
  let group: Int
  let blobs: Int
  let bytes: Int
  let plainWallSeconds: Double
  let storeWallSeconds: Double
  let plainProcessorSeconds: Double
  let storeProcessorSeconds: Double
  /// The median of the rounds' own ratios: what disturbs one round disturbs both of its halves.
  let ratio: Double

  init(group: Int, blobs: Int, bytes: Int, plain: [Sample], store: [Sample]) {
    self.group = group
    self.blobs = blobs
    self.bytes = bytes
    plainWallSeconds = Measured.median(plain.map(\.wallSeconds))
    storeWallSeconds = Measured.median(store.map(\.wallSeconds))
    plainProcessorSeconds = Measured.median(plain.map(\.processorSeconds))
    storeProcessorSeconds = Measured.median(store.map(\.processorSeconds))
    ratio = Measured.median(zip(plain, store).map { $0.wallSeconds / $1.wallSeconds })
  }
}
