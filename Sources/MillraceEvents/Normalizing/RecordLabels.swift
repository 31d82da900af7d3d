package import MillraceCore

/// What the top level of a record says about where it belongs, and the record within it when it is
/// only a wrapper. Read without normalizing.
package struct RecordLabels: Hashable, Sendable {
  /// The tenant that `OrganizationId` names; nil when it is missing or no GUID.
  package private(set) var tenant: TenantID?
  /// `Workload`, as it is written.
  package private(set) var workload: String?
  /// `RecordType`, whether written as a number, as a number in quotes, or by its name.
  package private(set) var recordType: Int?
  /// The record that this one wraps.
  package private(set) var wrapped: Wrapped?

  /// How an audit search wraps a record: in a member `AuditData`, in any letter case.
  package enum Wrapped: Hashable, Sendable {
    /// As the text of a JSON string, decoded here (`Search-UnifiedAuditLog`).
    case text([UInt8])
    /// As an object, at these bytes (audit searches through Microsoft Graph).
    case object(Range<Int>)
  }

  /// Reads the labels of a record that is one valid JSON object.
  package init(of record: PaddedBytes) {
    record.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let start = base.assumingMemoryBound(to: UInt8.self)
      let view = ByteView(start: start, count: bytes.count).trimmed
      var members = ObjectCursor(view)
      while let member = members.next() {
        note(member, in: start)
      }
    }
  }

  private mutating func note(_ member: ObjectCursor.Member, in blob: UnsafePointer<UInt8>) {
    switch member.key.count {
    case 14 where member.key == "OrganizationId":
      tenant = RecordLabels.text(member.value).flatMap { TenantID($0) }
    case 8 where member.key == "Workload":
      workload = RecordLabels.text(member.value)
    case 10 where member.key == "RecordType":
      let name = RecordLabels.content(member.value) ?? member.value
      recordType = name.decimalInteger ?? RecordTypeNames.byName[name]
    case 9 where member.key.isAnyCase("auditdata"):
      switch member.value.first {
      case Ascii.quote:
        guard let content = RecordLabels.content(member.value) else { return }
        var arena = Arena()
        wrapped = .text(Array(JSONText.decode(content, in: &arena).buffer))
      case Ascii.openBrace:
        let offset = member.value.start - blob
        wrapped = .object(offset..<offset + member.value.count)
      default:
        return
      }
    default:
      return
    }
  }

  /// What stands between the quotes of a string; nil for any other value.
  private static func content(_ value: ByteView) -> ByteView? {
    guard value.first == Ascii.quote else { return nil }
    return value.slice(1, value.count - 1)
  }

  /// A string without escapes, as all names that matter here are.
  private static func text(_ value: ByteView) -> String? {
    content(value).map { String(decoding: $0.buffer, as: UTF8.self) }
  }
}
