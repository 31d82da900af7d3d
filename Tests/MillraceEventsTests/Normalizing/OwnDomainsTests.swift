import MillraceEvents
import Testing

/// What the tenant's own domains, as configured, decide.
@Suite struct `Own domains` {
  private static let context = context(["Example.com", "example.net"])

  private static func context(_ domains: [String]) -> EventContext {
    EventContext(
      tenant: nil, tenantName: nil, domains: OwnDomains(domains), contentType: nil,
      contentID: nil, available: nil, collected: nil)
  }

  private func isExternal(
    sharingWith target: String, _ context: EventContext, more: String = ""
  ) throws -> Bool? {
    let record = record(
      "\"UserId\":\"ana.ruiz@example.com\",\"TargetUserOrGroupType\":\"Member\","
        + "\"TargetUserOrGroupName\":\"\(target)\"" + more,
      type: 14, operation: "AddedToSecureLink")
    return try event(record, context: context).flag("sharing.is_external")
  }

  private func isExternal(forwardingTo address: String, _ context: EventContext) throws -> Bool? {
    let record = record(
      "\"UserId\":\"ana.ruiz@example.com\",\"OrganizationName\":\"example.onmicrosoft.com\","
        + "\"Parameters\":[{\"Name\":\"ForwardTo\",\"Value\":\"\(address)\"}]",
      type: 1, operation: "New-InboxRule")
    return try event(record, context: context).flag("mail_rule.is_external_forward")
  }

  @Test(arguments: ["bob@partner.example", "i:0#.f|membership|bob@partner.example"])
  func `sharing with an address of another domain is external`(_ target: String) throws {
    #expect(try isExternal(sharingWith: target, Self.context) == true)
  }

  @Test(arguments: [
    "li.wei@example.com", "LI.WEI@EXAMPLE.NET", "Site Owners", "bob@",
    "i:0#.f|membership|li.wei@example.com",
  ])
  func `sharing with one's own, or with what has no domain, is not`(_ target: String) throws {
    #expect(try isExternal(sharingWith: target, Self.context) == nil)
  }

  @Test func `a part of a domain, or a domain below it, is another domain`() throws {
    #expect(try isExternal(sharingWith: "bob@ample.com", Self.context) == true)
    #expect(try isExternal(sharingWith: "bob@lab.example.com", Self.context) == true)
  }

  @Test func `the organisation's own name counts as its own`() throws {
    let name = ",\"OrganizationName\":\"example.onmicrosoft.com\""
    #expect(
      try isExternal(sharingWith: "bob@example.onmicrosoft.com", Self.context, more: name) == nil)
    #expect(
      try isExternal(sharingWith: "bob@other.onmicrosoft.com", Self.context, more: name) == true)
  }

  @Test func `where no domains are configured, an address alone says nothing`() throws {
    #expect(try isExternal(sharingWith: "bob@partner.example", Self.context([])) == nil)
    #expect(try isExternal(sharingWith: "x#EXT#@example.com", Self.context([])) == true)
  }

  @Test func `a forward to another domain of one's own is not external`() throws {
    #expect(try isExternal(forwardingTo: "li.wei@example.net", Self.context) == nil)
    #expect(try isExternal(forwardingTo: "li.wei@example.onmicrosoft.com", Self.context) == nil)
    #expect(try isExternal(forwardingTo: "drop@evil.example", Self.context) == true)
    // Not known to be one's own: the record alone shows one domain.
    #expect(try isExternal(forwardingTo: "li.wei@example.net", Self.context([])) == true)
  }

  @Test func `one tenant's domains are not the next one's`() throws {
    var encoder = EventEncoder(format: .native, raw: .off)
    let shared = record(
      "\"UserId\":\"a@x.example\",\"TargetUserOrGroupName\":\"b@y.example\"", type: 14,
      operation: "SharingSet")
    let blob = blob("[\(shared)]")
    let scanned = BlobScanner.scan(blob).records[0]
    var answers: [Bool] = []
    for domains in [["x.example"], ["y.example"], [], ["x.example"]] {
      var line: [UInt8] = []
      _ = encoder.encode(scanned, of: blob, context: Self.context(domains), into: &line)
      answers.append(String(decoding: line, as: UTF8.self).contains("\"is_external\":true"))
    }
    #expect(answers == [true, false, false, true])
  }
}
