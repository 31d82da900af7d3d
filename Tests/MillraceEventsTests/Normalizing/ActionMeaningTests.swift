import Foundation
import MillraceEvents
import Testing

@Suite struct `What an operation is in other schemas` {
  private static let directory =
    #""Workload":"AzureActiveDirectory","Target":[{"ID":"Application_\#(guid)","Type":2}]"#
  private static let exchange = #""Workload":"Exchange","ObjectId":"app-1""#
  private static let powerApps = #""Workload":"PowerApps","AppName":"app-1""#
  private static let teams =
    #""Workload":"MicrosoftTeams","TeamGuid":"19:1@thread.tacv2","TeamName":"Sales""#
  private static let guid = "28282828-0000-4000-8000-000000000001"

  @Test(arguments: [
    (8, "Add application.", directory, "3004/1", "iam: creation"),
    (8, "Update application.", directory, "3004/3", "iam: change"),
    (1, "New-App", exchange, "6003/1", "configuration: creation"),
    (1, "New-ApplicationAccessPolicy", exchange, "6003/1", "configuration: creation"),
    (1, "Set-App", exchange, "6003/3", "configuration: change"),
    (1, "Remove-App", exchange, "6003/4", "configuration: deletion"),
    (45, "CreatePowerApp", powerApps, "6003/1", "api: creation"),
    (45, "EditPowerApp", powerApps, "6003/3", "api: change"),
    (45, "DeletePowerApp", powerApps, "6003/4", "api: deletion"),
    (25, "AppUpgraded", teams, "6002/8", "configuration: change"),
    (25, "ConnectorUpdated", teams, "6002/8", "configuration: change"),
    (25, "TabUpdated", teams, "6002/8", "configuration: change"),
  ])
  func `an application is what its service makes of it`(
    _ type: Int, _ operation: String, _ members: String, _ ocsf: String, _ ecs: String
  ) throws {
    let record = record(members, type: type, operation: operation)
    #expect(try event(record, in: .ocsf).meaning == ocsf)
    #expect(try event(record, in: .ecs).categorization == ecs)
  }

  @Test(arguments: [
    (1, "Enable-OrganizationCustomization", "cmdlet.create", "6003/3", "configuration: change"),
    (1, "Disable-AddressListPaging", "cmdlet.update", "6003/3", "configuration: change"),
    (1, "Export-Message", "cmdlet.export", "6003/2", "api: access"),
    (1, "New-AddressList", "cmdlet.create", "6003/1", "configuration: creation"),
  ])
  func `a cmdlet that no table knows is read by its verb`(
    _ type: Int, _ operation: String, _ action: String, _ ocsf: String, _ ecs: String
  ) throws {
    let record = record(type: type, operation: operation)
    #expect(try MillraceEventsTests.event(record)["action"] == action)
    #expect(try event(record, in: .ocsf).meaning == ocsf)
    #expect(try event(record, in: .ecs).categorization == ecs)
  }

  @Test func `a labeled file that was opened was read, and one that was renamed has its label`()
    throws
  {
    let path = #""ObjectId":"C:\\Users\\ana\\Plan.docx""#
    let opened = record(path, type: 83, operation: "SensitivityLabeledFileOpened")
    #expect(try MillraceEventsTests.event(opened)["verb"] == "read")
    #expect(try event(opened, in: .ocsf).meaning == "6006/14")
    #expect(try event(opened, in: .ecs).categorization == "file: access")
    let renamed = record(path, type: 83, operation: "SensitivityLabeledFileRenamed")
    #expect(try event(renamed, in: .ocsf).meaning == "6006/5")
    #expect(try event(renamed, in: .ecs).categorization == "file: change")
  }

  @Test func `levels of permission that are no longer inherited are not deleted`() throws {
    let record = record(type: 4, operation: "PermissionLevelsInheritanceBroken")
    #expect(try MillraceEventsTests.event(record)["verb"] == "update")
    #expect(try event(record, in: .ecs).categorization == "iam: admin, change")
  }

  /// One change of second factors: the property, its old and its new value.
  private func factors(_ changes: (String, String, String)...) throws -> Event {
    let list = changes.map { name, old, new in
      #"{"Name":"\#(name)","OldValue":"\#(old)","NewValue":"\#(new)"}"#
    }
    let record = record(
      #""ObjectId":"li@example.com","Target":[{"ID":"li@example.com","Type":5}],"#
        + #""ModifiedProperties":[\#(list.joined(separator: ","))]"#,
      type: 8, operation: "Update user.")
    return try event(record, in: .ocsf)
  }

  @Test func `second factors are taken away when their list is empty, else given`() throws {
    let method = "StrongAuthenticationMethod"
    #expect(try factors((method, #"[{\"MethodType\":6}]"#, "[]")).meaning == "3001/11")
    #expect(try factors((method, "[]", #"[{\"MethodType\":6}]"#)).meaning == "3001/10")
    // What stayed as it was is an update like any other.
    #expect(try factors((method, "[]", "[]")).meaning == "3001/99")
    // What is left over of an account without methods is none.
    #expect(
      try factors(
        ("StrongAuthenticationUserDetails", "[]", #"[{\"Email\":null}]"#), (method, "[1]", "")
      )
      .meaning == "3001/11")
    // Without the list of methods, all others count.
    let requirement = "StrongAuthenticationRequirement"
    #expect(try factors((requirement, "[1]", "[]")).meaning == "3001/11")
    #expect(
      try factors((requirement, "[1]", "[]"), ("StrongAuthenticationPhoneAppDetail", "[1]", "[2]"))
        .meaning == "3001/10")
  }
}
