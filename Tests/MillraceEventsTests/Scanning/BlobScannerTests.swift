import Foundation
import MillraceCore
import MillraceEvents
import Testing

@Suite struct `Scanning a blob` {
  private func scan(_ text: String) -> BlobScan { BlobScanner.scan(blob(text)) }

  private func isDead(_ record: ScannedRecord) -> Bool { record.verdict != .event }

  private func reason(_ record: ScannedRecord) -> String {
    if case .dead(let reason) = record.verdict { return reason }
    return ""
  }

  @Test func `an array of objects gives one event for each, with its bytes and time`() {
    let first = record()
    let scan = scan(" [\(first),\n {} ] ")
    #expect(scan.problem == nil)
    #expect(scan.records.map(\.verdict) == [.event, .event])
    #expect(scan.records[0].range == 2..<2 + first.utf8.count)
    #expect(scan.records[0].time == Timestamp("2026-03-04T08:15:30Z"))
    #expect(scan.records[1].time == nil)
  }

  @Test func `an object alone is one record, and an empty array is none`() {
    #expect(scan(record()).records.map(\.verdict) == [.event])
    #expect(scan(record()).problem == nil)
    #expect(scan("[]").records.isEmpty)
    #expect(scan(" [ ] ").problem == nil)
  }

  @Test func `a byte order mark is skipped`() {
    let scan = scan("\u{FEFF}[\(record())]")
    #expect(scan.problem == nil)
    #expect(scan.records.map(\.verdict) == [.event])
    #expect(scan.records[0].range.lowerBound == 4)
  }

  @Test(arguments: [
    "", "  \n", "\u{FEFF}", "<html><body>Service unavailable</body></html>", "null", "17", "\"x\"",
    "x", "{", "{\"a\":tru}", "[", "]", "[,", "{\"error\":{\"code\":\"AF20051\",\"message\":\"m\"}}",
    "{\"Message\":\"Authorization has been denied for this request.\"}", "[] x",
  ])
  func `what is not a blob is a problem and no record`(_ text: String) {
    let scan = scan(text)
    #expect(scan.problem != nil)
    #expect(scan.records.isEmpty)
    #expect(!(scan.problem?.reason.isEmpty ?? true))
  }

