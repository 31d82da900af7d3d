import MillraceCore
import Testing

@testable import MillraceImport

/// Random records in random shapes, some of them damaged: what comes out is what went in.
struct ModelTests {
  private static let rounds = isNightly ? 3000 : 250

  @Test func `records come out of any shape as they went in`() async throws {
    for seed in seeds() {
      await Task.yield()
      var world = World(seed: seed)
      let records = world.records()
      let bytes = world.written(records)
      let outcome = read(bytes, chunks: world.chunks(), valueBytesMax: world.valueBytesMax())
      #expect(outcome.failure == nil && outcome.faults.isEmpty, "seed \(seed)")
      let isSame = try outcome.records == records.map(\.text)
      #expect(isSame, "seed \(seed)")
    }
  }

  @Test func `damage to one record leaves the others`() async throws {
    for seed in seeds() {
      await Task.yield()
      var world = World(seed: seed)
      var records = world.records()
      let victim = world.number(below: records.count)
      records[victim].text = world.damaged(records[victim].text)
      records[victim].isDamaged = true
      let bytes = world.written(records)
      let outcome = read(
        bytes, chunks: world.chunks(), options: ImportOptions(tenant: contoso),
        valueBytesMax: world.valueBytesMax())
      let expected = records.filter { !$0.isDamaged }.map(\.text)
      // Damage may leave records within what was one.
      let victimText = records[victim].text
      let others = try outcome.records.filter { expected.contains($0) || !victimText.contains($0) }
      // Compared as one truth: describing the difference of long lists says little.
      let isSame = others == expected
      #expect(isSame, "seed \(seed), \(world.shape), record \(victim): \(victimText)")
      let isAccountedFor =
        try outcome.records.count + outcome.faults.count > expected.count
      #expect(isAccountedFor, "seed \(seed), \(world.shape): \(victimText)")
    }
  }

  private func seeds() -> [UInt64] {
    // What nobody has met yet is looked for at night: by day it would befall whoever changes
    // something else.
    let first = isNightly ? UInt64.random(in: 0...UInt64.max >> 1) : 1
    print("import model: seeds from \(first), \(ModelTests.rounds) of them")
    return (0..<UInt64(ModelTests.rounds)).map { first + $0 } + ModelTests.failures
  }

  /// Seeds that failed once.
  private static let failures: [UInt64] = [5_726_583_024_532_631_696]
}

/// Makes records and writes them down, all by its seed.
private struct World {
  struct Record {
    var text: String
    var isDamaged = false
  }

  enum Shape: CaseIterable {
    case lines, array, arrays, spread, csv, powershell, wrapped
  }

  private var random: SeededGenerator
  let shape: Shape

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    shape = Shape.allCases[Int.random(in: 0..<Shape.allCases.count, using: &random)]
  }

  mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[number(below: values.count)]
  }

  mutating func chunks() -> [Int] { (0..<20).map { _ in 1 + number(below: 400) } }

  /// A limit that no whole value reaches, and damage does.
  mutating func valueBytesMax() -> Int { pick([1200, Limits.importValueBytesMax]) }

  // MARK: Records

  mutating func records() -> [Record] {
    (0..<1 + number(below: 12)).map { index in
      // One feed, so that the order of all is that of the input.
      Record(
        text: record(index, more: ",\"Note\":\"\(text())\",\"List\":[1,{\"a\":\"\(text())\"}]"))
    }
  }

  /// The content of a JSON string, full of what could be mistaken.
  private mutating func text() -> String {
    let parts = [
      "a", ",", ";", "\\t", "{", "}", "[", "]", ":", "\\\"", "\\\\", "\\r\\n", "\\/", "é", "𝄞", " ",
      "},{", "\\\"}", "AuditData", "\\u0000",
    ]
    return (0..<number(below: 8)).map { _ in pick(parts) }.joined()
  }

  /// A record with one byte too many, too few, or another one.
  mutating func damaged(_ text: String) -> String {
    var bytes = Array(text.utf8)
    let place = 1 + number(below: bytes.count - 2)
    let foreign = pick(Array("\"{}[],:\\x\u{1}".utf8))
    switch number(below: 4) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(foreign, at: place)
    case 2: bytes[place] = foreign
    default: bytes.removeSubrange(place...)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Shapes

  mutating func written(_ records: [Record]) -> [UInt8] {
    let texts = records.map(\.text)
    switch shape {
    case .lines: return Array(texts.joined(separator: pick(["\n", "\r\n", "\n\n"])).utf8)
    case .array: return Array("[\(texts.joined(separator: pick([",", ", ", ",\n"])))]".utf8)
    case .arrays:
      let cut = number(below: texts.count + 1)
      let (first, second) = (
        texts[..<cut].joined(separator: ","), texts[cut...].joined(separator: ",")
      )
      return Array("[\(first)]\(pick(["", "\n", " "]))[\(second)]\n".utf8)
    case .spread:
      return Array("[\n  \(texts.joined(separator: ",\n  "))\n]\n".utf8)
    case .csv:
      let separator = pick([",", ";", "\t"])
      return table(texts, separator, names: ["Id", "AuditData", "Empty"], isQuoted: false)
    case .powershell:
      let names = pick([
        ["AuditData", "Identity"], ["UserIds", "Operations", "AuditData", "IsValid"],
      ])
      return table(texts, ",", names: names, isQuoted: true)
    case .wrapped:
      let wrapped = texts.map { text in
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
          .replacing("\u{1}", with: "\\u0001")
        return "{\"Identity\":\"x\",\"AuditData\":\"\(escaped)\",\"IsValid\":true}"
      }
      return Array(wrapped.joined(separator: "\n").utf8)
    }
  }

  private mutating func table(
    _ texts: [String], _ separator: String, names: [String], isQuoted: Bool
  ) -> [UInt8] {
    let lineEnd = pick(["\n", "\r\n"])
    var rows = [names.map { isQuoted ? quoted($0) : $0 }.joined(separator: separator)]
    for text in texts {
      let fields = names.map { name in
        if name == "AuditData" { return quoted(text) }
        let field = name == "Empty" ? "" : pick(["x", "True", "1/5/2026 10:00:01 AM"])
        return isQuoted ? quoted(field) : field
      }
      rows.append(fields.joined(separator: separator))
    }
    var bytes = Array(rows.joined(separator: lineEnd).utf8)
    if number(below: 2) == 0 { bytes += Array(lineEnd.utf8) }
    if number(below: 2) == 0 { bytes = [0xEF, 0xBB, 0xBF] + bytes }
    return bytes
  }
}
