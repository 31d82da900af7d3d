import Foundation
import MillraceEvents
import Testing

/// Links, and whom an event is about, as other formats have them.
@Suite struct `Links and people in other formats` {
  // MARK: Links

  private func click(_ link: String) -> String {
    record(
      #""UserId":"ana.ruiz@example.com","UserIp":"203.0.113.24","UrlClickAction":2,"Url":"\#(link)""#,
      type: 41, operation: "TIUrlClickData")
  }

  @Test(arguments: [
    ("https://login.brand.example@evil.example/a", "evil.example"),
    ("https://evil_host.example:8443/a", "evil_host.example"),
    ("https://bücher.example/a", "bücher.example"),
    (#"https://evil.example\\@brand.example/a"#, "evil.example"),
    ("https://[2001:db8::1]:443/a", "2001:db8::1"),
  ])
  func `the host of a link is the one that is asked`(link: String, host: String) throws {
    let ecs = try event(click(link), in: .ecs)
    #expect(ecs["url.domain"] == host)
    #expect(ecs.list("related.hosts") == [host])
  }

  @Test(arguments: ["evil.example/a", "ftp://evil.example/x", "mailto:evil@evil.example"])
  func `a link of any kind is there, though it has no host`(link: String) throws {
    let ecs = try event(click(link), in: .ecs)
    #expect(ecs["url.original"] == link)
    let isMailOrName = !link.hasPrefix("http")
    #expect(isMailOrName && !ecs.has("url.domain"))
  }

  @Test func `a link is encoded once, in every format alike`() throws {
    let record = click("https://evil.example/a b?q=ü")
    let encoded = "https://evil.example/a%20b?q=%C3%BC"
    #expect(try event(record, in: .ecs)["url.full"] == encoded)
    let ocsf = try event(record, in: .ocsf)
    let url = ocsf.objects("evidences").first?["url"] as? [String: String]
    #expect(url == ["url_string": encoded, "hostname": "evil.example"])
    #expect(ocsf.objects("observables").contains { $0["value"] as? String == encoded })
  }

  // MARK: Mail

  private func observed(_ record: String) throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    for observable in try event(record, in: .ocsf).objects("observables") {
      let name = try #require(observable["name"] as? String)
      found[name, default: []].append(try #require(observable["value"] as? String))
    }
    return found
  }

  @Test func `whom a mail is from and to can be searched for`() throws {
    let sent = record(
      #""UserId":"ana.ruiz@example.com","Item":{"InternetMessageId":"<m@example.com>"},"#
        + #""recipientList":[{"Address":"eve@evil.example"}]"#, type: 2, operation: "Send")
    #expect(try event(sent, in: .ocsf)["email.from"] == "ana.ruiz@example.com")
    let ofSent = try observed(sent)
    #expect(ofSent["email.from"] == ["ana.ruiz@example.com"])
    #expect(ofSent["email.to"] == ["eve@evil.example"])
    #expect(ofSent["email.message_uid"] == ["m@example.com"])
    let threat = record(
      #""P1Sender":"bounce@evil.example","P2Sender":"ceo@evil.example","#
        + #""Recipients":["ana.ruiz@example.com"],"InternetMessageId":"<e@evil.example>""#,
      type: 28, operation: "TIMailData")
    let ofThreat = try observed(threat)
    #expect(ofThreat["evidences.email.from"] == ["ceo@evil.example"])
    #expect(ofThreat["evidences.email.to"] == ["ana.ruiz@example.com"])
    #expect(ofThreat["evidences.email.return_path"] == ["bounce@evil.example"])
    #expect(ofThreat["evidences.email.message_uid"] == ["e@evil.example"])
    let shared = record(
      #""UserId":"ana@example.com","ObjectId":"https://example.sharepoint.com/a.docx","#
        + #""SourceFileName":"a.docx","TargetUserOrGroupName":"eve@evil.example","#
        + #""TargetUserOrGroupType":"Guest""#, type: 14, operation: "AddedToSecureLink")
    #expect(try observed(shared)["unmapped.millrace.sharing.target"] == ["eve@evil.example"])
  }

  @Test func `one person is one value to search for, however the name is spelled`() throws {
    let match = record(
      #""UserId":"Li.Wei@Example.com","ExchangeMetaData":{"From":"Li.Wei@Example.com","#
        + #""To":["Buyer@Partner.example","buyer@partner.example"]}"#, type: 13,
      operation: "DlpRuleMatch")
    #expect(
      try event(match, in: .ecs).list("related.user") == [
        "li.wei@example.com", "buyer@partner.example",
      ])
    let guest = record(
      #""UserId":"vera_partner.example#EXT#@example.onmicrosoft.com""#, type: 6,
      operation: "FileDownloaded")
    #expect(try event(guest, in: .ecs).list("related.user")?.last == "vera@partner.example")
  }

  @Test func `CEF says to whom a mail went that broke a policy, and that it was stopped`() throws {
    let match = record(
      #""UserId":"li.wei@example.com","ExchangeMetaData":{"From":"li.wei@example.com","#
        + #""To":["buyer@partner.example"]},"PolicyDetails":[{"PolicyName":"P","Rules":["#
        + #"{"RuleName":"R","RuleMode":"Enable","Actions":["BlockAccess"]}]}]"#, type: 13,
      operation: "DlpRuleMatch")
    let line = try #require(lines(of: blob("[\(match)]"), format: .cef).first)
    let values = try #require(CEF.Parsed(line)).values
    #expect(values["duser"] == "buyer@partner.example")
    #expect(values["reason"] == "blocked")
  }

  // MARK: Names that change

  @Test func `a user with a new name is found by both`() throws {
    func renamed(_ new: String) throws -> Event {
      try event(
        record(
          #"""
          "UserId":"a@example.com","ObjectId":"bob@example.com",\#
          "Target":[{"ID":"bob@example.com","Type":5}],\#
          "ModifiedProperties":[{"Name":"UserPrincipalName","OldValue":"[\"bob@example.com\"]",\#
          "NewValue":"\#(new)"}]
          """#, type: 8, operation: "Update user."), in: .ecs)
    }
    for new in [#"[\"Bobby@example.com\"]"#, "Bobby@example.com"] {
      let ecs = try renamed(new)
      #expect(ecs["user.target.name"] == "bob@example.com")
      #expect(ecs["user.changes.name"] == "bobby@example.com")
      #expect(
        ecs.list("related.user") == ["a@example.com", "bob@example.com", "bobby@example.com"])
    }
    let ambiguous = try renamed(#"[\"b@example.com\",\"c@example.com\"]"#)
    #expect(!ambiguous.has("user.changes"))
  }

  // MARK: Roles and groups

  private func directory(
    _ operation: String, target: String, name: String, _ properties: String
  ) -> String {
    record(
      #""UserId":"a@example.com","ModifiedProperties":[\#(properties)],"#
        + #""Target":[{"ID":"\#(target)_aaaaaaaa-0000-4000-8000-00000000000a","Type":2},"#
        + #"{"ID":"\#(target)","Type":2},{"ID":"\#(name)","Type":1}]"#, type: 8,
      operation: operation)
  }

  @Test func `a role of an application is found where roles of people are`() throws {
    let role = #"{"Name":"Role.DisplayName","NewValue":"Global Administrator","OldValue":""}"#
    let app = directory("Add member to role.", target: "ServicePrincipal", name: "App1", role)
    let ecs = try event(app, in: .ecs)
    #expect(ecs.list("user.target.roles") == ["Global Administrator"])
    #expect(ecs["user.target.name"] == "App1")
    #expect(ecs["user.target.id"] == "aaaaaaaa-0000-4000-8000-00000000000a")
    #expect(ecs.list("related.user")?.contains("App1") == true)
    let group = directory("Add member to role.", target: "Group", name: "Admins", role)
    let ofGroup = try event(group, in: .ecs)
    #expect(ofGroup.list("user.target.roles") == ["Global Administrator"])
    #expect(ofGroup["group.name"] == "Admins" && !ofGroup.has("user.target.name"))
  }

  @Test func `of a group in a group the outer one is the group, and the inner one joined`() throws {
    let nested = directory(
      "Add member to group.", target: "Group", name: "Nested",
      #"{"Name":"Group.ObjectID","NewValue":"bbbbbbbb-0000-4000-8000-00000000000a","OldValue":""},"#
        + #"{"Name":"Group.DisplayName","NewValue":"Outer","OldValue":""}"#)
    let ecs = try event(nested, in: .ecs)
    #expect(ecs["group.name"] == "Outer")
    #expect(ecs["group.id"] == "bbbbbbbb-0000-4000-8000-00000000000a")
    let ocsf = try event(nested, in: .ocsf)
    #expect(ocsf["group.name"] == "Outer" && ocsf["user.name"] == "Nested")
    #expect(ocsf.number("user.type_id") == 99 && ocsf["user.type"] == "Group")
  }

  // MARK: Findings

  @Test func `what a device was stopped from is denied`() throws {
    func copy(_ mode: Int) -> String {
      record(
        #""UserId":"a@example.com","ObjectId":"C:\\x\\a.docx","EnforcementMode":\#(mode),"#
          + #""PolicyMatchInfo":{"PolicyId":"p","PolicyName":"P","RuleId":"r","RuleName":"R"}"#,
        type: 63, operation: "FileCopiedToRemovableMedia")
    }
    let stopped = try event(copy(4), in: .ecs)
    #expect(stopped.list("event.type")?.contains("denied") == true)
    #expect(stopped.list("event.category")?.contains("intrusion_detection") == true)
    #expect(try event(copy(1), in: .ecs).list("event.type")?.contains("allowed") == true)
  }

  @Test(arguments: [("remediated", 4), ("dismissed", 3), ("atRisk", 1)])
  func `a risk has the state that it is in`(state: String, status: Int) throws {
    let risk = record(
      #""UserId":"li.wei@example.com","RiskEventType":"leakedCredentials","RiskState":"\#(state)""#,
      type: 294, operation: "RiskDetected")
    let ocsf = try event(risk, in: .ocsf)
    #expect(ocsf.number("status_id") == status)
    #expect(ocsf.list("finding_info.types") == ["leakedCredentials"])
  }
}
