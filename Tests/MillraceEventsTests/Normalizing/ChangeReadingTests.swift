import MillraceEvents
import Testing

/// What changes of the directory and of sites say, in whichever shape their values come.
@Suite(.timeLimit(.minutes(10))) struct `Reading of changes` {
  private func done(_ operation: String, _ type: Int, _ members: String) throws -> Event {
    try event(record(members, type: type, operation: operation), in: .native)
  }

  private func change(_ name: String, old: String, new: String) -> String {
    #"{"Name":"\#(name)","OldValue":\#(old),"NewValue":\#(new)}"#
  }

  private func changes(_ changes: String...) -> String {
    #""ModifiedProperties":[\#(changes.joined(separator: ","))]"#
  }

  private func targets(_ event: Event) -> [[String: Any]] {
    event.tree["targets"] as? [[String: Any]] ?? []
  }

  @Test(arguments: [
    (#""[\r\n  \"Mail.ReadWrite\"\r\n]""#, #""[]""#, ["Mail.ReadWrite"]),
    (#""\"Mail.Read\"""#, #""\"\"""#, ["Mail.Read"]),
    (#""""#, #""[\"A\",\"B C\"]""#, ["A", "B", "C"]), (#"[]"#, #"["A","B"]"#, ["A", "B"]),
    (#"["A"]"#, "null", ["A"]),
  ])
  func `a permission is read from either side, alone or in a list`(
    _ old: String, _ new: String, _ permissions: [String]
  ) throws {
    for property in ["AppRole.Value", "DelegatedPermissionGrant.Scope"] {
      let event = try done(
        "Remove app role assignment from service principal.", 8,
        changes(change(property, old: old, new: new)))
      #expect(event.list("permissions") == permissions)
    }
  }

  @Test(arguments: [
    (#""\"Global Administrator\"""#, #""\"\"""#), (#"["Global Administrator"]"#, "[]"),
    (#""""#, #""[\"Global Administrator\"]""#),
  ])
  func `a role that was taken away stands on the other side`(_ old: String, _ new: String) throws {
    let event = try done(
      "Remove member from role.", 8,
      #""ObjectId":"b@example.com","# + changes(change("Role.DisplayName", old: old, new: new)))
    #expect(event.list("roles") == ["Global Administrator"])
  }

  @Test(arguments: [
    #""[\"bob@example.com\"]""#, #""\"bob@example.com\"""#, #"["bob@example.com"]"#,
    #""bob@example.com""#,
  ])
  func `who administers a site now is read from a list`(_ new: String) throws {
    let site = #""Site":"aaaaaaaa-0000-4000-8000-0000000000aa","#
    let event = try done(
      "SiteCollectionAdminAdded", 14,
      site + changes(change("SiteAdmin", old: #""""#, new: new)))
    #expect(targets(event).last?["upn"] as? String == "bob@example.com")
    let group = try done("GroupAdded", 4, changes(change("Name", old: #""""#, new: new)))
    #expect(group["target.name"] == "bob@example.com")
  }

  @Test(arguments: [
    #""[\r\n  \"cccccccc-0000-4000-8000-00000000000c\"\r\n]""#,
    #"["cccccccc-0000-4000-8000-00000000000c"]"#,
    #""\"cccccccc-0000-4000-8000-00000000000c\"""#,
  ])
  func `who was given a role of an application is the second target`(_ new: String) throws {
    let event = try done(
      "Add app role assignment to service principal.", 8,
      #""ObjectId":"ServicePrincipal_bbbbbbbb-0000-4000-8000-00000000000b","#
        + changes(change("ServicePrincipal.ObjectID", old: #""[]""#, new: new)))
    let second = try #require(targets(event).last)
    #expect(second["type"] as? String == "service_principal")
    #expect(second["id"] as? String == "cccccccc-0000-4000-8000-00000000000c")
  }

  @Test func `a setting of Teams is a change`() throws {
    let setting = #""Name":"Team access type","OldValue":"Private","NewValue":"Public""#
    for operation in ["TeamSettingChanged", "TeamsTenantSettingChanged"] {
      let event = try done(operation, 25, setting)
      let changes = try #require(event.tree["changes"] as? [[String: String]])
      #expect(changes == [["name": "Team access type", "old": "Private", "new": "Public"]])
      #expect(!event.has("ext"))
    }
    let alone = try done("TeamSettingChanged", 25, #""Name":"Team access type""#)
    #expect(!alone.has("changes") && alone["ext.Name"] == "Team access type")
  }

  @Test func `what did not change makes no other action of an update`() throws {
    func action(_ list: String...) throws -> String? {
      let joined = #""ModifiedProperties":[\#(list.joined(separator: ","))]"#
      return try done("Update user.", 8, joined)["action"]
    }
    let off = #""[false]""#
    let on = #""[true]""#
    #expect(try action(change("AccountEnabled", old: on, new: off)) == "user.disable")
    #expect(try action(change("AccountEnabled", old: "[true]", new: "[false]")) == "user.disable")
    #expect(try action(change("AccountEnabled", old: #""[]""#, new: on)) == "user.enable")
    #expect(try action(change("AccountEnabled", old: off, new: off)) == "user.update")
    let others = change(
      "Included Updated Properties", old: #""""#, new: #""\"UserPrincipalName\"""#)
    #expect(try action(change("AccountEnabled", old: on, new: off), others) == "user.update")
    let named = change(
      "Included Updated Properties", old: #""""#, new: #""\"AccountEnabled, City\"""#)
    #expect(try action(change("AccountEnabled", old: on, new: off), named) == "user.disable")
    let method = "StrongAuthenticationMethod"
    #expect(try action(change(method, old: #""[]""#, new: #""[]""#)) == "user.update")
    #expect(try action(change(method, old: #""[]""#, new: #""[{\"a\":1}]""#)) == "user.mfa.update")
  }

  @Test func `what an update names is looked for once, however many changes there are`() throws {
    let change = change("AccountEnabled", old: #""[true]""#, new: #""[false]""#)
    let many = Array(repeating: change, count: 40_000).joined(separator: ",")
    let others = self.change("Included Updated Properties", old: #""""#, new: #""\"City\"""#)
    // Looking each time would take longer than the suite may.
    let event = try done("Update user.", 8, #""ModifiedProperties":[\#(many),\#(others)]"#)
    #expect(event["action"] == "user.update")
  }
}

/// Records that say something in another spelling or another member than most.
@Suite(.timeLimit(.minutes(10))) struct `Other spellings` {
  private func done(
    _ operation: String, _ type: Int, _ members: String, in format: EventFormat = .native
  ) throws -> Event {
    try event(record(members, type: type, operation: operation), in: format)
  }

  // MARK: Cmdlets

  @Test func `the shell's words for true, false and nothing are read`() throws {
    let search = "New-ComplianceSearchAction"
    func searched(_ line: String) throws -> String? {
      try done(search, 18, #""Parameters":"\#(line)""#)["action"]
    }
    #expect(try searched(#"-SearchName \"s\" -Purge:$false -Preview"#) != "ediscovery.purge")
    #expect(try searched(#"-SearchName \"s\" -Purge:$true"#) == "ediscovery.purge")
    let forward =
      #""Parameters":[{"Name":"DeliverToMailboxAndForward","Value":"$true"},"#
      + #"{"Name":"ForwardingSmtpAddress","Value":"$null"}]"#
    let event = try done("Set-Mailbox", 1, forward)
    #expect(event["action"] == "mailbox.update" && !event.has("mail_rule.forward_to"))
    #expect(event.flag("mail_rule.keep_copy") == true)
    let audit = #""Parameters":[{"Name":"AuditEnabled","Value":"$false"}]"#
    #expect(try done("Set-Mailbox", 1, audit)["action"] == "mailbox.audit.disable")
  }

  @Test(arguments: [
    ("get-retentioncompliancepolicy", "cmdlet.read"), ("Set-Foo.", "cmdlet.update"),
    ("SET-FOO", "cmdlet.update"), ("Set–Foo", "cmdlet.update"), ("Test-Foo.", "cmdlet.read"),
  ])
  func `a cmdlet that no table has is one in any spelling`(_ name: String, _ action: String) throws
  {
    #expect(try done(name, 18, #""UserId":"ana@example.com""#)["action"] == action)
    // Elsewhere a hyphen alone makes no cmdlet.
    #expect(try done("re-opened", 22, #""UserId":"a""#)["action"]?.hasPrefix("cmdlet") == false)
  }

  @Test func `one parameter alone is a list of one`() throws {
    let event = try done(
      "Set-InboxRule", 1, #""Parameters":{"Name":"ForwardTo","Value":"x@evil.example"}"#)
    #expect(event["params.ForwardTo"] == "x@evil.example")
    #expect(event.list("mail_rule.forward_to") == ["x@evil.example"])
    #expect(!event.has("parse_issues"))
  }

  @Test func `a rule without an identity is in the mailbox that is named`() throws {
    let event = try done(
      "New-InboxRule", 1,
      #""ObjectId":"","Parameters":[{"Name":"Mailbox","Value":"ceo@example.com"}]"#)
    #expect(event["mailbox.owner"] == "ceo@example.com")
  }

  // MARK: Sign-ins and devices

  @Test func `the status of a sign-in decides nothing, not even beside an unknown code`() throws {
    let members = #""ErrorNumber":"99999","ResultStatus":"Failed""#
    #expect(try done("UserLoggedIn", 15, members)["outcome.result"] == "interrupted")
    #expect(try done("UserLoginFailed", 15, members)["outcome.result"] == "failure")
    #expect(
      try done("PasswordLogonInitialAuthUsingPassword", 9, members)["outcome.result"] == "failure")
  }

  @Test(arguments: [("True", Optional(false)), ("False", nil)])
  func `a device that is compliant and not both is not managed`(
    _ compliant: String, _ managed: Bool?
  ) throws {
    for order in [true, false] {
      let both = #"{"Name":"IsCompliantAndManaged","Value":"False"}"#
      let one = #"{"Name":"IsCompliant","Value":"\#(compliant)"}"#
      let list = order ? "\(both),\(one)" : "\(one),\(both)"
      let event = try done("UserLoggedIn", 15, #""DeviceProperties":[\#(list)]"#)
      #expect(event.flag("device.is_managed") == managed)
    }
  }

  // MARK: Files

  @Test(arguments: [
    (6, "Docs/New", "New", "/sites/fin/Docs/New/New", "Docs/New/New"),
    (6, "Docs/New", "New", "/sites/fin/Docs/New/New", nil),
    (6, "Docs/a.txt", "a.txt", "/sites/fin/Docs/a.txt", "Docs/a.txt"),
    (14, "Docs/a.txt", "A.TXT", "/sites/fin/Docs/a.txt", nil),
    (14, "Docs/A%20B.txt", "A B.txt", "/sites/fin/Docs/A%20B.txt", nil),
  ])
  func `a path has the name once, and twice where a folder has it too`(
    _ type: Int, _ relative: String, _ name: String, _ path: String, _ address: String?
  ) throws {
    let site = "https://e.sharepoint.com/sites/fin/"
    let object = address.map { #","ObjectId":"\#(site)\#($0)""# } ?? ""
    let event = try done(
      type == 6 ? "FolderCreated" : "SharingSet", type,
      #""SiteUrl":"\#(site)","SourceRelativeUrl":"\#(relative)","SourceFileName":"\#(name)""#
        + object)
    #expect(event["file.path"] == path)
  }

  @Test func `an object that is not the file whose address is known stays`() throws {
    let file = #""SharePointMetaData":{"FilePathUrl":"https://e/a b.docx","FileName":"a b.docx"}"#
    let other = try done("DlpRuleMatch", 11, #""ObjectId":"https://e/other.docx","# + file)
    #expect(other["object_id"] == "https://e/other.docx")
    for same in ["https://e/a b.docx", "https://e/a%20b.docx"] {
      let event = try done("DlpRuleMatch", 11, #""ObjectId":"\#(same)","# + file)
      #expect(event["file.url"] == "https://e/a%20b.docx" && !event.has("object_id"))
    }
  }

  // MARK: People

  @Test func `the person of a match is found behind its agent, whatever type that has`() throws {
    for user in [
      #""UserType":4,"UserId":"DlpAgent""#, #""UserType":0,"UserId":"""#, #""UserId":"Unknown""#,
      #""UserType":2,"UserId":"Not Available""#, #""UserId":"app@sharepoint""#,
    ] {
      let event = try done(
        "DlpRuleMatch", 11,
        user + #","UserKey":"DlpAgent","SharePointMetaData":{"From":"Bob <bob@example.com>"}"#)
      #expect(event["actor.upn"] == "bob@example.com", "\(user)")
      #expect(event["actor.domain"] == "example.com" && event["actor.type"] == "user")
      #expect(!event.has("actor.name"))
    }
    let guest = try done(
      "DlpRuleMatch", 13,
      #""UserId":"DlpAgent","ExchangeMetaData":{"From":"v_p.com#EXT#@e.onmicrosoft.com"}"#)
    #expect(guest["actor.type"] == "guest" && guest.flag("actor.is_external") == true)
    #expect(guest["actor.home_upn"] == "v@p.com")
    // Who is named stays who it was.
    let named = try done(
      "DlpRuleMatch", 13,
      #""UserType":0,"UserId":"Ana Ruiz","ExchangeMetaData":{"From":"bob@example.com"}"#)
    #expect(named["actor.name"] == "Ana Ruiz" && !named.has("actor.upn"))
  }

  @Test func `an id that users had before and a claim are no names`() throws {
    let puid = try done("FileAccessed", 6, #""UserId":"10032001abcdef01""#)
    #expect(puid["actor.puid"] == "10032001ABCDEF01" && !puid.has("actor.name"))
    let claim = try done("FileAccessed", 6, #""UserId":"i:0#.f|membership|Ana@example.com""#)
    #expect(claim["actor.upn"] == "ana@example.com")
    #expect(claim["actor.raw_id"] == "i:0#.f|membership|Ana@example.com")
    let app = try done("FileAccessed", 6, #""UserId":"i:0i.t|00000003|app@sharepoint""#)
    #expect(app["actor.type"] == "app" && app["actor.name"] == "app@sharepoint")
    let engaged = try done(
      "GroupCreation", 22, #""UserId":"Not Available","ActorUserId":"A@b.example""#)
    #expect(engaged["actor.upn"] == "a@b.example")
  }

  @Test func `a report that is shared with anybody outside is shared outside`() throws {
    let list = #"[{"RecipientEmail":"in@example.com"},{"RecipientEmail":"eve@evil.example"}]"#
    let report = record(
      #""ReportId":"1","SharingInformation":\#(list)"#, type: 20, operation: "ShareReport")
    let context = EventContext(
      tenant: nil, tenantName: nil, domains: OwnDomains(["example.com"]), contentType: nil,
      contentID: nil, available: nil, collected: nil)
    let blob = blob("[\(report)]")
    let line = try #require(lines(of: blob, format: .native, context: context).first)
    let event = try Event(line)
    #expect(event["sharing.target"] == "in@example.com")
    #expect(event.flag("sharing.is_external") == true)
  }

  @Test func `a list without a title is called by its name`() throws {
    let list = try done(
      "ListViewed", 36,
      #""ListName":"L","ListId":"aaaaaaaa-0000-4000-8000-0000000000aa""#)
    #expect(list["target.name"] == "L" && !list.has("ext"))
  }

  @Test func `objects that come as lists of one are read as the others`() throws {
    let exception = #"[{"Reason":"Override","Justification":"a contract"}]"#
    let match = try done("DlpRuleUndo", 13, #""ExceptionInfo":\#(exception)"#)
    #expect(match["dlp.justification"] == "a contract" && match.flag("dlp.is_override") == true)
    let place = #"[{"City":"Rome","CountryOrRegion":"IT"}]"#
    let risk = try done("UserRiskDetection", 294, #""Location":\#(place)"#)
    #expect(risk["source.geo.city"] == "Rome" && risk["source.geo.country_iso"] == "IT")
    let asked = try done("CopilotInteraction", 261, #""CopilotEventData":[{"AppHost":"Word"}]"#)
    #expect(asked["ai.app_host"] == "Word")
  }
}
