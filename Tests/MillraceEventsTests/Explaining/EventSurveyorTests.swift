import MillraceCore
import MillraceEvents
import Testing

@Suite struct `Surveying what is not understood` {
  private func survey(_ record: String) throws -> SurveyedRecord {
    let bytes = PaddedBytes(Array(record.utf8))
    let scanned = try #require(BlobScanner.scan(bytes).records.first)
    let context = EventContext(
      tenant: nil, tenantName: nil, contentType: nil, contentID: nil, available: nil,
      collected: nil)
    var surveyor = EventSurveyor()
    return surveyor.survey(scanned, of: bytes, context: context)
  }

  @Test func `what has a name and a meaning is known`() throws {
    let found = try survey(
      """
      {"CreationTime":"2026-01-02T03:04:05","Id":"A1","Operation":"FileAccessed","RecordType":6,\
      "Workload":"SharePoint","UserId":"a@example.com","UserType":0}
      """)
    #expect(found.hasKnownType && found.hasKnownOperation)
    #expect(found.id == "a1" && found.workload == "SharePoint" && found.recordType == 6)
    #expect(found.leftovers.isEmpty)
  }

  @Test func `a name of any length takes little room in a report`() throws {
    let long = String(repeating: "ü", count: 100_000)
    let found = try survey(
      #"{"CreationTime":"2026-01-02T03:04:05","Id":"A1","Operation":"\#(long)","RecordType":9999,"#
        + #""\#(long)":1}"#)
    let short = String(repeating: "ü", count: 128) + "…"
    #expect(found.operation == short)
    #expect(found.leftovers.map(\.name) == [short])
  }

  @Test func `what has none is named, members that stay in ext included`() throws {
    let found = try survey(
      """
      {"CreationTime":"2026-01-02T03:04:05","Id":"A1","Operation":"Frobnicate","RecordType":9999,\
      "Workload":"Exchange","UserId":"a@example.com","Novelty":{"a":1},"Parameters":17}
      """)
    #expect(!found.hasKnownType && found.recordType == 9999)
    #expect(!found.hasKnownOperation && found.operation == "Frobnicate")
    #expect(found.leftovers.map(\.name) == ["Novelty", "Parameters"])
    #expect(found.leftovers.map(\.isKnown) == [false, true])
  }
}
