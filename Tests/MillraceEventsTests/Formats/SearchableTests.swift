import Foundation
import MillraceEvents
import Testing

/// What a search in Elasticsearch must find, and in fields that have one type.
@Suite struct `What can be searched for` {
  @Test func `everybody whom a mail went to is found, however many they are`() throws {
    let people = (1...1_200).map { "p\($0)@contoso.example" }
    let list = people.map { "\"\($0)\"" }.joined(separator: ",")
    let mail = record(
      #""P2Sender":"b@evil.example","Recipients":[\#(list),"p7@contoso.example"]"#,
      type: 28, operation: "TIMailData")
    let found = try event(mail, in: .ecs).list("related.user") ?? []
    #expect(found.filter { $0.hasPrefix("p") } == people)
  }

  @Test func `all addresses of an alert are found`() throws {
    let addresses = (1...40).map { "198.51.100.\($0)" }
    let list = addresses.map { "\"\($0)\"" }.joined(separator: ",")
    let alert = record(
      #""Name":"Impossible travel","Severity":"High","ClientIPs":[\#(list)]"#, type: 98,
      operation: "MCASAlert")
    #expect(try event(alert, in: .ecs).list("related.ip") == addresses)
    let evidences = try event(alert, in: .ocsf).objects("evidences")
    let told = evidences.compactMap { ($0["src_endpoint"] as? [String: Any])?["ip"] as? String }
    #expect(told == addresses)
  }

  @Test func `of several rules that matched the one that blocked stands for the match`() throws {
    func policy(_ name: String, _ severity: String, _ more: String) -> String {
      #"{"PolicyId":"p-\#(name)","PolicyName":"P \#(name)","Rules":[{"RuleId":"r-\#(name)","#
        + #""RuleName":"R \#(name)","Severity":"\#(severity)"\#(more)}]}"#
    }
    func match(_ policies: String...) -> String {
      record(
        #""PolicyDetails":[\#(policies.joined(separator: ","))]"#, type: 13,
        operation: "DlpRuleMatch")
    }
    let blocks = #","RuleMode":"Enable","Actions":["NotifyUser","BlockAccess"]"#
    let audits = #","RuleMode":"Audit","Actions":["BlockAccess"]"#
    let blocked = match(
      policy("low", "Low", ""), policy("audit", "High", audits), policy("block", "Medium", blocks))
    let ecs = try event(blocked, in: .ecs)
    #expect(ecs["rule.id"] == "r-block" && ecs["rule.name"] == "R block")
    #expect(ecs["rule.ruleset"] == "P block")
    let ocsf = try event(blocked, in: .ocsf)
    #expect(ocsf["finding_info.title"] == "P block / R block")
    #expect(ocsf["policy.uid"] == "p-block")
    let severe = match(policy("low", "Low", ""), policy("high", "High", audits))
    #expect(try event(severe, in: .ecs)["rule.name"] == "R high")
    // Rules written for Elastic's own integration look for any of them.
    let all = try event(blocked, in: .ecsO365)
    #expect(all.list("rule.name") == ["R low", "R audit", "R block"])
    #expect(all.list("rule.id") == ["r-low", "r-audit", "r-block"])
  }

  @Test func `a person whom the record names and no more is the user`() throws {
    let named = #"{"Id":"x","Operation":"FileAccessed","RecordType":6,"UserId":"alice"}"#
    #expect(try event(named, in: .ecs)["user.name"] == "alice")
    let known = record(
      #""UserId":"Alice Moore","UserKey":"11111111-2222-4333-8444-555555555556""#, type: 8,
      operation: "Update user.")
    let ecs = try event(known, in: .ecs)
    #expect(ecs["user.full_name"] == "Alice Moore" && !ecs.has("user.name"))
  }

