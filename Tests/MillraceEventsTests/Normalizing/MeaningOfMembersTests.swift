import Testing

/// Members whose meaning depends on what stands beside them.
@Suite struct `Meaning of members` {
  @Test func `beside a person and an application the name is the application's`() throws {
    let event = try event(
      record(
        #""Actor":[{"ID":"ana@example.com","Type":5},{"ID":"Contoso Provisioner","Type":1},"#
          + #"{"ID":"bbbbbbbb-0000-4000-8000-000000000001","Type":2},"#
          + #"{"ID":"User_aaaaaaaa-0000-4000-8000-000000000001","Type":2}]"#,
        type: 8, operation: "Add group."))
    #expect(event["app.name"] == "Contoso Provisioner")
    #expect(!event.has("actor.name"))
    #expect(event["actor.upn"] == "ana@example.com")
  }

  @Test func `a role without a name is known by its template`() throws {
    let event = try event(
      record(
        #""ModifiedProperties":[{"Name":"Role.TemplateId","#
          + #""NewValue":"62e90394-69f5-4237-9190-012177145e10"}]"#,
        type: 8, operation: "Add member to role."))
    #expect(event.list("roles") == ["Global Administrator"])
    #expect(event["severity"] == "medium")
    let other = try granted("99999999-0000-4000-8000-000000000001")
    #expect(other.list("roles") == ["99999999-0000-4000-8000-000000000001"])
    #expect(other["severity"] == "informational")
  }

  private func granted(_ role: String) throws -> Event {
    try event(
      record(
        #""ModifiedProperties":[{"Name":"Role.TemplateId","NewValue":"\#(role)"}]"#, type: 8,
        operation: "Add member to role."))
  }

  @Test func `the type of sharing is what it permits`() throws {
    let event = try event(
      record(
        #""UserSharedWith":"bob@partner.example","SharingType":"Edit","ObjectId":"https://c.example/x""#,
        type: 14, operation: "SharingInvitationCreated"))
    #expect(event["sharing.permission"] == "Edit")
    #expect(event["sharing.target"] == "bob@partner.example")
    #expect(!event.has("sharing.target_type") && !event.has("ext"))
  }

  @Test func `beside an entity that is no user, the user is a target too`() throws {
    let event = try event(
      record(
        #""AlertId":"a","AlertEntityId":"m","EntityType":"MalwareFamily","#
          + #""Data":"{\"f3u\":\"U@example.com\",\"etype\":\"MalwareFamily\",\"eid\":\"m\"}""#,
        type: 40, operation: "AlertEntityGenerated"))
    #expect(event["target.name"] == "m")
    #expect(event.line.contains(#"{"type":"user","upn":"u@example.com"}"#))
  }

  @Test func `a label on a file of SharePoint tells of the file`() throws {
    let event = try event(
      record(
        #""ObjectId":"https://c.example/sites/a/My Docs/m.docx","SiteUrl":"https://c.example/sites/a/","#
          + #""SourceRelativeUrl":"My Docs","SourceFileName":"m.docx","SourceFileExtension":"docx","#
          + #""ItemType":"File","SensitivityLabelId":"l","ListItemUniqueId":"I""#,
        type: 83, operation: "SensitivityLabelApplied"))
    #expect(event["file.url"] == "https://c.example/sites/a/My%20Docs/m.docx")
    #expect(event["file.path"] == "/sites/a/My Docs/m.docx")
    #expect(event["file.name"] == "m.docx" && event["file.ext"] == "docx")
    #expect(event["file.label_id"] == "l" && event["file.item_id"] == "i")
    #expect(event["site.url"] == "https://c.example/sites/a")
    #expect(event["target.type"] == "file" && event["target.id"] == "i")
    #expect(!event.has("ext"))
  }

