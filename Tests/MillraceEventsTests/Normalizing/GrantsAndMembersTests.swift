import Foundation
import MillraceEvents
import Testing

/// Who may do what from now on, and who is in what.
@Suite struct `Grants and members` {
  // MARK: Roles

  @Test(arguments: [
    ("Add member to role in PIM completed (timebound).", "role.member.add", "medium"),
    ("Add member to role outside of PIM (permanent).", "role.member.add", "medium"),
    ("Remove member from role in PIM completed (timebound).", "role.member.remove", ""),
    ("Remove eligible member from role in PIM completed (timebound).", "role.member.remove", ""),
  ])
  func `roles that are given for a time, or beside PIM, are roles`(
    operation: String, action: String, severity: String
  ) throws {
    let found = try event(
      record(
        #""Target":[{"ID":"v@example.com","Type":5}],"ModifiedProperties":[{"Name":"#
          + #""Role.DisplayName","NewValue":"Global Administrator","OldValue":""}]"#, type: 8,
        operation: operation))
    #expect(found["action"] == action)
    #expect(severity.isEmpty || found["severity"] == severity)
  }

  private func cmdlet(_ name: String, _ parameters: (String, String)...) -> String {
    let list = parameters.map { #"{"Name":"\#($0)","Value":"\#($1)"}"# }.joined(separator: ",")
    return record(
      #""ObjectId":"x","UserId":"admin@example.com","Parameters":[\#(list)]"#, type: 1,
      operation: name)
  }

  @Test func `an application that a role of Exchange is assigned to is the target`() throws {
    let id = "ABABABAB-0000-4000-8000-000000000006"
    let found = try event(
      cmdlet(
        "New-ManagementRoleAssignment", ("App", id), ("Role", "Application Mail.ReadWrite")))
    #expect(found["target.type"] == "service_principal")
    #expect(found["target.id"] == id.lowercased() && !found.has("target.name"))
    #expect(found.list("roles") == ["Application Mail.ReadWrite"])
    #expect(found["severity"] == "medium")
  }

  @Test func `a role that opens all mailboxes is privileged, another is not`() throws {
    func severity(_ role: String) throws -> String? {
      try event(
        cmdlet(
          "New-ManagementRoleAssignment", ("Role", role), ("User", "eve@example.com")))["severity"]
    }
    #expect(try severity("ApplicationImpersonation") == "medium")
    #expect(try severity("View-Only Recipients") == "informational")
  }

  @Test func `whoever joins a group is a target, whatever the parameter is called`() throws {
    for (name, parameter) in [
      ("Add-UnifiedGroupLinks", "Links"), ("Update-DistributionGroupMember", "Members"),
    ] {
      let found = try event(cmdlet(name, ("Identity", "Finance"), (parameter, "eve@evil.example")))
      #expect(found["target.type"] == "group", "\(name)")
      let targets = found.tree["targets"] as? [[String: String]]
      #expect(targets?.last == ["type": "user", "upn": "eve@evil.example"], "\(name)")
    }
  }

  @Test func `a delegate of a calendar is a target, with the rights`() throws {
    let found = try event(
      record(
        #""UserId":"ana@example.com","MailboxOwnerUPN":"cfo@example.com","Item":{"Id":"L","#
          + #""ParentFolder":{"Id":"L","Path":"\\Calendar","MemberRights":"ReadAny","#
          + #""MemberUpn":"eve@evil.example","MemberSid":"S-1-5-21-9"}}"#, type: 2,
        operation: "UpdateCalendarDelegation"))
    #expect(found.list("permissions") == ["ReadAny"])
    let targets = found.tree["targets"] as? [[String: String]]
    #expect(targets?.last == ["type": "user", "upn": "eve@evil.example", "id": "S-1-5-21-9"])
  }

  // MARK: Permissions

  private func permissions(
    _ operation: String, _ property: String, old: String, new: String
  ) throws -> [String]? {
    try event(
      record(
        #""Target":[{"ID":"Microsoft Graph","Type":1}],"ModifiedProperties":[{"Name":"#
          + #""\#(property)","OldValue":"\#(old)","NewValue":"\#(new)"}]"#, type: 8,
        operation: operation)
    ).list("permissions")
  }

  @Test func `permissions are those that were granted or revoked, not those that stay`() throws {
    let scope = "DelegatedPermissionGrant.Scope"
    let revoke = "Remove delegated permission grant."
    let grant = "Add delegated permission grant."
    #expect(
      try permissions(revoke, scope, old: " User.Read Mail.Read", new: " User.Read")
        == ["Mail.Read"])
    #expect(
      try permissions(grant, scope, old: " User.Read", new: " User.Read Mail.Read")
        == ["Mail.Read"])
    #expect(try permissions(revoke, scope, old: "User.Read", new: "") == ["User.Read"])
    #expect(try permissions(grant, scope, old: "", new: "User.Read") == ["User.Read"])
    // What nothing speaks against is all there is to tell.
    #expect(try permissions(grant, scope, old: "User.Read", new: "User.Read") == ["User.Read"])
    #expect(
      try permissions(
        "Consent to application.", "ConsentAction.Permissions", old: "",
        new: "[[Id: a, Scope: User.Read]] => [[Id: a, Scope: User.Read Mail.ReadWrite]]; ")
        == ["Mail.ReadWrite"])
  }

  // MARK: Rules

  @Test func `a recipient with a name of the directory is no address outside`() throws {
    let found = try event(
      cmdlet(
        "New-InboxRule", ("Name", "z"),
        ("ForwardTo", #"\"bob@example.com\" [EX:/o=ExchangeLabs/cn=Recipients/cn=8f3c-bob]"#)))
    #expect(found.list("mail_rule.forward_to") == ["bob@example.com"])
    #expect(found.flag("mail_rule.is_external_forward") != true)
  }

  @Test func `the mailbox of a rule is the address, where the object has an alias`() throws {
    let rule = record(
      #""ObjectId":"victim\\z","UserId":"admin@example.onmicrosoft.com","Parameters":["#
        + #"{"Name":"Name","Value":"z"},{"Name":"Mailbox","Value":"victim@example.com"},"#
        + #"{"Name":"ForwardTo","Value":"bob@example.com"}]"#, type: 1, operation: "New-InboxRule")
    let found = try event(rule)
    #expect(found["mailbox.owner"] == "victim@example.com")
    #expect(found.flag("mail_rule.is_external_forward") != true)
  }

  @Test func `what a query leaves out is no parameter`() throws {
    let search = record(
      #""Parameters":"-Name \"x\" -ContentMatchQuery \"subject:\"invoice\" "#
        + #"-from:bob@example.com\" -Confirm:$false""#, type: 18,
      operation: "New-ComplianceSearch")
    let parameters = try #require(event(search).object("params"))
    #expect(
      parameters["ContentMatchQuery"] as? String == #"subject:"invoice" -from:bob@example.com"#)
    #expect(parameters["Confirm"] as? String == "$false" && parameters["from"] == nil)
  }

  // MARK: Further

  @Test func `the documented name of a device's trust is read, too`() throws {
    let found = try event(
      record(#""DeviceProperties":[{"Name":"DeviceTrustType","Value":"2"}]"#))
    #expect(found["device.trust_type"] == "hybrid")
  }

  @Test func `what Microsoft's own people run is their access, whatever the cmdlet`() throws {
    let found = try event(
      record(#""UserId":"Microsoft Operator""#, type: 10, operation: "Add-MailboxPermission"))
    #expect(found["action"] == "microsoft.lockbox" && found["category"] == "configuration")
  }

  @Test func `the root of a site has a path, and so has what is moved there`() throws {
    let folder = record(
      #""ObjectId":"https://example.sharepoint.com/Shared Documents","SourceRelativeUrl":"","#
        + #""SiteUrl":"https://example.sharepoint.com/","SourceFileName":"Shared Documents""#,
      type: 6, operation: "FolderModified")
    #expect(try event(folder)["file.path"] == "/Shared Documents")
    let moved = record(
      #""ObjectId":"https://example.sharepoint.com/sites/x/b/a.docx","SourceRelativeUrl":"b","#
        + #""SiteUrl":"https://example.sharepoint.com/sites/x","SourceFileName":"a.docx","#
        + #""DestinationRelativeUrl":"","DestinationFileName":"a.docx""#, type: 6,
      operation: "FileMoved")
    #expect(try event(moved)["file.dest_path"] == "/sites/x/a.docx")
  }

  // MARK: Alerts

  private func alert(_ kind: String, _ entity: String) throws -> Event {
    try event(
      record(
        #""UserId":"SecurityComplianceAlerts","UserType":4,"EntityType":"\#(kind)","#
          + #""AlertEntityId":"\#(entity)""#, type: 40, operation: "AlertEntityGenerated"))
  }

  @Test func `an alert is about each recipient, a sender or a link`() throws {
    let several = try alert("Recipients", "Ana@example.com;bob@example.com")
    #expect(several["target.type"] == "other" && !several.has("target.upn"))
    let targets = several.tree["targets"] as? [[String: String]]
    #expect(targets?.compactMap { $0["upn"] } == ["ana@example.com", "bob@example.com"])
    #expect(try alert("Recipients", "ana@example.com")["target.upn"] == "ana@example.com")
    #expect(try alert("Sender", "ceo@evil.example")["email.from"] == "ceo@evil.example")
    #expect(try alert("Url", "https://evil.example/x")["target.type"] == "link")
  }
}
