import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// A store with a known content, and ways to damage it behind its back: what the tests of
/// verification, repair, audit and backup stand on. The folder goes with the last reference.
final class LedgerBench: Sendable {
  let folder: String
  static let tenant = TenantID("00000000-0000-4000-8000-000000000001")
  /// A moment to count from: the beginning of a day.
  static let dawn = Timestamp(milliseconds: 1_772_582_400_000)

  init() throws {
    var template = Array((NSTemporaryDirectory() + "millrace-ledger-XXXXXX").utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // What cannot be removed lies in the system's temporary folder, which is emptied anyway.
    try? FileManager.default.removeItem(atPath: folder)
  }

  var store: String { folder + "/store" }

  static func feed(_ type: ContentType = .exchange) throws -> Feed {
    Feed(tenant: try #require(tenant), contentType: type)
  }

  static func blob(_ number: Int, of feed: Feed, created: Timestamp? = nil) -> ContentBlob {
    let created = created ?? dawn + .seconds(number)
    return ContentBlob(
      feed: feed, id: ContentID("blob$\(number)"), uri: "https://manage.example.com/blob$\(number)",
      created: created, expires: created + .seconds(7 * 86_400))
  }

  /// A blob of `records` records that differs from all others; `filler` bytes more in each record,
  /// which do not compress.
  static func body(_ number: Int, records: Int = 3, filler: Int = 0) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(number))
    let parts = (0..<records).map { record in
      var noise = ""
      while noise.utf8.count < filler { noise += String(generator.next(), radix: 36) }
      return "{\"Id\":\"\(number)-\(record)\",\"RecordType\":1,\"Operation\":\"Open\","
        + "\"CreationTime\":\"2026-03-04T00:00:00\",\"Noise\":\"\(noise)\"}"
    }
    return Array("[\(parts.joined(separator: ","))]".utf8)
  }

  /// Bodies of several kinds: small and raw, compressed, of several rows, of no records at all.
  static let mixed: [[UInt8]] =
    (1...5).map { body($0) } + [body(6, records: 200), body(7, records: 0)]
    + [body(8, records: 3, filler: 360_000)] + (9...12).map { body($0, records: 40) }

  /// A bench whose store holds `mixed`: filled once, and copied.
  static func filled() async throws -> LedgerBench {
    let source = try await template.value
    let bench = try LedgerBench()
    try FileManager.default.createDirectory(
      atPath: bench.store, withIntermediateDirectories: false)
    let connection = try Connection(path: source.store + "/millrace.db", mode: .readWrite)
    try connection.execute("VACUUM INTO '\(bench.store)/millrace.db'")
    return bench
  }

  private static let template = Task {
    let bench = try LedgerBench()
    try await bench.fill()
    return bench
  }

  /// Lists, fetches and decides `bodies`, numbered from 1.
  func fill(_ bodies: [[UInt8]] = LedgerBench.mixed, decided: Int? = nil) async throws {
    let feed = try LedgerBench.feed()
    let opened = try Store(folder: store)
    defer { opened.close() }
    let blobs = bodies.indices.map { LedgerBench.blob($0 + 1, of: feed) }
    _ = try await opened.recordListing(
      of: feed, blobs: blobs, at: LedgerBench.dawn, listedUntil: LedgerBench.dawn + .seconds(3600),
      listedFrom: LedgerBench.dawn - .seconds(86_400))
    for owed in try await owed(opened, feed) {
      let number = Int((owed.blob.created - LedgerBench.dawn).components.seconds)
      let packed = PackedBody(PaddedBytes(bodies[number - 1]))
      _ = try await opened.commitFetched(owed, parts: [packed], at: LedgerBench.dawn)
    }
    try await decide(opened, upTo: decided ?? bodies.count)
  }

  func owed(_ store: Store, _ feed: Feed) async throws -> [OwedContent] {
    try await store.owedContent(
      of: feed.tenant, types: [feed.contentType], now: LedgerBench.dawn + .seconds(86_400 * 365),
      limit: 10_000, excluding: [])
  }

  /// Decides what is not decided yet, as the index step would.
  func decide(_ store: Store, upTo last: Int) async throws {
    let first = try await store.logExtent().firstUnindexed
    guard first <= Int64(last) else { return }
    for sequence in first...Int64(last) {
      let entry = try #require(try await store.storedEntry(sequence))
      let scanned = try #require(try ScannedEntry(entry, withKeys: false))
      try await store.commitIndex(
        [Indexer.decisions(about: scanned, repeats: nil)], at: LedgerBench.dawn)
    }
  }

  func tamper(_ sql: String) throws { try Damage(store: store).tamper(sql) }

  func flip(bit: Int, ofBody sequence: Int64, chunk: Int = 0) throws {
    try Damage(store: store).flip(bit: bit, ofBody: sequence, chunk: chunk)
  }

  func verify(isWhole: Bool = true) async throws -> VerifyReport {
    let opened = try Store(folder: store, access: .inspect)
    defer { opened.close() }
    return try await Verifier(store: opened, tenantNames: [:]).run(
      isWhole: isWhole, at: LedgerBench.dawn
    ) { _ in }
  }

  /// Opens the store, hands it over, and closes it again.
  func withStore<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
    let opened = try Store(folder: store)
    defer { opened.close() }
    return try await body(opened)
  }
}

/// Damage to the files of a store.
struct Damage {
  /// The store's folder.
  let store: String

  /// Changes the database behind the store's back, constraints between rows unchecked.
  func tamper(_ sql: String) throws {
    let connection = try Connection(path: store + "/millrace.db", mode: .readWrite)
    try connection.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
    try connection.execute(sql)
  }

  /// Changes one bit of a row of a body, as a disk would.
  func flip(bit: Int, ofBody sequence: Int64, chunk: Int = 0) throws {
    let connection = try Connection(path: store + "/millrace.db", mode: .readWrite)
    let found = try connection.first(
      "SELECT bytes FROM body WHERE sequence = ?1 AND chunk = ?2",
      { (statement) throws(StoreError) in try statement.bind(1, sequence).bind(2, chunk) },
      { (row) throws(StoreError) in row.blobOrNil(0) })
    var bytes = try #require(found ?? nil)
    let place = bit % (8 * bytes.count)
    bytes[place / 8] ^= 1 << (place % 8)
    let changed = bytes
    try connection.run("UPDATE body SET bytes = ?3 WHERE sequence = ?1 AND chunk = ?2") {
      (statement) throws(StoreError) in
      try statement.bind(1, sequence).bind(2, chunk).bind(3, changed)
    }
  }
}
