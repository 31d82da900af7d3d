import Foundation
import MillraceEvents
import Testing

/// What each workload says, on the records of the fixtures.
@Suite struct `Fields of the workloads` {
  private func event(of name: String) throws -> Event {
    try Event(`Fixtures of normalization`.line(of: name))
  }

  private func elements(_ event: Event, _ path: String) -> [[String: Any]] {
    let parts = path.split(separator: ".").map(String.init)
    let parent = parts.count > 1 ? event.object(parts[0]) : event.tree
    return parent?[parts[parts.count - 1]] as? [[String: Any]] ?? []
  }

  @Test func `who deletes in another's mailbox is the actor, and the owner is the target`() throws {
    let event = try event(of: "delegate-hard-deletes")
    #expect(event["actor.sid"] == "S-1-5-21-1-2-3-4567")
    #expect(event["target.upn"] == "cfo@example.com")
    #expect(event.flag("mailbox.is_non_owner") == true)
    #expect(event.number("count") == 1)
    let item = try #require(elements(event, "email.items").first)
    let attachments = try #require(item["attachments"] as? [[String: Any]])
    #expect(attachments.map { $0["name"] as? String } == ["invoice (final).pdf", "logo.png"])
    #expect(attachments.map { $0["size"] as? Int } == [73728, 812])
    // The ids of the store have no field.
    #expect(event.object("ext")?["AffectedItems"] != nil)
    #expect(!event.line.contains("InternetMessageId"))
  }

  @Test func `an attachment's name may hold what stands between names`() throws {
    let event = try event(of: "first-address-is-none")
    #expect(event["source.ip"] == "2001:db8:10::5")
    let second = try #require(elements(event, "email.items").last)
    let attachments = try #require(second["attachments"] as? [[String: Any]])
    #expect(attachments.map { $0["name"] as? String } == ["a;b (draft).txt", "c.bin"])
    #expect(event.flag("mailbox.is_non_owner") == false)
  }

  @Test func `more items than anyone reads stay as they were`() throws {
    let items = (0..<1200).map { "{\"InternetMessageId\":\"<m\($0)@x>\"}" }.joined(separator: ",")
    let event = try MillraceEventsTests.event(
      record("\"AffectedItems\":[\(items)]", type: 3, operation: "HardDelete"))
    #expect(elements(event, "email.items").count == 1000)
    #expect(event.flag("is_truncated") == true)
    #expect(event.line.contains("<m1199@x>"))
    #expect(event.number("count") == 1200)
  }

