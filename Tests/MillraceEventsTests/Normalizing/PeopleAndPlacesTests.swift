import MillraceEvents
import Testing

/// Who did it, to whom, and from where, in records that say it in an unusual member.
@Suite(.timeLimit(.minutes(10))) struct `People and places` {
  private func done(
    _ operation: String, _ type: Int, _ members: String, in format: EventFormat = .native
  ) throws -> Event {
    try event(record(members, type: type, operation: operation), in: format)
  }

  private func targets(_ event: Event) -> [[String: Any]] {
    event.tree["targets"] as? [[String: Any]] ?? []
  }

  // MARK: Actors

  @Test(arguments: [41, 47, 98])
  func `a person whom a service reports on is the user all the same`(type: Int) throws {
    let members = #""UserType":4,"UserId":"ana@example.com","Url":"https://evil.example/a""#
    let ecs = try done("TIUrlClickData", type, members, in: .ecs)
    #expect(ecs["user.name"] == "ana@example.com" && ecs["user.email"] == "ana@example.com")
    #expect(ecs.list("related.user") == ["ana@example.com"])
    if type == 41 {
      #expect(try done("TIUrlClickData", type, members)["actor.type"] == "user")
    }
  }

  @Test func `an application that acts for a user is not the user`() throws {
    let app = "abababab-0000-4000-8000-000000000006"
    let members =
      #""UserType":5,"UserId":"ana@example.com","UserKey":"\#(app)","ClientAppId":"\#(app)""#
    let context = #","AppAccessContext":{"ClientAppId":"\#(app)"},"LogonUserSid":"S-1-5-21-1""#
    let native = try done("MailItemsAccessed", 50, members + context)
    #expect(native["actor.type"] == "user" && native["actor.upn"] == "ana@example.com")
    #expect(!native.has("actor.id") && native["app.id"] == app)
    let ecs = try done("MailItemsAccessed", 50, members + context, in: .ecs)
    #expect(ecs["user.id"] == "S-1-5-21-1")
    // Without the context nothing says for whom it acts.
    #expect(try done("MailItemsAccessed", 50, members)["actor.type"] == "app")
  }

  // MARK: Targets

  @Test func `the address in the identity is that of the mailbox`() throws {
    let members =
      #"""
      "UserId":"li@example.com","ObjectId":"jhernan","Parameters":[\#
      {"Name":"Identity","Value":"JHernan@example.com"},{"Name":"User","Value":"eve@evil.example"}]
      """#
    let native = try done("Add-MailboxPermission", 1, members)
    #expect(native["target.upn"] == "jhernan@example.com" && native["target.id"] == "jhernan")
    let ecs = try done("Add-MailboxPermission", 1, members, in: .ecs)
    #expect(ecs.list("related.user")?.contains("jhernan@example.com") == true)
    let folder = members.replacing("Hernan@example.com", with: "Hernan@example.com:\\\\Inbox")
    let granted = try done("Add-MailboxFolderPermission", 1, folder)
    #expect(granted["target.upn"] == "jhernan@example.com")
  }

  @Test func `of several members of a group none is lost for an empty one`() throws {
    let members =
      #"""
      "UserId":"li@example.com","ObjectId":"Admins","Parameters":[{"Name":"Member","Value":null},\#
      {"Name":"Member","Value":["","bob@x.example","eve@x.example"]}]
      """#
    let added = targets(try done("Add-RoleGroupMember", 1, members))
    #expect(added.dropFirst().map { $0["upn"] as? String } == ["bob@x.example", "eve@x.example"])
    let nobody = members.replacing("\"bob@x.example\",\"eve@x.example\"", with: "null")
    #expect(targets(try done("Add-RoleGroupMember", 1, nobody)).isEmpty)
  }

  @Test func `what is made by a cmdlet has the name that it was given`() throws {
    let made = try done(
      "New-DlpCompliancePolicy", 18,
      #""ObjectId":"e713530f-265f-4729-9dbd-b57062b3215d","Parameters":"-Name \"For Teams\"""#)
    #expect(made["target.name"] == "For Teams" && made["target.type"] == "policy")
    let resolved = try done("Set-Mailbox", 1, #""ObjectId":"","ModifiedObjectResolvedName":"Res""#)
    #expect(resolved["target.name"] == "Res" && resolved["target.type"] == "mailbox")
  }

  @Test func `kinds of policies are policies, and an id is that of what was made`() throws {
    let id = "24484114-1daa-4700-aaf7-44ee5cbe5678"
    let policy = try done(
      "Update authorization policy.", 8,
      #""Target":[{"ID":"AuthorizationPolicy_\#(id)","Type":2},{"ID":"Authorization","Type":1}]"#)
    #expect(policy["target.type"] == "policy" && policy["target.id"] == id)
    let principal = try done("Add service principal.", 8, #""ObjectId":"\#(id)""#)
    #expect(principal["target.type"] == "service_principal")
  }

  @Test func `a group of another network has its name`() throws {
    let members = #""UserId":"ana@example.com","GroupName":"All","ObjectId":"All""#
    let native = try done("GroupCreation", 22, members)
    #expect(native["target.type"] == "group" && native["target.name"] == "All")
    #expect(native["service"] == "viva_engage")
    #expect(try done("GroupCreation", 22, members, in: .ecs)["group.name"] == "All")
  }

  @Test func `a group of a site is a group, whatever names it`() throws {
    for members in [
      #""EventData":"<Group>Owners</Group>""#, #""TargetUserOrGroupName":"Owners""#,
      #""ModifiedProperties":[{"Name":"Name","NewValue":"Owners"}]"#,
    ] {
      let ocsf = try done(
        "GroupAdded", 14, #""UserId":"a@example.com",\#(members)"#, in: .ocsf)
      #expect(ocsf.number("class_uid") == 3006 && ocsf.number("activity_id") == 6, "\(members)")
      #expect(ocsf["group.name"] == "Owners")
    }
  }

  @Test func `who is in a chat that was begun is a target`() throws {
    let members =
      #"""
      "UserId":"ana@example.com","ChatThreadId":"19:x@unq","Members":[\#
      {"UPN":"ana@example.com"},{"UPN":"eve@evil.example"}]
      """#
    let begun = targets(try done("ChatCreated", 25, members))
    #expect(begun.map { $0["type"] as? String } == ["chat", "user"])
    let ecs = try done("ChatCreated", 25, members, in: .ecs)
    #expect(ecs.list("related.user") == ["ana@example.com", "eve@evil.example"])
  }

  @Test func `whoever is of another tenant is from outside`() throws {
    let own = "11111111-2222-4333-8444-555555555555"
    func chat(with tenant: String) throws -> Event {
      try done(
        "ChatCreated", 25,
        #"""
        "OrganizationId":"\#(own)","UserId":"Help@evil.example","ChatThreadId":"19:x@unq",\#
        "Members":[{"UPN":"help@evil.example","OrganizationId":"\#(tenant)"},\#
        {"UPN":"ana@example.com","OrganizationId":"\#(own)"}]
        """#)
    }
    let foreign = try chat(with: "99999999-0000-4000-8000-00000000000A")
    #expect(foreign.flag("actor.is_external") == true && foreign["actor.type"] == "user")
    #expect(foreign["actor.tenant_id"] == "99999999-0000-4000-8000-00000000000a")
    #expect(foreign.flag("team.has_external") == true)
    let inside = try chat(with: own)
    #expect(!inside.has("actor.is_external") && !inside.has("team.has_external"))
  }

  @Test func `who may no longer send mail is the target`() throws {
    let members = #""UserType":4,"UserId":"HygieneSystem","EventValue":"Li@example.com""#
    let listed = try done("Listed", 51, members)
    #expect(listed["target.type"] == "user" && listed["target.upn"] == "li@example.com")
    #expect(!listed.has("ext"))
    let other = try done("Delisted", 51, #""EventValue":"198.51.100.7""#)
    #expect(other["target.type"] == "other" && other["target.name"] == "198.51.100.7")
  }

  @Test func `a person or a file of another network is the target`() throws {
    let user = try done(
      "UserSuspension", 22, #""UserId":"ana@example.com","TargetUserId":"Li@example.com""#)
    #expect(user["target.type"] == "user" && user["target.upn"] == "li@example.com")
    #expect(user["verb"] == "update")
    let file = try done("FileDownloaded", 22, #""FileName":"a.docx","ObjectId":"a.docx""#)
    #expect(file["target.type"] == "file" && file["target.name"] == "a.docx")
    #expect(file["file.name"] == "a.docx" && !file.has("object_id") && !file.has("ext"))
    let group = try done(
      "GroupDeletion", 22, #""GroupName":"All","TargetUserId":"li@example.com""#)
    #expect(group["target.type"] == "group" && group["verb"] == "delete")
    #expect(targets(group).map { $0["upn"] as? String } == [nil, "li@example.com"])
  }

  @Test func `a message is in its thread`() throws {
    let message = try done(
      "MessageCreatedNotification", 25, #""Message":{"ThreadId":"19:a@thread.v2","Id":"7"}"#)
    #expect(message["chat.id"] == "19:a@thread.v2" && message["target.type"] == "chat")
    #expect(message["target.id"] == "19:a@thread.v2")
  }

  // MARK: Addresses

  @Test func `a port is taken from whichever member has it`() throws {
    let native = try done(
      "UserLoggedIn", 15, #""ActorIpAddress":"203.0.113.24","ClientIP":"203.0.113.24:8085""#)
    #expect(native["source.ip"] == "203.0.113.24" && native.number("source.port") == 8085)
    #expect(!native.has("ext.ClientIP"))
  }

  @Test func `a second address can be searched for`() throws {
    let members = #""ActorIpAddress":"203.0.113.24","ClientIP":"198.51.100.7""#
    let ecs = try done("UserLoggedIn", 15, members, in: .ecs)
    #expect(ecs["source.ip"] == "203.0.113.24")
    #expect(ecs.list("related.ip") == ["203.0.113.24", "198.51.100.7"])
    #expect(try done("UserLoggedIn", 15, members)["ext.ClientIP"] == "198.51.100.7")
  }

  @Test(arguments: ["--0", "--00.5", "90.9", "-90.01", "", "-", "-.5", "1-", "+5"])
  func `what is no coordinate is nobody's place, and stays`(latitude: String) throws {
    let point = #"{"Latitude":"\#(latitude)","Longitude":"4.9"}"#
    let place = #""Location":{"CountryOrRegion":"NL","GeoCoordinates":\#(point)}"#
    let native = try done("Risk", 294, place)
    #expect(!native.has("source.geo.lat") && native["source.geo.country_iso"] == "NL")
    #expect(native["ext.Location.GeoCoordinates.Longitude"] == "4.9")
  }

  @Test func `a place that is told as a text stays`() throws {
    let place = #""Location":{"City":"C","GeoCoordinates":"52.1,4.9"}"#
    let native = try done("Risk", 294, place)
    #expect(native["ext.Location.GeoCoordinates"] == "52.1,4.9")
    let exact = #""Location":{"City":"C","GeoCoordinates":{"Latitude":"-90.0","Longitude":"180"}}"#
    #expect(try done("Risk", 294, exact).line.contains(#""lat":-90.0,"lon":180"#))
  }
}
