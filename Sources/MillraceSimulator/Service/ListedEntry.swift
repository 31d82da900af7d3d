import MillraceCore

/// The entries of a listing (Activity API reference, "List available content").
struct ListedEntry {
  /// The content type in the client's spelling, which is echoed.
  let typeAsSent: String
  let tenant: TenantID
  let origins: ListingEndpoint.Origins
  /// Whether members are left out of some entries.
  let isOdd: Bool

  /// An entry as JSON. Which member an odd one lacks depends on the blob: never both of those that
  /// tell where it is.
  func text(_ blob: SimulatedBlob) -> String {
    let origin = blob.fate == .foreign ? origins.foreign : origins.own
    let uri = "\(origin)/api/v1.0/\(tenant)/activity/feed/audit/\(blob.contentID)"
    let members = [
      ("contentUri", uri), ("contentId", blob.contentID), ("contentCreated", "\(blob.created)"),
      ("contentExpiration", "\(blob.expires)"),
    ]
    let missing =
      isOdd && blob.fate == .servable ? Int(stableHash(blob.contentID) % 6) : members.count
    let written = members.enumerated().filter { $0.offset != missing }.map { _, member in
      "\"\(member.0)\":\"\(member.1)\""
    }
    return "{" + written.joined(separator: ",")
      + ",\"contentType\":\(Answers.quoted(typeAsSent))}"
  }

  /// An entry that names no blob.
  static let broken = #"{"contentType":null,"contentCreated":"2026-01-15T10:15:52.000Z"}"#
}
