import MillraceCrypto

/// The hash chain over the log: each row's link is the digest of the link before it and of what
/// identifies the row and its body. A row that is changed, missing or in another place breaks it.
///
/// Bodies may go (retention); their digests, and with them the chain, stay.
package enum LogChain {
  /// What a link covers besides the link before it.
  package struct Row: Sendable {
    package var sequence: Int64
    package var tenant: String
    package var contentType: String
    package var contentID: String
    package var part: Int
    package var partCount: Int
    package var fetchedAt: Int64
    package var byteCount: Int
    package var sha256: [UInt8]
  }

  /// What the first row follows.
  package static let beginning = [UInt8](repeating: 0, count: 32)

  /// The link of `row` behind `previous`.
  package static func link(after previous: [UInt8], _ row: Row) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    bytes += previous
    for number in [
      row.sequence, Int64(row.part), Int64(row.partCount), row.fetchedAt, Int64(row.byteCount),
    ] {
      withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }
    // Each text with its length before it, so that no two rows spell the same bytes.
    for text in [row.tenant, row.contentType, row.contentID] {
      withUnsafeBytes(of: Int64(text.utf8.count).bigEndian) { bytes += $0 }
      bytes += text.utf8
    }
    bytes += row.sha256
    return bytes.withUnsafeBytes { SHA256.digest(of: $0) }
  }
}
