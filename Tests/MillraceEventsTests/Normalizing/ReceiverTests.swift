import Foundation
import MillraceEvents
import Testing

@Suite struct `Who got a right` {
  @Test func `is the user, and the mailbox what it is on`() throws {
    let name = "delegate-is-granted-rights"
    let ocsf = try formatted(name, in: .ocsf)
    #expect(ocsf.meaning == "3005/1")
    #expect(ocsf["user.name"] == "li.wei@example.com")
    #expect(ocsf["user.email_addr"] == "li.wei@example.com")
    #expect(ocsf.number("user.type_id") == 1)
    #expect(ocsf.objects("resources").map { $0["uid"] as? String } == ["cfo"])
    #expect(ocsf.objects("resources").first?["type"] as? String == "Mailbox")
    let ecs = try formatted(name, in: .ecs)
    #expect(ecs["user.target.name"] == "li.wei@example.com")
    #expect(ecs["user.target.email"] == "li.wei@example.com")
    #expect(ecs.list("related.user") == ["ana.ruiz@example.com", "li.wei@example.com"])
    let cef = try `Fixtures of formats`.line(of: name, .cef)
    #expect(cef.contains(" duser=li.wei@example.com "))
    #expect(cef.contains(" cs6=cfo cs6Label=Target"))
  }

  @Test func `is everyone where a folder is opened to everyone, and not the owner`() throws {
    let ocsf = try formatted("folder-opened-to-everyone", in: .ocsf)
    #expect(ocsf["user.name"] == "Everyone")
    #expect(ocsf["user.uid"] == "S-1-1-0")
    #expect(ocsf["user.email_addr"] == nil)
    let ecs = try formatted("folder-opened-to-everyone", in: .ecs)
    #expect(ecs["user.target.id"] == "S-1-1-0")
    #expect(ecs["user.target.name"] == "Everyone")
  }

  @Test func `is never the thing that the right is on`() throws {
    let ocsf = try formatted("flow-handed-to-another", in: .ocsf)
    #expect(ocsf["user.uid"] != "27272727-0000-4000-8000-000000000068")
  }

  @Test func `is the holder of a role, with the role as the resource`() throws {
    let ocsf = try formatted("role-granted", in: .ocsf)
    #expect(ocsf.meaning == "3005/1")
    #expect(ocsf.objects("resources").map { $0["type"] as? String } == ["Directory Role"])
    #expect(ocsf["user.name"]?.contains("@") == true)
  }

  @Test func `is an application that is consented to`() throws {
    let record = record(
      #"""
      "Target":[{"ID":"ServicePrincipal_33333333-0000-4000-8000-000000000045","Type":2},\#
      {"ID":"Reader","Type":1}],"ModifiedProperties":[{"Name":"ConsentAction.Permissions",\#
      "NewValue":"[] => [[Id: A, Scope: Mail.Read]]; "}]
      """#, type: 8, operation: "Consent to application.")
    let ocsf = try event(record, in: .ocsf)
    #expect(ocsf.meaning == "3005/1")
    #expect(ocsf["user.uid"] == "33333333-0000-4000-8000-000000000045")
    #expect(ocsf.number("user.type_id") == 4)
    #expect(ocsf.list("privileges") == ["Mail.Read"])
  }

  @Test func `who joins a group is told beside the group in every format`() throws {
    let record = record(
      #"""
      "UserId":"ana@example.com","ObjectId":"li@example.com",\#
      "Target":[{"ID":"li@example.com","Type":5}],\#
      "ModifiedProperties":[{"Name":"Group.ObjectID",\#
      "NewValue":"\"bbbbbbbb-0000-4000-8000-000000000001\""},\#
      {"Name":"Group.DisplayName","NewValue":"\"Admins\""}]
      """#, type: 8, operation: "Add member to group.")
    let ecs = try event(record, in: .ecs)
    #expect(ecs["group.id"] == "bbbbbbbb-0000-4000-8000-000000000001")
    #expect(ecs["group.name"] == "Admins")
    #expect(ecs["user.target.name"] == "li@example.com")
    let ocsf = try event(record, in: .ocsf)
    #expect(ocsf.meaning == "3006/3")
    #expect(ocsf["group.name"] == "Admins")
    #expect(ocsf["user.name"] == "li@example.com")
  }
}
