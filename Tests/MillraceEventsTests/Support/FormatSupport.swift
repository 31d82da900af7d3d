import Foundation
import MillraceEvents
import Testing

/// Records that formats must take whatever is in them: every fixture, and records whose every
/// member is one odd text.
enum FormatRecords {
  /// The records of the fixtures.
  static let fixtures = `Fixtures of normalization`.cases.compactMap { name in
    let file = `Fixtures of normalization`.folder.appendingPathComponent(name)
      .appendingPathComponent("record.json")
    return try? String(contentsOf: file, encoding: .utf8)
  }

  private static let types = [1, 2, 6, 8, 9, 13, 14, 15, 20, 25, 28, 40, 50, 98, 261, 294, 9999]

  private static let texts = [
    "x", "-", " ", "a@b", "1", "1.5", "true", "{}", "[1]", "_", "#EXT#@", "::1", "\\u0000",
    "a=b|c\\\\d]\\\"e\\r\\nf", "https://a.example/b c", "\\ud83d\\ude00é",
    "11111111-2222-4333-8444-555555555555",
  ]

  private static let names = [
    "Id", "OrganizationId", "Workload", "Operation", "ResultStatus", "ErrorNumber", "UserId",
    "UserKey", "UserType", "ClientIP", "ObjectId", "AlertEntityId", "AlertId", "ItemType",
    "SessionId", "Severity", "OperationCount", "Scope", "MailboxGuid", "SourceFileName",
    "UserAgent", "millrace", "MailboxOwnerUPN", "Name", "Category", "Status",
  ]

  /// One record for each type and text.
  static let odd = types.flatMap { type in
    texts.map { text in
      let members = names.map { "\"\($0)\":\"\(text)\"" }.joined(separator: ",")
      return "{\"RecordType\":\(type),\(members)}"
    }
  }

  /// One record for each operation of the tables, with little else.
  static let bare = [
    "UserLoggedIn", "UserLoggedOff", "Add user.", "Add member to role.", "Add group.",
    "Add member to group.", "Consent to application.", "New-InboxRule", "Add-MailboxPermission",
    "Get-Mailbox", "Send", "HardDelete", "FileDownloaded", "FileRenamed", "SharingSet",
    "PageViewed", "TeamCreated", "AppInstalled", "MessageSent", "DlpRuleMatch", "DlpRuleUndo",
    "AlertTriggered", "AlertUpdated", "ViewReport", "CopilotInteraction", "Anything",
  ].flatMap { operation in
    types.map { "{\"Id\":\"x\",\"Operation\":\"\(operation)\",\"RecordType\":\($0)}" }
  }

  static let all = fixtures + odd + bare

  /// The lines of all records in a format.
  static func lines(_ format: EventFormat) -> [String] {
    all.flatMap { record in
      let found = MillraceEventsTests.lines(of: blob("[\(record)]"), format: format)
      #expect(found.count == 1)
      return found
    }
  }
}

/// Whether a text is an address of either kind.
func isAddress(_ text: String) -> Bool {
  var room = in6_addr()
  return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
}

/// Whether a parsed number was a boolean in JSON; its C type tells.
func isBoolean(_ value: Any) -> Bool {
  guard let number = value as? NSNumber else { return false }
  return String(cString: number.objCType) == "c"
}
