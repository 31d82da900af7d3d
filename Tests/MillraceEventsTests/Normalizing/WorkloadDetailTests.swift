import Foundation
import MillraceEvents
import Testing

/// What single workloads say, where the fixtures show it whole.
@Suite(.timeLimit(.minutes(10))) struct `Details of the workloads` {
  private func fixture(_ name: String) throws -> Event {
    try Event(`Fixtures of normalization`.line(of: name))
  }

  // MARK: Authentication

  @Test func `a second factor is told only when something proves it`() throws {
    for code in ["50074", "50076", "500121"] {
      let asked = try event(record("\"ErrorNumber\":\"\(code)\"", operation: "UserLoginFailed"))
      #expect(asked.flag("auth.is_mfa") == true, "\(code)")
    }
    let step = try event(
      record(#""ExtendedProperties":[{"Name":"RequestType","Value":"SAS:EndAuth"}]"#))
    #expect(step.flag("auth.is_mfa") == true)
    #expect(!(try event(record(#""ErrorNumber":"0""#)).has("auth.is_mfa")))
  }

  @Test func `a password sent to the token endpoint, or with mail, is legacy`() throws {
    let type = #""ExtendedProperties":[{"Name":"RequestType","Value":"OAuth2:Token"}]"#
    let refused = try event(
      record(type + #","ErrorNumber":"50126""#, operation: "UserLoginFailed"))
    #expect(refused.flag("auth.is_legacy") == true)
    let refreshed = try event(record(type + #","ErrorNumber":"0""#))
    #expect(!refreshed.has("auth.is_legacy"))
    let client = #""ClientInfoString":"Client=POP3/IMAP4;Protocol=IMAP4""#
    let basic = try event(
      record(client + #","AuthType":"Basic""#, type: 50, operation: "MailItemsAccessed"))
    #expect(basic.flag("auth.is_legacy") == true)
    #expect(basic["auth.protocol"] == "basic")
    let modern = try event(
      record(client + #","AuthType":"Bearer""#, type: 50, operation: "MailItemsAccessed"))
    #expect(!modern.has("auth.is_legacy"))
    #expect(modern["auth.protocol"] == "oauth2")
  }

  // MARK: People and things

  @Test func `where an agent looked at a file, the person is the actor`() throws {
    let match = try fixture("dlp-agent-looks-at-a-file")
    #expect(match["actor.upn"] == "li.wei@example.com")
    #expect(match["actor.type"] == "user")
    #expect(match["actor.raw_id"] == "DlpAgent")
    #expect(!match.has("actor.name"))
  }

  @Test func `what a device blocked is blocked, and its file is named`() throws {
    let copy = try fixture("endpoint-file-copied-to-a-stick")
    #expect(copy.flag("dlp.is_blocked") == true)
    #expect(copy["target.name"] == "cards.xlsx")
    #expect(copy["file.dest_path"] == #"E:\cards.xlsx"#)
    #expect(copy.number("file.size") == 20480)
    #expect(copy["device.platform"] == "Windows")
  }

  @Test func `a label that was taken off is the former one`() throws {
    let label = try fixture("label-removed-in-a-client")
    #expect(label["file.prev_label_id"] == "16161616-0000-4000-8000-000000000061")
    #expect(!label.has("file.label_id"))
    #expect(label["app.process"] == "WINWORD")
  }

  @Test func `a link that was clicked is the target, in every format`() throws {
    let click = try fixture("link-in-a-mail-clicked")
    #expect(click["target.type"] == "link")
    #expect(click["time_start"] == "2026-03-04T14:58:30.000Z")
    #expect(click["alert.url"] == "https://security.example/?id=62")
    let ecs = try Event(`Fixtures of formats`.line(of: "link-in-a-mail-clicked", .ecs))
    #expect(ecs["url.original"] == "https://evil.example/login?u=1")
    let ocsf = try Event(`Fixtures of formats`.line(of: "link-in-a-mail-clicked", .ocsf))
    #expect(ocsf.line.contains(#""url_string":"https://evil.example/login?u=1""#))
  }

  @Test func `a label of a team has the team`() throws {
    let labelled = try event(
      record(
        #"""
        "TeamGuid":"19:team@thread.tacv2","TeamName":"Finance","SensitivityLabelId":"lab"
        """#, type: 206, operation: "SensitivityLabelApplied"))
    #expect(labelled["target.type"] == "team" && labelled["target.name"] == "Finance")
    #expect(labelled["team.id"] == "19:team@thread.tacv2" && labelled["file.label_id"] == "lab")
    #expect(!labelled.has("ext"))
  }

  @Test func `a label on a device names the device and the program`() throws {
    let removed = try event(
      record(
        #"""
        "ObjectId":"C:\\a.docx","Application":"Word","DeviceName":"pc1","Platform":1
        """#, type: 83, operation: "SensitivityLabelRemoved"))
    #expect(removed["device.name"] == "pc1" && removed["app.name"] == "Word")
    #expect(removed["device.platform"] == "Windows" && !removed.has("ext"))
  }

  @Test func `who was in a meeting was there for a time`() throws {
    let joined = try event(
      record(
        #"""
        "JoinTime":"2026-01-15T09:01:00Z","LeaveTime":"2026-01-15T09:30:00Z"
        """#, type: 25, operation: "MeetingParticipantDetail"))
    #expect(joined["time_start"] == "2026-01-15T09:01:00.000Z")
    #expect(joined["time_end"] == "2026-01-15T09:30:00.000Z" && !joined.has("ext"))
  }

  @Test func `cases, flows and apps are targets by their ids`() throws {
    let export = try fixture("search-of-a-case-exported")
    #expect(export["target.name"] == "Merger")
    #expect(export["time_end"] == "2026-03-04T15:00:00.000Z")
    let flow = try fixture("flow-handed-to-another")
    #expect(flow["target.id"] == "27272727-0000-4000-8000-000000000068")
    #expect(flow.list("permissions") == ["Owner"])
    let app = try fixture("power-app-made")
    #expect(app["target.name"] == "Expenses")
    let report = try fixture("report-shared-outside")
    #expect(report["sharing.target"] == "vera@partner.example")
  }

  @Test func `a cmdlet without an object names it in its parameters`() throws {
    let cmdlet = try fixture("cmdlet-without-object")
    #expect(cmdlet["target.type"] == "mailbox")
    #expect(cmdlet["target.id"] == "li.wei")
    #expect(cmdlet["target.name"] == "Li Wei")
  }

  @Test func `rights on a folder, and to whom`() throws {
    let grant = try fixture("folder-opened-to-everyone")
    #expect(grant.list("permissions") == ["ReadAny", "FreeBusySimple"])
    let targets = try #require(grant.tree["targets"] as? [[String: String]])
    #expect(targets.map { $0["type"] } == ["mailbox", "user"])
    #expect(targets.last?["name"] == "Everyone")
    #expect(targets.last?["id"] == "S-1-1-0")
  }

  @Test func `whose members changed is said beside whom it was`() throws {
    let record = record(
      #"""
      "ObjectId":"li@example.com","Target":[{"ID":"li@example.com","Type":5}],\#
      "ModifiedProperties":[{"Name":"Group.ObjectID",\#
      "OldValue":"\"BBBBBBBB-0000-4000-8000-000000000001\""},\#
      {"Name":"Group.DisplayName","OldValue":"\"Admins\""}]
      """#, type: 8, operation: "Remove member from group.")
    let native = try event(record)
    #expect(native["target.upn"] == "li@example.com")
    let targets = try #require(native.tree["targets"] as? [[String: String]])
    #expect(
      targets.last
        == ["type": "group", "id": "bbbbbbbb-0000-4000-8000-000000000001", "name": "Admins"])
    let ocsf = try Event(try #require(lines(of: blob("[\(record)]"), format: .ocsf).first))
    #expect(ocsf.number("class_uid") == 3006)
    #expect(ocsf["group.name"] == "Admins")
    #expect(ocsf["user.name"] == "li@example.com")
  }

  @Test func `a group of a site is the target of whoever joins it`() throws {
    let joined = try event(
      record(
        #"""
        "Site":"13131313-0000-4000-8000-000000000001","TargetUserOrGroupType":"Guest",\#
        "TargetUserOrGroupName":"vera@partner.example","EventData":"<Group>Site Members</Group>"
        """#, type: 14, operation: "AddedToGroup"))
    #expect(joined["target.type"] == "group")
    #expect(joined["target.name"] == "Site Members")
    #expect(joined["sharing.target"] == "vera@partner.example")
    #expect(joined["site.id"] == "13131313-0000-4000-8000-000000000001")
    #expect(joined.flag("sharing.is_external") == true)
  }

  @Test func `an assignment of a role names the role and its holder`() throws {
    let assigned = try event(
      record(
        #"""
        "ObjectId":"Assignment-1","Parameters":[{"Name":"Role","Value":"ApplicationImpersonation"},\#
        {"Name":"User","Value":"Li@example.com"}]
        """#, type: 1, operation: "New-ManagementRoleAssignment"))
    #expect(assigned.list("roles") == ["ApplicationImpersonation"])
    #expect(assigned["target.upn"] == "li@example.com")
    #expect(assigned["object_id"] == "Assignment-1")
  }

  @Test func `a mail has its recipients, a Teams client its agent`() throws {
    let mail = try fixture("mail-sent-to-recipients")
    #expect(mail.list("email.to") == ["vera@partner.example", "li.wei@example.com"])
    let session = try fixture("teams-client-in-properties")
    #expect(session["user_agent.original"] == "Mozilla/5.0 Teams/24")
    #expect(session["device.os"] == "windows")
  }

  // MARK: Formats

  @Test func `an address is spelled as in the record, and encoded once`() throws {
    let ecs = try Event(`Fixtures of formats`.line(of: "guest-downloads-file", .ecs))
    #expect(ecs["url.original"]?.hasSuffix("/Budget 2026.xlsx") == true)
    #expect(ecs["url.full"]?.hasSuffix("/Budget%202026.xlsx") == true)
  }

  @Test func `CEF tells what a file was before it moved`() throws {
    let record = record(
      #"""
      "SiteUrl":"https://example.sharepoint.com/","SourceRelativeUrl":"Docs",\#
      "SourceFileName":"a.txt","DestinationRelativeUrl":"Old","DestinationFileName":"b.txt"
      """#, type: 6, operation: "FileMoved")
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    #expect(line.contains(" fname=b.txt filePath=/Old/b.txt oldFilePath=/Docs/a.txt"))
  }
}