  @Test func `elements that are no objects are dead, their neighbours are not`() {
    let scan = scan("[1,\"x\",\(record()),null,[2,[3]],{},true,-0.5e+3]")
    #expect(scan.problem == nil)
    #expect(
      scan.records.map(isDead) == [true, true, false, true, true, false, true, true])
  }

  @Test(arguments: [
    "{\"a\":tru}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}",
    "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"tab\t\"}", "{\"a\":\"\u{0}\"}",
    "{\"a\":[1,}",
    "{\"a\":[1,]}", "{'a':1}", "{\"a\":NaN}", "{\"a\":1 \"b\":2}", "{\"a\"}", "{\"a\":+1}",
    "{\"a\":\"line\nbreak\"}", "{\"a\":1}}", "{\"a\":{\"b\":1}", "{\"a\":\"b}", "{\"a\":b\"}", "x",
    "{\"Data\":\"{\"a\":1}\"}", "\"", "{", "}", "{\"a\":1]", "\\", "{\"a\":\"\\", "\u{7F}",
  ])
  func `a bad record costs itself alone`(_ bad: String) {
    let before = record("\"N\":1")
    let after = record("\"N\":[{\"x\":1},{\"y\":2}]")
    let text = "[\(before),\(bad),\(after),\(after)]"
    let scan = scan(text)
    let events = scan.records.filter { $0.verdict == .event }.map {
      String(decoding: blob(text).bytes(in: $0.range), as: UTF8.self)
    }
    #expect(events.contains(before))
    #expect(events.filter { $0 == after }.count == 2)
    #expect(scan.records.contains(where: isDead))
    #expect(covers(scan, Array(text.utf8)))
  }

  @Test(
    arguments: [
      [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xC3],
      [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82],
    ] as [[UInt8]])
  func `malformed UTF-8 makes a record dead`(_ sequence: [UInt8]) {
    let good = Array(record("\"T\":\"ünï – 日本 🎉\"").utf8)
    let bad = Array("{\"a\":\"".utf8) + sequence + Array("\"}".utf8)
    let bytes =
      Array("[".utf8) + good + Array(",".utf8) + bad + Array(",".utf8) + good
      + Array("]".utf8)
    let scan = BlobScanner.scan(PaddedBytes(bytes))
    #expect(scan.records.map(isDead) == [false, true, false])
    #expect(reason(scan.records[1]).contains("UTF-8"))
    #expect(covers(scan, bytes))
  }

  @Test func `a blob cut at any byte loses no record before the cut`() throws {
    let records = [
      record("\"A\":\"x,{[\\\"\\\\\""), record("\"B\":[1,{\"c\":null}]", type: 8), record(),
    ]
    let text = Array("[\(records.joined(separator: ",\n "))]".utf8)
    let whole = BlobScanner.scan(PaddedBytes(text))
    #expect(whole.records.count == 3)
    for length in 0..<text.count {
      let cut = Array(text[..<length])
      let scan = BlobScanner.scan(PaddedBytes(cut))
      let complete = whole.records.filter { $0.range.upperBound <= length }
      #expect(scan.records.filter { $0.verdict == .event } == complete, "cut at \(length)")
      if scan.problem == nil || !complete.isEmpty { #expect(covers(scan, cut), "cut at \(length)") }
      // A cut is never silent.
      #expect(scan.problem != nil || scan.records.contains(where: isDead), "cut at \(length)")
    }
    let torn = BlobScanner.scan(PaddedBytes(Array(text[..<(text.count - 5)])))
    #expect(torn.problem == nil)
    #expect(reason(try #require(torn.records.last)).contains("truncated"))
  }

  @Test func `nesting deeper than the limit is a dead record and no stack overflow`() {
    let depth = 20_000
    let deep =
      "{\"a\":" + String(repeating: "[", count: depth)
      + String(repeating: "]", count: depth) + "}"
    let scan = scan("[\(record()),\(deep),\(record())]")
    #expect(scan.records.map(isDead) == [false, true, false])
    #expect(reason(scan.records[1]).contains("nested deeper"))
    let objects = String(repeating: "{\"a\":", count: depth)
    let open = self.scan("[\(record()),\(objects),\(record())]")
    #expect(open.records.filter { $0.verdict == .event }.count == 2)
    #expect(self.scan(deep).records.map(isDead) == [true])
  }

  @Test func `a record as deep as the limit is an event`() throws {
    let inner = Limits.recordDepthMax - 1
    let deep =
      "{\"a\":" + String(repeating: "[", count: inner)
      + String(repeating: "]", count: inner) + "}"
    #expect(scan("[\(deep)]").records.map(\.verdict) == [.event])
    _ = try event(deep, raw: .object)
    #expect(scan("[{\"b\":\(deep)}]").records.map(isDead) == [true])
  }

  @Test func `a record larger than the limit is dead, a large one is not`() throws {
    let large = record("\"Data\":\"\(String(repeating: "x\\\"", count: 60_000))\"")
    #expect(scan("[\(large)]").records.map(\.verdict) == [.event])
    #expect(try event(large).object("ext")?["Data"] as? String != nil)
    let tooLarge = "{\"a\":\"\(String(repeating: "x", count: Limits.recordBytesMax))\"}"
    let scan = scan("[\(record()),\(tooLarge),\(record())]")
    #expect(scan.records.map(isDead) == [false, true, false])
    #expect(reason(scan.records[1]).contains("larger than"))
  }

  @Test func `bytes behind the array are a dead record`() {
    let scan = scan("[\(record())] [1, {\"a\": 2}]")
    #expect(scan.problem == nil)
    #expect(scan.records.map(isDead) == [false, true])
  }

  @Test func `of a second array behind the first no record is lost`() {
    let text = "[\(record())] [\(record())]\n[1, 2, \(record()), \(record())]"
    let scan = scan(text)
    #expect(scan.problem == nil)
    #expect(scan.records.filter { $0.verdict == .event }.count == 4)
    #expect(covers(scan, Array(text.utf8)))
  }

  @Test func `a bracket or comma too many costs nothing`() {
    let text = "[,\(record()),,],\(record()),[],\(record())]"
    let scan = scan(text)
    #expect(scan.records.filter { $0.verdict == .event }.count == 3)
    #expect(covers(scan, Array(text.utf8)))
  }

  @Test func `damage to a separator costs no record`() {
    let records = [record("\"N\":1"), record("\"N\":2"), record("\"N\":3")]
    for damage in ["x", "\"", "{", "}", "[", "]", ":", "", " ", "\u{1}", "\\", ";,", "}{"] {
      let text = "[\(records[0])\(damage)\(records[1]),\(records[2])]"
      let scan = scan(text)
      #expect(scan.records.filter { $0.verdict == .event }.count == 3, "\(damage)")
      #expect(covers(scan, Array(text.utf8)), "\(damage)")
    }
  }

  @Test(arguments: [
    "", "x", "\u{0}", "\\", ":", "}", "]", "{", "{x}", "[x]", "{\"a\":1}", "\"text\"", "<p>",
    "\u{FF}",
    ", ",
  ])
  func `long damage between two records costs neither`(_ piece: String) {
    let records = [record("\"N\":1"), record("\"N\":2"), record("\"N\":3")]
    for count in [1, 15, 40, 5_000] {
      for comma in ["", ","] {
        let damage = String(repeating: piece, count: count) + "garbage"
        let text = "[\(records[0])\(comma)\(damage)\(comma)\(records[1]),\(records[2])]"
        let scan = scan(text)
        let events = scan.records.filter { $0.verdict == .event }.map {
          String(decoding: blob(text).bytes(in: $0.range), as: UTF8.self)
        }
        #expect(records.allSatisfy(events.contains), "\(count) \(piece) with \(comma)")
        #expect(scan.records.contains(where: isDead))
        #expect(covers(scan, Array(text.utf8)))
      }
    }
  }

  @Test(arguments: ["x", ":", "[", "{", "]", "\u{FF}"])
  func `a record with long damage before and behind it is found`(_ piece: String) {
    let records = [record("\"N\":1"), record("\"N\":2"), record("\"N\":3")]
    let damage = "garbage" + String(repeating: piece, count: 30)
    let text = "[\(records.joined(separator: damage))]"
    let scan = scan(text)
    #expect(scan.records.filter { $0.verdict == .event }.count == 3)
    #expect(covers(scan, Array(text.utf8)))
  }

  /// A record that lost a quote: behind the escaped ones in it, its own list looks like neighbours.
  private let torn =
    #"{"Id":"a","RecordType":1,"CreationTime":"2026-01-01T00:00:00","Operation":"New-InboxRule","#
    + #""ClientAppId":"x,"ExternalAccess":false,"Parameters":[{"Name":"Name","Value":"."},"#
    + #"{"Name":"Sev","Value":"\"DoNotAudit\""},{"Name":"Mode","Value":"Enforce"},"#
    + #"{"Name":"Comments","Value":""}],"SessionId":"s"}"#

  @Test func `parts of a broken record are no records, and one dead letter`() {
    for separator in [",", "\n", ",\n", "\n  ", ""] {
      let text = "[\(record())\(separator)\(torn)\(separator)\(record())]"
      let scan = scan(text)
      #expect(scan.records.map(isDead) == [false, true, false], "\(separator)")
      #expect(covers(scan, Array(text.utf8)), "\(separator)")
    }
    let before = record().utf8.count + 2
    #expect(scan("[\(record()),\(torn)]").records.last?.range == before..<before + torn.utf8.count)
  }

  @Test func `behind a broken record each line begins anew, and so does what names itself`() {
    let broken = "{\"a\":tru}"
    #expect(scan("[\(broken),{\"b\":1}]").records.map(isDead) == [true])
    #expect(scan("[\(broken),\n{\"b\":1}]").records.map(isDead) == [true, false])
    #expect(scan("[\(broken),{\"Id\":\"x\"}]").records.map(isDead) == [true, false])
    #expect(
      scan("[\(broken),\(record()),{\"b\":1}]").records.map(isDead) == [true, false, false])
  }

  @Test func `a record that a bracket too many ends early is not taken for whole`() {
    let text = "[\(record()),\(record())\"Rest\":{\"a\":1}},\(record())]"
    let scan = scan(text)
    #expect(scan.records.map(isDead) == [false, true, false])
    #expect(covers(scan, Array(text.utf8)))
  }

  @Test func `the last of several creation times counts`() {
    let scan = scan(
      "[{\"CreationTime\":\"2026-01-01T00:00:00\",\"CreationTime\":\"2026-02-02T00:00:00\"}]")
    #expect(scan.records[0].time == Timestamp("2026-02-02T00:00:00Z"))
  }

  @Test func `a member counts however its name is spelled`() {
    for usesCreation in [true, false] {
      let (name, spelled) =
        usesCreation ? ("CreationTime", #"\u0043reation\u0054ime"#) : ("Id", #"I\u0064"#)
      for filling in 0..<70 {
        let fill = String(repeating: "x", count: filling)
        let text =
          #"[{"Id":"1","RecordType":1,"Operation":"a","CreationTime":"2026-01-01T00:00:00","#
          + #""F":"\#(fill)","#
          + #""\#(spelled)":"\#(usesCreation ? "2027-01-01T00:00:00" : "2")"}]"#
        let plain = text.replacing(spelled, with: name)
        let (found, expected) = (scan(text).records, scan(plain).records)
        #expect(found.count == 1 && found[0].time == expected[0].time, "\(name) \(filling)")
        #expect(
          identity(of: found[0], text) == identity(of: expected[0], plain), "\(name) \(filling)")
      }
    }
  }

  private func identity(of record: ScannedRecord, _ text: String) -> [UInt8] {
    var identities = EventIdentities()
    var bytes: [UInt8] = []
    #expect(identities.append(record, of: blob(text), to: &bytes))
    return bytes
  }

  @Test func `reasons are short and hold nothing of the record`() {
    let secret = String(repeating: "s3cret", count: 10_000)
    let scan = scan("[{\"\(secret)\":\(secret)},\(secret),{\"a\":\"\(secret)\n\"}]")
    #expect(scan.records.count >= 2)
    for record in scan.records {
      #expect(reason(record).utf8.count < 160)
      #expect(!reason(record).contains("s3cret"))
    }
  }
}

