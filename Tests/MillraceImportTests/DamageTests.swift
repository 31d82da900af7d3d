import MillraceCore
import MillraceEvents
import Testing

@testable import MillraceImport

/// What is broken costs itself alone, is named with its line, and is kept.
struct DamageTests {
  private func expect(
    _ outcome: Outcome, records: [Int], lines: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      try outcome.records == records.map { record($0) }, sourceLocation: sourceLocation)
    #expect(outcome.faults.map(\.line) == lines, sourceLocation: sourceLocation)
  }

  // MARK: JSON

  @Test func `a broken line costs itself`() throws {
    for line in [
      "{\"Id\":", "{\"Id\":nonsense}", "null", "{\"a\":\"b", "text, with {\"braces\"",
    ] {
      try expect(
        read("\(record(1))\n\(line)\n\(record(2))\n\(record(3))"), records: [1, 2, 3], lines: [2])
    }
  }

  @Test(.timeLimit(.minutes(isSanitized ? 120 : 10)))
  func `lines that open and never close cost themselves, however many they are`() throws {
    let count = 100_000
    let text = String(repeating: "{\"a\":\n", count: count)
    try expect(
      read(text + record(1)), records: [1], lines: Array(1...count))
  }

  @Test func `a broken record in an array on one line costs itself`() throws {
    for broken in ["{\"Id\":}", "{\"Id\":\"x}", "{\"Id\":{\"a\":1}", "7", "{\"Id\":\"\u{1}\"}"] {
      let text = "[\(record(1)),\(broken),\(record(2)),\(record(3))]\n[\(record(4))]"
      try expect(read(text), records: [1, 2, 3, 4], lines: [1])
    }
  }

  @Test func `parts of a broken record are no records`() throws {
    let torn =
      #"{"Id":"a","RecordType":1,"Name":"x,"List":[{"n":"."},{"n":"\"s\""},{"n":"m"},{"n":""}],"#
      + #""b":"s"}"#
    try expect(
      read("\(record(1))\n\(torn)\n\(record(2))\n"), records: [1, 2], lines: [2])
    try expect(read("[\(record(1)),\(torn),\(record(2))]"), records: [1, 2], lines: [1])
  }

  @Test func `a broken record over several lines costs itself`() throws {
    func spread(_ text: String) -> String {
      text.replacing("{", with: "  {\n    ").replacing(",", with: ",\n    ")
        .replacing("}", with: "\n  }")
    }
    for broken in ["{\"Id\":1,\"b\":}", "{\"Id\":\"x,\"b\":2}", "{\"Id\":1,\"b\":2,\"c\":3"] {
      let text = "[\n\(spread(record(1))),\n\(spread(broken)),\n\(spread(record(2)))\n]\n"
      let outcome = read(text)
      #expect(outcome.failure == nil)
      #expect(
        try outcome.records
          == [spread(record(1)), spread(record(2))].map {
            String($0.dropFirst(2))
          })
      #expect(outcome.faults.first?.line == 10, "\(outcome.faults)")
      #expect(outcome.faults.count == 1)
    }
  }

  @Test func `an array that does not end is reported, and its records are read`() throws {
    let outcome = read("[\(record(1)),\n\(record(2))")
    #expect(try outcome.records == [record(1), record(2)])
    #expect(outcome.failure?.contains("line 2, in the middle of an array") == true)
    // Torn inside a record, that record is what is broken.
    let torn = read("[\(record(1)),\n\(record(2).dropLast(9))")
    try expect(torn, records: [1], lines: [2])
    #expect(torn.failure == nil)
  }

  @Test func `an error answer that was saved is no record`() throws {
    let answer = "{\"error\":{\"code\":\"AF20051\",\"message\":\"expired\"}}"
    let outcome = read("\(record(1))\n\(answer)\n\(record(2))")
    try expect(outcome, records: [1, 2], lines: [2])
    #expect(outcome.faults.first?.reason.contains("error answer") == true)
  }

  @Test func `cuts of reading do not change what damage comes to`() async throws {
    let text = """
      [\(record(1)),{"Id":"x},\(record(2))]
      {"Id":
      \(record(3))
      {"Id":"x",
       "b":"y,
       "c":1}
      \(record(4)) {"a":\\}
      {
      """
    #expect(read(text).faults.count >= 4)
    await expectSameWhereverCut(Array(text.utf8))
    // So small that every value is cut.
    await expectSameWhereverCut(Array(text.utf8), valueBytesMax: 100)
  }

  @Test func `damage longer than what is looked at is passed over in bounded steps`() async throws {
    // A string that is never closed, in an array on one line, across several steps.
    let filler = String(repeating: "x", count: 3000)
    let bytes = Array("[\(record(1)),{\"Id\":\"\(filler)\n,\(record(2))]".utf8)
    let outcome = read(bytes, valueBytesMax: 1000)
    #expect(try outcome.records == [record(1), record(2)])
    #expect(outcome.pieces.allSatisfy { $0.body.utf8.count <= 1000 + 2 })
    #expect(outcome.faults.count >= 3)
    await expectSameWhereverCut(bytes, step: 3, valueBytesMax: 1000)
  }

  // MARK: CSV

  @Test func `a row whose AuditData is no object costs itself`() throws {
    let good = (1...3).map { record($0) }
    for broken in ["", "text", "[1]", "{\"Id\":", "null", "{\"a\":\"\u{0}\"}", "\u{0}"] {
      try expect(read(csv([good[0], broken, good[1], good[2]])), records: [1, 2, 3], lines: [3])
    }
  }

  @Test(arguments: [
    "one,two,\"\",four", ",{\"Id\":\"zz\",\"Operation\":\"Phantom\"},", "2026,\"\"",
    "a\\b\tc,\u{e9}",
  ])
  func `whatever is in a row, one dead letter comes of it and no event`(_ row: String) throws {
    let outcome = read(csv([record(1)]) + row + "\r\n")
    let kept = outcome.pieces.filter { $0.fault != nil }
    #expect(kept.count == 1, "\(outcome.faults)")
    let body = PaddedBytes(Array(try #require(kept.first).body.utf8))
    let found = BlobScanner.scan(body).records
    #expect(found.count == 1 && found.first.map { $0.verdict != .event } == true)
    #expect(body.count >= row.utf8.count, "with all its bytes")
  }

  @Test func `a record that is whole among what breaks its field is not lost`() throws {
    let outcome = read(csv([record(1), "text" + record(2)]))
    let kept = try #require(outcome.pieces.first { $0.fault != nil })
    let found = BlobScanner.scan(PaddedBytes(Array(kept.body.utf8))).records
    #expect(found.map { $0.verdict == .event } == [false, true])
  }

  @Test func `a row that is too short costs itself`() throws {
    let rows = csv([record(1), record(2)])
      .replacing("x,FileAccessed,\"{", with: "\"{", maxReplacements: 1)
      .replacing("}\",\r\n", with: "}\"\r\n", maxReplacements: 1)
    let outcome = read(rows)
    try expect(outcome, records: [2], lines: [2])
    #expect(outcome.faults[0].reason.contains("column 3"), "\(outcome.faults)")
  }

  @Test func `quotes that are not in order cost their row`() throws {
    let row = "x,FileAccessed,\(quoted(record(2))),\r\n"
    let header = "RecordId,Operation,AuditData,AssociatedAdminUnits\r\n"
    let others = csv([record(1), record(3)]).dropFirst(header.count)
    let between = others.split(separator: "\r\n").map { $0 + "\r\n" }
    for (from, to) in [
      ("}\",", "},"), (",\"{", ",{"), ("\"\"Id", "\"Id"), ("\"\"Id", "\"\"\"Id"),
      ("\"\"}\"", "\"}\""),
    ] {
      let broken = row.replacing(from, with: to, maxReplacements: 1)
      #expect(broken != row)
      let outcome = read(header + between[0] + broken + between[1])
      try expect(outcome, records: [1, 3], lines: [3])
      #expect(outcome.failure == nil)
    }
  }

  @Test func `a quote that is never closed costs one row, at the end of the file too`() throws {
    let text = csv((1...50).map { record($0) })
    let last = text.replacing("}\",\r\n", with: "}")
    // Only the very last closing quote is gone.
    let rows = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    let torn =
      rows.dropLast(2).joined(separator: "\r\n") + "\r\n"
      + rows[rows.count - 2].replacing("}\",", with: "},")
    try expect(read(torn), records: Array(1...49), lines: [51])
    // All are: every row is broken, and named.
    #expect(read(last).faults.count > 0)
  }

  @Test func `a row beyond what is kept is passed over, named, and its neighbours are read`()
    async throws
  {
    let fillers = [
      String(repeating: "y\"\"", count: 700), String(repeating: "z,\n", count: 700),
      String(repeating: "z", count: 1000),
    ]
    for filler in fillers {
      let text = csv([record(1)]) + "x,Giant,\"\(filler)\",\r\n" + csv([record(2)])
      let bytes = Array(text.utf8)
      let outcome = read(bytes, valueBytesMax: 1000)
      try expect(outcome, records: [1, 2], lines: [3])
      #expect(outcome.faults[0].reason.contains("larger than 1000 bytes"))
      #expect(!outcome.faults[0].isKept)
      await expectSameWhereverCut(bytes, step: 5, valueBytesMax: 1000)
    }
  }

  @Test func `a row beyond what is kept and torn besides gives the same however it is read`()
    async throws
  {
    for filler in [String(repeating: "z,\n", count: 700), String(repeating: "z", count: 2000)] {
      for end in ["\"x\"", "", "\"\r"] {
        let text = csv([record(1)]) + "x,Giant,\"\(filler)\(end),\r\n" + csv([record(2)])
        let outcome = read(Array(text.utf8), valueBytesMax: 1000)
        #expect(outcome.faults.count >= 1)
        #expect(try outcome.records == [record(1), record(2)])
        await expectSameWhereverCut(Array(text.utf8), step: 7, valueBytesMax: 1000)
      }
    }
  }

  @Test func `cuts of reading do not change what broken rows come to`() async throws {
    let text =
      csv([record(1), "{", record(2)]) + "x,y,\"{\"\"a\n\(csv([record(3)]))x,\"un\"closed\n"
      + "a,b\n" + csv([record(4), ""]) + "\"x\"\r,\n\"open"
    let bytes = Array(text.utf8)
    let whole = read(bytes)
    #expect(whole.faults.count >= 5)
    #expect(try whole.records.contains(record(4)))
    await expectSameWhereverCut(bytes)
    await expectSameWhereverCut(bytes, valueBytesMax: 100)
  }

  // MARK: Keeping

  @Test func `what is broken is kept in a piece of its own, untouched`() throws {
    let outcome = read("\(record(1))\n{\"Id\":]\n\(record(2))")
    let kept = try #require(outcome.pieces.first { $0.fault != nil })
    #expect(kept.body == "[{\"Id\":]]")
    #expect(kept.feed == Feed(tenant: contoso, contentType: .sharePoint))
    #expect(kept.recordCount == 0 && kept.fault?.isKept == true)
  }

  @Test func `what is broken before anything says whose it is stays out of the store`() throws {
    let outcome = read("{\"Id\":]\n\(record(1))")
    #expect(outcome.refused.map(\.line) == [1])
    #expect(try outcome.records == [record(1)])
    let named = read("{\"Id\":]\n\(record(1))", options: ImportOptions(tenant: contoso))
    #expect(named.refused.isEmpty && named.pieces.contains { $0.fault != nil })
  }
}