  @Test func `a label on a file without a path tells its name`() throws {
    let event = try event(
      record(#""ObjectId":"Document2""#, type: 94, operation: "SensitivityLabelApplied"))
    #expect(event["file.name"] == "Document2" && event["target.name"] == "Document2")
    #expect(!event.has("file.path"))
  }

  @Test(arguments: ["0.0.0.0", "::", "192.0.2.7", "192.0.2.7:443", "2001:db8::1"])
  func `an address is no device`(_ address: String) throws {
    let event = try event(
      record("\"DeviceDisplayName\":\"\(address)\"", type: 6, operation: "FileAccessed"))
    #expect(!event.has("device.name"))
  }

  @Test(
    arguments: [
      (
        "Client=ActiveSync;UserAgent=Mozilla/5.0 (iPhone; CPU) X/1;Action=/x",
        "Mozilla/5.0 (iPhone; CPU) X/1"
      ),
      (
        "Client=OWA;Mozilla/5.0 (X11; Linux) Safari/537.36;",
        "Mozilla/5.0 (X11; Linux) Safari/537.36"
      ),
      ("Client=REST;UserAgent=[NoUserAgent][AppId=abcd];", nil),
      ("Client=OWA;Action=ViaProxy", nil),
    ] as [(String, String?)])
  func `a client's information names a user agent`(_ info: String, _ agent: String?) throws {
    let event = try event(
      record("\"ClientInfoString\":\"\(info)\"", type: 2, operation: "MailItemsAccessed"))
    #expect(event["user_agent.original"] == agent)
  }

  @Test func `a success that nothing says is implied`() throws {
    for operation in ["AccessRequestRejected", "AccessRequestApproved"] {
      let event = try event(record(type: 14, operation: operation))
      #expect(event["outcome.result"] == "success")
      #expect(event.flag("outcome.is_implied") == true)
    }
  }

  @Test func `what a device says in an object of its own counts`() throws {
    let event = try event(
      record(
        #""ObjectId":"C:\\a.docx","EndpointMetaData":{"EnforcementMode":4,"DeviceName":"PC1","#
          + #""Sha256":"AA","FileExtension":"docx","FileSize":12}"#,
        type: 63, operation: "FileUploadedToCloud"))
    #expect(event["device.name"] == "PC1" && event["file.sha256"] == "aa")
    #expect(event["file.ext"] == "docx" && event.number("file.size") == 12)
    #expect(event.flag("dlp.is_blocked") == true)
  }

  @Test func `a team may be named by its group alone`() throws {
    let event = try event(
      record(
        #""AADGroupId":"G1","Members":[{"UPN":"G@x.example"}]"#, type: 25, operation: "MemberAdded")
    )
    #expect(event["target.type"] == "team" && event["target.id"] == "g1")
    #expect(event.line.contains(#"{"type":"user","upn":"g@x.example"}"#))
  }

  @Test func `artifacts have a kind`() throws {
    let report = try event(
      record(
        #""ArtifactId":"a1","ArtifactName":"AN","ArtifactKind":"Report""#, type: 20,
        operation: "ExportReport"))
    #expect(report["target.type"] == "report" && report["target.name"] == "AN")
    let house = try event(
      record(
        #""ObjectDisplayName":"house","ObjectType":"Lakehouse""#, type: 20,
        operation: "CreateArtifact"))
    #expect(house["target.type"] == "other" && house["target.name"] == "house")
    #expect(house["ext.ObjectType"] == "Lakehouse")
  }

  @Test func `an id of zeros is nobody's`() throws {
    let zero = "00000000-0000-0000-0000-000000000000"
    let event = try event(
      record(
        #""UserKey":"\#(zero)","IntraSystemId":"\#(zero)","#
          + #""Actor":[{"ID":"User_\#(zero)","Type":2},{"ID":"\#(zero)","Type":0}]"#))
    #expect(!event.has("actor.id") && !event.has("actor.raw_key"))
    #expect(!event.has("correlation.intra_system_id"))
    #expect(!event.line.contains(zero))
  }

  @Test func `a group of a site is named by the changes`() throws {
    let event = try event(
      record(
        #""ObjectId":"https://x.example/s","#
          + #""ModifiedProperties":[{"Name":"Name","NewValue":"Owners of fin"}]"#,
        type: 4, operation: "GroupAdded"))
    #expect(event["target.type"] == "group" && event["target.name"] == "Owners of fin")
  }

  private func link(_ operation: String, _ members: String) throws -> Event {
    try event(record(members, type: 14, operation: operation))
  }

  @Test(arguments: [
    ("Anyone", "anonymous"), ("Organization", "organization"), ("SpecificPeople", "specific"),
    ("Uninitialized", "unknown"),
  ])
  func `a link says whom it admits, and to do what`(_ word: String, _ scope: String) throws {
    let event = try link(
      "SharingLinkCreated", #""SharingLinkScope":"\#(word)","Permission":"Edit""#)
    #expect(event["sharing.scope"] == scope && event["sharing.permission"] == "Edit")
    let isAnonymous = scope == "anonymous"
    #expect(event.flag("sharing.is_anonymous") == (isAnonymous ? true : nil))
    #expect(event.flag("sharing.is_external") == (isAnonymous ? true : nil))
    #expect(event["severity"] == (isAnonymous ? "low" : "informational"))
    #expect(event.has("ext") == (scope == "unknown"))
  }

  @Test func `a link that is only used opens nothing`() throws {
    let used = try link("SharingLinkUsed", #""SharingLinkScope":"Anyone""#)
    #expect(used["sharing.scope"] == "anonymous" && used["severity"] == "informational")
    let odd = try link("AnonymousLinkCreated", #""SharingLinkScope":"Organization""#)
    #expect(odd["sharing.scope"] == "anonymous")
    #expect(odd["ext.SharingLinkScope"] == "Organization")
  }

  @Test func `a link that can be changed does not say in its name whom it admits`() throws {
    func group(_ kind: String) -> String {
      #""TargetUserOrGroupName":"SharingLinks.1a52bbc5-1502-4cd9-b6fa-1bf0216afd6b.\#(kind).6d""#
    }
    #expect(try link("SharingSet", group("Flexible"))["sharing.scope"] == "unknown")
    #expect(try link("SharingSet", group("Direct"))["sharing.scope"] == "specific")
    #expect(try link("CompanyLinkCreated", group("Flexible"))["sharing.scope"] == "organization")
    let told = try link("SharingSet", group("Flexible") + #","SharingLinkScope":"Anyone""#)
    #expect(told["sharing.scope"] == "anonymous")
  }

  @Test func `a case is called by its name, whatever the member is called`() throws {
    for member in ["Case", "CaseName"] {
      let event = try event(
        record(
          #""CaseId":"c1","\#(member)":"Leaver""#, type: 24, operation: "SearchCreated"))
      #expect(event["target.type"] == "case" && event["target.id"] == "c1")
      #expect(event["target.name"] == "Leaver" && !event.has("ext"))
    }
    let named = try event(
      record(#""CaseName":"Leaver""#, type: 24, operation: "SearchCreated"))
    #expect(named["target.type"] == "case" && named["target.name"] == "Leaver")
  }
}
