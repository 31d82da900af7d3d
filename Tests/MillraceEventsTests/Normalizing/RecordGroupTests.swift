import MillraceCore
import Testing

@testable import MillraceEvents

/// Records that are read together, by an encoder that remembers in which order members stood: what
/// each becomes depends on itself alone.
@Suite("Records read together", .timeLimit(.minutes(10)))
struct RecordGroupTests {
  /// What each record becomes with an encoder of its own.
  private func alone(_ blob: PaddedBytes, _ format: EventFormat) -> [UInt8] {
    var lines: [UInt8] = []
    for record in BlobScanner.scan(blob).records where record.verdict == .event {
      var encoder = EventEncoder(format: format)
      _ = encoder.encode(record, of: blob, context: emptyContext, into: &lines)
    }
    return lines
  }

  private func together(_ blob: PaddedBytes, _ format: EventFormat) -> [UInt8] {
    var lines: [UInt8] = []
    var encoder = EventEncoder(format: format)
    encoder.encode(BlobScanner.scan(blob), of: blob, context: emptyContext, into: &lines)
    return lines
  }

  private func expectSame(_ records: [String], _ formats: [EventFormat] = [.native]) {
    let body = blob("[" + records.joined(separator: ",") + "]")
    for format in formats {
      let expected = alone(body, format)
      #expect(!expected.isEmpty)
      #expect(together(body, format) == expected, "\(format)")
    }
  }

  @Test("records of all kinds become what they become alone, in every format")
  func sameLines() {
    var generator = SeededGenerator(seed: 11)
    let records = (FormatRecords.all + FormatRecords.all).shuffled(using: &generator)
    expectSame(records, EventFormat.allCases)
  }

  @Test("pseudonyms of one record do not get into another")
  func pseudonyms() throws {
    let pseudonyms = try TestKeys.pseudonyms()
    let records = (0..<20).map {
      record(
        """
        "UserId":"user\($0)@contoso.example","ClientIP":"203.0.113.\($0)",\
        "Text":"user\($0)@contoso.example was here"
        """)
    }
    let body = blob("[" + records.joined(separator: ",") + "]")
    for format in EventFormat.allCases where !format.carriesRecord {
      var encoder = EventEncoder(format: format, pseudonyms: pseudonyms)
      var together: [UInt8] = []
      encoder.encode(
        BlobScanner.scan(body), of: body, context: emptyContext, into: &together)
      let alone = try records.map { try maskedLine($0, pseudonyms, format: format) + "\n" }
      #expect(String(decoding: together, as: UTF8.self) == alone.joined())
    }
  }

  @Test("lines keep the place of their record in the log, whatever is left out before them")
  func positions() throws {
    let records = (0..<40).map {
      record("\"UserId\":\"user\($0 % 3)@contoso.example\",\"N\":\($0)")
    }
    let body = blob("[" + records.joined(separator: ",") + "]")
    var pattern = EventPattern()
    pattern.users = [TextPattern("user1@*")]
    let chosen = (0..<40).filter { $0 % 5 != 0 }
    var encoder = EventEncoder(
      format: .native, filter: EventFilter(include: [pattern], exclude: []))
    var batch = EventBatch()
    encoder.append(
      chosen, of: BlobScanner.scan(body), in: body, context: emptyContext, to: &batch, origin: 0,
      sequence: 9)
    let expected = chosen.filter { $0 % 3 == 1 }
    #expect(batch.lines.map(\.position.record) == expected)
    #expect(batch.lines.allSatisfy { $0.position.sequence == 9 })
    for (line, number) in zip(batch.lines, expected) {
      let text = String(decoding: batch.bytes[line.range], as: UTF8.self)
      #expect(text.contains("\"N\":\(number)}"), "the line is that of its record")
    }
  }

  @Test("records too large to share memory stand between small ones")
  func largeRecords() {
    let large = record("\"Text\":\"\(String(repeating: "x", count: 70_000))\"")
    let small = record("\"UserId\":\"ana@contoso.example\"")
    expectSame([small, large, small, small, large, large, small], [.native, .raw])
  }

  @Test("dead records between the others are left out")
  func deadRecords() throws {
    let small = record()
    let body = blob("[\(small),17,\(small),\(small),\"x\",\(small)]")
    let lines = together(body, .native)
    #expect(lines == alone(body, .native))
    #expect(lines.count { $0 == UInt8(ascii: "\n") } == 4)
  }

  @Test("members stand in any order, with any white space")
  func anyOrder() {
    var generator = SeededGenerator(seed: 3)
    let members = [
      "\"CreationTime\":\"2026-03-04T08:15:30\"", "\"Id\":\"a1\"", "\"RecordType\":15",
      "\"Operation\":\"UserLoggedIn\"", "\"UserId\":\"ana@contoso.example\"", "\"Extra\":{\"b\":1}",
      "\"More\":[{\"x\":1,\"y\":2},{\"y\":3,\"x\":4}]", "\"ClientIP\":\"198.51.100.7\"",
    ]
    let records = (0..<300).map { _ in
      let some = members.shuffled(using: &generator).dropLast(
        Int.random(in: 0...3, using: &generator))
      let blank = ["", " ", "\n\t"].randomElement(using: &generator) ?? ""
      let spaced = some.map { member in
        member.replacing("\":", with: "\"\(blank):\(blank)") + blank
      }
      return "{\(blank)" + spaced.joined(separator: ",\(blank)") + "}"
    }
    expectSame(records)
  }

  @Test(
    "a repeated member is found wherever it stands, though its order was learnt without it",
    arguments: ["Id", "UserId", "Extra", "Ex\\u0074ra"])
  func repeatedMembers(name: String) {
    let plain = record("\"UserId\":\"ana@contoso.example\",\"Extra\":1,\"Other\":2,\"Third\":3")
    let repeating = plain.dropLast() + ",\"\(name)\":\"last\"}"
    let inside = record("\"UserId\":\"ana@contoso.example\",\"Extra\":{\"a\":1,\"b\":2,\"a\":3}")
    let sound = record("\"UserId\":\"ana@contoso.example\",\"Extra\":{\"a\":1,\"b\":2,\"c\":3}")
    expectSame([plain, String(repeating), plain, sound, inside, sound, String(repeating)])
    let found = lines(of: blob("[\(repeating)]"))
    #expect(found.first?.contains("repeated member, the last one counts") == true)
  }

  @Test("more orders than are remembered cost no member")
  func manyOrders() {
    var generator = SeededGenerator(seed: 5)
    let records = (0..<1500).map { number in
      let names = (0..<4).map { "\"N\(number % 700)_\($0)\":\($0)" }.shuffled(using: &generator)
      let inner = "\"In\":{\"k\(number)\":1,\"k\(number + 1)\":2}"
      return record((names + [inner]).joined(separator: ","))
    }
    expectSame(records)
  }

  @Test("objects with many members find the one that is repeated, also the second time")
  func manyMembers() {
    let members = (0..<200).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
    let sound = record("\"Extra\":{\(members)},\(members)")
    let inside = record("\"Extra\":{\(members),\"m150\":0},\(members)")
    let outside = record("\"Extra\":{\(members)},\(members),\"m170\":0")
    expectSame([sound, inside, sound, outside, sound, inside, outside])
  }
}
