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

  @Test func `the user of an alert is explained by whom the alert is about`() throws {
    let alert = record(
      #""UserId":"SecurityComplianceAlerts","UserType":4,"EntityType":"User","#
        + #""AlertEntityId":"li.wei@example.com""#, type: 40, operation: "AlertEntityGenerated")
    let origin = try fields(alert, .ecs)["user.name"]?.origin
    #expect(origin == "made of target.upn <- AlertEntityId")
    let click = record(
      #""UserId":"a@example.com","Url":"https://evil.example/a""#, type: 41,
      operation: "TIUrlClickData")
    #expect(try fields(click, .ecs)["url.domain"]?.origin == "made of target.name <- Url")
    let ofSignIn = try fields(signIn, .ecs)["user.name"]?.origin
    #expect(ofSignIn == "made of actor.upn <- UserId, in lower case")
  }

  @Test func `a mail that was reviewed is explained by what the record says of it`() throws {
    let reviewed = try fields(
      record(
        #""ExchangeDetails":{"Subject":"Case","InternetMessageId":"<m1@mail.example>"}"#, type: 68,
        operation: "SupervisoryReviewOLAudit"))
    #expect(reviewed["target.name"]?.origin == "ExchangeDetails.Subject")
    #expect(reviewed["target.id"]?.origin == "part of ExchangeDetails.InternetMessageId")
  }

  @Test func `the result of a sign-in is by its code, whatever the status reads`() throws {
    let fields = try fields(record(#""ResultStatus":"Success","ErrorNumber":"0""#))
    #expect(fields["outcome.result"]?.origin.hasPrefix("ErrorNumber, ResultStatus") == true)
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

  @Test func `keys of CEF name the fields behind them, with the values that are written`() throws {
    let fields = try fields(signIn, .cef)
    #expect(fields["suser"]?.value == "\"li.wei@example.com\"")
    #expect(fields["suser"]?.origin == "actor.upn <- UserId, in lower case")
    #expect(fields["src"]?.origin == "source.ip <- part of ClientIP")
    #expect(fields["cat"]?.value == "\"authentication/login\"")
    #expect(fields["cat"]?.origin.hasPrefix("made of category <- ") == true)
    #expect(fields["cs1Label"]?.origin == "always the same")
    #expect(fields["header.signature_id"]?.value == "\"15:UserLoginFailed\"")
    #expect(fields["header.severity"]?.value == "\"3\"")
  }

  @Test func `every key and every parameter has a field behind it, whatever is in the events`()
    throws
  {
    let odd = record(
      #"""
      "UserId":"a=b c\\d@example.com","SourceFileName":"x=1 y=\"]|\\","ItemType":"File",\#
      "ClientIP":"2001:db8::1","UserAgent":"end="
      """#, type: 6, operation: "FileDown|loaded=")
    let scanned = blob("[\(odd)]")
    let first = try #require(BlobScanner.scan(scanned).records.first)
    let cef = EventExplainer(format: .cef).explain(first, of: scanned, context: emptyContext)
    let labels = cef.filter { $0.path.hasSuffix("Label") }
    #expect(Set(cef.map(\.path)).count == cef.count)
    #expect(!labels.isEmpty)
    for field in cef where !field.path.hasSuffix("Label") {
      #expect(field.origin != "always the same", "\(field.path)")
      #expect(!field.origin.contains("does not say"), "\(field.path)")
    }
    #expect(cef.contains { $0.path == "fname" && $0.value == #""x=1 y=\"]|\\""# })
    #expect(cef.contains { $0.path == "requestClientApplication" && $0.value == "\"end=\"" })
    let data = EventExplainer(format: .native, ofStructuredData: true).explain(
      first, of: scanned, context: emptyContext)
    #expect(data.map(\.path).prefix(2) == ["id", "recordType"])
    #expect(data.contains { $0.path == "target" && $0.value == #""x=1 y=\"]|\\""# })
    for field in data {
      #expect(field.origin != "always the same", "\(field.path)")
      #expect(!field.origin.contains("does not say"), "\(field.path)")
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
