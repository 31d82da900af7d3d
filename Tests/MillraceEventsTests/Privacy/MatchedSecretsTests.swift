import Foundation
import MillraceEvents
import Testing

/// What a policy matched word for word is in no event, wherever the record holds it.
@Suite struct `Matched secrets` {
  private static let secret = "4111-1111"
  private static let found = #"{"DetectedValues":[{"Name":"4111-1111","Value":"4111-1111"}]}"#

  /// JSON as the text of a JSON string.
  private static func text(_ json: String) -> String {
    let escaped = json.replacingOccurrences(of: #"\"#, with: #"\\"#)
      .replacingOccurrences(of: "\"", with: "\\\"")
    return "\"\(escaped)\""
  }

  /// Members that hold it, of endpoints and of policies, in the shapes that were seen and others.
  static let members: [String] = {
    let detections = #"{"Count":1,"SensitiveInformationDetections":\#(found)}"#
    let details = #"[{"Rules":[{"ConditionsMatched":{"SensitiveInformation":[\#(detections)]}}]}]"#
    return [
      #""PolicyDetails":\#(details)"#,
      #""PolicyDetails":\#(text(details))"#,
      #""PolicyDetails":{"Rules":{"ConditionsMatched":{"SensitiveInformation":\#(detections)}}}"#,
      #""SensitiveInfoTypeData":[{"SensitiveInformationDetectionsInfo":\#(found)}]"#,
      #""EndpointMetaData":{"SensitiveInfoTypeData":[\#(detections)]}"#,
      #""EndpointMetaData":\#(text(text(detections)))"#,
      #""DetectedValues":["4111-1111"],"D\u0065tectedValues":["4111-1111"]"#,
      #""Unknown":[[{"a":{"D\u0065tectedValues":["4111-1111"]}}]]"#,
      #""Unknown":\#(text(text(text(#"{"a":\#(text(found))}"#))))"#,
    ]
  }()

  @Test(arguments: members, [EventFormat.native, .ecs, .ecsO365, .ocsf, .cef])
  func `are in no format`(_ members: String, _ format: EventFormat) throws {
    for type in ["11", "63", "83", "40", "108", "9999", "null"] {
      let record =
        #"{"Id":"a","RecordType":\#(type),"Operation":"DlpRuleMatch","UserId":"a@b.example","#
        + #""Kept":"kept-4222",\#(members)}"#
      let line = try #require(lines(of: blob("[\(record)]"), format: format).first)
      #expect(!line.contains(Self.secret))
      if format != .cef { #expect(line.contains("kept-4222")) }
    }
  }

  @Test func `are said to be left out, and only where there were any`() throws {
    let matched = try event(record(Self.members[0], type: 11, operation: "DlpRuleMatch"))
    #expect(
      matched.list("parse_issues") == [
        "PolicyDetails: in part left out, as it holds what was matched"
      ])
    let whole = try event(record(#""DetectedValues":[]"#, type: 11, operation: "DlpRuleMatch"))
    #expect(
      whole.list("parse_issues") == ["DetectedValues: left out, as it holds what was matched"])
    let details = #""PolicyDetails":[{"PolicyName":"P"}]"#
    let none = try event(record(details, type: 11, operation: "DlpRuleMatch"))
    #expect(none.list("parse_issues") == nil)
  }

  @Test func `are not what people write about them`() throws {
    let event = try event(
      record(
        #""ExchangeMetaData":{"Subject":"about DetectedValues","To":["detectedvalues@b.example"],"#
          + #""MessageID":"<DetectedValues@b.example>"}"#, type: 13, operation: "DlpRuleMatch"))
    #expect(event["email.subject"] == "about DetectedValues")
    #expect(event.list("email.to") == ["detectedvalues@b.example"])
    #expect(event["email.message_id"] == "DetectedValues@b.example")
    #expect(!event.has("parse_issues"))
  }

  @Test(arguments: [
    #"see {"DetectedValues":["4111-1111"]}"#, "<DetectedValues>4111-1111</DetectedValues>",
  ])
  func `are not in a text around JSON or XML`(_ text: String) throws {
    let event = try event(
      record(#""Note":\#(Self.text(text))"#, type: 13, operation: "DlpRuleMatch"))
    #expect(!event.line.contains(Self.secret))
  }
}
