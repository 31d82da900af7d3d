import Foundation
import MillraceEvents
import Testing

/// People, entities, states and places in OCSF.
@Suite struct `Details of OCSF` {
  // MARK: People

  @Test(arguments: ["Not Available", "Unknown", "Certificate"])
  func `a sign-in of nobody is one all the same`(_ user: String) throws {
    let signIn = try event(
      record(
        #""UserId":"\#(user)","UserType":0,"UserKey":"k","ErrorNumber":"50034","#
          + #""LogonError":"UserAccountNotFound","Workload":"AzureActiveDirectory""#,
        operation: "UserLoginFailed"), in: .ocsf)
    #expect(signIn.meaning == "3002/1")
    #expect(signIn.number("status_id") == 2)
    #expect(signIn["user.name"] == user && signIn.number("user.type_id") == 0)
    #expect(!signIn.has("user.type") && !signIn.has("actor"))
    #expect(signIn.objects("observables").isEmpty)
  }

  private let guest = "vera_partner.example#EXT#@example.com"

  @Test func `a guest is one as the target of a change, too`() throws {
    let updated = try event(
      record(
        #""UserId":"a@example.com","ObjectId":"\#(guest)","Target":[{"ID":"\#(guest)","Type":5}]"#,
        type: 8, operation: "Update user."), in: .ocsf)
    #expect(updated.meaning == "3001/99")
    #expect(updated["user.name"] == guest.lowercased())
    #expect(updated.number("user.type_id") == 99 && updated["user.type"] == "Guest")
    let member = try event(
      record(
        #""UserId":"a@example.com","ObjectId":"bob@example.com","#
          + #""Target":[{"ID":"bob@example.com","Type":5}]"#, type: 8, operation: "Update user."),
      in: .ocsf)
    #expect(member.number("user.type_id") == 1 && !member.has("user.type"))
  }

  @Test func `a guest whom a finding is about is one`() throws {
    let alert = try event(
      record(
        #""AlertId":"a","EntityType":"User","AlertEntityId":"\#(guest)""#, type: 40,
        operation: "AlertEntityGenerated"), in: .ocsf)
    let user = try #require(alert.objects("evidences").first?["user"] as? [String: Any])
    #expect(user["type_id"] as? Int == 99 && user["type"] as? String == "Guest")
  }

  // MARK: Entities

  @Test(arguments: [
    ("Update device.", #""Target":[{"ID":"Device_%","Type":2}]"#, 1, "Device"),
    ("Update policy.", #""Target":[{"ID":"Policy_%","Type":2}]"#, 5, "Policy"),
    ("Set Company Information.", #""Target":[{"ID":"Company_%","Type":2}]"#, 4, "Organization"),
    ("Update application.", #""Target":[{"ID":"Application_%","Type":2}]"#, 99, "Application"),
  ])
  func `what is managed has a number for its kind, or a name`(
    _ operation: String, _ target: String, _ id: Int, _ name: String
  ) throws {
    let target = target.replacing("%", with: "33333333-0000-4000-8000-000000000045")
    let changed = try event(record(target, type: 8, operation: operation), in: .ocsf)
    #expect(changed.number("class_uid") == 3004)
    #expect(changed.number("entity.type_id") == id && changed["entity.type"] == name)
  }

  // MARK: Findings

  @Test func `a finding that is closed is resolved`() throws {
    let match = #""UserId":"a@x.example","IncidentId":"i""#
    let undone = try event(record(match, type: 11, operation: "DlpRuleUndo"), in: .ocsf)
    #expect(undone.meaning == "2006/3" && undone.number("status_id") == 4)
    let made = try event(record(match, type: 11, operation: "DlpRuleMatch"), in: .ocsf)
    #expect(made.meaning == "2006/1" && made.number("status_id") == 1)
  }

  @Test func `the place of a risk is evidence without an address`() throws {
    let risk = try event(
      record(
        #"""
        "UserId":"li@example.com","Workload":"AzureActiveDirectory","RiskLevel":"high",\#
        "Location":{"City":"Testville","CountryOrRegion":"NL",\#
        "GeoCoordinates":{"Latitude":"52.3","Longitude":"4.9"}}
        """#, type: 294, operation: "RiskDetection"), in: .ocsf)
    let evidence = try #require(risk.objects("evidences").first)
    let endpoint = try #require(evidence["src_endpoint"] as? [String: Any])
    #expect(endpoint["svc_name"] as? String == "AzureActiveDirectory" && endpoint["ip"] == nil)
    let location = try #require(endpoint["location"] as? [String: Any])
    #expect(location["country"] as? String == "NL" && location["city"] as? String == "Testville")
    #expect(location["lat"] as? Double == 52.3 && location["long"] as? Double == 4.9)
    #expect(risk.observed("evidences.src_endpoint.ip") == [])
  }
}
