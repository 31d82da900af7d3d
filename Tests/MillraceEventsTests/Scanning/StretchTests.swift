import MillraceCore
import MillraceEvents
import Testing

/// Records found in a stretch of a stream, and what their top level says.
struct StretchTests {
  private func scan(_ text: String) -> [String] {
    let bytes = PaddedBytes(Array(text.utf8))
    return BlobScanner.scanStretch(bytes).records.map { found in
      let text = String(decoding: bytes.bytes(in: found.range), as: UTF8.self)
      return found.verdict == .event ? text : "dead: \(text)"
    }
  }

  @Test func `brackets between records say nothing`() {
    let (first, second) = (record(type: 1), record(type: 2))
    for text in [
      "\(first)\(second)", "[\(first)][\(second)]", "\(first),\n\(second)]",
      "]\n[[\(first)\n\(second)",
    ] {
      #expect(scan(text) == [first, second], "\(text)")
    }
    #expect(scan(" ][, \n").isEmpty)
  }

  @Test func `what a cut tore is dead, and its neighbours are not`() {
    let whole = record(type: 7)
    #expect(scan("4},\(whole),{\"Id\":") == ["dead: 4}", whole, "dead: {\"Id\":"])
    // The next array hides behind a string that is not closed.
    #expect(scan("{\"Id\":\"x][\(whole)]") == ["dead: {\"Id\":\"x][", whole])
    // And far behind the begin of the torn record, or with blanks between the brackets.
    for brackets in ["][", "] ["] {
      let torn = #"{"CreationTime":"2026-01-02T03:04:05","Id":"torn","UserId":"41463f53-88"#
      #expect(scan(torn + brackets + "\(whole),\(whole)]").suffix(2) == [whole, whole])
    }
  }

  private func labels(_ text: String) -> RecordLabels {
    RecordLabels(of: PaddedBytes(Array(text.utf8)))
  }

  @Test func `labels are read from the top level alone`() {
    let tenant = "41463F53-8812-40F4-890F-865BF6E35190"
    let found = labels(
      """
      {"a":{"Workload":"No","OrganizationId":"no"},"RecordType":15,
       "Workload" : "AzureActiveDirectory","OrganizationId":"\(tenant)"}
      """)
    #expect(found.tenant == TenantID(tenant))
    #expect(found.workload == "AzureActiveDirectory" && found.recordType == 15)
    #expect(found.wrapped == nil)
    let empty = labels("{\"OrganizationId\":\"contoso\",\"Workload\":null,\"RecordType\":\"new\"}")
    #expect(empty.tenant == nil && empty.workload == nil && empty.recordType == nil)
  }

  @Test func `what a record wraps is decoded, or pointed at`() {
    #expect(
      labels("{\"AuditData\":\"{\\\"a\\\":\\\"\\u00e9\\\\n\\\"}\"}").wrapped
        == .text(Array("{\"a\":\"é\\n\"}".utf8)))
    #expect(labels("{\"auditData\": {\"a\":1}}").wrapped == .object(14..<21))
    #expect(labels("{\"AuditData\":7}").wrapped == nil)
  }
}