  @Test func `what was read through an application is told item by item`() throws {
    let event = try event(of: "mail-accessed-by-app")
    #expect(
      elements(event, "email.items").map { $0["folder"] as? String } == ["\\Inbox", "\\Inbox"])
    #expect(event["mailbox.access_type"] == "Bind")
    #expect(event.flag("mailbox.is_throttled") == false)
  }

  @Test func `an inbox rule says where mail goes`() throws {
    let event = try event(of: "inbox-rule-forwards")
    #expect(event["mail_rule.name"] == "..")
    #expect(event.list("mail_rule.forward_to") == ["drop@evil.example", "two@evil.example"])
    #expect(event.list("mail_rule.subject_words") == ["invoice", "payment"])
    #expect(event.flag("mail_rule.is_external_forward") == true)
    #expect(event["params.Name"] == "..")
    #expect(event["mailbox.owner"] == "li.wei")
  }

  @Test func `parameters that occur twice are a list`() throws {
    let event = try event(of: "parameters-twice-and-odd")
    #expect(event.list("params.EmailAddresses") == ["a@example.com", "b@example.com"])
    #expect(event["params.MaxSendSize"]?.isEmpty == true)
    #expect(event["action"] == "mailbox.forwarding.set")
    #expect(event.list("mail_rule.forward_to") == ["drop@evil.example"])
    #expect(event.flag("mail_rule.keep_copy") == true)
    #expect(event["severity"] == "low")
  }

  @Test func `parameters in one text are read, quotes in quotes too`() throws {
    let event = try event(of: "compliance-search-purged")
    #expect(event["params.SearchName"] == "Old \"quoted\" mail")
    #expect(event["params.PurgeType"] == "HardDelete")
    #expect(event["action"] == "ediscovery.purge")
    #expect(event["verb"] == "delete")
  }

  @Test func `a text that is no command line stays where it was`() throws {
    let event = try MillraceEventsTests.event(
      record("\"Parameters\":\"whatever this is\"", type: 18, operation: "Get-Thing"))
    #expect(!event.has("params"))
    #expect(event["ext.Parameters"] == "whatever this is")
    #expect(event.list("parse_issues")?.contains { $0.hasPrefix("Parameters:") } == true)
  }

  @Test func `rights in a mailbox name who has them`() throws {
    let event = try event(of: "delegate-is-granted-rights")
    #expect(event.list("permissions") == ["FullAccess", "ReadPermission"])
    #expect(elements(event, "targets").last?["upn"] as? String == "li.wei@example.com")
  }

  @Test func `changes keep repeated names, single sides and JSON`() throws {
    let event = try event(of: "changes-one-sided-repeated-and-in-json")
    let changes = elements(event, "changes")
    #expect(
      changes.map { $0["name"] as? String } == [
        "AccountEnabled", "MethodExecutionResult.", "MethodExecutionResult.",
        "Included Updated Properties", "Odd",
      ])
    #expect(changes[0]["new"] as? [Bool] == [false])
    #expect(changes[2]["new"] == nil)
    #expect(changes[4]["old"] as? String == "[not json")
    #expect(changes[4]["new"] as? [String: Int] == ["a": 2])
    #expect(event["action"] == "user.disable")
    #expect(event["verb"] == "disable")
    #expect(event.object("ext")?["ModifiedProperties"] == nil)
  }

  @Test func `properties without names or values are no changes`() throws {
    let event = try MillraceEventsTests.event(
      record(
        """
        "ModifiedProperties":[{"Name":"","NewValue":"","OldValue":""},{"Name":"A","NewValue":"b"}]
        """, type: 8, operation: "Update user."))
    #expect(elements(event, "changes").count == 1)
    #expect(event.object("ext")?["ModifiedProperties"] == nil)
  }

  @Test func `a target of which only the service's own number is known is a user`() throws {
    let event = try MillraceEventsTests.event(
      record(
        "\"Target\":[{\"ID\":\"100320012668A257\",\"Type\":3}]", type: 8, operation: "Update user.")
    )
    #expect(event["target.type"] == "user")
    #expect(event["target.puid"] == "100320012668A257")
  }

  @Test func `a list on a site is no file`() throws {
    let url = "\"ObjectId\":\"https://example.sharepoint.com/sites/fin/Lists/Tasks\""
    let event = try MillraceEventsTests.event(record(url, type: 36, operation: "ListViewed"))
    #expect(!event.has("file.url"))
    #expect(event["object_id"]?.hasSuffix("/Lists/Tasks") == true)
  }

  @Test func `a list of names is a list of changes`() throws {
    let event = try event(of: "numbers-as-text-and-lists-of-texts")
    #expect(elements(event, "changes").map { $0["name"] as? String } == ["ItemClass", "Subject"])
    #expect(event["mailbox.logon_type"] == "Delegated")
    #expect(event.number("count") == 3)
  }

  @Test func `a consent says to what, and for whom`() throws {
    let event = try event(of: "consent-by-an-administrator")
    #expect(event.flag("consent.is_admin") == true)
    #expect(event.flag("consent.for_all") == false)
    #expect(event.list("permissions") == ["User.Read", "Mail.Read"])
    #expect(try self.event(of: "strong-authentication-changed")["action"] == "user.mfa.update")
  }

  @Test func `paths do not double the name, and URLs are encoded once`() throws {
    let link = try event(of: "anonymous-link")
    #expect(link["file.path"] == "/sites/fin/Shared Documents/Plan.docx")
    #expect(link["sharing.permission"] == "Edit")
    #expect(link.flag("sharing.is_external") == true)
    let file = try event(of: "address-is-the-word-null")
    #expect(
      file["file.url"]
        == "https://example.sharepoint.com/sites/fin/Shared%20Documents/Pl%C3%A4n%20100%25.docx")
    #expect(file["file.path"] == "/sites/fin/Shared Documents/Plan.docx")
    #expect(file.number("file.size") == 1000)
    #expect(!file.has("source"))
    let renamed = try event(of: "file-renamed")
    #expect(renamed["file.dest_path"]?.hasSuffix("/Documents/New.docx") == true)
    #expect(renamed["site.owner_hint"] == "ana_ruiz_example_com")
    #expect(renamed["file.type"] == "file")
  }

  @Test func `an address that stands for a device's name is none`() throws {
    let event = try event(of: "guest-downloads-file")
    #expect(!event.has("device.name"))
    #expect(!event.line.contains("DeviceDisplayName"))
  }

  @Test func `the group behind a link says what the link allows`() throws {
    let group = try event(of: "sharing-with-a-link-group")
    #expect(group["sharing.scope"] == "organization")
    #expect(group["sharing.permission"] == "Read")
    let guest = try event(of: "sharing-with-a-guest")
    #expect(guest.flag("sharing.is_external") == true)
    #expect(guest["sharing.scope"] == "specific")
    #expect(!(try event(of: "sharing-noise-of-sharepoint-itself").has("sharing.target")))
  }

  @Test func `a policy's secrets go nowhere`() throws {
    let event = try event(of: "dlp-of-a-file-audited-and-overridden")
    #expect(!event.line.contains("4111"))
    #expect(
      event.list("parse_issues")?.contains { $0.hasPrefix("PolicyDetails: in part left out") }
        == true)
    #expect(event["dlp.justification"] == "Agreed with the buyer")
    #expect(event.flag("dlp.is_override") == true)
    #expect(event.flag("dlp.is_false_positive") == false)
    #expect(event["file.name"] == "cards.xlsx")
    #expect(event["severity"] == "low")
  }

  @Test func `a policy that blocks is no failure`() throws {
    let event = try event(of: "dlp-rule-match")
    #expect(event["outcome.result"] == "success")
    #expect(event.flag("dlp.is_blocked") == true)
    #expect(event["outcome.detail"] == "blocked")
    #expect(event.list("email.to") == ["buyer@partner.example"])
    let kinds = elements(event, "dlp.sensitive_types")
    #expect(kinds.first?["count"] as? Int == 4)
  }

  @Test func `an alert's data says whom it is about`() throws {
    let event = try event(of: "alert-with-category-and-low-severity")
    #expect(event["severity"] == "low")
    #expect(event["alert.category"] == "DataLossPrevention")
    #expect(event["alert.url"] == "https://alerts.example/34")
    #expect(event["target.upn"] == "ana.ruiz@example.com")
    #expect(event["alert.data.ad"] == "Many downloads again")
    #expect(event["time_start"] == "2026-03-04T08:00:00.000Z")
    let broken = try self.event(of: "alert-whose-data-is-no-json")
    #expect(broken.list("parse_issues") == ["Data: not JSON"])
    #expect(broken["alert.name"] == "Cut short")
  }

  @Test func `mail that is a threat does not come from the user's address`() throws {
    let event = try event(of: "threat-mail-with-attachment")
    #expect(!event.has("source"))
    #expect(event["email.sender_ip"] == "198.51.100.52")
    #expect(event["email.envelope_from"] == "bounce@bulk.example")
    #expect(event["email.message_id"] == "t52@evil.example")
    #expect(elements(event, "email.attachments").first?["verdict"] as? String == "bad")
    #expect(event.flag("is_alert") == true)
  }

  @Test func `who is in a team is told with the service's numbers`() throws {
    let event = try event(of: "team-members-and-role-numbers")
    #expect(elements(event, "team.members").map { $0["role_id"] as? Int } == [2, 3])
    #expect(event.flag("team.has_external") == true)
    #expect(event["team.id"] == "19:abc@thread.tacv2")
    let chat = try self.event(of: "chat-with-people-from-outside")
    #expect(chat.flag("team.has_external") == true)
    #expect(chat["chat.type"] == "GroupChat")
  }

  @Test func `applications say what they were used for`() throws {
    let report = try event(of: "power-bi-report-exported")
    #expect(report["target.type"] == "report")
    #expect(report["target.name"] == "Sales")
    #expect(report["service"] == "power_bi")
    #expect(try event(of: "dynamics-record-retrieved")["action"] == "dynamics.record.read")
    let copilot = try event(of: "copilot-reads-files")
    #expect(copilot.number("ai.prompt_count") == 1)
    #expect(copilot.number("ai.response_count") == 1)
    #expect(copilot["ai.model"] == "large")
    #expect(elements(copilot, "ai.resources").first?["name"] as? String == "Plan.docx")
  }

  @Test func `a rule made in a mail client is a rule`() throws {
    let event = try event(of: "inbox-rule-made-in-a-client")
    #expect(event["action"] == "mailbox.rule.create")
    #expect(event["mail_rule.name"] == ".")
  }
}

