import Foundation
import MillraceEvents
import Testing

/// What a step does not understand stays in the event, in `ext` or beside what was understood.
@Suite struct `Nothing is lost` {
  @Test(arguments: [
    (8, #""ModifiedProperties":{"AccountEnabled":"kept"}"#),
    (8, #""ModifiedProperties":[{"Foo":"kept"}]"#),
    (8, #""ModifiedProperties":[{"Name":"A","NewValue":"1","OldValue":"0","Foo":"kept"}]"#),
    (8, #""ModifiedProperties":"kept""#),
    (8, #""Actor":{"Foo":"kept"}"#),
    (8, #""Actor":[{"ID":"x@y.example","Type":5,"Foo":"kept"}]"#),
    (8, #""Target":[{"ID":"x@y.example","Type":5},{"Type":2,"Foo":"kept"}]"#),
    (15, #""Target":["kept"]"#),
    (11, #""PolicyDetails":{"Foo":"kept"}"#),
    (11, #""PolicyDetails":[{"Rules":"kept"}]"#),
    (63, #""PolicyMatchInfo":{"PolicyId":{"Foo":"kept"},"PolicyName":"P"}"#),
    (63, #""SensitiveInfoTypeData":[{"SensitiveInfoTypeName":"CC","Count":"kept"},"more"]"#),
    (25, #""Members":{"UPN":"a@b.example","Foo":"kept"}"#),
    (50, #""Folders":[{"Path":"kept","FolderItems":[]}]"#),
    (6, #""ClientIP":"203.0.113.9:443, 198.51.100.4:80 kept""#),
  ])
  func `of what no field takes up`(_ type: Int, _ members: String) throws {
    let event = try event(record(members, type: type, operation: "MemberAdded"))
    #expect(event.line.contains("kept"))
  }

  @Test func `of the links of an alert the better one is the field, wherever it stands`() throws {
    for data in [
      #"{\"plk\":\"https://two\",\"alk\":\"https://one\"}"#,
      #"{\"alk\":\"https://one\",\"plk\":\"https://two\"}"#,
    ] {
      let event = try event(record("\"Data\":\"\(data)\"", type: 40, operation: "AlertTriggered"))
      #expect(event["alert.url"] == "https://one")
      #expect(event.line.contains("https://two"))
    }
  }

  @Test(arguments: ["-", "NULL", "<null>", "Unknown", "not-found", "Not Available"])
  func `but words for a missing value say nothing`(_ word: String) throws {
    let event = try event(record("\"ObjectId\":\"\(word)\"", type: 8))
    #expect(event["object_id"] == nil)
  }
}
