import Foundation
import MillraceCore
import MillraceEvents
import Testing

@Suite struct `Normalizing records` {
  @Test func `what the record does not say comes from its context`() throws {
    let context = EventContext(
      tenant: TenantID("11111111-2222-4333-8444-555555555555"), tenantName: "contoso",
      contentType: .exchange, contentID: ContentID("blob$1"),
      available: Timestamp("2026-03-04T09:00:00.5Z"), collected: Timestamp("2026-03-04T09:01:00Z"))
    let event = try event(record(type: 1, operation: "Set-Mailbox"), context: context)
    #expect(event["tenant.id"] == "11111111-2222-4333-8444-555555555555")
    #expect(event["tenant.name"] == "contoso")
    #expect(event["content.type"] == "Audit.Exchange")
    #expect(event["content.id"] == "blob$1")
    #expect(event["available_time"] == "2026-03-04T09:00:00.500Z")
    #expect(event["collected_time"] == "2026-03-04T09:01:00.000Z")
    #expect(event["time"] == "2026-03-04T08:15:30.000Z")
  }

  @Test func `an unusable time is replaced and told`() throws {
    let available = Timestamp("2026-03-04T09:00:00Z")
    let context = EventContext(
      tenant: nil, tenantName: nil, contentType: nil, contentID: nil, available: available,
      collected: nil)
    for bad in ["\"yesterday\"", "\"0001-01-01T00:00:00\"", "17", "{}", "null", "[]", "\"\""] {
      let text =
        "[{\"Id\":\"x\",\"RecordType\":6,\"Operation\":\"FileAccessed\",\"CreationTime\":\(bad)}]"
      let blob = blob(text)
      var encoder = EventEncoder(format: .native)
      var line: [UInt8] = []
      let record = BlobScanner.scan(blob).records[0]
      let time = encoder.encode(record, of: blob, context: context, into: &line)
      #expect(time == available)
      let event = try Event(String(decoding: line, as: UTF8.self))
      #expect(event["time"] == "2026-03-04T09:00:00.000Z")
      #expect(event.list("parse_issues")?.contains { $0.hasPrefix("CreationTime: ") } == true)
    }
    #expect(try event("{}")["time"] == "1970-01-01T00:00:00.000Z")
  }