  @Test func `a mail that was sent is from who sent it`() throws {
    let sent = record(
      #""UserId":"ana@contoso.example","Item":{"Subject":"x"}"#, type: 2, operation: "Send")
    #expect(try event(sent, in: .ecs).list("email.from.address") == ["ana@contoso.example"])
    let other = record(
      #""UserId":"ana@contoso.example","Item":{"Subject":"x"}"#, type: 2, operation: "SendAs")
    #expect(try !event(other, in: .ecs).has("email.from"))
  }

  @Test func `the sender on the envelope and the host of a link are among what is related`() throws
  {
    let mail = record(
      #""P1Sender":"bounce@bulk.example","P2Sender":"b@evil.example""#, type: 28,
      operation: "TIMailData")
    let users = try event(mail, in: .ecs).list("related.user") ?? []
    #expect(users == ["b@evil.example", "bounce@bulk.example"])
    let click = record(
      #""Url":"https://login.evil.example/a?b","UserId":"ana@contoso.example""#, type: 41,
      operation: "TIUrlClickData")
    #expect(try event(click, in: .ecs).list("related.hosts") == ["login.evil.example"])
  }
}

/// The record under the names of Elastic's integration: one type for each field.
@Suite struct `Fields of Elastic's integration` {
  private func audit(_ record: String) throws -> [String: Any] {
    let elastic = try event(record, in: .ecsO365).tree["o365"] as? [String: Any]
    return try #require(elastic?["audit"] as? [String: Any])
  }

  @Test func `a parameter that occurs twice keeps both values`() throws {
    let rule = record(
      #""Parameters":[{"Name":"ForwardTo","Value":"a@x.example"},{"Name":"Name","Value":"n"},"#
        + #"{"Name":"ForwardTo","Value":"b@x.example"}]"#,
      type: 1, operation: "New-InboxRule")
    let parameters = try #require(audit(rule)["Parameters"] as? [String: Any])
    #expect(parameters["ForwardTo"] as? [String] == ["a@x.example", "b@x.example"])
    #expect(parameters["Name"] as? String == "n")
  }

  @Test func `parameters on one line are an object as others are`() throws {
    let cmdlet = record(
      #""Parameters":"-Name \"x y\" -BlockAccess \"True\"""#, type: 18,
      operation: "New-ComplianceRule")
    let parameters = try #require(audit(cmdlet)["Parameters"] as? [String: Any])
    #expect(parameters["Name"] as? String == "x y")
    #expect(parameters["BlockAccess"] as? String == "True")
  }

  @Test func `the kinds of ids are text, as Elastic's own integration has them`() throws {
    let signIn = record(#""Actor":[{"ID":"a@example.com","Type":5}],"Target":[{"Type":0},7]"#)
    let audit = try audit(signIn)
    #expect((audit["Actor"] as? [[String: String]])?.first?["Type"] == "5")
    let targets = try #require(audit["Target"] as? [Any])
    #expect((targets.first as? [String: String])?["Type"] == "0" && targets.count == 2)
  }

  @Test func `an object in a text is the object`() throws {
    let report = record(
      #""OperationProperties":"{\"a\":1,\"a\":2}","AdditionalInfo":"{\"resourceDisplayName\":\"r\"}","#
        + #""Other":"{\"b\":1}""#,
      type: 20, operation: "ViewReport")
    let audit = try audit(report)
    #expect((audit["OperationProperties"] as? [String: Any])?["a"] as? Int == 2)
    #expect((audit["AdditionalInfo"] as? [String: String])?["resourceDisplayName"] == "r")
    #expect(audit["Other"] as? String == #"{"b":1}"#)
    // An index that has an object under a name refuses every event with a text there.
    for text in ["no object {", ""] {
      for name in ["AdditionalInfo", "Parameters", "ExceptionInfo", "PolicyDetails"] {
        let plain = record(#""\#(name)":"\#(text)""#, type: 20, operation: "ViewReport")
        #expect(try self.audit(plain)[name] == nil, "\(name)")
      }
    }
  }
}
