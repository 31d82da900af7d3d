import MillraceCore
import Testing

@testable import MillraceImport

/// Every shape in which records are kept outside of Millrace is read.
struct ShapeTests {
  /// The records of a fixture, in the order of the input.
  private func expected(_ name: String) throws -> [String] {
    var records = try Fixture.records()
    if name == "single.json" { records = [records[0]] }
    // Its records have white space of their own.
    if name == "line-breaks.csv" {
      records = records.map {
        $0.replacing("\",\"Operation\"", with: "\",\r\n  \"Operation\"")
      }
    }
    return records
  }

  @Test func `there are fixtures`() {
    #expect(Fixture.names.count >= 20)
  }

  @Test(arguments: Fixture.names)
  func `each shape gives the records, byte for byte`(_ name: String) throws {
    let bytes = try Fixture.bytes(name)
    let outcome = read(bytes)
    #expect(outcome.failure == nil && outcome.faults.isEmpty)
    #expect(outcome.consumedBytes == bytes.count)
    // Pieces come by feed; the records of the fixtures belong to three.
    #expect(try outcome.records.sorted() == expected(name).sorted())
    let feeds = Set(outcome.pieces.map(\.feed.contentType))
    #expect(
      feeds
        == (name == "single.json"
          ? [.sharePoint] : [.sharePoint, .exchange, .azureActiveDirectory]))
    #expect(outcome.pieces.allSatisfy { $0.feed.tenant == contoso })
  }

  @Test(arguments: Fixture.names)
  func `the pieces are the same wherever the input is cut into chunks`(_ name: String) async throws
  {
    await expectSameWhereverCut(try Fixture.bytes(name), step: isNightly ? 1 : 8)
  }

  @Test func `an input that holds nothing is no error`() throws {
    let header = "RecordId,CreationDate,AuditData\r\n"
    for text in ["", " \n\n", "[]", "[]\n[]\n", header, header + "\r\n,,\r\n"] {
      let outcome = read(text)
      #expect(outcome == Outcome(consumedBytes: text.utf8.count), "\(text)")
    }
  }

  @Test(arguments: [
    "Hello, world", "a,b,c\n1,2,3\n", "#TYPE Selected.System.String\n", "\u{0}\u{1}\u{2}\u{3}",
    "<html><body>",
  ])
  func `what is neither JSON nor such an export is refused`(_ text: String) throws {
    let outcome = read(text)
    #expect(outcome.pieces.isEmpty && outcome.faults.isEmpty)
    #expect(outcome.failure?.contains("neither JSON nor a CSV export") == true)
    #expect(outcome.failure?.contains("AuditData") == true)
  }

  @Test func `a header is looked for so far and no further`() throws {
    let blank = String(repeating: "x", count: Limits.importHeaderReach)
    #expect(read(blank + "\n" + csv([record(1)])).pieces.count == 1)
    #expect(read(blank + "x\n" + csv([record(1)])).failure != nil)
    #expect(read(String(repeating: "x\n", count: 30) + csv([record(1)])).failure != nil)
  }

  @Test func `archives are named with what to do`() throws {
    #expect(read([0x50, 0x4B, 3, 4, 0, 0, 0, 0]).failure?.contains("Excel workbook") == true)
    #expect(read([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]).failure?.contains("xzcat") == true)
    #expect(read([0x42, 0x5A, 0x68, 0x39]).failure?.contains("bzcat") == true)
  }

  @Test func `UTF-16 is known without a byte order mark, and half characters are marked`() throws {
    let text = "[\(record(1, more: ",\"Note\":\"€ 𝄞\""))]"
    let units = Array(text.utf16)
    let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    #expect(read(little).pieces.map(\.body) == [text])
    #expect(read(big).pieces.map(\.body) == [text])
    // The second half of the pair is gone.
    let torn = units.filter { !UTF16.isTrailSurrogate($0) }
      .flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(read(torn).pieces.map(\.body) == [text.replacing("𝄞", with: "\u{FFFD}")])
  }

  @Test func `a record is taken out of what wraps it`() throws {
    let inner = record(1, more: ",\"Text\":\"\\\"a\\\\b\\n\"")
    let escaped = inner.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let text = "[{\"Identity\":\"x\",\"auditdata\":\"\(escaped)\"},{\"auditData\":\(record(2))}]"
    #expect(try read(text).records == [inner, record(2)])
    let broken = read("[{\"AuditData\":\"{no\"},{\"AuditData\":7},\(record(3))]")
    // What wraps no record is one itself.
    #expect(broken.faults.map(\.line) == [1])
    #expect(broken.refused.isEmpty == false)
  }
}
