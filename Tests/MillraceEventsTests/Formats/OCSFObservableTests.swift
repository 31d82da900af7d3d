import Foundation
import MillraceEvents
import Testing

/// What can be searched for across the classes of OCSF.
@Suite struct `Observables` {
  /// All values that stand at a path, through lists.
  private func values(_ tree: Any?, _ path: ArraySlice<Substring>) -> [String] {
    if let list = tree as? [Any] { return list.flatMap { values($0, path) } }
    guard let name = path.first else { return (tree as? String).map { [$0] } ?? [] }
    return values((tree as? [String: Any])?[String(name)], path.dropFirst())
  }

  @Test func `each stands in the attribute that it names`() throws {
    var names: Set<String> = []
    for line in FormatRecords.lines(.ocsf) {
      let event = try Event(line)
      for observable in event.objects("observables") {
        let name = try #require(observable["name"] as? String)
        let value = try #require(observable["value"] as? String)
        names.insert(name)
        #expect(values(event.tree, name.split(separator: ".")[...]).contains(value), "\(line)")
        if observable["type_id"] as? Int == 5 { #expect(value.contains("@")) }
      }
    }
    #expect(names.count > 12, "\(names)")
  }

  @Test func `where a rule sends mail on to is told of addresses alone`() throws {
    let rule = try event(
      record(
        #"""
        "UserId":"a@x.example","Parameters":[{"Name":"ForwardTo",\#
        "Value":"Bob Smith;/o=ExchangeLabs/cn=Recipients/cn=abc;x@y.example"},\#
        {"Name":"RedirectTo","Value":"z@y.example"}]
        """#, type: 1, operation: "Set-InboxRule"), in: .ocsf)
    #expect(rule.observed("unmapped.millrace.mail_rule.forward_to") == ["x@y.example"])
    #expect(rule.observed("unmapped.millrace.mail_rule.redirect_to") == ["z@y.example"])
    #expect(rule.observed("unmapped.millrace.mail_rule") == [])
    #expect(rule.list("unmapped.millrace.mail_rule.forward_to")?.count == 3)
  }

  // MARK: People

  @Test func `the user whom something is done to is one`() throws {
    let role = try formatted("role-granted", in: .ocsf)
    #expect(role.observed("user.email_addr") == ["svc.backup@example.com"])
    let mailbox = try formatted("delegate-hard-deletes", in: .ocsf)
    #expect(mailbox.observed("resources.owner.name") == ["cfo@example.com"])
    let named = try event(
      record(
        #"""
        "UserId":"a@x.example","Parameters":[{"Name":"Identity","Value":"cfo@x.example"},\#
        {"Name":"User","Value":"li"},{"Name":"AccessRights","Value":"FullAccess"}]
        """#, type: 1, operation: "Add-MailboxPermission"), in: .ocsf)
    #expect(named.meaning == "3005/1" && named.observed("user.name") == ["li"])
    #expect(named.observed("resources.name") == ["cfo@x.example"])
  }

  @Test func `the owner of a mailbox is no target of its own`() throws {
    let own = try event(
      record(
        #""UserId":"a@x.example","MailboxOwnerUPN":"a@x.example","LogonType":0,"#
          + #""MailboxGuid":"99999999-0000-4000-8000-000000000005""#, type: 2,
        operation: "MailItemsAccessed"), in: .ocsf)
    #expect(own.observed("resources.owner.name") == [])
    #expect(own.observed("actor.user.email_addr") == ["a@x.example"])
  }

  // MARK: Hashes and links

  @Test func `hashes of files are some, whatever the class`() throws {
    let hash = `Files in OCSF`.hash
    let members = #""ObjectId":"C:\\a.xlsx","Sha256":"\#(hash)""#
    let used = try event(record(members, type: 63, operation: "FileDeleted"), in: .ocsf)
    #expect(used.meaning == "6006/4" && used.observed("file.hashes.value") == [hash])
    let policy = #","PolicyDetails":[{"PolicyId":"p","PolicyName":"Cards","Rules":[]}]"#
    let matched = try event(record(members + policy, type: 63, operation: "FilePrinted"), in: .ocsf)
    #expect(matched.meaning == "2006/1" && matched.observed("file.hashes.value") == [hash])
    let found = try event(
      record(
        #""FileData":{"FileName":"a.exe","FilePath":"https://x.example/a.exe","SHA256":"\#(hash)"}"#,
        type: 47, operation: "AtpDetection"), in: .ocsf)
    #expect(found.observed("evidences.file.hashes.value") == [hash])
    #expect(found.observed("evidences.file.url.url_string") == ["https://x.example/a.exe"])
  }

  @Test func `links are some, whatever the class`() throws {
    let click = try event(
      record(#""Url":"https://evil.example/""#, type: 41, operation: "TIUrlClickData"), in: .ocsf)
    #expect(click.observed("evidences.url.url_string") == ["https://evil.example/"])
    let members =
      #""UserId":"a@x.example","ItemType":"%","ObjectId":"https://x.example/s/a.aspx","#
      + #""SourceFileName":"a.aspx""#
    let page = try event(
      record(members.replacing("%", with: "Page"), type: 4, operation: "PageViewed"), in: .ocsf)
    #expect(page.meaning == "6001/2")
    #expect(page.observed("web_resources.url_string") == ["https://x.example/s/a.aspx"])
    let file = try event(
      record(members.replacing("%", with: "File"), type: 6, operation: "FileAccessed"), in: .ocsf)
    #expect(file.observed("file.url.url_string") == ["https://x.example/s/a.aspx"])
  }

  // MARK: Many

  @Test func `all mails that were touched are some`() throws {
    let ids = (1...20).map { "m\($0)@x.example" }
    let items = ids.map { "{\"InternetMessageId\":\"<\($0)>\"}" }.joined(separator: ",")
    let read = try event(
      record(
        #""UserId":"a@x.example","Folders":[{"Path":"\\Inbox","FolderItems":[\#(items)]}]"#,
        type: 50, operation: "MailItemsAccessed"), in: .ocsf)
    #expect(read.observed("resources.uid") == ids)
  }

  @Test func `every address that is evidence is one`() throws {
    let alert = try event(
      record(
        #""AlertId":"a","ClientIPs":["203.0.113.9","2001:db8::1"]"#, type: 98,
        operation: "MCAS_ALERT_ANUBIS"), in: .ocsf)
    #expect(alert.objects("evidences").count == 2)
    #expect(alert.observed("evidences.src_endpoint.ip") == ["203.0.113.9", "2001:db8::1"])
  }
}
