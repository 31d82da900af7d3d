import Foundation
import MillraceCore
import MillraceEvents
import Testing

/// Records with the events they become. `MILLRACE_UPDATE_FIXTURES=1` writes the events anew; what
/// changed then shows in the difference to the committed files.
@Suite struct `Fixtures of normalization` {
  static let folder = fixtures.appendingPathComponent("normalize")
  static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .sorted()

  /// The event of a case, as one line, read with the context of its goal.
  static func line(of name: String) throws -> String {
    let folder = folder.appendingPathComponent(name)
    let record = try String(
      contentsOf: folder.appendingPathComponent("record.json"), encoding: .utf8)
    return try event(record, context: context(name)).line
  }

  /// Where and when the record of a case was found.
  static func context(_ name: String) throws -> EventContext {
    let content = try goal(of: name)?["content"] as? [String: Any]
    return EventContext(
      tenant: nil, tenantName: nil,
      contentType: (content?["type"] as? String).flatMap { ContentType(anyCase: $0) },
      contentID: nil, available: Timestamp("2026-03-04T14:00:00Z"),
      collected: Timestamp("2026-03-04T14:05:00.250Z"))
  }

  /// The whole event that a case is to become when every field is implemented, if it has one.
  static func goal(of name: String) throws -> [String: Any]? {
    let file = folder.appendingPathComponent(name).appendingPathComponent("goal.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
  }

  @Test func `there are fixtures`() {
    #expect(Self.cases.count >= 50)
  }

  @Test(arguments: cases)
  func `a record becomes its event, byte for byte`(_ name: String) throws {
    let line = try Self.line(of: name) + "\n"
    let file = Self.folder.appendingPathComponent(name).appendingPathComponent("native.json")
    if ProcessInfo.processInfo.environment["MILLRACE_UPDATE_FIXTURES"] == "1" {
      try line.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == line)
  }

  /// Where events say something else than their goals, and why.
  private static let differences: [String: Set<String>] = [
    // An administrator's number makes the actor an administrator; the goal calls him a user.
    "inbox-rule-forwards": ["actor.type", "actor.is_admin"],
    // The owner's name is his principal name, which is in its own field.
    "delegate-hard-deletes": ["target.name"],
    // The goal knows by configuration that the address is the service's.
    "mail-accessed-by-app": ["source.kind"],
  ]

  /// What goals leave out, as their records are shortened.
  private static let unplanned: Set<String> = [
    "ext", "parse_issues", "available_time", "collected_time", "object_id",
  ]

  /// Fields that say what the fields of the goal say, for those who look there first.
  private static let additional: Set<String> = [
    "site.owner_hint", "site.web_id", "mailbox.owner_sid", "file.list_id", "source.address",
    "alert.comment", "app.resource_name", "message",
  ]

  @Test(arguments: cases)
  func `an event says what its goal says, and no more`(_ name: String) throws {
    guard let goal = try Self.goal(of: name) else { return }
    let event = try Event(Self.line(of: name))
    let expected = Self.leaves(goal)
    let found = Self.leaves(event.tree)
    for path in Set(found.keys).union(expected.keys).sorted() {
      let top = path.split(separator: ".").first.map(String.init) ?? path
      if Self.unplanned.contains(top) || Self.differences[name]?.contains(path) == true { continue }
      // Places come from the operator's databases, which these tests have none of.
      if path.hasPrefix("source.geo.") || path.hasPrefix("source.as_") { continue }
      if expected[path] == nil, Self.additional.contains(path) { continue }
      #expect(expected[path] == found[path], "\(path) of \(name)")
    }
  }

  /// A value as JSON, so that equal values are equal texts.
  private static func text(_ value: Any) -> String {
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .fragmentsAllowed]
    let data = try? JSONSerialization.data(withJSONObject: value, options: options)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
  }

  /// The leaves of an object, by path; lists as JSON.
  private static func leaves(_ tree: [String: Any], _ prefix: String = "") -> [String: String] {
    var leaves: [String: String] = [:]
    for (name, value) in tree {
      if let object = value as? [String: Any] {
        leaves.merge(Self.leaves(object, prefix + name + ".")) { first, _ in first }
      } else {
        leaves[prefix + name] = text(value)
      }
    }
    return leaves
  }
}

@Suite struct `The schema of events` {
  private func schema() throws -> SchemaChecker {
    try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
  }

  @Test(arguments: `Fixtures of normalization`.cases)
  func `events keep to it`(_ name: String) throws {
    let schema = try schema()
    for raw in RawAttachment.allCases {
      let folder = `Fixtures of normalization`.folder.appendingPathComponent(name)
      let record = try String(
        contentsOf: folder.appendingPathComponent("record.json"), encoding: .utf8)
      #expect(schema.errors(try event(record, raw: raw).tree) == [])
    }
    if let goal = try `Fixtures of normalization`.goal(of: name) {
      #expect(schema.errors(goal) == [])
    }
  }

