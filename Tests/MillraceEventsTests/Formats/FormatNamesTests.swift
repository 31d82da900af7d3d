import MillraceEvents
import Testing

/// Who and what formats name, and what they must not take for a name.
@Suite struct `Names in formats` {
  private func cef(_ record: String) throws -> CEF.Parsed {
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    return try #require(CEF.Parsed(line))
  }

  @Test func `a value that ends in a pipe keeps the next key apart`() throws {
    let parsed = try cef(
      record(
        #""UserId":"victim|","UserAgent":"Mozilla|","SourceFileName":"secret.docx""#, type: 6,
        operation: "FileAccessed"))
    #expect(parsed.values["suser"] == "victim|")
    #expect(parsed.values["requestClientApplication"] == "Mozilla|")
    #expect(parsed.values["fname"] == "secret.docx")
  }

  @Test(arguments: [
    "Not Available", "NOT-FOUND", "<null>", "Certificate", "S-1-5-18",
    "11111111-0000-4000-8000-000000000001",
    "ServicePrincipal_11111111-0000-4000-8000-000000000001",
  ])
  func `a word for nobody, or an id, is no user's name`(_ user: String) throws {
    let record = record("\"UserId\":\"\(user)\"", type: 1, operation: "Set-Mailbox")
    #expect(try cef(record).values["suser"] == nil)
    let ocsf = try event(record, in: .ocsf)
    #expect(!ocsf.has("actor.user.name"))
    #expect(!ocsf.has("user.name"))
    #expect(!(try event(record, in: .ecs).has("user.name")))
  }

  @Test func `the owner of a mailbox is not named by the mailbox's id`() throws {
    let members =
      #""UserId":"d@example.com","MailboxGuid":"99999999-0000-4000-8000-000000000005","#
      + #""MailboxOwnerUPN":"cfo@example.com","LogonType":2"#
    let owner = try cef(
      record(members + #","MailboxOwnerSid":"S-1-5-21-1""#, type: 3, operation: "HardDelete"))
    #expect(owner.values["duser"] == "cfo@example.com" && owner.values["duid"] == "S-1-5-21-1")
    let unknown = try cef(record(members, type: 3, operation: "HardDelete"))
    #expect(unknown.values["duser"] == "cfo@example.com" && unknown.values["duid"] == nil)
  }

  @Test func `the subject of an alert is whom it was done to`() throws {
    let alert = try cef(
      record(
        #""UserId":"SecurityComplianceAlerts","UserType":4,"AlertId":"a1","EntityType":"User","#
          + #""AlertEntityId":"li@example.com""#, type: 40, operation: "AlertEntityGenerated"))
    #expect(alert.values["duser"] == "li@example.com")
    #expect(alert.values["cs6"] == nil)
  }

  @Test func `mail that is redirected is told, whatever is in the address`() throws {
    let record = record(
      #""UserId":"a@example.com","Parameters":[{"Name":"ForwardTo","Value":"CORP\\drop"},"#
        + #"{"Name":"RedirectTo","Value":"r@evil.example"}]"#, type: 1, operation: "New-InboxRule")
    #expect(try cef(record).values["msg"] == #"forwards to CORP\drop, r@evil.example"#)
    let related = try event(record, in: .ecs).list("related.user")
    #expect(related == ["a@example.com", #"CORP\drop"#, "r@evil.example"])
  }

  @Test func `an operation has one spelling`() throws {
    let parsed = try cef(
      record(type: 8, operation: " Update  application – Certificates and secrets management. "))
    #expect(parsed.header[4] == "8:Update application - Certificates and secrets management")
  }

  @Test func `what has no file name keeps its path and address`() throws {
    let parsed = try cef(
      record(
        #""ItemType":"List","SiteUrl":"https://x.example/s/","SourceRelativeUrl":"Docs","#
          + #""ObjectId":"https://x.example/s/Docs","ListId":"l1""#, type: 14,
        operation: "SharingInheritanceBroken"))
    #expect(parsed.values["request"] == "https://x.example/s/Docs")
    #expect(parsed.values["filePath"] == "/s/Docs")
  }

  @Test func `what was renamed is told by its new name and place`() throws {
    let parsed = try cef(
      record(
        #""SiteUrl":"https://x.example/s/","SourceRelativeUrl":"Docs","SourceFileName":"Old.docx","#
          + #""DestinationFileName":"New.docx","ObjectId":"https://x.example/s/Docs/Old.docx""#,
        type: 6, operation: "FileRenamed"))
    #expect(parsed.values["fname"] == "New.docx")
    #expect(parsed.values["filePath"] == "/s/Docs/New.docx")
    #expect(parsed.values["oldFilePath"] == "/s/Docs/Old.docx")
    #expect(parsed.values["request"] == nil)
  }

  @Test func `all recipients can be searched for`() throws {
    let mail = record(
      #""ExchangeMetaData":{"From":"a@x.example","To":["b@x.example"],"CC":["c@x.example"],"#
        + #""BCC":["d@x.example"]}"#, type: 13, operation: "DlpRuleMatch")
    let related = try event(mail, in: .ecs).list("related.user") ?? []
    #expect(Set(related).isSuperset(of: ["b@x.example", "c@x.example", "d@x.example"]))
  }

  @Test func `addresses of mail are such as the schema takes`() throws {
    let label = try event(
      record(
        #""Sender":"a@example.com","Receivers":["b@x.example","Not an address"]"#, type: 43,
        operation: "MipLabel"), in: .ocsf)
    #expect(label["email.from"] == "a@example.com")
    #expect(!label.has("email.to"))
    #expect(label.line.contains("Not an address"))
    for odd in [#"a<b@x.example"#, #"\"a\"@x.example"#, "a@x", "@x.example", "a@.example"] {
      let actor = try event(record("\"UserId\":\"\(odd)\""), in: .ocsf)
      #expect(!actor.has("user.email_addr"))
    }
  }

  @Test func `the client of an alert is evidence`() throws {
    let alert = try event(
      record(
        #""AlertId":"a","Data":"{\"sip\":\"203.0.113.9\",\"f3u\":\"u@example.com\"}""#, type: 40,
        operation: "AlertTriggered"), in: .ocsf)
    #expect(alert.line.contains(#""src_endpoint":{"ip":"203.0.113.9"}"#))
  }

  @Test(arguments: [("AlertEntityGenerated", 200_402), ("AlertUpdated", 200_403)])
  func `only an update closes an alert`(_ operation: String, _ type: Int) throws {
    let alert = try event(
      record(#""AlertId":"a","Status":"Resolved""#, type: 40, operation: operation), in: .ocsf)
    #expect(alert.number("type_uid") == type)
  }

  @Test func `for Elastic's rules every event is of the web, by its UserId`() throws {
    let signIn = record(
      #""UserId":"A@example.com","UserKey":"aaaaaaaa-0000-4000-8000-000000000001""#)
    let elastic = try event(signIn, in: .ecsO365)
    #expect(elastic.list("event.category") == ["authentication", "web"])
    #expect(elastic["user.id"] == "A@example.com")
    let own = try event(signIn, in: .ecs)
    #expect(own.list("event.category") == ["authentication"])
    #expect(own["user.id"] == "aaaaaaaa-0000-4000-8000-000000000001")
  }
}
