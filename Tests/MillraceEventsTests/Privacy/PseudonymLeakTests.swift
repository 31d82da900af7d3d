import Foundation
import MillraceEvents
import MillracePseudonyms
import Testing

/// Nothing that a record says of people is in what becomes of it, in any format.
@Suite(.timeLimit(.minutes(10))) struct `Leaks past pseudonyms` {
  static let formats: [EventFormat] = [.native, .ecs, .ocsf, .cef]

  private func recordOfCase(_ name: String) throws -> String {
    try String(
      contentsOf: `Fixtures of normalization`.folder.appendingPathComponent(name)
        .appendingPathComponent("record.json"), encoding: .utf8)
  }

  /// A line without escapes, in lower case.
  private func plain(_ line: String) -> String {
    line.replacingOccurrences(of: #"\/"#, with: "/").replacingOccurrences(of: #"\\"#, with: #"\"#)
      .lowercased()
  }

  @Test(arguments: `Fixtures of normalization`.cases, formats)
  func `no value of a record is in its event`(_ name: String, _ format: EventFormat) throws {
    let record = try recordOfCase(name)
    let pseudonyms = try TestKeys.pseudonyms()
    let context = try `Fixtures of normalization`.context(name)
    for header in [nil, SyslogHeader(host: "host.example")] {
      let line = plain(
        try maskedLine(record, pseudonyms, format: format, header: header, context: context))
      for value in try PersonalValues(record).values {
        #expect(!line.contains(value), "\(value) in \(format) of \(name)")
      }
    }
  }

  @Test func `the fixtures have values to hide, and show them without pseudonyms`() throws {
    var hidden = 0
    for name in `Fixtures of normalization`.cases {
      let record = try recordOfCase(name)
      let line = plain(
        try `Fixtures of formats`.line(of: name, .native))
      hidden += try PersonalValues(record).values.count { line.contains($0) }
    }
    #expect(hidden > 100)
  }

  @Test(arguments: `Fixtures of normalization`.cases)
  func `events with pseudonyms keep to the schema`(_ name: String) throws {
    let checker = try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
    for isRevealable in [true, false] {
      let line = try maskedLine(
        recordOfCase(name), TestKeys.pseudonyms(isRevealable: isRevealable),
        context: `Fixtures of normalization`.context(name))
      #expect(checker.errors(try Event(line).tree) == [])
    }
  }

  @Test func `events with pseudonyms keep to OCSF`() throws {
    let checker = try OCSF.Checker()
    let pseudonyms = try TestKeys.pseudonyms()
    for record in FormatRecords.all {
      let line = try maskedLine(record, pseudonyms, format: .ocsf)
      #expect(checker.errors(try Event(line).tree) == [])
    }
  }

  @Test func `addresses in ECS stay addresses`() throws {
    let pseudonyms = try TestKeys.pseudonyms()
    var count = 0
    for record in FormatRecords.fixtures {
      let event = try Event(maskedLine(record, pseudonyms, format: .ecs))
      if let address = event["source.ip"] {
        #expect(isAddress(address) && address.hasPrefix("fd6d:703"))
        #expect(event.list("related.ip")?.contains(address) == true)
        #expect(event["source.address"]?.hasPrefix("mp1r") == true)
        count += 1
      }
    }
    #expect(count > 10)
  }

  @Test func `spellings of one name are all found`() throws {
    let members = #"""
      "UserId":"Nuala.Almeida@contoso.example.com","UserKey":"10032001ABCDEF77",
      "ObjectId":"https://contoso-my.sharepoint.com/personal/Nuala_Almeida_contoso_example_com/Documents/a.txt",
      "Text":"seen: nuala.almeida%40contoso.example.com, NUALA.ALMEIDA@CONTOSO.EXAMPLE.COM;",
      "Login":"i:0#.f|membership|nuala.almeida@contoso.example.com",
      "Encoded":"urn%3Aspo%3Aguest%23nuala.almeida@contoso.example.com",
      "Nested":"{\"by\":\"[\\\"nuala.almeida@contoso.example.com\\\"]\"}",
      "Path":"C:\\Users\\nuala.almeida\\Desktop\\b.txt",
      "Dn":"/o=ExchangeLabs/ou=Group/cn=Recipients/cn=0123456789abcdef-nuala.almeida",
      "nuala.almeida@contoso.example.com":1,
      "Changes":[{"Name":"User.DisplayName","NewValue":"Nuala Almeida","OldValue":""}],
      "ExtraProperties":[{"Key":"UserAgentIP","Value":"seen at 198.51.100.7:443, [2001:DB8::7]"}]
      """#
    let accessed = record(members, type: 6, operation: "FileDownloaded")
    for format in Self.formats {
      let line = try maskedLine(accessed, TestKeys.pseudonyms(), format: format).lowercased()
      for part in ["nuala", "almeida", "abcdef77", "198.51.100.7", "2001:db8::7"] {
        #expect(!line.contains(part), "\(part) in \(format): \(line)")
      }
    }
  }

  @Test func `groups that are not chosen stay as they are`() throws {
    let members = #"""
      "UserId":"ana.ruiz@example.com","UserKey":"10032001ABCDEF77","ClientIP":"203.0.113.9",
      "More":"ana.ruiz@example.com at 203.0.113.9"
      """#
    let users = try Event(maskedLine(record(members), TestKeys.pseudonyms([.users])))
    #expect(users["source.ip"] == "203.0.113.9")
    #expect(users["actor.puid"] == "10032001ABCDEF77")
    #expect(users["actor.upn"]?.hasSuffix("@pseudonym.invalid") == true)
    #expect(users["ext.More"]?.hasSuffix("at 203.0.113.9") == true)
    let addresses = try Event(maskedLine(record(members), TestKeys.pseudonyms([.addresses])))
    #expect(addresses["actor.upn"] == "ana.ruiz@example.com")
    #expect(addresses["source.ip"]?.hasPrefix("fd6d:7032:") == true)
    #expect(addresses["ext.More"]?.hasPrefix("ana.ruiz@example.com at fd6d:") == true)
  }

  @Test func `a field that is named is replaced wherever its value stands`() throws {
    let line = try maskedLine(
      record(#""UserId":"ana.ruiz@example.com","More":"of EXAMPLE.COM""#),
      TestKeys.pseudonyms([], fields: ["actor.domain", "actor.upn"]))
    #expect(!line.lowercased().contains("example.com") && !line.contains("ana.ruiz@"))
  }

  @Test func `what is no person's stays`() throws {
    let event = try Event(
      maskedLine(
        record(
          #"""
          "OrganizationId":"11111111-2222-4333-8444-555555555555","UserId":"a.b@example.com",
          "AppId":"00000003-0000-0ff1-ce00-000000000000","UserAgent":"Chrome/120.0.0.0 (X11)",
          "CorrelationId":"cccccccc-0000-4000-8000-000000000018","ClientVersion":"16.0.0.1",
          "More":"role 11111111-2222-4333-8444-555555555555, S-1-5-18, 127.0.0.1, a::b, 12:30:01"
          """#), TestKeys.pseudonyms()))
    #expect(event["tenant.id"] == "11111111-2222-4333-8444-555555555555")
    #expect(event["user_agent.original"] == "Chrome/120.0.0.0 (X11)")
    #expect(event["correlation.id"] == "cccccccc-0000-4000-8000-000000000018")
    #expect(event["actor.domain"] == "example.com")
    #expect(
      event["ext.More"]
        == "role 11111111-2222-4333-8444-555555555555, S-1-5-18, 127.0.0.1, a::b, 12:30:01")
  }
}
