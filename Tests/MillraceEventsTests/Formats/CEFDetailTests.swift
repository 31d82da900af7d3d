import Foundation
import MillraceCore
import MillraceEvents
import Testing

/// What single keys of CEF say.
@Suite struct `Details of CEF` {
  private func values(_ record: String) throws -> [String: String] {
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    return try #require(CEF.Parsed(line)).values
  }

  private func rule(_ addresses: [String], redirected: [String] = []) -> String {
    func list(_ texts: [String]) -> String { texts.joined(separator: ";") }
    return record(
      #""UserId":"a@example.com","Parameters":[{"Name":"ForwardTo","Value":"\#(list(addresses))"},"#
        + #"{"Name":"RedirectTo","Value":"\#(list(redirected))"}]"#, type: 1,
      operation: "New-InboxRule")
  }

  // MARK: Lists

  @Test func `a list has all of its texts, each once`() throws {
    let addresses = (0..<20).map { "u\($0)@evil.example" }
    let record = rule(addresses, redirected: ["u3@evil.example", "last@evil.example"])
    #expect(
      try values(record)["msg"]
        == "forwards to " + (addresses + ["last@evil.example"]).joined(separator: ", "))
  }

  @Test(arguments: [1, 7, 30, 200])
  func `a list without room is cut between its texts, and says how many it lacks`(
    _ length: Int
  ) throws {
    for delimiter in ["x", "=", "é"] {
      let addresses = (0..<400).map {
        String(repeating: delimiter, count: length) + "\($0)@evil.example"
      }
      let message = try #require(try values(rule(addresses))["msg"])
      let match = try #require(message.wholeMatch(of: #/forwards to (.*), …\(\+(\d+)\)/#))
      let written = match.1.components(separatedBy: ", ")
      #expect(written == Array(addresses.prefix(written.count)))
      #expect(written.count + (Int(match.2) ?? 0) == addresses.count)
      #expect(message.utf8.count <= 1023)
      // One more would not have fitted.
      #expect(message.utf8.count + addresses[0].utf8.count + 32 > 1000)
    }
  }

  @Test func `a text that is longer than the value is counted, not cut`() throws {
    let long = String(repeating: "x", count: 1100) + "@evil.example"
    #expect(try values(rule([long]))["msg"] == "forwards to …(+1)")
    #expect(try values(rule([long, "b@evil.example"]))["msg"] == "forwards to …(+2)")
    #expect(
      try values(rule(["b@evil.example", long]))["msg"] == "forwards to b@evil.example, …(+1)")
  }

  @Test func `a list at the end of a line is cut between its texts, too`() throws {
    let full = String(repeating: "=", count: 1023)
    let addresses = (0..<10).map { "u\($0)@evil.example" }
    var lacking: Set<String> = []
    for length in stride(from: 0, through: 1023, by: 33) {
      let members =
        ["Id", "UserId", "SessionId"].map { "\"\($0)\":\"\(full)\"" }
        + ["\"ObjectId\":\"\(full.prefix(length))\""]
        + [
          #""Parameters":[{"Name":"ForwardTo","Value":"\#(addresses.joined(separator: ";"))"}]"#
        ]
      let message = try values(
        "{\"Operation\":\"New-InboxRule\",\"RecordType\":1,\(members.joined(separator: ","))}"
      )["msg"]
      guard let message else { continue }
      let match = try #require(
        message.wholeMatch(of: #/forwards to ((?:u\d@evil\.example(?:, )?)*)(?:…\(\+(\d+)\))?/#))
      let count = match.1.matches(of: #/@/#).count
      #expect(count + (match.2.flatMap { Int($0) } ?? 0) == 10, "\(message)")
      if let missing = match.2 { lacking.insert(String(missing)) }
    }
    #expect(!lacking.isEmpty, "some lines end within the list")
  }

  // MARK: Rights

  @Test func `rights are told`() throws {
    let access = record(
      #""ObjectId":"cfo","Parameters":[{"Name":"Identity","Value":"cfo"},"#
        + #"{"Name":"User","Value":"li@example.com"},"#
        + #"{"Name":"AccessRights","Value":"FullAccess, ReadPermission"}]"#, type: 1,
      operation: "Add-MailboxPermission")
    #expect(try values(access)["msg"] == "permissions: FullAccess, ReadPermission")
    #expect(try values(access)["duser"] == "li@example.com")
  }

  // MARK: Whom it was done to

  @Test func `whom a file is shared with is told, not a group behind a link`() throws {
    func share(_ target: String, _ type: String) -> String {
      record(
        #""SourceFileName":"a.txt","ItemType":"File","UserId":"ana@example.com","#
          + #""TargetUserOrGroupName":"\#(target)","TargetUserOrGroupType":"\#(type)""#, type: 14,
        operation: "SharingSet")
    }
    let person = try values(share("li@example.com", "Member"))
    #expect(person["duser"] == "li@example.com")
    #expect(person["duid"] == nil)
    #expect(person["cs6"] == "a.txt")
    #expect(try values(share("SharingLinks.1.Flexible.2", "SharePointGroup"))["duser"] == nil)
  }

  private func threat(_ recipients: String, subject: String = "Invoice") -> String {
    record(
      #""UserId":"ThreatIntel","UserType":4,"P1Sender":"b@bulk.example","Verdict":"Phish","#
        + #""P2Sender":"boss@evil.example","Recipients":[\#(recipients)],"#
        + #""Subject":"\#(subject)","InternetMessageId":"<m@evil.example>""#, type: 28,
      operation: "TIMailData")
  }

  @Test func `a mail that is a threat is told with sender, recipient and verdict`() throws {
    let values = try values(threat(#""ana@example.com""#))
    #expect(values["suser"] == "ThreatIntel")
    #expect(values["duser"] == "ana@example.com")
    #expect(values["cs6"] == "m@evil.example")
    #expect(values["msg"] == "verdict: Phish; from: boss@evil.example; subject: Invoice")
  }

  @Test func `of many recipients the first is the user, and all are in the message`() throws {
    let two = try values(threat(#""Ana <ana@example.com>","li@example.com""#))
    #expect(two["duser"] == "ana@example.com")
    #expect(two["msg"]?.contains("; to: Ana <ana@example.com>, li@example.com; subject: I") == true)
    let many = (0..<300).map { "\"u\($0)@example.com\"" }.joined(separator: ",")
    let message = try #require(try self.values(threat(many))["msg"])
    #expect(message.contains("; to: u0@example.com, u1@example.com, "))
    #expect(message.wholeMatch(of: #/.*, …\(\+\d+\); subject: Invoice/#) != nil, "\(message)")
  }

  @Test func `a subject is cut, and a sender never`() throws {
    let long = String(repeating: "é", count: 900)
    let message = try #require(
      try values(threat(#""ana@example.com""#, subject: long))["msg"])
    #expect((1022...1023).contains(message.utf8.count))
    let sender = record(
      #""P2Sender":"\#(long)@evil.example","Verdict":"Phish","Subject":"s""#, type: 28,
      operation: "TIMailData")
    #expect(try values(sender)["msg"] == "verdict: Phish; subject: s")
  }

  // MARK: Addresses and files

  @Test func `an address is told wherever ECS has one`() throws {
    let list = record(
      #""ItemType":"List","ObjectId":"https://x.example/sites/a b/Lists/1""#, type: 36,
      operation: "ListViewed")
    #expect(try values(list)["request"] == "https://x.example/sites/a%20b/Lists/1")
    let click = record(
      #""Url":"https://evil.example/x?u=1","UserId":"ann@example.com""#, type: 41,
      operation: "TIUrlClickData")
    #expect(try values(click)["request"] == "https://evil.example/x?u=1")
    for record in FormatRecords.fixtures where !record.contains("\"DestinationFileName\"") {
      let expected = try event(record, in: .ecs)["url.full"]
      #expect(try values(record)["request"] == expected.map { String($0.prefix(1023)) })
    }
  }

  @Test func `the hash of a file is told, or that of the only attachment`() throws {
    let hash = String(repeating: "ab", count: 32)
    let file = record(
      #""FileData":{"FileName":"a.exe","SHA256":"\#(hash)"}"#, type: 47, operation: "AtpDetection")
    #expect(try values(file)["fileHash"] == hash)
    func mail(_ attachments: String) -> String {
      record(#""AttachmentData":[\#(attachments)]"#, type: 28, operation: "TIMailData")
    }
    let attachment = #"{"FileName":"a.zip","SHA256":"\#(hash)"}"#
    #expect(try values(mail(attachment))["fileHash"] == hash)
    #expect(try values(mail(attachment + #",{"FileName":"b.zip"}"#))["fileHash"] == nil)
  }

  // MARK: Lengths

  /// The dictionary of ArcSight, where it has less than for other texts.
  private static let lengths = [
    "act": 63, "outcome": 63, "deviceExternalId": 255, "sntdom": 255, "fileHash": 255,
  ]

  @Test func `no value is longer than its key may hold`() throws {
    let long = String(repeating: "é", count: 1000)
    let names = [
      "OrganizationId", "Workload", "ResultStatus", "LogonError", "SessionId", "CorrelationId",
      "ClientAppId", "ObjectId", "SourceFileName", "UserAgent",
    ]
    let members = names.map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
    for type in [1, 6, 8, 15, 28, 47] {
      let values = try values(
        record(
          members + #","UserId":"a@\#(long)","FileData":{"SHA256":"\#(long)"}"#, type: type,
          operation: "Operation " + long))
      for (key, value) in values {
        #expect(value.utf8.count <= Self.lengths[key] ?? 1023, "\(key) of \(type)")
        #expect(!value.unicodeScalars.contains("\u{FFFD}"))
      }
      #expect((62...63).contains(try #require(values["act"]).utf8.count))
    }
  }

  @Test func `the header has the whole operation`() throws {
    let operation = String(repeating: "Operation", count: 20)
    let line = try #require(
      lines(of: blob("[\(record(type: 1, operation: operation))]"), format: .cef).first)
    let parsed = try #require(CEF.Parsed(line))
    #expect(parsed.header[4] == "1:" + operation)
    #expect(parsed.values["act"] == String(operation.prefix(63)))
  }

  @Test func `an id that is longer than the dictionary has it is not cut`() throws {
    let id = "a1b2c3d4-0001-4000-8000-000000000001_" + String(repeating: "7", count: 40)
    let long = #"{"Id":"\#(id)","Operation":"x","RecordType":1}"#
    #expect(try values(long)["externalId"] == id)
  }

  @Test func `ends of lines of Unicode end no line of CEF`() throws {
    let name = "a\u{85}b\u{2028}c\u{2029}d"
    let record = record(
      #""SourceFileName":"\#(name)""#, type: 6, operation: "File\u{2028}Accessed")
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    #expect(line.contains(#" fname=a\nb\nc\nd "#))
    #expect(line.contains("File Accessed"))
    for separator in ["\u{85}", "\u{2028}", "\u{2029}"] { #expect(!line.contains(separator)) }
  }
}
