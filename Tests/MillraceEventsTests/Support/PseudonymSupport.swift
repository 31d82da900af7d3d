import Foundation
import MillraceCore
import MillraceEvents
import MillracePseudonyms
import Testing

/// Keys of tests.
enum TestKeys {
  static let first = "q2Jm8z0c1X7rVnYt5uKdL4eWfGhPoAsB3iCj6xTlUvE="
  static let second = "9wQx7LmN2pZrT5vKc8jHfD1sG4aYbE6uIo3RtVnXkMw="
  static let other = "0BzYxW9vUtS8rQpO7nMlK6jIhG5fEdC4bA3ZyXw2VuT="

  static func pseudonyms(
    _ groups: PseudonymGroups = [.users, .addresses, .ids, .devices], fields: [String] = [],
    isRevealable: Bool = true, key: String = first
  ) throws -> KeyedPseudonyms {
    KeyedPseudonyms(
      key: try PseudonymKey(key), revealKey: isRevealable ? try PseudonymKey(second) : nil,
      selection: PseudonymSelection(groups: groups, fields: fields))
  }
}

/// The one line that a record becomes with pseudonyms.
func maskedLine(
  _ record: String, _ pseudonyms: KeyedPseudonyms, format: EventFormat = .native,
  header: SyslogHeader? = nil, context: EventContext = emptyContext
) throws -> String {
  var encoder = EventEncoder(format: format, header: header, pseudonyms: pseudonyms)
  let bytes = blob("[\(record)]")
  let found = BlobScanner.scan(bytes).records.filter { $0.verdict == .event }
  let only = try #require(found.first)
  #expect(found.count == 1)
  var line: [UInt8] = []
  _ = encoder.encode(only, of: bytes, context: context, into: &line)
  #expect(line.last == UInt8(ascii: "\n"))
  return String(decoding: line.dropLast(), as: UTF8.self)
}

/// The context of a tenant.
func context(tenant: String) -> EventContext {
  EventContext(
    tenant: TenantID(tenant), tenantName: nil, contentType: nil, contentID: nil, available: nil,
    collected: nil)
}

/// What a record says of people: found by looking for what such things look like, without any of
/// the code that is tested.
struct PersonalValues {
  private(set) var values: Set<String> = []

  /// The values in a record, in lower case, with what OneDrive makes of names.
  init(_ record: String) throws {
    // Foundation reads no surrogate that stands alone.
    let readable = record.replacingOccurrences(
      of: #"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"#, with: "?", options: .regularExpression)
    visit(try JSONSerialization.jsonObject(with: Data(readable.utf8)), name: "")
    values.subtract(nobodies)
  }

  /// Ids of messages, which have the form of addresses, and of applications, which act as users.
  private var nobodies: Set<String> = []

  private static let mail = try? NSRegularExpression(
    pattern: #"[A-Za-z0-9._+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"#)
  private static let address = try? NSRegularExpression(
    pattern: #"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"#)
  private static let numbers = try? NSRegularExpression(
    pattern: #"S-1-5-21(-\d+)+|\b100[0-9A-Fa-f]{13}\b"#)
  private static let nameMembers: Set<String> = [
    "UserId", "UserKey", "MailboxOwnerUPN", "LogonUserSid", "LogonUserDisplayName",
    "MailboxOwnerSid", "MailboxGuid", "SessionId", "AADSessionId", "ClientIP", "ClientIPAddress",
    "ActorIpAddress", "SenderIp", "P1Sender", "P2Sender", "DeviceName", "DeviceDisplayName",
    "MachineId", "FileOwner",
  ]

  private mutating func visit(_ value: Any, name: String) {
    switch value {
    case let object as [String: Any]:
      for (key, member) in object { visit(member, name: key) }
    case let list as [Any]:
      for element in list { visit(element, name: name) }
    case let text as String:
      if let inner = try? JSONSerialization.jsonObject(with: Data(text.utf8)) {
        return visit(inner, name: name)
      }
      add(text, name: name)
    default: return
    }
  }

  private mutating func add(_ text: String, name: String) {
    // Conversations and messages have ids that look like addresses of mail.
    let isMessage = name.lowercased().contains("messageid") || text.contains("@thread.")
    if isMessage {
      nobodies.insert(text.lowercased().trimmingCharacters(in: ["<", ">"]))
      return
    }
    if name == "ClientAppId" { nobodies.insert(text.lowercased()) }
    for pattern in [Self.mail, Self.address, Self.numbers] {
      let range = NSRange(text.startIndex..., in: text)
      for match in pattern?.matches(in: text, range: range) ?? [] {
        if let found = Range(match.range, in: text) { insert(String(text[found])) }
      }
    }
    if Self.nameMembers.contains(name), text.count > 3 { insert(text) }
  }

  private mutating func insert(_ text: String) {
    let lowered = text.lowercased().replacingOccurrences(of: "%40", with: "@")
    let none = ["unknown", "<null>", "null", "not available", "not-found", "0.0.0.0"]
    // Accounts of the service are nobody's.
    let services = [
      "securitycompliancealerts", "threatintel", "dlpagent", "airinvestigation",
      "sharepoint\\system", "app@sharepoint", "microsoft\\serviceoperator", "s-1-0-0",
    ]
    if none.contains(lowered) || services.contains(lowered) { return }
    if lowered.hasPrefix("nt authority\\") { return }
    values.insert(lowered)
    guard lowered.contains("@") else { return }
    values.insert(lowered.replacingOccurrences(of: "@", with: "%40"))
    values.insert(String(lowered.map { $0.isLetter || $0.isNumber ? $0 : "_" }))
  }
}