  @Test func `an object that is nothing like a record is an event all the same`() throws {
    let event = try event("{\"x\":{\"y\":[1,2.50,\"\\u00e9\"]},\"\":null}")
    #expect(event["schema"] == "millrace/1.0")
    #expect(event["category"] == "other")
    #expect(event["outcome.result"] == "unknown")
    #expect(event.line.contains("\"ext\":{\"x\":{\"y\":[1,2.50,\"\\u00e9\"]},\"\":null}"))
    #expect(
      event.list("parse_issues") == [
        "Id: missing", "RecordType: missing", "CreationTime: missing", "Operation: missing",
      ])
  }

  @Test(arguments: [
    ("15", 15, "AzureActiveDirectoryStsLogon"), ("\"15\"", 15, "AzureActiveDirectoryStsLogon"),
    ("\"1e1\"", 10, "DataCenterSecurityCmdlet"), ("15.0", 15, "AzureActiveDirectoryStsLogon"),
    ("\"ExchangeAdmin\"", 1, "ExchangeAdmin"), ("1.5e1", 15, "AzureActiveDirectoryStsLogon"),
    ("9999", 9999, "RecordType_9999"), ("-1", -1, "RecordType_-1"),
    ("155", 155, "CMImprovementActionChange"),
    ("135", 135, "RecordType_135"),
  ])
  func `a record type is a number, a text or a name`(_ text: String, _ number: Int, _ name: String)
    throws
  {
    let event = try event("{\"RecordType\":\(text)}")
    #expect(event.number("record.type_id") == number)
    #expect(event["record.type"] == name)
    #expect(!event.has("ext"))
  }

  @Test(arguments: ["\"x\"", "1.5", "{}", "true", "99999999999999999999"])
  func `a record type that is none stays where it was`(_ text: String) throws {
    let event = try event("{\"RecordType\":\(text)}")
    #expect(!event.has("record"))
    if text != "{}" { #expect(event.line.contains("\"RecordType\":\(text)")) }
    #expect(event.list("parse_issues")?.contains("RecordType: not a number") == true)
  }

  @Test func `of repeated members the last one counts, at every level`() throws {
    let event = try event(
      record(
        """
        "X":1,"UserId":"first@example.com","Deep":{"a":1,"b":[{"c":1,"c":2}],"a":3},"X":2,\
        "UserId":"second@example.com","\\u0058":3
        """, type: 6), raw: .object)
    #expect(event["actor.upn"] == "second@example.com")
    #expect(event.line.contains("\"ext\":{\"Deep\":{\"b\":[{\"c\":2}],\"a\":3},\"X\":3}"))
    #expect(event.line.contains("\"raw\":{"))
    #expect(event.object("raw")?["X"] as? Int == 3)
    #expect(!event.line.contains("first@example.com"))
    let issues = try #require(event.list("parse_issues"))
    #expect(issues.contains { $0.hasPrefix("UserId: repeated member") })
    #expect(issues.contains { $0.hasPrefix("X: repeated member") })
    #expect(issues.contains { $0.hasPrefix("Deep: repeated member inside") })
  }

  @Test(arguments: [
    (#"a\nb"#, "a b"), (#"\u2028\u2029"#, "  "), ("", "(no name)"), (#"\u0000"#, " "),
    (#"\u20a8é"#, "\u{20A8}é"),
  ])
  func `an issue is one line, whatever the sender called a member`(
    _ name: String, _ shown: String
  ) throws {
    let event = try event(record(#""\#(name)":{"a":1,"a":2}"#))
    #expect(event.list("parse_issues") == ["\(shown): repeated member inside, the last one counts"])
  }

  @Test func `members repeated among very many are found`() throws {
    let many = (0..<500).map { "\"k\($0 % 400)\":\($0)" }.joined(separator: ",")
    let event = try event("{\(many),\"Deep\":{\(many)}}")
    let ext = try #require(event.object("ext"))
    #expect(ext.count == 401)
    #expect(ext["k3"] as? Int == 403)
    #expect((ext["Deep"] as? [String: Any])?["k3"] as? Int == 403)
    #expect(event.line.components(separatedBy: "\"k3\":").count == 3)
  }

  @Test func `surrogates that stand alone are replaced`() throws {
    let event = try event(
      record(
        "\"UserId\":\"a\\ud800@example.com\",\"Y\":[\"\\udc00x\",\"\\ud83c\\udf89\"],\"Z\\ud800\":1",
        type: 6), raw: .object)
    #expect(event["actor.upn"] == "a\u{FFFD}@example.com")
    #expect(event.object("ext")?["Y"] as? [String] == ["\u{FFFD}x", "🎉"])
    #expect(event.object("ext")?["Z\u{FFFD}"] as? Int == 1)
    #expect(event.list("parse_issues")?.contains("Y: unpaired surrogate") == true)
  }

  @Test func `the record is attached as it is asked for`() throws {
    let text = "{\"Id\":\"x\",\r\n \"a\" : \"q\\\"\\\\\\n\\u0001ü\"}"
    let string = try event(text, raw: .string)
    #expect(string["raw"] == text)
    let object = try event(text, raw: .object)
    #expect(object.line.hasSuffix("\"raw\":{\"Id\":\"x\",   \"a\" : \"q\\\"\\\\\\n\\u0001ü\"}}"))
    #expect(!(try event(text)).has("raw"))
  }

  @Test func `the raw format is the record on one line`() {
    let text = "[ {\"Id\":\"\\/x\",\r\n\"a\":1.50}\n,{}]"
    #expect(lines(of: blob(text), format: .raw) == ["{\"Id\":\"\\/x\",  \"a\":1.50}", "{}"])
  }

  @Test func `operations are kept and looked up without their dress`() throws {
    let event = try event(
      record(type: 8, operation: " Add  member to\\tROLE. "))
    #expect(event["operation"] == " Add  member to\tROLE. ")
    #expect(event["action"] == "role.member.add")
    #expect(event["category"] == "identity")
  }

  @Test(arguments: [
    (1, "Get-Mailbox", "cmdlet.read", "read", "configuration"),
    (1, "Remove-Thing", "cmdlet.delete", "delete", "configuration"),
    (1, "Frobnicate-Mailbox", "cmdlet.other", "other", "configuration"),
    (25, "WidgetCreated", "other.create", "create", "collaboration"),
    (36, "WidgetUpdated", "other.update", "update", "site"),
    (20, "ExportWidget", "other.export", "export", "analytics"),
    (24, "SearchWidget", "other.search", "search", "discovery"),
    (999, "Recycled", "other.delete", "delete", "other"),
    (999, "x", "other.other", "other", "other"),
    (275, "AnyToken", "token.issue", "other", "authentication"),
    (15, "UserLoggedOff", "user.logout", "logout", "authentication"),
    (310, "CopilotWidget", "other.other", "other", "ai"),
    (155, "COMPLIANCEMANAGER-SCORECHANGE", "other.other", "other", "other"),
  ])
  func `operations no table knows are read by their words`(
    _ type: Int, _ operation: String, _ action: String, _ verb: String, _ category: String
  ) throws {
    let event = try event(record(type: type, operation: operation))
    #expect(event["action"] == action)
    #expect(event["verb"] == verb)
    #expect(event["category"] == category)
  }

  @Test func `lists of properties come in many shapes`() throws {
    let array = "[{\"Name\":\"UserAgent\",\"Value\":\"agent\"},{\"Name\":\"Other\",\"Value\":7}]"
    let event1 = try event(record("\"ExtendedProperties\":\(array)"))
    #expect(event1["user_agent.original"] == "agent")
    #expect(
      event1.line.contains("\"ext\":{\"ExtendedProperties\":[{\"Name\":\"Other\",\"Value\":7}]}"))
    let event2 = try event(record("\"ExtendedProperties\":{\"UserAgent\":\"agent\"}"))
    #expect(event2["user_agent.original"] == "agent")
    #expect(!event2.has("ext"))
    let embedded = "\"[{\\\"Name\\\":\\\"UserAgent\\\",\\\"Value\\\":\\\"agent\\\"}]\""
    #expect(
      try event(record("\"ExtendedProperties\":\(embedded)"))["user_agent.original"] == "agent")
    for odd in ["\"text\"", "17", "[1,\"x\",{\"Name\":5},{}]", "[[]]", "true"] {
      let event = try event(record("\"ExtendedProperties\":\(odd)"))
      #expect(event.line.contains("\"ExtendedProperties\":\(odd)"))
    }
  }

  @Test func `no shape of a known member costs the record`() throws {
    let names = [
      "Id", "OrganizationId", "Workload", "Operation", "ResultStatus", "ErrorNumber", "UserId",
      "UserKey", "UserType", "Actor", "Target", "ClientIP", "ObjectId", "ModifiedProperties",
      "ExtendedProperties", "DeviceProperties", "AppAccessContext", "Location", "ClientRegion",
      "Parameters", "PolicyDetails", "ExchangeMetaData", "SharePointMetaData", "ItemType",
      "AlertEntityId", "OperationCount", "IsSuccess", "Scope", "SessionId", "ClientInfoString",
    ]
    let shapes = [
      "null", "true", "-1.5e3", "\"\"", "\"\\u0000\"", "[]", "{}", "[null]", "[[{}]]", "{\"a\":1}",
      "\"{\"", "[{\"ID\":null,\"Type\":[]}]", "[{\"Name\":\"x\"}]", "\"\\\\\"", "\"_\"", "\"@\"",
      "\"[\"", "\"(\"", "\"()\"", "\"[]\"", "\"urn:spo:\"", "\"NT AUTHORITY\\\\()\"", "\"#EXT#@\"",
      "{\"GeoCoordinates\":{\"Latitude\":\"-\",\"Longitude\":\".\"}}", "\"%\"", "\",\"", "\";;\"",
      "{\"GeoCoordinates\":{\"Latitude\":\"\",\"Longitude\":\"1.\"},\"City\":\"x\"}",
    ]
    for type in [1, 2, 6, 8, 9, 13, 15, 25, 40, 261, 294] {
      for shape in shapes {
        let members = names.map { "\"\($0)\":\(shape)" }.joined(separator: ",")
        _ = try event("{\"RecordType\":\(type),\(members)}", raw: .string)
      }
    }
  }

  @Test func `sign-ins tell device, session and application`() throws {
    let event = try event(
      record(
        """
        "ApplicationId":"89BEE1F7-5E6E-4D8A-9F3D-ECD601259DA7","DeviceProperties":[\
        {"Name":"OS","Value":"Windows10"},{"Name":"TrustType","Value":"2"},\
        {"Name":"IsCompliantAndManaged","Value":"False"},{"Name":"IsCompliant","Value":"True"},\
        {"Name":"DisplayName","Value":"203.0.113.9"},{"Name":"SessionId","Value":"<Null>"}],\
        "ExtendedProperties":[{"Name":"RequestType","Value":"Login:reprocess"},\
        {"Name":"KeepMeSignedIn","Value":"true"}]
        """))
    #expect(event["app.name"] == "Office365 Shell WCSS-Client")
    #expect(event["device.os"] == "Windows 10")
    #expect(event["device.trust_type"] == "hybrid")
    #expect(event.flag("device.is_compliant") == true)
    #expect(event.flag("device.is_managed") == false)
    #expect(!event.has("device.name"))
    #expect(!event.has("session"))
    #expect(event.flag("auth.is_interactive") == true)
    #expect(event.flag("auth.is_continuation") == true)
    #expect(event.flag("auth.keep_signed_in") == true)
    #expect(event.line.contains("{\"Name\":\"DisplayName\",\"Value\":\"203.0.113.9\"}"))
  }

  @Test func `the context of access is lifted, what is unknown in it stays`() throws {
    let event = try event(
      record(
        """
        "AppAccessContext":{"AADSessionId":"s","UniqueTokenId":"xYz","IssuedAtTime":"2026-03-04T11:29:58",\
        "ClientAppId":"ABABABAB-0000-4000-8000-000000000006","ClientAppName":"Robot","UserObjectId":"u"},\
        "SessionId":"s","CorrelationId":"c","ClientRequestId":"{r}"
        """, type: 6))
    #expect(event["session.id"] == "s")
    #expect(event["session.token_id"] == "xYz")
    #expect(event["session.token_issued_time"] == "2026-03-04T11:29:58.000Z")
    #expect(event["app.id"] == "abababab-0000-4000-8000-000000000006")
    #expect(event["app.name"] == "Robot")
    #expect(event["correlation.id"] == "c")
    #expect(event["correlation.request_id"] == "r")
    #expect(event.line.hasSuffix("\"ext\":{\"AppAccessContext\":{\"UserObjectId\":\"u\"}}}"))
  }
}