@Suite struct `Scanning hostile blobs` {
  @Test func `any soup of JSON's own bytes is covered and costs little`() {
    var generator = SeededGenerator(seed: 7)
    let soup = Array("{}[]\",:\\ \n1tn\u{1}\u{80}".utf8)
    for _ in 0..<400 {
      let length = Int.random(in: 0...200, using: &generator)
      let bytes =
        [UInt8(ascii: "[")] + (0..<length).map { _ in soup.randomElement(using: &generator)! }
      let scan = BlobScanner.scan(PaddedBytes(bytes))
      if scan.problem == nil { #expect(covers(scan, bytes), "\(bytes)") }
      _ = lines(of: PaddedBytes(bytes))
    }
  }

  @Test(arguments: [
    "{\"a\":[1,", "{\"a\":\"", "{", "}", "[", "\"", ",", "1,", "{\"a\":tru},", "{},", "]", "\\",
    "{\"Id\":\"x\",\"RecordType\":1},", "{\"Id\":\"x\",\"RecordType\":1,", "},{\"a\":[",
    "{\"CreationTime\":1,\"Operation\":{,",
  ])
  func `repeated damage is told in time that grows with the blob alone`(_ piece: String) {
    // What is quadratic would take minutes here.
    let bytes =
      Array("[".utf8) + Array(String(repeating: piece, count: 100_000 / piece.utf8.count).utf8)
    let scan = BlobScanner.scan(PaddedBytes(bytes))
    #expect(scan.problem != nil || !scan.records.isEmpty)
    if scan.problem == nil { #expect(covers(scan, bytes)) }
  }

  @Test func `a mutated record never takes a neighbour with it`() throws {
    var generator = SeededGenerator(seed: 2026)
    let records = (0..<6).map { number in
      record(
        """
        "N":\(number),"UserId":"ana\(number)@example.com","Data":"{\\"a\\":[1,{\\"b\\":\\"},{\\"}]}",\
        "Parameters":[{"Name":"x","Value":"y, \\\\"},{"Name":"z","Value":null}],"T":"ü – 🎉"
        """, type: [1, 6, 8, 15, 40, 999][number])
    }
    let text = Array("[\(records.joined(separator: ","))]".utf8)
    let whole = BlobScanner.scan(PaddedBytes(text)).records.map(\.range)
    #expect(whole.count == 6)
    for round in 0..<200 {
      var bytes = text
      let victim = Int.random(in: 0..<6, using: &generator)
      let range = whole[victim]
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let place = Int.random(in: range, using: &generator)
        let structural = Array("{}[]\",:\\".utf8)
        bytes[place] =
          Bool.random(using: &generator)
          ? structural.randomElement(using: &generator)!
          : UInt8.random(in: 0...255, using: &generator)
      }
      let blob = PaddedBytes(bytes)
      let scan = BlobScanner.scan(blob)
      #expect(covers(scan, bytes), "round \(round)")
      for (index, neighbour) in whole.enumerated() where index != victim {
        let isThere = scan.records.contains { $0.range == neighbour && $0.verdict == .event }
        #expect(
          isThere, "round \(round): record \(index) beside \(victim)")
      }
      for line in lines(of: blob, raw: .object) { _ = try Event(line) }
    }
  }
}
