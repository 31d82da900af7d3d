import MillraceEvents
import Testing

/// Mail, links, files and findings in records that say it in an unusual member.
@Suite(.timeLimit(.minutes(10))) struct `Mail and findings` {
  private func done(
    _ operation: String, _ type: Int, _ members: String, in format: EventFormat = .native
  ) throws -> Event {
    try event(record(members, type: type, operation: operation), in: format)
  }

  // MARK: Mail

  @Test func `an item that is its folder is no mail`() throws {
    let item = #""Item":{"Id":"L1","ParentFolder":{"Id":"L1","Path":"\\Calendar"}}"#
    let folder = try done("ModifyFolderPermissions", 2, item)
    #expect(folder["mailbox.folder"] == "\\Calendar" && !folder.has("email"))
    let other = try done(
      "Create", 2, item.replacing(#""Item":{"Id":"L1""#, with: #""Item":{"Id":"M""#))
    #expect(other.line.contains(#""items":[{"folder":"\\Calendar"}]"#))
  }

  @Test func `what was read in the portal of encrypted messages is a mail`() throws {
    let members =
      #"""
      "UserId":"ana@example.com","AttachmentName":"Form.docx","MessageId":"<m1@mail.example>",\#
      "OperationProperties":[{"Name":"MailSubject","Value":"Case"}],\#
      "Recipient":"sam@partner.example","Sender":"ana@example.com"
      """#
    let native = try done("AttachmentReview", 154, members)
    #expect(native["email.message_id"] == "m1@mail.example" && native["email.subject"] == "Case")
    #expect(native["email.from"] == "ana@example.com" && native["target.type"] == "email")
    #expect(native.list("email.to") == ["sam@partner.example"] && !native.has("ext"))
    let ecs = try done("AttachmentReview", 154, members, in: .ecs)
    #expect(ecs.list("related.user") == ["ana@example.com", "sam@partner.example"])
    #expect(ecs.line.contains(#""attachments":[{"file":{"name":"Form.docx"}}]"#))
  }

  @Test func `mail that communication compliance looked at is a mail`() throws {
    let details =
      #"""
      "UserId":"li.wei@example.com","ExchangeDetails":{"From":"li.wei@example.com",\#
      "Recipients":["ana@example.com"],"Subject":"hi","InternetMessageId":"<m@x>",\#
      "NetworkMessageId":"n","MessageTime":"2026-01-15T09:00:00","Directionality":"Originating",\#
      "AttachmentData":[{"FileName":"a.docx","FileType":"docx"}]}
      """#
    let native = try done("SupervisoryReviewOLAudit", 68, details)
    #expect(native["email.from"] == "li.wei@example.com" && native["email.subject"] == "hi")
    #expect(native.list("email.to") == ["ana@example.com"] && native["email.message_id"] == "m@x")
    #expect(native["email.network_message_id"] == "n")
    #expect(native["email.sent_time"] == "2026-01-15T09:00:00.000Z")
    #expect(native["email.direction"] == "Originating" && native["target.type"] == "email")
    #expect(native.line.contains(#""attachments":[{"name":"a.docx","type":"docx"}]"#))
    #expect(!native.has("ext"))
    let twice = try done(
      "SupervisoryReviewOLAudit", 68,
      #""Subject":"first","Recipients":["z@y.example"],\#(details)"#)
    #expect(twice["email.subject"] == "first" && twice.list("email.to") == ["z@y.example"])
    #expect(twice["ext.ExchangeDetails.Subject"] == "hi", "nothing is overwritten, nothing is lost")
    #expect(twice.list("ext.ExchangeDetails.Recipients") == ["ana@example.com"])
  }

  @Test func `mail in OCSF has a sender or a recipient, or is no mail`() throws {
    let odd = #""UserId":"S-1-5-21-1","SendAsUserSmtp":"/o=Labs/cn=abc""#
    #expect(try done("Send", 2, odd, in: .ocsf).number("class_uid") == 6003)
    let named = #""UserId":"u@b.example","Sender":"Bob <bob@b.example>""#
    let ocsf = try done("MipLabel", 43, named, in: .ocsf)
    #expect(ocsf.number("class_uid") == 4009 && ocsf["email.from"] == "bob@b.example")
    let ecs = try done("MipLabel", 43, named, in: .ecs)
    #expect(ecs.list("email.from.address") == ["bob@b.example"])
    let threat = try done(
      "TIMailData", 28, #""P2Sender":"Bob <f@v.example>","P1Sender":"<e@v.example>""#, in: .ocsf)
    #expect(threat.line.contains(#""from":"f@v.example","return_path":"e@v.example""#))
  }

  @Test func `recipients that are objects stay`() throws {
    let native = try done(
      "DlpRuleMatch", 13,
      #""ExchangeMetaData":{"From":"a@b.example","To":[{"Address":"x@y.example"},"z@y.example"]}"#)
    #expect(native.list("email.to") == ["z@y.example"])
    #expect(native.line.contains(#""ExchangeMetaData":{"To":[{"Address":"x@y.example"}"#))
  }

  @Test func `of properties with one name the first counts, and the others stay`() throws {
    let native = try done(
      "MailItemsAccessed", 50,
      #"""
      "OperationProperties":[{"Name":"MailAccessType","Value":"Bind"},\#
      {"Name":"MailAccessType","Value":"Sync"},{"Name":"IsThrottled","Value":"True"},\#
      {"Name":"IsThrottled","Value":"False"}]
      """#)
    #expect(native["mailbox.access_type"] == "Bind")
    #expect(native.flag("mailbox.is_throttled") == true)
    #expect(native.line.contains(#"{"Name":"MailAccessType","Value":"Sync"}"#))
    #expect(native.line.contains(#"{"Name":"IsThrottled","Value":"False"}"#))
  }

  @Test(arguments: [
    #"[{"name":"OS","value":"Windows10"},{"name":"SessionId","value":"d"}]"#,
    #""[\"Windows10\"]""#, #"[{"Name":"OS","Value":"Windows10"},"stray"]"#,
  ])
  func `what is no property of a device stays`(properties: String) throws {
    let native = try done("UserLoggedIn", 15, #""DeviceProperties":\#(properties)"#)
    #expect(native.has("ext.DeviceProperties"))
  }

  @Test func `a message tells what was sent`() throws {
    let owner = #""UserId":"ana@example.com","MailboxOwnerUPN":"ana@example.com","#
    let sent = try done("Send", 2, owner + #""Item":{"Subject":"Budget"}"#)
    #expect(sent["message"] == "ana@example.com sent Budget")
  }

  // MARK: Links and files

  @Test func `an address is given in full wherever it stands`() throws {
    let click = #""UserId":"ana@example.com","Url":"https://evil.example/a b""#
    let ecs = try done("TIUrlClickData", 41, click, in: .ecs)
    #expect(ecs["url.original"] == "https://evil.example/a b")
    #expect(ecs["url.full"] == "https://evil.example/a%20b")
    let capitals = try done("TIUrlClickData", 41, click.replacing("Url", with: "URL"))
    #expect(capitals["target.name"] == "https://evil.example/a b")
  }

  @Test func `names of applications are no addresses`() throws {
    let names =
      #""ObjectId":"https://a.example/;https://b.example/;ea890292-c8c8-4433-b5ea-b09d0668e1a6""#
    let ecs = try done("Add service principal.", 8, names, in: .ecs)
    #expect(!ecs.has("url"))
  }

  @Test(arguments: [
    (#""URLClickAction":2"#, 2), (#""UrlClickAction":"Blockpage""#, 2),
    (#""UrlClickAction":"BlockPageOverride""#, 1), (#""URLClickAction":"5""#, 1),
  ])
  func `who clicked was stopped or not, in either spelling`(action: String, id: Int) throws {
    let members = #""UserId":"ana@example.com","Url":"https://evil.example","# + action
    #expect(try done("TIUrlClickData", 41, members, in: .ocsf).number("action_id") == id)
  }

  @Test func `a page without an item is a page`() throws {
    let page =
      #""Site":"14141414-0000-4000-8000-000000000007","ItemType":"Page","#
      + #""ObjectId":"https://x.example/_layouts/x.aspx""#
    let native = try done("PageViewed", 4, page)
    #expect(native["target.type"] == "page" && native["target.name"] == "x.aspx")
    #expect(native["file.url"] == "https://x.example/_layouts/x.aspx")
  }

  @Test func `an item is not called as its list`() throws {
    let native = try done(
      "ListItemCreated", 36,
      #"""
      "ItemType":"ListItem","ListItemUniqueId":"00696397-2c81-411e-af1f-2998242e181c",\#
      "ListTitle":"Contacts","ObjectId":"https://x.example/Lists/Contacts/3_.000"
      """#)
    #expect(native["target.name"] == "3_.000" && native["target.type"] == "list_item")
    #expect(native["file.item_id"] == "00696397-2c81-411e-af1f-2998242e181c")
    #expect(native["ext.ListTitle"] == "Contacts")
  }

  @Test func `a file of which only the address is known is called by it`() throws {
    let members = #""UserId":"a@b.example","ObjectId":"https://x.example/sites/f/D/a b.docx""#
    let native = try done("FileDeleted", 6, members)
    #expect(native["target.type"] == "file" && native["file.name"] == "a b.docx")
    #expect(try done("FileDeleted", 6, members, in: .ocsf).number("class_uid") == 6006)
  }

  @Test func `a percent sign in the name of a file is one`() throws {
    let members =
      #""ObjectId":"https://x.example/D/50%20off x.docx","SourceFileName":"50%20off x.docx""#
    let native = try done("FileDeleted", 6, members)
    #expect(native["file.url"] == "https://x.example/D/50%2520off%20x.docx")
    let encoded = members.replacing(
      #""SourceFileName":"50%20off"#, with: #""SourceFileName":"50 off"#)
    #expect(
      try done("FileDeleted", 6, encoded)["file.url"] == "https://x.example/D/50%20off%20x.docx")
  }

  @Test func `a site on which something was done has its address`() throws {
    let native = try done(
      "SiteCollectionCreated", 4, #""ObjectId":"https://x.example/sites/fin","Site":"s1""#)
    #expect(native["site.url"] == "https://x.example/sites/fin")
  }

  @Test func `a file that a policy matched has its path`() throws {
    let url = "https://x.example/sites/fin/cards 2026.xlsx"
    let native = try done(
      "DlpRuleMatch", 11, #""SharePointMetaData":{"FilePathUrl":"\#(url)","FileName":"c.xlsx"}"#)
    #expect(native["file.path"] == "/sites/fin/cards 2026.xlsx" && native["file.name"] == "c.xlsx")
    for (address, path) in [
      ("cards%202026.xlsx", "cards 2026.xlsx"), ("50%25 off.xlsx", "50%25 off.xlsx"),
      ("a%FF.xlsx", "a%FF.xlsx"), ("a%00.xlsx", "a\u{0}.xlsx"), ("%C3%A9.xlsx", "é.xlsx"),
    ] {
      let members = #""SharePointMetaData":{"FilePathUrl":"https://x.example/D/\#(address)"}"#
      let file = try done("DlpRuleMatch", 11, members)
      #expect(file["file.path"] == "/D/" + path, "\(address)")
    }
  }

  @Test func `hashes of attachments can be searched for`() throws {
    let ecs = try done(
      "TIMailData", 28, #""AttachmentData":[{"FileName":"a.png","SHA256":"2AE7"}]"#, in: .ecs)
    #expect(ecs.list("related.hash") == ["2ae7"])
  }

  // MARK: Investigations

  private let mail =
    #"{"Type":"mailMessage","Recipient":"Ana@example.com","Sender":"evil@evil.example","#
    + #""SenderIP":"203.0.113.9","InternetMessageId":"<m1@evil.example>","#
    + #""NetworkMessageId":"1111","Subject":"Payroll"}"#

  private func investigation(
    _ entities: String, type: Int = 64, in format: EventFormat = .native
  ) throws -> Event {
    let data = #"{"Severity":"High","Entities":[\#(entities)]}"#.replacing("\"", with: "\\\"")
    return try done(
      "AirInvestigationData", type, #""UserType":4,"InvestigationId":"urn:1","Data":"\#(data)""#,
      in: format)
  }

  @Test func `an investigation names its mail, its file and its people`() throws {
    let others =
      #"{"Type":"mailbox","Upn":"bob@example.com"},{"Type":"file","Name":"pix.png","#
      + #""FileHashes":[{"Algorithm":"SHA256","Value":"EC7D"}]}"#
    let native = try investigation(mail + "," + others)
    #expect(native["email.from"] == "evil@evil.example" && native["email.subject"] == "Payroll")
    #expect(native["email.message_id"] == "m1@evil.example")
    #expect(native.list("email.to") == ["Ana@example.com"])
    #expect(native["file.name"] == "pix.png" && native["file.sha256"] == "ec7d")
    let ecs = try investigation(mail + "," + others, in: .ecs)
    let users = ecs.list("related.user") ?? []
    #expect(users.contains("ana@example.com") && users.contains("bob@example.com"))
    #expect(ecs.list("related.hash") == ["ec7d"])
  }

  @Test func `of several mails none is the one`() throws {
    let second = mail.replacing("1111", with: "2222").replacing("Ana", with: "Bob")
    let native = try investigation(mail + "," + second)
    #expect(!native.has("email"))
    let targets = native.tree["targets"] as? [[String: Any]] ?? []
    #expect(
      targets.dropFirst().map { $0["upn"] as? String } == ["ana@example.com", "bob@example.com"])
    #expect(try investigation(mail + "," + mail)["email.subject"] == "Payroll", "told twice")
  }

  @Test(arguments: [64, 86, 89])
  func `whoever began an investigation, it is told alike`(type: Int) throws {
    let native = try investigation(mail, type: type)
    #expect(native["severity"] == "high" && native["action"] == "investigation.update")
    #expect(native["target.type"] == "alert" && native["target.id"] == "urn:1")
    #expect(native["alert.id"] == "urn:1" && native["email.subject"] == "Payroll")
    let other = try done("AirAdminActionInvestigationData", type, #""Data":"{bad""#)
    #expect(other["action"] == "investigation.update" && other["verb"] == "update")
    #expect(other.list("parse_issues") == ["Data: not JSON"])
  }

  @Test func `the address of an administrator who decides is where that came from`() throws {
    let address = #""ClientIP":"203.0.113.9""#
    #expect(try done("AirInvestigationData", 89, address)["source.ip"] == "203.0.113.9")
    #expect(!(try done("AirInvestigationData", 86, address)).has("source.ip"))
  }

  // MARK: Policies

  @Test(arguments: [107, 108, 234, 263, 270, 271, 276, 289])
  func `a match is one whichever record type tells of it`(type: Int) throws {
    let rule = #"{"RuleId":"r","Severity":"High","RuleMode":"Enable","Actions":["BlockAccess"]}"#
    let match = try done(
      "DlpRuleMatch", type,
      #""UserId":"li@example.com","UserKey":"DlpAgent","UserType":4,"Workload":"PowerBI","#
        + #""PolicyDetails":[{"PolicyId":"p","Rules":[\#(rule)]}]"#)
    #expect(match["severity"] == "high" && match.flag("is_alert") == true)
    #expect(match.has("policies") && match.flag("dlp.is_blocked") == true)
    #expect(match["actor.type"] == "user" && match["outcome.result"] == "success")
    #expect(!match.has("ext"))
  }
}
