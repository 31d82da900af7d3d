import Foundation
import MillraceEvents
import Testing

/// What one step has taken up stays in the event, whatever a later step or a bound does.
@Suite(.timeLimit(.minutes(10))) struct `Nothing is overwritten` {
  private func done(
    _ operation: String, _ type: Int, _ members: String, in format: EventFormat = .native
  ) throws -> Event {
    try event(record(members, type: type, operation: operation), in: format)
  }

  /// Records in which MARK stands in a field that another member fills, too.
  static let overwritten: [(operation: String, type: Int, members: String)] = [
    ("SensitivityLabelUpdated", 83, #""OldLabelId":"MARK","SourceLabel":"o""#),
    ("MipLabel", 43, #""Subject":"MARK","ItemName":"item""#),
    (
      "Set-InboxRule", 1,
      #""ObjectId":"bob\\123","ModifiedObjectResolvedName":"MARK","#
        + #""Parameters":[{"Name":"Name","Value":"r"}]"#
    ),
    (
      "New-ManagementRoleAssignment", 1,
      #""ModifiedObjectResolvedName":"MARK","ObjectId":"a","Parameters":[{"Name":"User","#
        + #""Value":"bob"},{"Name":"Role","Value":"R"}]"#
    ),
    (
      "AirInvestigationData", 64,
      #""DeepLinkUrl":"https://a.example/MARK","EventDeepLink":"https://b.example""#
    ),
    (
      "AttachmentReview", 154,
      #""AttachmentData":[{"FileName":"MARK"}],"AttachmentName":"b.txt""#
    ),
    (
      "AddedToGroup", 14,
      #""EventData":"<Group>G</Group>","ListTitle":"MARK","TargetUserOrGroupName":"bob""#
    ),
    ("CreateTenantDlpPolicy", 45, #""AppName":"MARK","PolicyId":"x""#),
    (
      "DlpRuleMatch", 13,
      #""UserType":4,"LogonUserDisplayName":"MARK","ExchangeMetaData":{"From":"a@b.example"}"#
    ),
    (
      "FileAccessed", 6,
      #""DeviceProperties":[{"Name":"DisplayName","Value":"PC1"}],"DeviceDisplayName":"MARK""#
    ),
    ("FileAccessed", 6, #""DeviceDisplayName":"MARK (10.0.0.5)""#),
    ("FileAccessed", 6, #""ClientIP":"MARK (0.0.0.0)""#),
    ("TIMailData", 28, #""Recipients":["b@example.com",{"Address":"MARK@example.com"}]"#),
    ("Send", 2, #""Recipients":["b@example.com",{"Address":"MARK@example.com"}]"#),
    (
      "DlpRuleMatch", 13,
      #""ExchangeMetaData":{"To":"[\"a@x.example\",{\"Address\":\"MARK@x.example\"}]"}"#
    ),
    (
      "DlpRuleMatch", 13,
      #""PolicyDetails":[{"Rules":[{"Actions":"[\"n\",{\"k\":\"MARK\"}]"}]}]"#
    ),
    ("Set-Mailbox", 1, #""Parameters":[{"Name":"Identity","Value":"bob","Extra":"MARK"}]"#),
    ("Set-Mailbox", 1, #""Parameters":[{"Name":"Identity","Key":"MARK","Value":"bob"}]"#),
    (
      "UserLoggedIn", 15,
      #""ExtendedProperties":[{"Name":"UserAgent","Value":"ua","Extra":"MARK"}]"#
    ),
    (
      "Add member to role.", 8,
      #""Actor":[{"ID":"a@x.example","Type":5},{"ID":"33333333-1111-4222-8333-abcdefabcdef","#
        + #""Type":0}]"#
    ),
    (
      "X.", 8,
      #""Target":[{"ID":"MARK_22345678-1111-4222-8333-abcdefabcdef","Type":2}]"#
    ),
    ("X.", 8, #""ObjectId":"MARK_22345678-1111-4222-8333-abcdefabcdef""#),
    (
      "X.", 8,
      #""Actor":[{"ID":"MARK_22345678-1111-4222-8333-abcdefabcdef","Type":2}]"#
    ),
    ("X.", 8, #""Target":[{"ID":"x@example.com","Id":"MARK","Type":5}]"#),
    ("X.", 8, #""Target":[{"ID":{"a":"MARK"},"Type":2}]"#),
    (
      "X", 294,
      #""Location":{"City":"Rome","CountryOrRegion":"IT","Street":"MARK"}"#
    ),
    (
      "X", 294,
      #""Location":{"City":"Rome","CountryOrRegion":"IT","State":{"a":"MARK"},"#
        + #""GeoCoordinates":{"Latitude":"41.9","Longitude":"12.5","Altitude":"0"}}"#
    ),
    (
      "ModifyFolderPermissions", 2,
      #""Folder":{"Path":"\\P"},"Item":{"Id":"A","ParentFolder":{"Id":"A","Path":"\\MARK"}}"#
    ),
    (
      "ModifyFolderPermissions", 2,
      #""Item":{"Id":"A","ParentFolder":{"Id":"A","Path":"\\P"},"InternetMessageId":"<MARK>"}"#
    ),
    (
      "UserLoggedIn", 15,
      #""DeviceProperties":[{"Name":"IsCompliant","Value":"False"},"#
        + #"{"Name":"IsCompliantAndManaged","Value":"True"}]"#
    ),
    (
      "Update user.", 8,
      #""ModifiedProperties":[{"Name":{"x":"MARK"},"NewValue":"","OldValue":""}]"#
    ),
    ("SharingInheritanceBroken", 14, #""ObjectId":"https://h.example/s","SiteUrl":["MARK"]"#),
    (
      "MailItemsAccessed", 50, #""Folders":[{"Path":"MARK","FolderItems":["x"]}]"#
    ),
  ]

  @Test(arguments: overwritten)
  func `what another member has a field for is still there`(
    _ operation: String, _ type: Int, _ members: String
  ) throws {
    let event = try done(operation, type, members)
    if members.contains("MARK") {
      #expect(event.line.contains("MARK"), "\(event.line)")
    } else if members.contains("33333333") {
      #expect(event.line.contains("33333333-1111"), "\(event.line)")
    } else {
      #expect(event.line.contains(#""Name":"IsCompliantAndManaged""#), "\(event.line)")
    }
  }

  @Test func `a size that a device says otherwise stays beside the first`() throws {
    let event = try done(
      "FilePrinted", 63, #""FileSize":777777,"EndpointMetaData":{"FileSize":5}"#)
    #expect(event.number("file.size") == 777_777)
    #expect(event.number("ext.EndpointMetaData.FileSize") == 5)
  }

  @Test func `kinds of secrets beyond what is told stay in the record`() throws {
    let kinds = (0..<257).map { #"{"SensitiveType":"T\#($0)","Count":1}"# }
    let event = try done(
      "DlpRuleMatch", 11,
      #""PolicyDetails":[{"Rules":[{"ConditionsMatched":{"#
        + #""SensitiveInformation":[\#(kinds.joined(separator: ","))]}}]}]"#)
    #expect(
      event.line.contains(#""T255""#)
        && event.line.contains(
          #"{"SensitiveType":"T256","#
            + #""Count":1}"#)
    )
    #expect(event.flag("is_truncated") == true)
  }

  @Test func `the folder of items beyond what is told stays with them`() throws {
    let items = (0..<1000).map { #"{"InternetMessageId":"<m\#($0)>"}"# }
    let event = try done(
      "MailItemsAccessed", 50,
      #""Folders":[{"Path":"\\A","FolderItems":[\#(items.joined(separator: ","))]},"#
        + #"{"Path":"\\Far","FolderItems":[{"InternetMessageId":"<far>"}]}]"#)
    #expect(event.line.contains(#"{"Path":"\\Far","FolderItems":[{"InternetMessageId":"<far>"}]}"#))
    #expect(event.flag("is_truncated") == true)
  }

  @Test func `items are told in the order in which their lists stand, the rest as it was`() throws {
    let event = try done(
      "MailItemsAccessed", 50,
      #""Folders":[{"MessageItems":[{"Id" : "a","InternetMessageId":"<first>"}],"Path":"\\A","#
        + #""FolderItems":[ {"InternetMessageId":"<second>","Id":"b"}],"Id":"f"},"#
        + #"{"Path":"\\B","FolderItems":[{"InternetMessageId":"<third>"},7]}]"#)
    #expect(
      event.line.contains(
        #""items":[{"message_id":"first","folder":"\\A"},{"message_id":"second","folder":"\\A"},"#
          + #"{"message_id":"third","folder":"\\B"}]"#), "\(event.line)")
    // The path of a folder with an item that is none stays beside what is left of it.
    #expect(
      event.line.contains(
        #""Folders":[{"MessageItems":[{"Id":"a"}],"FolderItems":[{"Id":"b"}],"Id":"f"},"#
          + #"{"Path":"\\B","FolderItems":[{},7]}]"#), "\(event.line)")
  }

  @Test func `a lower severity that an alert has beside the highest stays`() throws {
    let event = try done("AlertTriggered", 40, #""Severity":"Low","AlertSeverity":"High""#)
    #expect(event["severity"] == "high" && event["ext.Severity"] == "Low")
    #expect(!event.has("ext.AlertSeverity"))
  }

  @Test func `of two properties with one name the first counts and the other stays`() throws {
    let event = try done(
      "UserLoggedIn", 15,
      #""DeviceProperties":[{"Name":"TrustType","Value":"0"},{"Name":"TrustType","Value":"2"}]"#)
    #expect(event["device.trust_type"] == "registered")
    #expect(event.line.contains(#""ext":{"DeviceProperties":[{"Name":"TrustType","Value":"2"}]}"#))
  }

  @Test func `which guests a chat has not stays unless it has none`() throws {
    let some = try done(
      "ChatCreated", 25, #""ParticipantInfo":{"HasGuestUsers":true,"HasForeignTenantUsers":false}"#)
    #expect(some.flag("team.has_external") == true)
    #expect(some.flag("ext.ParticipantInfo.HasForeignTenantUsers") == false)
  }

  @Test func `what was mended in JSON in a text is said`() throws {
    let event = try done(
      "AlertTriggered", 40,
      #""Data":"{\"QueryTime\":\"1\",\"QueryTime\":\"2\",\"u\":\"\\ud800\"}""#)
    #expect(
      event.list("parse_issues") == [
        "JSON in a text: unpaired surrogate",
        "JSON in a text: repeated member inside, the last one counts",
      ])
  }

  @Test func `issues beyond those that are listed are said to be there`() throws {
    let twice = (0..<40).map { #""N\#($0)":1,"N\#($0)":2"# }.joined(separator: ",")
    let issues = try done("X", 22, twice).list("parse_issues") ?? []
    #expect(issues.count == 33 && issues.last == "others: not listed, as there are too many")
  }

  @Test func `unknown members of a context stay though they are null`() throws {
    let event = try done(
      "UserLoggedIn", 15, #""AppAccessContext":{"ClientAppId":"c","NewFlag":null}"#)
    #expect(event.line.contains(#""AppAccessContext":{"NewFlag":null}"#))
  }

  @Test func `ids of tokens differ by the case of their letters`() throws {
    let event = try done(
      "UserLoggedIn", 15,
      #""UniqueTokenIdentifier":"ABcd","AppAccessContext":{"UniqueTokenId":"abCD"}"#)
    #expect(event["session.token_id"] == "abCD")
    #expect(event["ext.UniqueTokenIdentifier"] == "ABcd")
  }
}
