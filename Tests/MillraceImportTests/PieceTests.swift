import MillraceCore
import Testing

@testable import MillraceImport

/// Whose records they are, of which kind, and how they are cut into pieces.
struct PieceTests {
  private let other = TenantID("0a0b0c0d-0000-4000-8000-00000000000a")!

  // MARK: Tenant

  @Test func `a record belongs to the tenant it names, or to the one the user names`() throws {
    let text = "\(record(1))\n\(record(2, tenant: other))"
    #expect(read(text).pieces.map(\.feed.tenant) == [contoso, other])
    let named = read(text, options: ImportOptions(tenant: other))
    #expect(named.pieces.map(\.feed.tenant) == [other])
    #expect(named.foreignCount == 1)
  }

  @Test func `a first record without a tenant ends it before anything is stored`() throws {
    let outcome = read("\(record(1, tenant: nil))\n\(record(2))")
    #expect(outcome.pieces.isEmpty)
    #expect(outcome.failure?.contains("line 1") == true)
    #expect(outcome.failure?.contains("--tenant") == true)
    #expect(read(record(1, tenant: nil), options: ImportOptions(tenant: other)).pieces.count == 1)
  }

  @Test func `a later record without a tenant is refused alone`() throws {
    let outcome = read("\(record(1))\n\(record(2, tenant: nil))\n\(record(3))")
    #expect(try outcome.records == [record(1), record(3)])
    #expect(outcome.refused.map(\.line) == [2])
    #expect(outcome.refused[0].reason.contains("--tenant"))
  }

  // MARK: Content type

  @Test(arguments: [
    ("AzureActiveDirectory", 15, ContentType.azureActiveDirectory), ("Exchange", 50, .exchange),
    ("OneDrive", 6, .sharePoint), ("SharePoint", 36, .sharePoint), ("MicrosoftTeams", 25, .general),
    ("SomethingNew", 999, .general), ("SharePoint", 11, .dlp), ("Exchange", 13, .dlp),
    ("Endpoint", 63, .dlp), ("", 2, .exchange), ("", 8, .azureActiveDirectory), ("", 25, .general),
  ])
  func `the content type follows from workload and record type`(
    workload: String, type: Int, expected: ContentType
  ) throws {
    let text = record(1, workload: workload, type: type)
    #expect(read(text).pieces.map(\.feed.contentType) == [expected])
    let named = read(text, options: ImportOptions(contentType: .exchange))
    #expect(named.pieces.map(\.feed.contentType) == [.exchange])
  }

  @Test func `record types are read as numbers, as texts and by name`() throws {
    for type in ["13", "\"13\"", "\"ComplianceDLPExchange\""] {
      let text = record(1, workload: "Exchange").replacing(
        "\"RecordType\":6", with: "\"RecordType\":\(type)")
      #expect(read(text).pieces.map(\.feed.contentType) == [.dlp])
    }
  }

  // MARK: Cutting

  @Test func `pieces hold at most so many records, in their order`() throws {
    let records = (0..<2 * Limits.importPieceRecordsMax + 1).map { record($0) }
    let outcome = read(records.joined(separator: "\n"))
    #expect(
      outcome.pieces.map(\.recordCount)
        == [Limits.importPieceRecordsMax, Limits.importPieceRecordsMax, 1])
    let isSame = try outcome.records == records
    #expect(isSame)
  }

  @Test func `pieces hold at most so many bytes, but for a record that is larger alone`() throws {
    let half = String(repeating: "x", count: Limits.importPieceBytes / 2 - 400)
    let large = String(repeating: "x", count: 3 * Limits.importPieceBytes)
    let records = [
      record(1, more: ",\"a\":\"\(half)\""), record(2, more: ",\"a\":\"\(half)\""), record(3),
      record(4, more: ",\"a\":\"\(half)\""), record(5, more: ",\"a\":\"\(large)\""), record(6),
    ]
    let outcome = read("[" + records.joined(separator: ",") + "]")
    #expect(outcome.pieces.map(\.recordCount) == [3, 1, 1, 1])
    let isSame = try outcome.records == records
    #expect(isSame)
    for piece in outcome.pieces where piece.recordCount > 1 {
      #expect(piece.body.utf8.count <= Limits.importPieceBytes)
    }
  }

  @Test func `each feed has a piece of its own, and so many are open at most`() throws {
    let mixed = (0..<60).map { record($0, workload: $0 % 3 == 0 ? "Exchange" : "SharePoint") }
    #expect(read(mixed.joined(separator: "\n")).pieces.map(\.recordCount) == [20, 40])
    let tenants = (0..<Limits.importOpenPiecesMax + 4).map { number in
      TenantID("0a0b0c0d-0000-4000-8000-0000000000\(number < 10 ? "0" : "")\(number)")
    }
    let spread = (0..<2).flatMap { _ in tenants.map { record(1, tenant: $0) } }
    let outcome = read(spread.joined(separator: "\n"))
    #expect(outcome.pieces.reduce(0) { $0 + $1.recordCount } == spread.count)
    // The one that waited longest is closed first.
    #expect(outcome.pieces.first?.feed.tenant == tenants[0])
  }

  @Test func `the same records give the same pieces, whatever their shape`() throws {
    let whole = read(try Fixture.bytes("blob.json")).pieces
    for name in ["records.ndjson", "purview.csv", "powershell.csv", "search.json", "frames.zst"] {
      #expect(read(try Fixture.bytes(name)).pieces == whole, "\(name)")
    }
  }
}