@Suite struct `The description of events` {
  @Test func `it lists the fields that are written, in their order, with their types`() throws {
    let text = try String(
      contentsOf: project.appendingPathComponent("docs/events.md"), encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let fields = rows.map { $0[0].trimmingCharacters(in: ["`"]) }
    #expect(fields == EventFormat.nativeFields)
    let schema = try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
    for row in rows {
      let field = row[0].trimmingCharacters(in: ["`"])
      guard let type = schema.property(field)?["type"] as? String else { continue }
      let told = row[1].hasPrefix("list of") ? "array" : row[1] == "time" ? "string" : row[1]
      #expect(told == type, "\(field)")
    }
  }

  @Test func `every field is described, in words that the page and the schema share`() throws {
    let text = try String(
      contentsOf: project.appendingPathComponent("docs/events.md"), encoding: .utf8)
    let schema = try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
    for field in EventFormat.nativeFields {
      let description = schema.property(field)?["description"] as? String ?? ""
      #expect(!description.isEmpty, "\(field)")
      let row = text.split(separator: "\n").first { $0.hasPrefix("| `\(field)` |") }
      #expect(row?.contains("| \(description)") == true, "\(field)")
    }
    #expect(schema.undescribed.isEmpty, "\(schema.undescribed)")
  }
}
