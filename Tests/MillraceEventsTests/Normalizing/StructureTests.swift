import Testing

/// Objects and lists are read whichever way they are sent.
@Suite struct `Structures` {
  /// JSON as the text of a JSON string.
  private static func text(_ json: String) -> String {
    let escaped = json.replacing(#"\"#, with: #"\\"#).replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }

  /// A member as it is, as JSON in a text, and where one object is usual, as a list of one.
  private static func ways(_ name: String, _ json: String) -> [String] {
    let other =
      json.hasPrefix("[") ? String(json.dropFirst().dropLast()) : "[\(json)]"
    return [json, text(json), other, text(other)].map { "\"\(name)\":\($0)" }
  }

  @Test(
    arguments: ways(
      "SharePointMetaData", #"{"From":"z@example.com","FileName":"f.docx","Kept":1}"#))
  func `what a policy matched`(_ member: String) throws {
    let event = try event(
      record("\"UserId\":\"DlpAgent\",\(member)", type: 11, operation: "DlpRuleMatch"))
    #expect(event["actor.upn"] == "z@example.com")
    #expect(event["file.name"] == "f.docx")
    #expect(event.number("ext.SharePointMetaData.Kept") == 1)
  }

  @Test(arguments: ways("AppAccessContext", #"{"AADSessionId":"s","ClientAppId":"c"}"#))
  func `the context of an application`(_ member: String) throws {
    let event = try event(record(member, type: 50, operation: "MailItemsAccessed"))
    #expect(event["session.id"] == "s")
    #expect(event["app.id"] == "c")
  }

  @Test(arguments: ways("AffectedItems", #"[{"Subject":"a","Attachments":"x.pdf (3b)"}]"#))
  func `items of a mailbox`(_ member: String) throws {
    let event = try event(record(member, type: 3, operation: "HardDelete"))
    #expect(event.number("count") == 1)
    #expect(event.line.contains(#""subject":"a""#))
  }

  @Test(arguments: ways("OperationProperties", #"[{"Name":"MailAccessType","Value":"Sync"}]"#))
  func `properties of an operation`(_ member: String) throws {
    let event = try event(record(member, type: 50, operation: "MailItemsAccessed"))
    #expect(event["mailbox.access_type"] == "Sync")
  }

  @Test(arguments: [
    #"["b@x.example","c@x.example"]"#, #""[\"b@x.example\",\"c@x.example\"]""#,
    #""b@x.example;c@x.example""#,
  ])
  func `recipients`(_ value: String) throws {
    let event = try event(record("\"Recipients\":\(value)", type: 28, operation: "TIMailData"))
    #expect(event.list("email.to") == ["b@x.example", "c@x.example"])
  }

  @Test(arguments: [#"{"UPN":"a@x.example"}"#, #""{\"UPN\":\"a@x.example\"}""#, #""a@x.example""#])
  func `a sender`(_ value: String) throws {
    let mail = try event(record("\"Sender\":\(value)", type: 43, operation: "MipLabel"))
    #expect(mail["email.from"] == "a@x.example")
  }

  @Test(arguments: [
    #"[{"ActionType":"Forward","Recipients":["e@evil.example"]},{"ActionType":"Delete"}]"#,
    #""[{\"ActionType\":\"Forward\",\"Recipients\":[\"e@evil.example\"]},{\"ActionType\":\"Delete\"}]""#,
  ])
  func `actions of a rule`(_ actions: String) throws {
    let event = try event(
      record(
        #""UserId":"o@x.example","MailboxOwnerUPN":"o@x.example","OperationProperties":"#
          + #"[{"Name":"RuleName","Value":"."},{"Name":"RuleActions","Value":\#(actions)}]"#,
        type: 2, operation: "UpdateInboxRules"))
    #expect(event.list("mail_rule.forward_to") == ["e@evil.example"])
    #expect(event.flag("mail_rule.delete") == true)
    #expect(event.flag("mail_rule.is_external_forward") == true)
    #expect(event["severity"] == "low")
  }

  @Test(arguments: [
    ("PolicyDetails", 13), ("OperationProperties", 50), ("Actor", 8), ("Item", 2),
    ("ExchangeMetaData", 13), ("ModifiedProperties", 8), ("DeviceProperties", 15),
  ])
  func `a text that only looks like JSON stays and is noted`(_ name: String, _ type: Int) throws {
    let event = try event(record("\"\(name)\":\"[{bad\"", type: type, operation: "Something"))
    #expect(event.list("parse_issues") == ["\(name): not JSON"])
    #expect(event.line.contains("[{bad"))
  }

  @Test(arguments: [
    #"{"A":1}"#, #"[{"A":1}]"#, #""{\"A\":1}""#, #""[{\"A\":1}]""#, #"[{"A":1},{"A":2}]"#,
  ])
  func `what nothing is taken from stays as it came`(_ value: String) throws {
    for name in ["Item", "AppAccessContext", "Members", "OperationProperties", "Recipients"] {
      let event = try event(record("\"\(name)\":\(value)", type: 9999, operation: "Something"))
      #expect(event.line.contains("\"ext\":{\"\(name)\":\(value)}"), "\(event.line)")
      #expect(!event.has("parse_issues"))
    }
  }

  @Test func `numbers may be floats`() throws {
    let actor = (0...1).map { number in
      #""Actor":[{"ID":"ana@example.com","Type":5\#(number == 0 ? "" : ".0")},"#
        + #"{"ID":"User_aaaaaaaa-0000-4000-8000-000000000001","Type":2\#(number == 0 ? "" : ".0")},"#
        + #"{"ID":"bbbbbbbb-0000-4000-8000-000000000001","Type":2\#(number == 0 ? "" : ".0")}]"#
    }
    for members in actor {
      let event = try event(record(members, type: 8, operation: "Add user."))
      #expect(event["app.id"] == "bbbbbbbb-0000-4000-8000-000000000001")
      #expect(event["actor.id"] == "aaaaaaaa-0000-4000-8000-000000000001")
    }
  }
}
