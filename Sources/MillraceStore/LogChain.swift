import MillraceCrypto

/// The hash chain over the log: each row's link is the digest of the link before it and of what
/// identifies the row and its body. A row that is changed, missing or in another place breaks it.
///
/// Bodies may go (retention); their digests, and with them the chain, stay.
package enum LogChain {
  /// What a link covers besides the link before it.
  package struct Row: Sendable {
    /// The number in the log.
    package var sequence: Int64
    /// The tenant's GUID.
    package var tenant: String
    /// The content type's name.
    package var contentType: String
    /// The blob's name.
    package var contentID: String
    /// Which part of the blob, from 0.
    package var part: Int
    /// Into how many parts the blob was cut.
    package var partCount: Int
    /// When it was committed, in milliseconds since 1970.
    package var fetchedAt: Int64
    /// How long the body is.
    package var byteCount: Int
    /// The digest of the body, 32 bytes.
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