  @Test func `events of the oddest records keep to it`() throws {
    let schema = try schema()
    for type in [1, 2, 6, 8, 9, 13, 15, 25, 40, 98, 261, 294, 9999] {
      for text in [
        "x", "-", " ", "a@b", "1", "1.5", "true", "{}", "[1]", "_", "#EXT#@", "::1", "\\u0000",
      ] {
        let names = [
          "Id", "OrganizationId", "Workload", "Operation", "ResultStatus", "ErrorNumber", "UserId",
          "UserKey", "UserType", "ClientIP", "ObjectId", "AlertEntityId", "ItemType", "SessionId",
          "Severity", "OperationCount", "Scope", "MailboxGuid", "SourceFileName", "ClientRegion",
        ]
        let members = names.map { "\"\($0)\":\"\(text)\"" }.joined(separator: ",")
        let event = try event("{\"RecordType\":\(type),\(members)}")
        #expect(schema.errors(event.tree) == [], "\(event.line)")
      }
    }
  }

  /// Members that hold lists and objects, or JSON in a text.
  private static let structured = [
    "Item", "AffectedItems", "Folders", "Messages", "Folder", "DestFolder", "OperationProperties",
    "ModifiedProperties", "Parameters", "PolicyDetails", "ExceptionInfo", "ExchangeMetaData",
    "SharePointMetaData", "AlertLinks", "Data", "AttachmentData", "FileData", "Recipients",
    "Members", "ParticipantInfo", "CopilotEventData", "EventData", "LogonType", "ItemType",
    "SourceFileName", "SourceRelativeUrl", "SiteUrl", "MessageTime", "FileSizeBytes", "SHA256",
  ]

  private static let oddities = [
    "[]", "{}", "[[]]", "[{}]", "[null]", "[1,\"a\",{\"Name\":1}]", "{\"a\":{\"a\":[{}]}}",
    "\"{\\\"a\\\":1,\\\"a\\\":{}}\"", "\"[\\\"\\\\ud800\\\"]\"", "-1", "1e300", "true",
    "[{\"Name\":\"x\",\"Value\":[1],\"OldValue\":\"[1\",\"NewValue\":{\"b\":2}}]",
    "[{\"Path\":\"p\",\"FolderItems\":[{\"Subject\":\"\\u0000\",\"SizeInBytes\":-3}]}]",
    "[{\"Rules\":[{\"Actions\":\"x\",\"Severity\":9,\"ConditionsMatched\":{"
      + "\"SensitiveInformation\":[{\"Confidence\":500,\"Count\":-1}]}}]}]",
    "[{\"UPN\":\"\",\"Role\":-1}]", "{\"Messages\":[{\"isPrompt\":\"maybe\"}]}",
    "[{\"FileVerdict\":7,\"SHA256\":[]}]", "\"; (1b); x (99999999999999999999b);;\"",
  ]

  @Test(arguments: [1, 2, 3, 6, 8, 11, 14, 18, 20, 21, 25, 28, 40, 47, 50, 63, 261, 9999])
  func `events of records with odd lists and objects keep to it`(_ type: Int) throws {
    let schema = try schema()
    for oddity in Self.oddities {
      for operation in ["Update user.", "New-InboxRule", "DlpRuleMatch", "SharingSet"] {
        let members = Self.structured.map { "\"\($0)\":\(oddity)" }.joined(separator: ",")
        let event = try event(record(members, type: type, operation: operation))
        #expect(schema.errors(event.tree) == [], "\(event.line)")
      }
    }
  }

  @Test func `it has every field that is written`() throws {
    let schema = try schema()
    for path in EventFormat.nativeFields {
      #expect(schema.property(path) != nil, "\(path)")
    }
  }

  @Test func `what breaks it is found`() throws {
    let schema = try schema()
    let good = try Event(`Fixtures of normalization`.line(of: "sign-in-success")).tree
    #expect(schema.errors(good) == [])
    func broken(_ change: (inout [String: Any]) -> Void) -> Bool {
      var event = good
      change(&event)
      return !schema.errors(event).isEmpty
    }
    #expect(broken { $0["severity"] = "bad" })
    #expect(broken { $0["unknown"] = 1 })
    #expect(broken { $0["time"] = "2026-03-04" })
    #expect(broken { $0["outcome"] = nil })
    #expect(broken { $0["actor"] = ["type": "user", "puid": "x"] })
    #expect(broken { $0["is_alert"] = 1 })
    #expect(broken { $0["id"] = "" })
    #expect(broken { $0["source"] = ["port": 0] })
    #expect(broken { $0["target"] = ["type": "x"] })
  }
}
