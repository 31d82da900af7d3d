import MillraceEvents
import Testing

@Suite struct `Actors of events` {
  private let guid = "AAAAAAAA-0000-4000-8000-000000000001"
  private let lowered = "aaaaaaaa-0000-4000-8000-000000000001"

  private func actor(_ userID: String, _ more: String = "", type: Int = 6) throws -> Event {
    try event(
      record(
        "\"UserId\":\"\(userID)\"" + (more.isEmpty ? "" : "," + more), type: type,
        operation: "FileAccessed"))
  }

  @Test func `a principal name is folded and kept`() throws {
    let event = try actor("Ana.Ruiz@Example.com", "\"UserType\":0")
    #expect(event["actor.type"] == "user")
    #expect(event["actor.upn"] == "ana.ruiz@example.com")
    #expect(event["actor.domain"] == "example.com")
    #expect(event["actor.raw_id"] == "Ana.Ruiz@Example.com")
    #expect(event.number("actor.user_type_id") == 0)
    #expect(event["actor.user_type"] == "Regular")
  }

  @Test func `guests are known by the form of their name`() throws {
    let link = try actor("urn:spo:guest#Vera@partner.example", "\"UserType\":0")
    #expect(link["actor.type"] == "guest")
    #expect(link["actor.upn"] == "vera@partner.example")
    #expect(link.flag("actor.is_external") == true)
    let external = try actor(
      "vera_b_partner.example#EXT#@example.onmicrosoft.com", "\"UserType\":0")
    #expect(external["actor.type"] == "guest")
    #expect(external["actor.upn"] == "vera_b_partner.example#ext#@example.onmicrosoft.com")
    #expect(external["actor.home_upn"] == "vera_b@partner.example")
    #expect(external["actor.domain"] == "example.onmicrosoft.com")
    #expect(external.flag("actor.is_external") == true)
  }

  @Test func `anonymous users get no name`() throws {
    let anonymous = try actor("urn:spo:anon#abcdef0123")
    #expect(anonymous["actor.type"] == "anonymous")
    #expect(!anonymous.has("actor.upn"))
    #expect(anonymous["actor.raw_id"] == "urn:spo:anon#abcdef0123")
    let tenant = try actor("urn:spo:tenantanon#\(guid)")
    #expect(tenant["actor.type"] == "anonymous")
    #expect(tenant["actor.tenant_id"] == lowered)
  }

