package import MillraceCore
import MillraceCrypto

/// A sealed day: its ledger and contents in one digest, chained to the day sealed before.
package struct Seal: Hashable, Sendable {
  /// Which day.
  package let day: Day
  /// When it was sealed, by the clock of this machine.
  package let sealedAt: Timestamp
  /// What was hashed.
  package let ledger: DayLedger
  /// SHA-256 of the seal before (zeros for the first), the day as `2026-03-04` and the digest of
  /// the ledger, one after the other.
  package let seal: [UInt8]

  /// What the first day is chained to.
  package static let beginning = [UInt8](repeating: 0, count: 32)

  /// The seal of a day behind another.
  package static func link(after previous: [UInt8], _ day: Day, ledger: [UInt8]) -> [UInt8] {
    let bytes = previous + Array(day.description.utf8) + ledger
    return bytes.withUnsafeBytes { SHA256.digest(of: $0) }
  }
}

/// A day of the ledger in one digest, with what it counts.
package struct DayLedger: Hashable, Sendable {
  /// Blobs that were made available on the day.
  package let blobs: Int
  /// Their records, and those of them that are events.
  package let records: Int
  /// Those of the records that are events.
  package let events: Int
  /// The digest of all rows.
  package let sha256: [UInt8]
}

/// Writes a day's rows into a digest, in one way only: numbers as 64 bits, big-endian; texts and
/// bytes with their length before them, or -1 for none.
///
/// Not covered are bodies that are dropped later, as retention does, and what the retry of a dead
/// letter enters: neither changes what a day was.
struct DayDigest {
  private let stream = SHA256Stream()
  private(set) var blobs = 0
  private(set) var records = 0
  private(set) var events = 0

  func add(_ number: Int64?) {
    withUnsafeBytes(of: (number ?? -1).bigEndian) { stream.update($0) }
  }

  func add(_ bytes: [UInt8]?) {
    add(bytes.map { Int64($0.count) })
    if let bytes { stream.update(bytes) }
  }

  func add(_ text: String?) {
    add(text.map { Array($0.utf8) })
  }

  mutating func count(blobs: Int = 0, records: Int64? = nil, events: Int64? = nil) {
    self.blobs += blobs
    self.records += Int(records ?? 0)
    self.events += Int(events ?? 0)
  }

  func finish() -> DayLedger {
    DayLedger(blobs: blobs, records: records, events: events, sha256: stream.finish())
  }
}

extension Connection {
  /// The ledger of a day as it stands: every blob made available on it, by feed and name, each with
  /// its entries in the log; then the spans of the day that were never listed.
  func dayLedger(_ day: Day) throws(StoreError) -> DayLedger {
    var digest = DayDigest()
    _ = try rows(
      """
      SELECT tenant, content_type, content.content_id, origin, created_at, state, reason, content.id
      FROM content JOIN feed ON feed.id = content.feed_id
      WHERE created_at >= ?1 AND created_at < ?2
      ORDER BY tenant, content_type, content.content_id
      """,
      { (statement) throws(StoreError) in try statement.bind(1, day.start).bind(2, day.end) },
      { (row) throws(StoreError) in
        digest.add("blob")
        for column: Int32 in 0...3 { digest.add(row.text(column)) }
        digest.add(row.integer(4))
        digest.add(row.text(5))
        digest.add(row.textOrNil(6))
        digest.count(blobs: 1)
        try addEntries(of: row.integer(7), to: &digest)
      })
    _ = try rows(
      """
      SELECT tenant, content_type, max(from_at, ?1), min(to_at, ?2)
      FROM listing_gap JOIN feed ON feed.id = listing_gap.feed_id
      WHERE from_at < ?2 AND to_at > ?1 ORDER BY tenant, content_type, from_at
      """,
      { (statement) throws(StoreError) in try statement.bind(1, day.start).bind(2, day.end) },
      { (row) throws(StoreError) in
        digest.add("gap")
        for column: Int32 in 0...1 { digest.add(row.text(column)) }
        for column: Int32 in 2...3 { digest.add(row.integer(column)) }
      })
    return digest.finish()
  }

  private func addEntries(of content: Int64, to digest: inout DayDigest) throws(StoreError) {
    _ = try rows(
      """
      SELECT sequence, part, part_count, byte_count, sha256, chain, record_count, event_count,
        repeat_count, changed_count, skipped
      FROM log WHERE content_id = ?1 AND attempt = 1 ORDER BY sequence
      """,
      { (statement) throws(StoreError) in try statement.bind(1, content) },
      { (row) throws(StoreError) in
        digest.add("entry")
        for column: Int32 in 0...3 { digest.add(row.integer(column)) }
        for column: Int32 in 4...5 { digest.add(row.blobOrNil(column)) }
        for column: Int32 in 6...9 { digest.add(row.integerOrNil(column)) }
        digest.add(row.blobOrNil(10))
        digest.count(records: row.integerOrNil(6), events: row.integerOrNil(7))
      })
  }
}
