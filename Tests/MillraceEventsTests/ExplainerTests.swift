import Foundation
import MillraceEvents
import Testing

@Suite struct `Explanations` {
  private func fields(
    _ record: String, _ format: EventFormat = .native
  ) throws -> [String: ExplainedField] {
    let blob = blob("[\(record)]")
    let scanned = try #require(BlobScanner.scan(blob).records.first)
    let fields = EventExplainer(format: format).explain(
      scanned, of: blob, context: emptyContext)
    return Dictionary(fields.map { ($0.path, $0) }) { first, _ in first }
  }

  private let signIn = record(
    #"""
    "UserId":"Li.Wei@example.com","ErrorNumber":"50126","ResultStatus":"Success",\#
    "ClientIP":"203.0.113.24:52378","UserType":0,\#
    "ExtendedProperties":[{"Name":"RequestType","Value":"OAuth2:Token"},\#
    {"Name":"additionalDetails","Value":"{\"User-Agent\":\"Mozilla/5.0\"}"}]
    """#, operation: "UserLoginFailed")

  @Test func `fields of native events name the members they came from`() throws {
    let fields = try fields(signIn)
    #expect(fields["operation"]?.origin == "Operation")
    #expect(fields["actor.upn"]?.origin == "UserId, in lower case")
    #expect(fields["actor.upn"]?.value == "\"li.wei@example.com\"")
    #expect(fields["actor.domain"]?.origin == "part of UserId")
    #expect(fields["source.ip"]?.origin == "part of ClientIP")
    #expect(fields["time"]?.origin == "CreationTime")
    #expect(fields["outcome.status"]?.origin == "ResultStatus")
    #expect(fields["outcome.result"]?.origin.hasPrefix("ErrorNumber, ResultStatus") == true)
    #expect(fields["auth.request_type"]?.origin == "ExtendedProperties[RequestType]")
    #expect(
      fields["user_agent.original"]?.origin == "ExtendedProperties[additionalDetails].User-Agent")
    #expect(fields["schema"]?.origin == "the version of the schema")
  }

  @Test func `fields of other formats name the fields behind them`() throws {
    let ecs = try fields(signIn, .ecs)
    #expect(ecs["event.action"]?.origin == "operation <- Operation")
    #expect(ecs["ecs.version"]?.origin == "always the same")
    #expect(ecs["user.name"]?.origin.contains("actor.upn <- UserId, in lower case") == true)
    let ocsf = try fields(signIn, .ocsf)
    #expect(ocsf["class_uid"]?.value == "3002")
    #expect(ocsf["class_uid"]?.origin.contains("action <- Operation: table of operations") == true)
  }

  @Test func `every field of every event has an origin`() throws {
    for record in FormatRecords.fixtures {
      let native = try event(record).tree
      let explained = try fields(record)
      let paths = Set(Leaves.all(native).keys).intersection(EventFormat.nativeFields)
      #expect(paths.count > 5 && paths.isSubset(of: explained.keys))
      for format in EventExplainer.formats {
        for field in try fields(record, format).values {
          #expect(!field.origin.isEmpty, "\(field.path)")
        }
      }
    }
  }
}

@Suite struct `The record as Elastic's integration has it` {
  private func audit(_ members: String) throws -> Event {
    let blob = blob("[\(record(members))]")
    return try Event(#require(lines(of: blob, format: .ecsO365).first))
  }

  @Test func `lists of names and values are objects`() throws {
    let event = try audit(
      #"""
      "ExtendedProperties":[{"Name":"RequestType","Value":"OAuth2:Token"},{"Name":"a.b c","Value":"d"},\#
      {"Name":"RequestType","Value":"later"},{"Name":"none"},{}],\#
      "ModifiedProperties":[{"Name":"Role.DisplayName","NewValue":"x","OldValue":""}],\#
      "Parameters":[{"Name":"ForwardTo","Value":"a@b.example"}],"Actor":[{"ID":"x","Type":5}]
      """#)
    #expect(event["o365.audit.ExtendedProperties.RequestType"] == "OAuth2:Token")
    #expect(event["o365.audit.ExtendedProperties.a_b_c"] == "d")
    #expect(event["o365.audit.ModifiedProperties.Role_DisplayName.NewValue"] == "x")
    #expect(event["o365.audit.Parameters.ForwardTo"] == "a@b.example")
    #expect(event["o365.audit.Operation"] == "UserLoggedIn")
    #expect(event["o365.audit.RecordType"] == "15")
    #expect(event["event.dataset"] == "o365.audit")
    #expect(event["event.module"] == "o365")
  }

  @Test func `no name is there twice, whatever the record has`() throws {
    let event = try audit(
      #""A":1,"A":2,"B":null,"Parameters":{"x":1},"ExtendedProperties":"text""#)
    #expect(event["o365.audit.A"] == "2")
    #expect(!event.has("o365.audit.B"))
    #expect(event.line.components(separatedBy: #""A":"#).count == 2 + 1)
  }

  @Test func `every event is valid`() throws {
    let checker = try ECS.Checker()
    for line in FormatRecords.lines(.ecsO365) {
      #expect(try checker.errors(Event(line).tree) == [], "\(line)")
    }
  }
}
