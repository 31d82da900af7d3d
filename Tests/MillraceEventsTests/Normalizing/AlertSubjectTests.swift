import MillraceEvents
import Testing

/// Whom alerts are about, and the addresses that they name, in the formats of others.
@Suite(.timeLimit(.minutes(10))) struct `Subjects of alerts` {
  private func alert(
    _ members: String, type: Int = 40, by user: String = "SecurityComplianceAlerts"
  )
    -> String
  {
    record(
      #""UserId":"\#(user)","UserType":4,\#(members)"#, type: type,
      operation: "AlertEntityGenerated")
  }

  @Test func `the user whom an alert is about stands where users do, whatever its entity is`()
    throws
  {
    let malware = alert(
      #""AlertEntityId":"Eicar","EntityType":"MalwareFamily","Data":"{\"trc\":\"Bob@example.com\"}""#
    )
    let ecs = try event(malware, in: .ecs)
    #expect(ecs["user.name"] == "bob@example.com" && ecs["user.email"] == "bob@example.com")
    #expect(ecs["user.domain"] == "example.com")
    #expect(ecs.list("related.user") == ["bob@example.com"])
    #expect(ecs["millrace.actor.name"] == "SecurityComplianceAlerts")
    let ocsf = try event(malware, in: .ocsf)
    let user = try #require(ocsf.objects("evidences").first?["user"] as? [String: Any])
    #expect(user["name"] as? String == "bob@example.com")
    #expect(ocsf.observed("evidences.user.email_addr") == ["bob@example.com"])
    let cef = lines(of: blob("[\(malware)]"), format: .cef)
    #expect(cef.first?.contains(" duser=bob@example.com cs6=Eicar ") == true, "\(cef)")
  }

  @Test func `an entity that is a user is one with or without an address`() throws {
    let named = alert(
      #""AlertEntityId":"BIURO","EntityType":"User","Data":"{\"suid\":\"jan@example.com\"}""#)
    let native = try event(named)
    #expect(native["target.type"] == "user" && native["target.name"] == "BIURO")
    #expect(try event(named, in: .ecs)["user.name"] == "jan@example.com")
    let alone = alert(#""AlertEntityId":"BIURO","EntityType":"User""#)
    #expect(try event(alone, in: .ecs).list("related.user") == ["BIURO"])
    let mailbox = alert(#""AlertEntityId":"Li@example.com","EntityType":"Mailbox""#)
    #expect(try event(mailbox)["target.upn"] == "li@example.com")
  }

  @Test func `a service that raises an alert is nobody's user`() throws {
    let ecs = try event(alert(#""AlertId":"a1""#), in: .ecs)
    #expect(!ecs.has("user") && !ecs.has("related.user"))
    #expect(ecs["millrace.actor.name"] == "SecurityComplianceAlerts")
    let several = alert(#""AlertId":"a1","Data":"{\"trc\":\"a@example.com;b@example.com\"}""#)
    let native = try event(several)
    #expect(!native.has("target.upn"))
    #expect(native["alert.data.trc"] == "a@example.com;b@example.com")
  }

  @Test func `the addresses that an alert names can be searched for`() throws {
    let clients = alert(
      #""ClientIPs":["203.0.113.9:443","2001:db8::1","203.0.113.9"]"#, type: 98, by: "McasAlerts")
    #expect(try event(clients, in: .ecs).list("related.ip") == ["203.0.113.9", "2001:db8::1"])
    let evidence = try event(clients, in: .ocsf).objects("evidences")
    #expect(
      evidence.map { ($0["src_endpoint"] as? [String: Any])?["ip"] as? String }
        == ["203.0.113.9", "2001:db8::1"])
    for text in [#""203.0.113.9, 2001:db8::1""#, #""[\"203.0.113.9\",\"2001:db8::1\"]""#] {
      let listed = alert(#""ClientIPs":\#(text)"#, type: 98, by: "McasAlerts")
      #expect(try event(listed, in: .ecs).list("related.ip") == ["203.0.113.9", "2001:db8::1"])
    }
    let entity = alert(#""AlertEntityId":"203.0.113.5","EntityType":"Ip""#)
    #expect(try event(entity, in: .ecs).list("related.ip") == ["203.0.113.5"])
    let entities =
      #"{\"Entities\":[{\"Type\":\"ip\",\"Address\":\"198.51.100.9\"},{\"SenderIP\":\"198.51.100.8\"}]}"#
    for members in [#""Data":"\#(entities)""#, #""Actions":["\#(entities)"]"#] {
      let found = try event(alert(members, type: 64, by: "AirInvestigation"), in: .ecs)
      #expect(found.list("related.ip") == ["198.51.100.9", "198.51.100.8"], "\(members)")
    }
    let broken = try event(alert(#""Data":"{\"Entities\":[""#, type: 64), in: .ecs)
    #expect(!broken.has("related.ip"))
  }

  @Test(arguments: ["a@x.example;b@y.example", "a@x.example, b@y.example"])
  func `recipients of an alert are targets one by one`(_ entity: String) throws {
    let native = try event(
      alert(#""AlertEntityId":"\#(entity)","EntityType":"Recipients""#), in: .native)
    #expect(native["target.name"] == entity && !native.has("target.upn"))
    let people = native.objects("targets").dropFirst().map { $0["upn"] as? String }
    #expect(people == ["a@x.example", "b@y.example"])
  }

  @Test func `a finding says where its source is as other classes do`() throws {
    let risk = record(
      #"""
      "UserId":"ana@example.com","ClientIP":"203.0.113.9:443","Location":{"City":"Oslo",\#
      "CountryOrRegion":"NO","GeoCoordinates":{"Latitude":"59.91","Longitude":"10.75"}}
      """#, type: 294, operation: "UserRiskDetection")
    let evidence = try event(risk, in: .ocsf).objects("evidences")
    let source = try #require(evidence.first?["src_endpoint"] as? [String: Any])
    #expect(source["ip"] as? String == "203.0.113.9" && source["port"] as? Int == 443)
    let place = try #require(source["location"] as? [String: Any])
    #expect(place["country"] as? String == "NO" && place["city"] as? String == "Oslo")
    #expect(place["lat"] as? Double == 59.91 && place["long"] as? Double == 10.75)
    #expect(place["coordinates"] == nil)
    #expect(place["provider"] as? String == "record")
  }
}
