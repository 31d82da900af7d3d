import MillraceCore
import MillraceEvents
import Testing

/// Long texts that once took a time that grew with the square of their length: they take none worth
/// noting now, and say the same. The limit counts waiting for other tests, too.
@Suite(.timeLimit(.minutes(isSanitized ? 120 : 10))) struct `Long texts` {
  private static let length = 1_000_000

  @Test func `arguments of a cmdlet in one text, with many blanks`() throws {
    let blanks = String(repeating: " ", count: Self.length)
    for quote in ["\\\"", ""] {
      let event = try event(
        record(
          "\"Parameters\":\"-A \(quote)x\(blanks)y\(quote) -B \(quote)z\(quote)  \"", type: 18,
          operation: "Set-Thing"))
      #expect(event["params.A"] == "x\(blanks)y")
      #expect(event["params.B"] == "z")
    }
  }

  @Test(arguments: ["b); ", "(1b); (1b", "1); ", ") ; ", "(((b) ; "])
  func `attachments that are none`(_ part: String) throws {
    let text = String(repeating: part, count: Self.length / part.count)
    let event = try event(
      record("\"Item\":{\"Id\":\"x\",\"Attachments\":\"\(text)\"}", type: 2, operation: "Create"))
    #expect(event.has("email.items"))
  }

  @Test func `blanks before many semicolons in attachments`() throws {
    let half = Self.length / 2
    let blanks = String(repeating: " ", count: half)
    let text = "a (1b);" + blanks + String(repeating: "; ", count: half / 2) + "x"
    let event = try event(
      record("\"Item\":{\"Id\":\"x\",\"Attachments\":\"\(text)\"}", type: 2, operation: "Create"))
    #expect(event.has("email.items"))
  }

  @Test func `rules for many that are told again and again`() throws {
    let count = Self.length / 64
    let recipients = Array(repeating: "\\\"a@b.example\\\"", count: count).joined(separator: ",")
    let first = "[{\\\"ActionType\\\":\\\"Forward\\\",\\\"Recipients\\\":[\(recipients)]}]"
    let again = String(repeating: ",{\"Name\":\"RuleActions\",\"Value\":\"x\"}", count: count)
    let properties = "[{\"Name\":\"RuleActions\",\"Value\":\"\(first)\"}\(again)]"
    let event = try event(
      record(
        "\"UserId\":\"u@c.example\",\"OperationProperties\":\(properties)", type: 2,
        operation: "UpdateInboxRules"))
    #expect(event.flag("mail_rule.is_external_forward") == true)
  }

  @Test(
    arguments: [
      ("a (12b)", 12), ("a; b (1b)", 1), ("a (x) (123456789012345b)", 123_456_789_012_345),
      ("a (1234567890123456b)", nil), ("a (b)", nil), ("(5b)", 5), ("a 5b)", nil),
    ] as [(String, Int?)])
  func `an attachment's size is digits in brackets`(_ text: String, _ size: Int?) throws {
    let event = try event(
      record("\"Item\":{\"Id\":\"x\",\"Attachments\":\"\(text)\"}", type: 2, operation: "Create"))
    #expect(event.line.contains("\"size\":\(size ?? -1)") == (size != nil))
  }

  @Test func `many permissions before and after`() throws {
    let old = String(repeating: "a ", count: Self.length / 2)
    let new = String(repeating: "b ", count: Self.length / 2)
    let grant = try event(
      record(
        #""ModifiedProperties":[{"Name":"DelegatedPermissionGrant.Scope","#
          + #""OldValue":"\#(old)","NewValue":"\#(new)"}]"#, type: 8,
        operation: "Add delegated permission grant."))
    #expect(grant.list("permissions")?.first == "b")
  }

  @Test func `many error answers on one line`() {
    let count = Self.length / 25
    let event = #"{"Id":"a","CreationTime":"2026-01-02T03:04:05","Operation":"x","RecordType":1}"#
    let text = Array((String(repeating: #"{"error":1} "#, count: count) + event).utf8)
    var cutter = StreamCutter(pieceBytes: text.count)
    var isRead = false
    var deadCount = 0
    var events: [[UInt8]] = []
    reading: while true {
      let step = cutter.next { buffer in
        defer { isRead = true }
        if isRead { return 0 }
        buffer.copyBytes(from: text)
        return text.count
      }
      guard case .piece(let piece) = step else { break reading }
      piece.forEachPart { part in
        if part.scan.problem != nil { deadCount += 1 }
        events += part.scan.records.filter(\.isEvent).map { part.bytes.bytes(in: $0.range) }
      }
    }
    #expect(deadCount == count)
    #expect(events == [Array(event.utf8)])
  }

  @Test func `a name that a text nearly repeats, again and again`() throws {
    let name = String(repeating: "a", count: Self.length / 4)
    let record =
      "{\"Id\":\"1\",\"RecordType\":2,\"CreationTime\":\"2026-01-01T00:00:00\",\"Operation\":\"x\","
      + "\"UserId\":\"\(name)b\",\"Comments\":\"\(name)\(name)\"}"
    let line = try maskedLine(record, TestKeys.pseudonyms(isRevealable: false))
    #expect(!line.contains("aaaaaaaa"), "what cannot be searched is replaced whole")
    #expect(try Event(line)["ext.Comments"]?.isEmpty == false)
  }
}
