import Foundation
import MillraceEvents
import Testing

@Suite struct `Details of formats` {
  @Test func `an assistant is told with its model, its thread and what it read`() throws {
    let ocsf = try formatted("copilot-reads-files", in: .ocsf)
    #expect(ocsf.list("metadata.profiles") == ["ai_operation", "cloud"])
    #expect(ocsf["ai_model.name"] == "large")
    #expect(ocsf["ai_model.ai_provider"] == "Example")
    #expect(ocsf["message_context.uid"] == "19:t55@thread.v2")
    #expect(ocsf.objects("resources").map { $0["name"] as? String } == ["Plan.docx"])
    #expect(ocsf.objects("resources").map { $0["uid"] as? String } == ["r1"])
    // A model whose provider nobody names is none.
    let bare = record(
      #""CopilotEventData":{"AppHost":"Word","ModelTransparencyDetails":[{"ModelName":"x"}]}"#,
      type: 261, operation: "CopilotInteraction")
    let event = try event(bare, in: .ocsf)
    #expect(!event.has("ai_model"))
    #expect(event.list("metadata.profiles") == ["cloud"])
  }

  @Test func `a share is a link only where there is one`() throws {
    func share(_ operation: String, _ target: String) -> String {
      record(
        #"""
        "SourceFileName":"a.txt","ItemType":"File","UserId":"ana@example.com",\#
        "TargetUserOrGroupName":"\#(target)","TargetUserOrGroupType":"Member"
        """#, type: 14, operation: operation)
    }
    let person = share("SharingSet", "li@example.com")
    #expect(try event(person, in: .ocsf)["share_type"] == "Specific people")
    #expect(
      try event(person, in: .ecs).list("related.user") == ["ana@example.com", "li@example.com"])
    let link = share("AddedToSecureLink", "li@example.com")
    #expect(try event(link, in: .ocsf)["share_type"] == "Specific link")
    let group = share("SharingSet", "SharingLinks.13131313.Direct.1b1b1b1b")
    #expect(try event(group, in: .ocsf)["share_type"] == "Specific link")
    #expect(try event(group, in: .ecs).list("related.user") == ["ana@example.com"])
  }

  @Test(arguments: [
    (#"C:\\Users\\ana\\a.txt"#, #"C:\Users\ana"#), (#"E:\\a.txt"#, #"E:\"#),
    ("/Users/ana/a.txt", "/Users/ana"),
  ])
  func `the folder of a file is that of its system`(_ path: String, _ folder: String) throws {
    let record = record(#""ObjectId":"\#(path)""#, type: 63, operation: "FileDeleted")
    #expect(try event(record, in: .ecs)["file.directory"] == folder)
  }

  @Test func `a mail that was sent is told by its id and its subject`() throws {
    let cef = try `Fixtures of formats`.line(of: "mail-sent-to-recipients", .cef)
    #expect(cef.contains(" cs6=m71@mail.example cs6Label=Target"))
    #expect(
      cef.hasSuffix(" msg=to: vera@partner.example, li.wei@example.com; subject: Figures"))
  }

  @Test func `a time that is none is told as the record has it`() throws {
    let odd = #"{"Id":"x","Operation":"y","RecordType":15,"CreationTime":"yesterday"}"#
    #expect(try event(odd, in: .ocsf)["metadata.original_time"] == "yesterday")
    let none = #"{"Id":"x","Operation":"y","RecordType":15}"#
    #expect(try !event(none, in: .ocsf).has("metadata.original_time"))
    #expect(
      try event(record(), in: .ocsf)["metadata.original_time"] == "2026-03-04T08:15:30")
  }

  @Test(arguments: [("Ios 18", 301), ("iPadOS 17", 302), ("MacOs", 300), ("Windows10", 100)])
  func `an operating system has its number`(_ name: String, _ number: Int) throws {
    let record = record(
      #""DeviceProperties":[{"Name":"Id","Value":"d-1"},{"Name":"OS","Value":"\#(name)"}]"#)
    #expect(try event(record, in: .ocsf).number("device.os.type_id") == number)
  }

  @Test func `all addresses of a list can be searched for`() throws {
    let record = record(
      #""ClientIP":"10.0.0.1, 203.0.113.9, [2001:db8::1]:443, none""#, type: 6,
      operation: "FileAccessed")
    let ecs = try event(record, in: .ecs)
    #expect(ecs["source.ip"] == "203.0.113.9")
    #expect(ecs.list("related.ip") == ["203.0.113.9", "10.0.0.1", "2001:db8::1"])
  }
}
