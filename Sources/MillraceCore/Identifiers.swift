/// A Microsoft 365 organisation, named by the GUID of its directory.
package struct TenantID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The GUID in lower case with hyphens, 36 bytes.
  package let description: String

  /// Takes a GUID in any letter case; nil for anything else, a domain included.
  package init?(_ text: some StringProtocol) {
    let lowered = text.lowercased()
    guard isGUID(lowered) else { return nil }
    description = lowered
  }

  package static func < (left: TenantID, right: TenantID) -> Bool {
    left.description < right.description
  }
}

/// Whether a text has the shape of a GUID: 8-4-4-4-12 hexadecimal digits, any letter case.
package func isGUID(_ text: some StringProtocol) -> Bool {
  let bytes = Array(text.utf8)
  guard bytes.count == 36 else { return false }
  for (index, byte) in bytes.enumerated() {
    switch index {
    case 8, 13, 18, 23:
      guard byte == UInt8(ascii: "-") else { return false }
    default:
      guard isHexadecimalDigit(byte) else { return false }
    }
  }
  return true
}

private func isHexadecimalDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}

/// One of the five kinds of content the Activity API serves (Activity API reference, "Working with
/// the Office 365 Management Activity API").
package enum ContentType: String, CaseIterable, Sendable, Comparable, CustomStringConvertible {
  case azureActiveDirectory = "Audit.AzureActiveDirectory"
  case exchange = "Audit.Exchange"
  case sharePoint = "Audit.SharePoint"
  case general = "Audit.General"
  case dlp = "DLP.All"

  /// Reads the name in any letter case, as the service echoes what it was sent.
  package init?(anyCase text: some StringProtocol) {
    let lowered = text.lowercased()
    guard let match = ContentType.allCases.first(where: { $0.rawValue.lowercased() == lowered })
    else { return nil }
    self = match
  }

  /// The canonical spelling, which is what is always sent.
  package var description: String { rawValue }

  package static func < (left: ContentType, right: ContentType) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// One content type of one tenant: what a subscription is for, and what is listed with a cursor.
package struct Feed: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Whose content it is.
  package let tenant: TenantID
  /// Which of the five kinds it carries.
  package let contentType: ContentType

  /// The feed of `contentType` in `tenant`.
  package init(tenant: TenantID, contentType: ContentType) {
    self.tenant = tenant
    self.contentType = contentType
  }

  /// `<tenant>/<content type>`, for logs.
  package var description: String { "\(tenant)/\(contentType)" }

  package static func < (left: Feed, right: Feed) -> Bool {
    (left.tenant, left.contentType) < (right.tenant, right.contentType)
  }
}

/// The name the service gave a content blob; opaque, never split or matched against a pattern.
package struct ContentID: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// Takes the `contentId` of a listing as it is.
  package init(_ text: String) {
    description = text
  }
}

/// A place in the log of content: everything *before* it is meant.
package struct LogPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The blob's sequence number in the log; the first blob has 1.
  package var sequence: Int64
  /// How many of that blob's records lie before the position; 0 is the blob's beginning.
  package var record: Int

  /// The position before record `record` of the blob with number `sequence`.
  package init(sequence: Int64, record: Int = 0) {
    self.sequence = sequence
    self.record = record
  }

  /// The position before everything.
  package static let start = LogPosition(sequence: 1)

  /// `sequence:record`, for logs.
  package var description: String { "\(sequence):\(record)" }

  package static func < (left: LogPosition, right: LogPosition) -> Bool {
    (left.sequence, left.record) < (right.sequence, right.record)
  }
}
