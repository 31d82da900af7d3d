import MillraceEvents
import Testing

/// What cmdlets were called with, in the shapes in which services write it.
@Suite(.timeLimit(.minutes(10))) struct `Details of cmdlets` {
  private static let hosted =
    "EURPR04.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/example.onmicrosoft.com/"

  private func cmdlet(_ operation: String, _ members: String, type: Int = 1) throws -> Event {
    try event(record(#""UserId":"ana@example.com",\#(members)"#, type: type, operation: operation))
  }

  @Test(arguments: [
    (#"-X (\"ALL\")"#, ["ALL"]), (#"-X @(\"a\", \"b\") -Y \"1\""#, ["a", "b"]),
    (#"-X \"a\",\"b\""#, ["a", "b"]), (#"-X (ALL, b c)"#, ["ALL", "b c"]),
  ])
  func `a list on a command line is one`(_ line: String, _ values: [String]) throws {
    let event = try cmdlet("Set-DlpPolicy", #""Parameters":"\#(line)""#, type: 18)
    #expect(event.list("params.X") == values)
  }

  @Test(arguments: [
    (#"-X \"a,b\""#, "a,b"), (#"-X (open \"x\""#, #"(open "x""#), (#"-X \"a\" b\""#, #"a" b"#),
    (#"-X (a) b"#, "(a) b"), (#"-X ()"#, "()"),
  ])
  func `what only looks like a list stays a text`(_ line: String, _ value: String) throws {
    let event = try cmdlet("Set-DlpPolicy", #""Parameters":"\#(line)""#, type: 18)
    #expect(event["params.X"] == value)
  }

  @Test func `all who are added to a group are targets`() throws {
    let line = #"-Identity \"eDiscoveryManager\" -Member (\"Eve@example.com\",\"bob\")"#
    let event = try cmdlet("Add-RoleGroupMember", #""Parameters":"\#(line)""#, type: 18)
    let targets = try #require(event.tree["targets"] as? [[String: Any]])
    #expect(targets.map { $0["upn"] as? String } == [nil, "eve@example.com", nil])
    #expect(targets.map { $0["name"] as? String } == [nil, nil, "bob"])
  }

  @Test func `an object of Exchange is called by the alias in its canonical name`() throws {
    let event = try cmdlet(
      "Add-MailboxPermission",
      #""ObjectId":"\#(Self.hosted)bob","Parameters":[{"Name":"User","Value":"\#(Self.hosted)eve"}]"#
    )
    #expect(event["target.name"] == "bob" && event["target.id"] == Self.hosted + "bob")
    let targets = try #require(event.tree["targets"] as? [[String: Any]])
    #expect(targets.last?["name"] as? String == "eve")
    let forward = try cmdlet(
      "Set-Mailbox", #""Parameters":[{"Name":"ForwardingAddress","Value":"\#(Self.hosted)eve"}]"#)
    #expect(forward.list("mail_rule.forward_to") == ["eve"])
  }

  @Test func `cmdlets and parameters mean the same in any letter case`() throws {
    for name in ["Set-Mailbox", "set-mailbox"] {
      let event = try cmdlet(
        name,
        #"""
        "ObjectId":"x","OrganizationName":"example.onmicrosoft.com",\#
        "Parameters":[{"Name":"forwardingsmtpaddress","Value":"smtp:x@evil.example"}]
        """#)
      #expect(event["target.type"] == "mailbox", "\(name)")
      #expect(event.flag("mail_rule.is_external_forward") == true && event["severity"] == "low")
    }
  }

  @Test func `recipients of a rule may have commas between them`() throws {
    func forward(_ value: String) throws -> Event {
      try event(
        record(
          #"""
          "UserId":"ana@example.com","OrganizationName":"example.com",\#
          "Parameters":[{"Name":"ForwardTo","Value":"\#(value)"}]
          """#, type: 1, operation: "New-InboxRule"))
    }
    let two = try forward("li.wei@example.com, smtp:vera@partner.example")
    #expect(two.list("mail_rule.forward_to") == ["li.wei@example.com", "vera@partner.example"])
    #expect(two.flag("mail_rule.is_external_forward") == true)
    let name = try forward(#"\"Ruiz, Ana\" [SMTP:ana@example.com]"#)
    #expect(name.list("mail_rule.forward_to") == ["ana@example.com"])
    #expect(!name.has("mail_rule.is_external_forward"))
  }

  @Test func `a rule is its owner's, whatever it is called`() throws {
    let odd = try cmdlet(
      "New-InboxRule",
      #""ObjectId":"bob\\my\\rule","Parameters":[{"Name":"Name","Value":"my\\rule"}]"#)
    #expect(odd["mailbox.owner"] == "bob" && odd["mail_rule.name"] == #"my\rule"#)
    let removed = try cmdlet(
      "Remove-InboxRule",
      #""ObjectId":"","Parameters":[{"Name":"Identity","Value":"bob\\x"}]"#)
    #expect(removed["mailbox.owner"] == "bob" && removed["mail_rule.name"] == "x")
  }

  @Test func `what is done with a search names the search`() throws {
    let line = #"-SearchName \"hunt\" -Export \"True\""#
    let action = record(
      #""ObjectId":"","Parameters":"\#(line)""#, type: 18, operation: "New-ComplianceSearchAction")
    #expect(try event(action)["target.name"] == "hunt")
    #expect(try event(action, in: .ocsf).number("class_uid") == 6001)
  }

  @Test func `a role is privileged in any language`() throws {
    func granted(_ template: String) -> String {
      record(
        #"""
        "UserId":"ana@example.com","Target":[{"ID":"b@example.com","Type":5}],\#
        "ModifiedProperties":[{"Name":"Role.DisplayName","NewValue":"Globaler Administrator"},\#
        {"Name":"Role.TemplateId","NewValue":"\#(template)"}]
        """#, type: 8, operation: "Add member to role.")
    }
    let id = "62e90394-69f5-4237-9190-012177145e10"
    for template in [id, #"\"\#(id)\""#, #"[\"\#(id)\"]"#] {
      let native = try event(granted(template))
      #expect(native["severity"] == "medium", "\(template)")
      #expect(native.list("roles") == ["Globaler Administrator"])
      let resources = try event(granted(template), in: .ocsf).objects("resources")
      #expect(resources.first?["uid"] as? String == id, "\(template)")
    }
    let other = try event(granted("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"))
    #expect(other["severity"] == "informational")
  }

  @Test func `nobody is an owner who plainly is another`() throws {
    func opened(_ members: String) throws -> Event {
      try event(
        record(
          #""LogonType":0,"MailboxOwnerUPN":"cfo@example.com",\#(members)"#, type: 50,
          operation: "MailItemsAccessed"))
    }
    let id = "aaaaaaaa-0000-4000-8000-0000000000aa"
    let app = try opened(#""UserId":"ServicePrincipal_\#(id)","UserType":6"#)
    #expect(!app.has("mailbox.is_non_owner"))
    let eve = try opened(#""UserId":"eve@example.com""#)
    #expect(!eve.has("mailbox.is_non_owner"))
    let owner = try opened(#""UserId":"CFO@example.com""#)
    #expect(owner.flag("mailbox.is_non_owner") == false)
    let renamed = try opened(
      #""UserId":"old@example.com","LogonUserSid":"S-1-5-21-1","MailboxOwnerSid":"s-1-5-21-1""#)
    #expect(renamed.flag("mailbox.is_non_owner") == false)
  }

  @Test func `a mailbox that could not be opened is worth a look`() throws {
    let failed = record(#""ResultStatus":"Failed""#, type: 2, operation: "MailboxLogin")
    #expect(try event(failed)["severity"] == "low")
    let done = record(#""ResultStatus":"Succeeded""#, type: 2, operation: "MailboxLogin")
    #expect(try event(done)["severity"] == "informational")
  }

  @Test(arguments: [23, 57])
  func `a policy is granted to a user`(type: Int) throws {
    let members =
      #""ObjectId":"Li@example.com","Parameters":[{"Name":"Identity","Value":"Li@example.com"}]"#
    let event = try cmdlet("Grant-CsTeamsMeetingPolicy", members, type: type)
    #expect(event["target.type"] == "user" && event["target.upn"] == "li@example.com")
    #expect(!event.has("target.id") && !event.has("object_id"))
    let policy = try cmdlet("Set-CsTeamsMeetingPolicy", #""ObjectId":"Global""#, type: 23)
    #expect(policy["target.type"] == "policy")
  }
}