  @Test func `people whom Forms has given a number have no name`() throws {
    for form in ["responder", "coauthor"] {
      let id = "urn:forms:\(form)#a0b1c2d3@forms.office.com"
      let anonymous = try actor(id, "\"UserType\":0,\"UserKey\":\"\(id)\"", type: 66)
      #expect(anonymous["actor.type"] == "anonymous")
      #expect(anonymous["actor.raw_id"] == id && !anonymous.has("actor.raw_key"))
      for field in ["upn", "name", "domain"] { #expect(!anonymous.has("actor.\(field)")) }
    }
    let external = try actor("urn:forms:external#a0b1c2d3@forms.office.com", type: 66)
    #expect(external["actor.type"] == "guest" && external.flag("actor.is_external") == true)
    #expect(!external.has("actor.upn") && !external.has("actor.domain"))
  }

  @Test func `an application of SharePoint's is called by its id`() throws {
    let claim = "i:0i.t|ms.sp.ext|\(guid)@11111111-2222-4333-8444-555555555555"
    let key = "\"UserType\":5,\"UserKey\":\"\(claim)\""
    for user in [claim, "app@sharepoint"] {
      let event = try actor(user, key)
      #expect(event["actor.type"] == "app" && event["actor.id"] == lowered)
      #expect(event["actor.tenant_id"] == "11111111-2222-4333-8444-555555555555")
      #expect(!event.has("actor.upn") && !event.has("actor.domain"))
    }
    #expect(!(try actor("a@example.com", key)).has("actor.id"), "the person is the actor")
  }

  @Test(arguments: ["Not Available", "NOT-FOUND", "Unknown", "Certificate", "", " "])
  func `words for nobody are no name`(_ word: String) throws {
    let event = try actor(word)
    #expect(event["actor.type"] == "unknown")
    for field in ["upn", "name", "id", "domain"] { #expect(!event.has("actor.\(field)")) }
    #expect(event["actor.raw_id"] == (word.isEmpty ? nil : word))
  }

  @Test func `service principals and applications have ids`() throws {
    let principal = try actor("ServicePrincipal_\(guid)", "\"UserType\":4", type: 8)
    #expect(principal["actor.type"] == "service_principal")
    #expect(principal["actor.id"] == lowered)
    let application = try actor(guid, "\"UserType\":5")
    #expect(application["actor.type"] == "app")
    #expect(application["actor.id"] == lowered)
    let equal = try actor(guid, "\"AppId\":\"\(lowered)\"", type: 2)
    #expect(equal["actor.type"] == "app")
    #expect(try actor(guid, "\"UserType\":6")["actor.type"] == "service_principal")
    #expect(try actor(guid, "\"UserType\":0")["actor.type"] == "user")
    #expect(try actor(guid)["actor.type"] == "unknown")
  }

  @Test func `a SID is never a name`() throws {
    let event = try actor(
      "S-1-5-21-1-2-3-4567",
      "\"UserType\":0,\"LogonUserSid\":\"S-1-5-21-1-2-3-4567\",\"LogonUserDisplayName\":\"Omar Haddad\"",
      type: 2)
    #expect(event["actor.sid"] == "S-1-5-21-1-2-3-4567")
    #expect(event["actor.name"] == "Omar Haddad")
    #expect(event["actor.type"] == "user")
    #expect(!event.has("actor.upn"))
    #expect(!event.has("ext"))
  }

  @Test func `system accounts are the system, whatever their type`() throws {
    let process = try actor("NT AUTHORITY\\\\SYSTEM (w3wp)", "\"UserType\":3", type: 1)
    #expect(process["actor.type"] == "system")
    #expect(process["actor.name"] == "NT AUTHORITY\\SYSTEM")
    #expect(process["actor.process"] == "w3wp")
    #expect(process["actor.user_type"] == "DCAdmin")
    #expect(try actor("SHAREPOINT\\\\system")["actor.type"] == "system")
    #expect(try actor("app@sharepoint")["actor.type"] == "app")
    #expect(try actor("app@sharepoint")["actor.name"] == "app@sharepoint")
    #expect(try actor("SecurityComplianceAlerts", type: 40)["actor.type"] == "system")
  }

  @Test func `the alias is the end of a canonical name`() throws {
    let event = try actor(
      "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/example.com/li.wei",
      type: 1)
    #expect(event["actor.name"] == "li.wei")
    #expect(!event.has("actor.upn"))
  }

  @Test func `keys become ids, PUIDs in upper case, or stay`() throws {
    let puid = "\"UserKey\":\"i:0h.f|membership|10032001abcdef01@live.com\""
    #expect(try actor("a@example.com", puid)["actor.puid"] == "10032001ABCDEF01")
    #expect(!(try actor("a@example.com", puid)).has("actor.raw_key"))
    let exchange = try actor("a@example.com", "\"UserKey\":\"10032001abcdef01\"", type: 2)
    #expect(exchange["actor.puid"] == "10032001ABCDEF01")
    let key = try actor("a@example.com", "\"UserKey\":\"\(guid)\"", type: 25)
    #expect(key["actor.id"] == lowered)
    let directory = try actor(
      "a@example.com", "\"UserKey\":\"10032001ABCDEF01@example.com\"", type: 8)
    #expect(directory["actor.raw_key"] == "10032001ABCDEF01@example.com")
    #expect(!(try actor("a@example.com", "\"UserKey\":\"A@example.com\"")).has("actor.raw_key"))
    let guest = "\"UserKey\":\"i:0h.f|membership|urn%3aspo%3aguest#v@partner.example\""
    #expect(!(try actor("urn:spo:guest#v@partner.example", guest)).has("actor.raw_key"))
    #expect(try actor("a@example.com", "\"UserKey\":\"S-1-0-0\"")["actor.raw_key"] == "S-1-0-0")
  }

  @Test func `a PUID before the at sign is no principal name`() throws {
    let event = try actor("10032001ABCDEF01@example.com", type: 8)
    #expect(event["actor.puid"] == "10032001ABCDEF01")
    #expect(!event.has("actor.upn"))
  }

  @Test func `the list of ids is resolved whatever its order`() throws {
    let application = "bbbbbbbb-0000-4000-8000-000000000002"
    let elements = [
      "{\"ID\":\"User\",\"Type\":2}", "{\"ID\":\"\(guid)\",\"Type\":2}",
      "{\"ID\":\"\(application)\",\"Type\":2}", "{\"ID\":\"User_\(guid)\",\"Type\":2}",
      "{\"ID\":\"10032001abcdef01\",\"Type\":3}", "{\"ID\":\"Ana@example.com\",\"Type\":5}",
    ]
    for list in [elements, elements.reversed()] {
      let event = try event(
        record(
          "\"UserId\":\"ana@example.com\",\"Actor\":[\(list.joined(separator: ","))]", type: 8,
          operation: "Update user."))
      #expect(event["actor.id"] == lowered)
      #expect(event["actor.puid"] == "10032001ABCDEF01")
      #expect(event["app.id"] == application)
      #expect(!event.has("ext"))
    }
  }

  @Test func `only the service's own number proves an administrator`() throws {
    let admin = try actor("a@example.com", "\"UserType\":\"2\"", type: 18)
    #expect(admin["actor.type"] == "admin")
    #expect(admin.flag("actor.is_admin") == true)
    #expect(!(try actor("a@example.com", "\"UserType\":0", type: 8)).has("actor.is_admin"))
    #expect(try actor("a@example.com", "\"UserType\":\"Guest\"").number("actor.user_type_id") == 10)
    #expect(try actor("a@example.com", "\"UserType\":9")["actor.type"] == "partner")
    #expect(try actor("x", "\"UserType\":7")["actor.type"] == "policy")
  }

  @Test func `external access is proven by true alone`() throws {
    #expect(
      try actor("a@example.com", "\"ExternalAccess\":true", type: 1).flag("actor.is_external")
        == true)
    let no = try actor("a@example.com", "\"ExternalAccess\":false", type: 1)
    #expect(!no.has("actor.is_external"))
    #expect(no.object("ext")?["ExternalAccess"] as? Bool == false)
  }

  @Test func `behind the agent of data loss prevention stands a person`() throws {
    let event = try event(
      record(
        "\"UserId\":\"li.wei@example.com\",\"UserKey\":\"DlpAgent\",\"UserType\":4", type: 13,
        operation: "DlpRuleMatch"))
    #expect(event["actor.type"] == "user")
    #expect(event["actor.upn"] == "li.wei@example.com")
    #expect(event["actor.raw_key"] == "DlpAgent")
  }
}
