import MillraceCore
import MillraceCrypto
import MillraceEvents
import MillraceStore

/// A body of the log with what its scan found.
struct ScannedEntry: Sendable {
  let entry: LogEntry
  let scan: BlobScan
  /// The keys of its records by which repeats are known; nil where nobody asked for them.
  let keys: [EventKey]?

  init(entry: LogEntry, scan: BlobScan, keys: [EventKey]? = nil) {
    self.entry = entry
    self.scan = scan
    self.keys = keys
  }

  /// Unpacks and scans an entry; nil when its body was dropped. Heavy: for a worker.
  ///
  /// - Throws: `StoreError` of kind `.damaged`.
  init?(_ stored: StoredEntry, withKeys: Bool) throws(StoreError) {
    guard let entry = try stored.unpack() else { return nil }
    let part = BlobPart(number: entry.head.part, of: entry.head.partCount)
    let scan = BlobScanner.scan(entry.body, part: part)
    let keys =
      withKeys
      ? EventKeys.keys(of: scan, in: entry.body, tenant: entry.blob.feed.tenant) : nil
    self.init(entry: entry, scan: scan, keys: keys)
  }
}

extension WorkerPool {
  /// Unpacks and scans an entry on a worker; nil when its body was dropped, or the task cancelled.
  func scan(_ stored: StoredEntry, withKeys: Bool) async throws(StoreError) -> ScannedEntry? {
    let result = await run { () -> Result<ScannedEntry?, StoreError> in
      do throws(StoreError) {
        return .success(try ScannedEntry(stored, withKeys: withKeys))
      } catch {
        return .failure(error)
      }
    }
    return try result?.get()
  }
}

/// Makes the keys of events: digests of tenant, `Id`, record type and operation.
enum EventKeys {
  /// The keys of all records of a body; `.none` for what is no event or does not say which.
  static func keys(of scan: BlobScan, in body: PaddedBytes, tenant: TenantID) -> [EventKey] {
    let stream = SHA256Stream()
    var identities = EventIdentities()
    let prefix = Array(tenant.description.utf8)
    var text: [UInt8] = []
    var digest = [UInt8](repeating: 0, count: 32)
    return scan.records.map { record in
      text.removeAll(keepingCapacity: true)
      text += prefix
      guard identities.append(record, of: body, to: &text) else { return .none }
      stream.update(text)
      digest.withUnsafeMutableBytes { stream.finish(into: $0) }
      return digest.withUnsafeBytes { raw in
        let key = EventKey(
          high: raw.loadUnaligned(as: UInt64.self),
          low: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        // One digest in 2^128 is the sign for none.
        return key == .none ? EventKey(high: 0, low: 1) : key
      }
    }
  }

  /// Whether two records name the same event: what their digests stand for, compared itself.
  static func areSame(
    _ left: (entry: ScannedEntry, record: Int), _ right: (entry: ScannedEntry, record: Int)
  ) -> Bool {
    guard left.entry.entry.blob.feed.tenant == right.entry.entry.blob.feed.tenant,
      left.record < left.entry.scan.records.count, right.record < right.entry.scan.records.count
    else { return false }
    var identities = EventIdentities()
    var texts: ([UInt8], [UInt8]) = ([], [])
    return identities.append(
      left.entry.scan.records[left.record], of: left.entry.entry.body, to: &texts.0)
      && identities.append(
        right.entry.scan.records[right.record], of: right.entry.entry.body, to: &texts.1)
      && texts.0 == texts.1
  }

  /// Whether two records say the same.
  static func haveSameContent(
    _ left: (entry: ScannedEntry, record: Int), _ right: (entry: ScannedEntry, record: Int)
  ) -> Bool {
    EventIdentities.haveSameContent(
      left.entry.scan.records[left.record], of: left.entry.entry.body,
      right.entry.scan.records[right.record], of: right.entry.entry.body)
  }
}
