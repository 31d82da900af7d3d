import MillraceEvents
import Testing

/// What was acted on: files, groups, policies, devices, and structures that come broken.
@Suite(.timeLimit(.minutes(10))) struct `Details of things` {
  private func done(
    _ operation: String, _ type: Int, _ members: String, in format: EventFormat = .native
  ) throws -> Event {
    try event(
      record(#""UserId":"ana@example.com",\#(members)"#, type: type, operation: operation),
      in: format)
  }

  // MARK: Files

  @Test func `a file in no folder has a path all the same`() throws {
    let root =
      #""SiteUrl":"https://x.example/personal/a_b/","SourceFileName":"x.txt","ItemType":"File""#
    let file = try done("FileUploaded", 6, root + #","SourceRelativeUrl":"""#)
    #expect(file["file.path"] == "/personal/a_b/x.txt")
    #expect(!(try done("FileUploaded", 6, root)).has("file.path"), "nobody says that it is there")
  }

  @Test func `a name with a number sign is whole in its address`() throws {
    let named = try done(
      "FileUploaded", 6,
      #""SourceFileName":"C#1.docx","ObjectId":"https://x.example/Docs/C#1.docx""#)
    #expect(named["file.url"] == "https://x.example/Docs/C%231.docx")
    let page = try done(
      "PageViewed", 6, #""SourceFileName":"a.aspx","ObjectId":"https://x.example/a.aspx#part""#)
    #expect(page["file.url"] == "https://x.example/a.aspx#part")
  }

  @Test func `what is done to a folder is done to one, if nothing says so else`() throws {
    let members = #""SourceFileName":"v1.2","SourceFileExtension":"""#
    let native = try done("FolderCreated", 6, members)
    #expect(native["target.type"] == "folder" && native["file.type"] == "folder")
    #expect(try done("FolderCreated", 6, members, in: .ocsf).number("file.type_id") == 2)
  }

  @Test func `an invitation that was blocked is no access`() throws {
    let blocked = try done("AccessInvitationBlocked", 14, #""SourceFileName":"f.docx""#)
    #expect(blocked["action"] == "share.invite.block" && blocked["outcome.result"] == "failure")
    let expired = try done("AccessRequestExpired", 14, #""SourceFileName":"f.docx""#)
    #expect(expired["action"] == "access.request.expire" && expired["verb"] == "update")
  }

  @Test func `a guest of a link is called by the address`() throws {
    let shared = try done(
      "AddedToSecureLink", 14, #""TargetUserOrGroupName":"urn:spo:guest#v@p.example""#)
    #expect(shared["sharing.target"] == "v@p.example")
    #expect(shared.flag("sharing.is_external") == true)
    #expect(shared["ext.TargetUserOrGroupName"] == "urn:spo:guest#v@p.example")
  }

  @Test func `a person in a claim is called by the name alone`() throws {
    let claim = "i:0#.f|membership|Li.Wei@example.com"
    let shared = try done("AddedToSecureLink", 14, #""TargetUserOrGroupName":"\#(claim)""#)
    #expect(shared["sharing.target"] == "Li.Wei@example.com")
    #expect(shared["ext.TargetUserOrGroupName"] == claim)
    let administrator = try done(
      "SiteCollectionAdminAdded", 14,
      #""Site":"s","ModifiedProperties":[{"Name":"SiteAdmin","NewValue":"\#(claim)"}]"#)
    let targets = administrator.tree["targets"] as? [[String: Any]]
    #expect(targets?.last?["upn"] as? String == "li.wei@example.com")
    let guest = try done(
      "AddedToSecureLink", 14,
      #""TargetUserOrGroupName":"i:0#.f|membership|urn%3aspo%3aguest#v@p.example""#)
    #expect(guest["sharing.target"] == "v@p.example")
    #expect(guest.flag("sharing.is_external") == true)
  }

  @Test(arguments: [
    ("R&amp;D", "R&D"), ("&lt;&gt;&quot;&apos;", "<>\"'"), ("a &#8211; b", "a \u{2013} b"),
    ("&#x1F600;", "\u{1F600}"), ("A&B; &amp", "A&B; &amp"), ("&#xD800;&#0;", "&#xD800;&#0;"),
    ("&#1114112;&#x;&#12a;", "&#1114112;&#x;&#12a;"), ("&&amp;amp;", "&&amp;"),
  ])
  func `a group has the characters that references stand for`(
    _ written: String, _ name: String
  ) throws {
    let data = #""EventData":"<Group>\#(written)</Group>""#
    let joined = try done("AddedToGroup", 14, #""TargetUserOrGroupName":"li","# + data)
    #expect(joined["target.name"] == name)
  }

  @Test func `who joined a group of a site is told, whatever that is called`() throws {
    let members =
      #""Site":"s","TargetUserOrGroupName":"li@example.com","TargetUserOrGroupType":"Member","#
      + #""EventData":"<Group>Owners</Group>""#
    let joined = try done("UserAddedToGroup", 14, members)
    #expect(joined["verb"] == "grant" && joined["target.name"] == "Owners")
    let targets = joined.tree["targets"] as? [[String: Any]]
    #expect(targets?.last?["upn"] as? String == "li@example.com")
  }

  @Test func `why somebody passed the warning of a device is told`() throws {
    let reason = #""Justification":"a customer needs it""#
    for members in [#""EndpointMetaData":{"EnforcementMode":3,\#(reason)}"#, reason] {
      let passed = try done("FileUploadedToCloud", 63, members)
      #expect(passed["dlp.justification"] == "a customer needs it")
      #expect(!passed.has("ext.Justification") && !passed.has("ext.EndpointMetaData.Justification"))
    }
  }

  // MARK: Groups, policies, devices

  @Test func `a team is the group that it has, not its thread`() throws {
    let group = "61b6d6f5-7aa0-437b-a967-fbcd39ec90a1"
    let members =
      #""TeamGuid":"19:a@thread.tacv2","AADGroupId":"\#(group)","Members":[{"UPN":"b@b.example"}]"#
    #expect(try done("MemberAdded", 25, members, in: .ecs)["group.id"] == group)
    #expect(try done("MemberAdded", 25, members, in: .ocsf)["group.uid"] == group)
    let foreign = members.replacing(
      "b@b.example\"", with: "b@b.example\",\"OrganizationId\":\"T-9\"")
    let targets = try done("MemberAdded", 25, foreign).tree["targets"] as? [[String: Any]]
    #expect(targets?.last?["tenant_id"] as? String == "t-9")
    let bare = #""TeamGuid":"19:a@thread.tacv2","TeamName":"T""#
    #expect(try done("TeamCreated", 25, bare, in: .ecs)["group.id"] == "19:a@thread.tacv2")
  }

  @Test func `a workspace is a group, and says who joined it`() throws {
    let members =
      #"""
      "WorkSpaceName":"WS","WorkspaceId":"w1",\#
      "MembershipInformation":[{"MemberEmail":"Bob@b.example","Status":1}]
      """#
    let ocsf = try done("AddGroupMembers", 20, members, in: .ocsf)
    #expect(ocsf.number("class_uid") == 3006 && ocsf.number("activity_id") == 3)
    #expect(ocsf["group.uid"] == "w1" && ocsf["group.name"] == "WS")
    #expect(ocsf["user.name"] == "bob@b.example")
    let created = try done("CreateWorkspace", 20, #""WorkSpaceName":"WS""#)
    #expect(created["target.name"] == "WS")
    let report = try done(
      "ViewReport", 20, #""ReportName":"R","ArtifactId":"a","WorkSpaceName":"W""#)
    #expect(report["target.id"] == "a" && report["target.name"] == "R")
    #expect(report["ext.WorkSpaceName"] == "W")
  }

  @Test func `a policy on data names itself`() throws {
    let members = #""PolicyId":"p1","PolicyName":"P""#
    let ocsf = try done("UpdateDlpPolicy", 187, members, in: .ocsf)
    #expect(ocsf.number("class_uid") == 3004 && ocsf["entity.type"] == "Policy")
    #expect(ocsf["entity.uid"] == "p1" && ocsf["entity.name"] == "P")
  }

  @Test func `an entity is what is managed`() throws {
    let device = try done(
      "Add registered users to device.", 8,
      #"""
      "Target":[{"ID":"b@example.com","Type":5}],"ModifiedProperties":[\#
      {"Name":"Device.ObjectID","NewValue":"dddddddd-0000-4000-8000-000000000001"},\#
      {"Name":"Device.DisplayName","NewValue":"PC1"}]
      """#, in: .ocsf)
    #expect(device["entity.type"] == "Device" && device["entity.name"] == "PC1")
    let company = try done(
      "Set Company Information.", 8,
      #""Target":[{"ID":"Company_11111111-2222-4333-8444-555555555555","Type":2}]"#, in: .ocsf)
    #expect(company["entity.type"] == "Organization")
    let sharing = try done(
      "SharingPolicyChanged", 4, #""Site":"aaaa1111-2222-4333-8444-555555555555""#, in: .ocsf)
    #expect(sharing["entity.type"] == "Policy")
    let domain = try done(
      "Set domain authentication.", 8, #""Target":[{"ID":"evil.example","Type":1}]"#)
    #expect(domain["target.type"] == "domain")
    let user = try done(
      "Frobnicate user.", 8,
      #"""
      "Target":[{"ID":"User_aaaaaaaa-0000-4000-8000-000000000009","Type":2},\#
      {"ID":"b@example.com","Type":5}]
      """#, in: .ocsf)
    #expect(user["entity.name"] == "b@example.com")
  }

  @Test func `an application without a target is called by its principal names`() throws {
    let consent = #"""
      "ObjectId":"00000003-0000-0000-c000-000000000000;https://graph.microsoft.com",\#
      "ModifiedProperties":[{"Name":"ConsentAction.Permissions",\#
      "NewValue":"[] => [[Id: x, ConsentType: AllPrincipals, Scope: User.Read]]; "}]
      """#
    let native = try done("Consent to application.", 8, consent)
    #expect(native["target.type"] == "service_principal")
    #expect(native["target.id"] == "00000003-0000-0000-c000-000000000000")
    #expect(native["target.name"] == "Microsoft Graph")
    #expect(native["object_id"]?.hasSuffix("graph.microsoft.com") == true)
    let ocsf = try done("Consent to application.", 8, consent, in: .ocsf)
    #expect(ocsf.number("class_uid") == 3005 && ocsf["user.name"] == "Microsoft Graph")
  }

  @Test func `who may use a flow from now on is a target`() throws {
    let members = #"""
      "FlowDetailsUrl":"https://x/flows/f1/details","SharingPermission":"CanEdit",\#
      "RecipientUPN":"Bob@b.example"
      """#
    let ocsf = try done("PutPermissions", 30, members, in: .ocsf)
    #expect(ocsf.number("class_uid") == 3005 && ocsf["user.name"] == "bob@b.example")
  }

  @Test func `a device that opened a mailbox is told`() throws {
    let opened = try done("MailItemsAccessed", 50, #""DeviceId":"aaaa-1""#)
    #expect(opened["device.id"] == "aaaa-1")
  }

  // MARK: Structures

  @Test(arguments: [
    (45, "AdditionalInfo", "{bad"), (20, "SharingInformation", "[bad"),
    (64, "Data", "{bad"), (294, "Location", "{bad"), (462, "ReportMetadata", "{bad"),
    (11, "ExceptionInfo", #"{\"Justification\":\"x\","#),
  ])
  func `a structure that is no JSON stays, and is an issue`(
    _ type: Int, _ member: String, _ text: String
  ) throws {
    let event = try done("Whatever", type, #""\#(member)":"\#(text)""#)
    #expect(event.list("parse_issues") == ["\(member): not JSON"])
    #expect(event["ext.\(member)"] == text.replacing(#"\""#, with: "\""))
    #expect(!event.has("dlp.justification"))
  }

  @Test func `actions of an investigation are looked at one by one`() throws {
    let event = try done("AirInvestigationData", 64, #""Actions":["{}","{bad"]"#)
    #expect(event.list("parse_issues") == ["Actions: not JSON"])
    let whole = try done("AirInvestigationData", 64, #""Actions":["{}","words"],"Data":"{}""#)
    #expect(!whole.has("parse_issues"))
  }

  @Test func `information comes as an object or as JSON in a text`() throws {
    for info in [#"{"resourceDisplayName":"App"}"#, #""{\"resourceDisplayName\":\"App\"}""#] {
      let event = try done("LaunchPowerApp", 45, #""AdditionalInfo":\#(info)"#)
      #expect(event["target.name"] == "App")
    }
  }

  @Test func `one message stands where a list is usual`() throws {
    let event = try done(
      "CopilotInteraction", 261,
      #"""
      "CopilotEventData":{"AppHost":"Bing","Messages":{"Id":"1","isPrompt":true},\#
      "ModelTransparencyDetails":{"ModelName":"m"}}
      """#)
    #expect(event.number("ai.prompt_count") == 1 && event["ai.model"] == "m")
  }

  @Test func `what justifies a report of a false positive is no override`() throws {
    func info(_ exception: String) throws -> Event {
      try done("DlpRuleMatch", 13, #""ExceptionInfo":\#(exception)"#)
    }
    let report = try info(#"{"FalsePositive":true,"Justification":"test data"}"#)
    #expect(report.flag("dlp.is_false_positive") == true && !report.has("dlp.is_override"))
    let reason = try info(#"{"Reason":"FalsePositive","Justification":"x"}"#)
    #expect(reason.flag("dlp.is_false_positive") == true && !reason.has("dlp.is_override"))
    let override = try info(#"{"Justification":"x"}"#)
    #expect(override.flag("dlp.is_override") == true)
  }

  // MARK: Outcomes and times

  @Test func `a partial success has one reason`() throws {
    for status in ["PARTIAL", "partiallySucceeded"] {
      let event = try done("x", 1, #""ResultStatus":"\#(status)""#, in: .ecs)
      #expect(event["event.reason"] == "PartiallySucceeded")
    }
  }

  @Test func `a meeting that is over has its time`() throws {
    let meeting = try done(
      "MeetingDetail", 25,
      #""StartTime":"2026-03-04T08:00:00","EndTime":"2026-03-04T09:00:00""#)
    #expect(meeting["time_start"] == "2026-03-04T08:00:00.000Z")
    #expect(meeting["time_end"] == "2026-03-04T09:00:00.000Z")
  }

  @Test func `an application that calls Exchange Online is no service of its own`() throws {
    let call = #""ClientInfoString":"Client=REST;","ClientIPAddress":"2603:10a6:1::1""#
    #expect(try done("MailItemsAccessed", 50, call)["source.kind"] == "service")
    let app = try done("MailItemsAccessed", 50, call + #","UserType":5"#)
    #expect(app["source.kind"] == "client")
  }
}
