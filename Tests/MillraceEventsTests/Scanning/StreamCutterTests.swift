import MillraceCore
import MillraceEvents
import Testing

@Suite(.timeLimit(.minutes(10))) struct `Cutting a stream of JSON into pieces` {
  /// What was found in a stream.
  private struct Found: Equatable {
    var events: [String] = []
    /// Records and values that become no events.
    var deadCount = 0
    var pieceCount = 0
    var largestPiece = 0
    var ending = ""
  }

  /// Reads a text piece by piece. The source gives some bytes at a time, seldom as many as asked.
  private func cut(
    _ text: String, pieceBytes: Int, valueBytesMax: Int = 1 << 20, seed: UInt64 = 1
  ) -> Found {
    let bytes = Array(text.utf8)
    var generator = SeededGenerator(seed: seed)
    var position = 0
    var cutter = StreamCutter(pieceBytes: pieceBytes, valueBytesMax: valueBytesMax)
    var found = Found()
    var spare: [UInt8] = []
    while true {
      let step = cutter.next(spare: &spare) { buffer in
        let some = Int.random(in: 1...max(1, pieceBytes), using: &generator)
        let count = min(some, buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
      }
      switch step {
      case .piece(let piece):
        found.pieceCount += 1
        found.largestPiece = max(found.largestPiece, piece.bytes.count)
        piece.forEachPart { part in
          let place = part.offset..<part.offset + part.bytes.count
          #expect(Array(bytes[place]) == part.bytes.bytes, "the offset is that of the bytes")
          add(part.scan, of: part.bytes, to: &found)
        }
        spare = piece.takeMemory()
      case .end:
        found.ending = "end"
        return found
      case .failed(let code):
        found.ending = "failed \(code)"
        return found
      }
    }
  }

  private func add(_ scan: BlobScan, of bytes: PaddedBytes, to found: inout Found) {
    if scan.problem != nil, scan.records.isEmpty { found.deadCount += 1 }
    for record in scan.records {
      if record.verdict == .event {
        found.events.append(String(decoding: bytes.bytes(in: record.range), as: UTF8.self))
      } else {
        found.deadCount += 1
      }
    }
  }

  /// Splits the same text into its values without cutting it first.
  private func split(_ text: String) throws -> Found {
    var splitter = InputSplitter()
    Array(text.utf8).withUnsafeBytes { splitter.append($0) }
    var found = Found()
    while let value = try splitter.finish() {
      add(BlobScanner.scan(value), of: value, to: &found)
    }
    return found
  }

  private func record(_ number: Int, filling: Int = 0) -> String {
    let fill = String(repeating: "},{\\\"x\\\":[", count: filling)
    return "{\"CreationTime\":\"2026-01-02T03:04:05\",\"Id\":\"n\(number)\",\"Operation\":\"é\","
      + "\"RecordType\":6,\"List\":[{\"a\":1},{\"b\":\"\(fill)\"}]}"
  }

  @Test(arguments: UInt64(1)...40)
  func `pieces hold what the stream holds, whatever is broken in it`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let broken = [
      "{\"Id\":\"x", "{\"Id\":", "[\(record(7))", "]", "nonsense", "[[", "{}", "[]",
      "{\"error\":{\"code\":\"AF429\"}}", "[1,2]", "\"text\"", "[\(record(8)),{\"Id\":nonsense}]",
      "\(record(9)),", "{\"a\":\"\u{1}\"}", "[\(record(6))]]", "\(record(5)) tail", ",",
    ]
    var lines: [String] = []
    for number in 0..<60 {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: lines.append(broken.randomElement(using: &generator) ?? "")
      case 1: lines.append("[\(record(number)),\n \(record(1000 + number))]")
      case 2: lines.append("\(record(number))\(record(1000 + number))\r")
      case 3: lines.append("")
      default: lines.append(record(number))
      }
    }
    let text = lines.joined(separator: "\n")
    let whole = try split(text)
    #expect(whole.events.count > 20)
    for pieceBytes in [300, 1000, 4000] {
      let found = cut(text, pieceBytes: pieceBytes, seed: seed)
      // A piece may show a record that its values hide, and then fewer are dead; never the reverse.
      let difference = found.events.difference(from: whole.events)
      #expect(difference.removals.isEmpty)
      for case .insert(_, let event, _) in difference.insertions {
        #expect(event.hasPrefix("{\"CreationTime\"") && event.hasSuffix("]}"))
      }
      if difference.isEmpty { #expect(found.deadCount == whole.deadCount) }
      #expect(found.ending == "end" && found.pieceCount > 1)
    }
  }

  @Test func `parts of a broken record are no values of their own`() {
    let torn =
      #"{"Id":"a","RecordType":1,"Name":"x,"List":[{"n":"."},{"n":"\"s\""},{"n":"m"},{"n":""}],"#
      + #""b":"s"}"#
    let text = "\(record(1))\n\(torn)\n\(record(2))\n{\"a\":1}\n"
    for pieceBytes in [16, 300, 4000] {
      let found = cut(text, pieceBytes: pieceBytes)
      #expect(found.events == [record(1), record(2), "{\"a\":1}"], "\(pieceBytes)")
      // A piece may end within the broken record.
      #expect(found.deadCount == 1 || pieceBytes == 16, "\(pieceBytes)")
    }
  }

  @Test(arguments: ["", "\n  "], [16, 100, 700, 5000])
  func `one array is cut between its records`(_ blank: String, _ pieceBytes: Int) {
    let records = (0..<200).map { record($0, filling: $0 % 7 == 0 ? 40 : 0) }
    let text = "[" + records.map { blank + $0 }.joined(separator: ",") + blank + "]\n"
    let found = cut(text, pieceBytes: pieceBytes)
    #expect(found.events == records)
    #expect(found.deadCount == 0 && found.ending == "end")
    #expect(found.pieceCount > 3)
    #expect(found.largestPiece <= 4 * max(pieceBytes, 1000), "a piece is no larger than it must be")
    let more = cut(text + record(7) + "\n[" + record(8) + "]", pieceBytes: pieceBytes)
    #expect(more.events == records + [record(7), record(8)] && more.deadCount == 0)
  }

  @Test(arguments: ["{\"Id\":nonsense}", "17", "{\"Id\":\"a\"b\"}", "{\"Id\":\"\u{1}\"}"])
  func `damage in a large array costs itself alone`(_ damage: String) {
    let records = (0..<200).map { record($0) }
    var members = records
    for place in [150, 90, 3] { members.insert(damage, at: place) }
    let found = cut("[" + members.joined(separator: ",") + "]", pieceBytes: 1000)
    #expect(found.events == records)
    #expect(found.deadCount == 3)
  }

  @Test func `an array that breaks off costs its last record`() {
    let records = (0..<200).map { record($0) }
    let text = "[" + records.joined(separator: ",").dropLast(20)
    let found = cut(text, pieceBytes: 1000)
    #expect(found.events == Array(records.dropLast()))
    #expect(found.deadCount == 1 && found.ending == "end")
  }

  @Test func `a byte order mark and blanks without end are nothing`() {
    let text = "\u{FEFF}" + record(1) + String(repeating: " \n,", count: 50_000) + record(2)
    let found = cut(text, pieceBytes: 500)
    #expect(found.events == [record(1), record(2)])
    #expect(found.deadCount == 0 && found.largestPiece <= 4000)
    #expect(cut("", pieceBytes: 500) == Found(ending: "end"))
  }

  @Test func `a value beyond the limit costs what follows on its line, and nothing else`() {
    let large = "{\"Id\":\"\(String(repeating: "x", count: 10_000))\"}"
    let text = "[\(record(1)),\(large),\(record(2))]"
    for (more, left) in [("", [1]), ("\n\(record(3))\n\(record(4))", [1, 3, 4])] {
      for seed in 1...20 as ClosedRange<UInt64> {
        let found = cut(text + more, pieceBytes: 200, valueBytesMax: 4000, seed: seed)
        #expect(found.events == left.map { record($0) })
        #expect(found.deadCount == 1 && found.ending == "end")
        #expect(found.largestPiece <= 4000)
      }
    }
    #expect(cut(text, pieceBytes: 200, valueBytesMax: 20_000).events.count == 3)
    let lines = "\(record(1))\n\(large)  \n\(large)\n\(record(2))\n"
    let found = cut(lines, pieceBytes: 200, valueBytesMax: 4000)
    #expect(found.events == [record(1), record(2)])
    #expect(found.deadCount == 2)
  }

  @Test func `a record whose place in the stream is hidden by damage is found`() {
    let text =
      "\(record(1))\n{\"error\":{\"code\":\"AF429\"}}\n{\"Id\":\n[\(record(2))]]\n\(record(3))"
    let found = cut(text, pieceBytes: 4000)
    #expect(found.events == [record(1), record(2), record(3)])
    #expect(found.deadCount > 0)
  }

  @Test func `tiny records without end come in small pieces`() {
    let count = 150_000
    let found = cut("[" + String(repeating: "{},", count: count) + "{}]", pieceBytes: 20_000)
    #expect(found.events.count == count + 1 && found.deadCount == 0)
    #expect(found.ending == "end")
    let many = cut("[" + String(repeating: "{},", count: count) + "{}]", pieceBytes: 1 << 20)
    #expect(many.events.count == count + 1 && many.deadCount == 0)
  }

  @Test func `a source that fails is told apart from one that ends`() {
    var cutter = StreamCutter()
    guard case .failed(5) = cutter.next(from: { _ in -5 }) else {
      Issue.record("the error number is handed on")
      return
    }
  }
}
