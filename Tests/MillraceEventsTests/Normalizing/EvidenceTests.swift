import Foundation
import MillraceEvents
import Testing

@Suite struct `Evidence of findings` {
  private func mail(_ verdict: String) -> String {
    record(
      #"""
      "P1Sender":"bounce@bulk.example","P2Sender":"boss@evil.example",\#
      "Recipients":["ana@example.com"],"Subject":"Invoice","InternetMessageId":"<t@evil.example>",\#
      "NetworkMessageId":"25252525-0000-4000-8000-000000000001",\#
      "SenderIp":"198.51.100.52:25","Directionality":"Inbound","Verdict":"\#(verdict)"
      """#, type: 28, operation: "TIMailData")
  }

  @Test func `mail is the evidence, and its sender's server where it came from`() throws {
    let ocsf = try event(mail("Phish"), in: .ocsf)
    let evidence = try #require(ocsf.objects("evidences").first)
    let email = try #require(evidence["email"] as? [String: Any])
    #expect(email["from"] as? String == "boss@evil.example")
    #expect(email["to"] as? [String] == ["ana@example.com"])
    #expect(email["return_path"] as? String == "bounce@bulk.example")
    #expect(email["message_uid"] as? String == "t@evil.example")
    #expect(email["uid"] as? String == "25252525-0000-4000-8000-000000000001")
    #expect((evidence["src_endpoint"] as? [String: String])?["ip"] == "198.51.100.52")
    #expect(ocsf.observed("evidences.src_endpoint.ip") == ["198.51.100.52"])
    let ecs = try event(mail("Phish"), in: .ecs)
    #expect(ecs["source.ip"] == nil)
    #expect(ecs.list("related.ip") == ["198.51.100.52"])
    #expect(ecs["email.direction"] == "inbound")
  }

  @Test func `mail is malware where the verdict says so`() throws {
    #expect(try event(mail("Malware"), in: .ecs).categorization == "malware, email: info")
    #expect(try event(mail("Malware"), in: .ocsf).list("finding_info.types") == ["Malware"])
    #expect(
      try event(mail("Phish"), in: .ecs).categorization == "intrusion_detection, email: info")
  }

  @Test func `a file that was found is the evidence`() throws {
    let record = record(
      #"""
      "FileData":{"FileName":"a.exe","FilePath":"https://x.example/a.exe","FileSize":"20480",\#
      "SHA256":"AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12AB12"}
      """#, type: 47, operation: "AtpDetection")
    let ocsf = try event(record, in: .ocsf)
    let file = try #require(ocsf.objects("evidences").first?["file"] as? [String: Any])
    #expect(file["name"] as? String == "a.exe")
    #expect(file["size"] as? Int == 20480)
    let hash = try #require((file["hashes"] as? [[String: Any]])?.first)
    #expect(hash["algorithm_id"] as? Int == 3)
    #expect((hash["value"] as? String)?.hasPrefix("ab12") == true)
    #expect(try event(record, in: .ecs).categorization == "malware, file: access, info")
  }

  @Test func `a file of a site in which malware was found is the evidence`() throws {
    let record = record(
      #"""
      "SourceFileName":"a.exe","ItemType":"File","UserId":"ana@example.com",\#
      "SiteUrl":"https://example.sharepoint.com/sites/fin/","SourceRelativeUrl":"Shared"
      """#, type: 6, operation: "FileMalwareDetected")
    let ocsf = try event(record, in: .ocsf)
    #expect(ocsf.meaning == "2004/1")
    let file = try #require(ocsf.objects("evidences").first?["file"] as? [String: Any])
    #expect(file["name"] as? String == "a.exe")
    #expect(file["path"] as? String == "/sites/fin/Shared/a.exe")
  }

  @Test func `a file on a device is a finding where a policy matched`() throws {
    let file = #""ObjectId":"C:\\Users\\ana\\a.txt","EnforcementMode":4"#
    let policy = #","PolicyDetails":[{"PolicyId":"p-1","PolicyName":"Cards","Rules":[]}]"#
    func ocsf(_ members: String) throws -> Event {
      try event(record(members, type: 63, operation: "FileCopiedToRemovableMedia"), in: .ocsf)
    }
    let finding = try ocsf(file + policy)
    #expect(finding.meaning == "2006/1")
    #expect(finding.number("action_id") == 2)
    #expect(finding.number("disposition_id") == 2)
    #expect(finding["policy.name"] == "Cards")
    #expect(try ocsf(file).meaning == "6006/3")
  }

  @Test(arguments: [
    ("2", "denied", 2), (#""4""#, "allowed", 1), ("0", "info", nil as Int?),
  ])
  func `a click is stopped by a page, or goes past it`(
    _ number: String, _ type: String, _ action: Int?
  ) throws {
    let record = record(
      #""Url":"https://evil.example/","UrlClickAction":\#(number)"#, type: 41,
      operation: "TIUrlClickData")
    #expect(try event(record, in: .ecs).categorization == "intrusion_detection: \(type)")
    let ocsf = try event(record, in: .ocsf)
    #expect(ocsf.number("action_id") == action)
    #expect(ocsf.list("metadata.profiles")?.contains("security_control") == (action != nil))
  }

  @Test func `whom an alert is about is who can be searched for`() throws {
    let record = record(
      #"""
      "UserId":"ops@example.com","AlertId":"11111111-0000-4000-8000-000000000001",\#
      "AlertEntityId":"Li@example.com","EntityType":"User","Name":"Odd sign-in"
      """#, type: 40, operation: "AlertEntityGenerated")
    let ocsf = try event(record, in: .ocsf)
    let user = try #require(ocsf.objects("evidences").first?["user"] as? [String: Any])
    #expect(user["name"] as? String == "li@example.com")
    #expect(ocsf.observed("evidences.user.email_addr") == ["li@example.com"])
  }

  @Test(arguments: [
    ("low", 1, "Low"), ("Medium", 2, "Medium"), ("high", 3, "High"), ("hidden", 99, "hidden"),
  ])
  func `a risk has its level`(_ level: String, _ id: Int, _ name: String) throws {
    let record = record(
      #""UserId":"li@example.com","RiskLevel":"\#(level)""#, type: 294, operation: "RiskDetection")
    let ocsf = try event(record, in: .ocsf)
    #expect(ocsf.number("risk_level_id") == id)
    #expect(ocsf["risk_level"] == name)
  }

  @Test(arguments: [
    ("Investigation Started", "2004/1"), ("Pending Action", "2004/2"), ("Threats Found", "2004/2"),
    ("Partially Remediated", "2004/2"), ("Remediated", "2004/3"), ("No Threats Found", "2004/3"),
    ("TerminatedBySystem", "2004/3"),
  ])
  func `an investigation begins and ends with its status`(
    _ status: String, _ meaning: String
  ) throws {
    let record = record(
      #""InvestigationId":"i-1","InvestigationName":"Mail","Status":"\#(status)""#, type: 64,
      operation: "AirInvestigationData")
    #expect(try event(record, in: .ocsf).meaning == meaning)
  }

  private func alert(_ category: String, _ name: String, status: String = "Active") -> String {
    record(
      #""AlertId":"a-1","Name":"\#(name)","Category":"\#(category)","Status":"\#(status)""#,
      type: 40, operation: "AlertUpdated")
  }

  @Test func `an alert is about malware where its policy is`() throws {
    let malware = try event(alert("ThreatManagement", "Malware campaign detected"), in: .ecs)
    #expect(malware.categorization == "intrusion_detection, malware: info")
    let other = try event(alert("ThreatManagement", "Forwarding rule"), in: .ecs)
    #expect(other.categorization == "intrusion_detection: info")
  }

  @Test func `how far an alert was dealt with is said in the schema's words`() throws {
    let resolved = try event(alert("ThreatManagement", "x", status: "resolved"), in: .ocsf)
    #expect(resolved.number("status_id") == 4)
    #expect(resolved["status"] == "Resolved")
    #expect(try event(alert("ThreatManagement", "x", status: "new"), in: .ocsf)["status"] == "New")
  }
}
