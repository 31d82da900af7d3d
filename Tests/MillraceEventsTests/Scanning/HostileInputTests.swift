import Foundation
import HostileInput
import MillraceCore
import MillraceEvents
import Testing

/// What `make fuzz` does for hours, in seconds and always the same.
@Suite(.timeLimit(.minutes(10))) struct `Hostile input` {
  private static let largestMutation = 8192

  private func promises() throws -> Promises { Promises(try Seeds.schema()) }

  @Test func `seeds and what was found once keep every promise`() throws {
    var promises = try promises()
    #expect(Seeds.records().count >= 50)
    #expect(Seeds.found().count >= 3)
    for seed in Seeds.records() { try promises.check(seed) }
    for found in Seeds.found() { try promises.check(found.bytes) }
    for document in JSONCases.all { try promises.check(document.bytes) }
  }

  @Test(arguments: 0..<4)
  func `whatever is done to a record, every promise is kept`(_ seed: UInt64) throws {
    var promises = try promises()
    var generator = SeededGenerator(seed: seed)
    let seeds = Seeds.records() + Seeds.found().map(\.bytes)
    let mutator = Mutator(seeds: seeds)
    for _ in 0..<60 {
      var bytes = try #require(seeds.randomElement(using: &generator))
      for _ in 0..<4 {
        bytes = mutator.mutate(bytes, countMax: Self.largestMutation, with: &generator)
        do {
          try promises.check(bytes)
        } catch {
          Issue.record("\(error)\nfor these bytes: \(Data(bytes).base64EncodedString())")
          return
        }
      }
    }
  }

  @Test func `mutations depend on their seed alone, and reach what is valid and what is not`() {
    let mutator = Mutator(seeds: Seeds.records())
    func run() -> [[UInt8]] {
      var generator = SeededGenerator(seed: 1)
      return Seeds.records().map {
        mutator.mutate($0, countMax: Self.largestMutation, with: &generator)
      }
    }
    let mutations = run()
    #expect(mutations == run())
    let valid = mutations.count { JSONReader.flaw(of: $0) == nil }
    #expect(valid > 0 && valid < mutations.count)
  }

  @Test func `repeated damage before a record is told in time that grows with the blob alone`() {
    // What is quadratic would take minutes here.
    for piece in ["]x", "1,", "x]", "\"],", "{]", "[1]x", "}]"] {
      let text =
        "[" + String(repeating: piece, count: 100_000) + "," + record()
        + String(repeating: " ,", count: 100_000) + "]"
      let scan = BlobScanner.scan(blob(text))
      #expect(covers(scan, Array(text.utf8)), "\(piece)")
      #expect(scan.records.contains { $0.verdict == .event }, "\(piece)")
    }
  }
}

/// The checker of promises finds what it is there to find.
@Suite struct `Checking what is written` {
  @Test(arguments: [
    "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":1} x", "",
    "{\"a\":01}", "{\"a\":\"\t\"}", "{\"a\":1,}", "[1 2]", "{'a':1}", "nul", "{\"a\":1", "\"a",
    "{\"a\":\"\\x\"}", "-", "1.", "1e", "\u{FEFF}{}",
  ])
  func `what some receiver would not read is a flaw`(_ text: String) {
    #expect(JSONReader.flaw(of: Array(text.utf8)) != nil)
  }

  @Test(arguments: [
    "{\"a\":\"\\ud83d\\ude00\",\"b\":[-0.5e+3,null,true,{}]}", "0", "[]", " \"ü\\n\" ", "1E-2",
  ])
  func `what every receiver reads has none`(_ text: String) {
    #expect(JSONReader.flaw(of: Array(text.utf8)) == nil)
  }

  @Test func `bytes that are no UTF-8 are a flaw`() {
    for sequence: [UInt8] in [
      [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
    ] {
      #expect(JSONReader.flaw(of: [0x22] + sequence + [0x22]) != nil)
      #expect(JSONReader.firstMalformed([0x61] + sequence) == 1)
    }
  }

  @Test func `what breaks the schema of events is found, as the slower checker finds it`() throws {
    let schema = try Seeds.schema()
    let slow = try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
    let good = try `Fixtures of normalization`.line(of: "sign-in-success")
    func flaw(_ line: String) throws -> String? {
      schema.flaw(of: try JSONReader.read(Array(line.utf8)).tree)
    }
    #expect(try flaw(good) == nil)
    let changes = [
      ("\"severity\":\"", "\"severity\":\"x"), ("\"time\":\"2026", "\"time\":\"x26"),
      ("\"action\":\"user.", "\"action\":\"User."), ("\"tenant\":{", "\"tenant\":{\"x\":1,"),
      ("\"schema\":\"millrace/1", "\"schema\":\"millrace/2"),
      ("\"type_id\":15", "\"type_id\":\"x\""),
      ("\"service\":", "\"servic\":"), ("\"id\":\"", "\"id\":null,\"x\":\""),
    ]
    for (old, new) in changes {
      let bad = good.replacingOccurrences(of: old, with: new)
      #expect(bad != good, "\(old)")
      #expect(try flaw(bad) != nil, "\(new)")
      #expect(try !slow.errors(Event(bad).tree).isEmpty, "\(new)")
    }
  }
}
