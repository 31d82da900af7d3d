import MillraceCore
import Testing

@testable import MillraceStore

/// A moment to count from.
let noon = Timestamp(milliseconds: 1_772_625_600_000)

/// Two tenants that do not exist.
enum Tenants {
  static func id(_ number: Int) throws -> TenantID {
    try #require(TenantID("00000000-0000-4000-8000-00000000000\(number)"))
  }
}

/// A feed of tenant 1, unless told otherwise.
func feed(_ type: ContentType = .exchange, tenant: Int = 1) throws -> Feed {
  Feed(tenant: try Tenants.id(tenant), contentType: type)
}

/// A blob of a feed; blobs with larger numbers were made available later.
func blob(_ number: Int, of feed: Feed) -> ContentBlob {
  ContentBlob(
    feed: feed, id: ContentID("blob$\(number)"),
    uri: "https://manage.example.com/api/v1.0/\(feed.tenant)/activity/feed/audit/blob$\(number)",
    created: noon + .seconds(number), expires: noon + .seconds(number) + .seconds(7 * 86_400))
}

/// Blobs of a feed.
func blobs(_ numbers: ClosedRange<Int>, of feed: Feed) -> [ContentBlob] {
  numbers.map { blob($0, of: feed) }
}

/// A body whose bytes depend on `seed`, so that no two are alike.
func body(_ count: Int, seed: UInt64 = 0) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 8)
  while bytes.count < count {
    withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// The digest the store keeps of a body.
func digest(_ bytes: [UInt8]) -> [UInt8] {
  PackedBody(PaddedBytes(bytes)).sha256
}

extension Store {
  /// Lists blobs `numbers` of a feed in one page.
  @discardableResult
  func list(
    _ numbers: some Sequence<Int>, of feed: Feed, until: Timestamp? = nil
  ) async throws(StoreError) -> ListingOutcome {
    try await recordListing(
      of: feed, blobs: numbers.map { blob($0, of: feed) }, at: noon, listedUntil: until)
  }

  /// All that is owed of a feed, whatever the time.
  func owed(_ feed: Feed) async throws(StoreError) -> [OwedContent] {
    try await owedContent(
      of: feed.tenant, types: [feed.contentType], now: noon + .seconds(86_400 * 365),
      limit: 100_000, excluding: [])
  }

  /// Commits a body for what is owed.
  @discardableResult
  func fetch(_ content: OwedContent, _ bytes: [UInt8]) async throws(StoreError) -> Int64? {
    try await commitFetched(content, parts: [PackedBody(PaddedBytes(bytes))], at: noon)
  }

  /// A number the database answers, read by the reading thread.
  func number(_ sql: String) async throws(StoreError) -> Int64? {
    try await read { (connection) throws(StoreError) in try connection.integer(sql) }
  }
}

/// Opens a store, hands it to `body`, and closes it again.
func withStore<Value>(
  _ folder: String, _ body: (Store) async throws -> Value
) async throws -> Value {
  let store = try Store(folder: folder)
  defer { store.close() }
  return try await body(store)
}

/// Why a store cannot be opened; nil when it can.
func refusal(_ folder: String, _ access: Store.Access = .collect) -> StoreError? {
  do throws(StoreError) {
    try Store(folder: folder, access: access).close()
    return nil
  } catch {
    return error
  }
}

/// What a call throws; nil when it throws nothing.
func failure<Value>(_ body: () async throws(StoreError) -> Value) async -> StoreError? {
  do throws(StoreError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

extension Store {
  /// Changes the database behind the store's back.
  func change(_ sql: String) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in try connection.execute(sql) }
  }

  /// The digest of a body in the log.
  func hash(_ sequence: Int64) async throws(StoreError) -> [UInt8]? {
    try await read { (connection) throws(StoreError) in
      try connection.first(
        "SELECT sha256 FROM log WHERE sequence = ?1",
        { (statement) throws(StoreError) in try statement.bind(1, sequence) },
        { (row) throws(StoreError) in row.blobOrNil(0) }) ?? nil
    }
  }
}
