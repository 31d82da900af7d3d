import Foundation
import MillraceCore
import TestChildren
import Testing

@testable import millrace

/// `import`, and what becomes of what it took.
@Suite(.timeLimit(.minutes(10)))
struct ImportTests {
  private static let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"

  private func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/import/" + name).path
  }

  private func fixtureRecords() throws -> [String] {
    try String(contentsOfFile: fixture("records.ndjson"), encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  /// A record with a text that does not compress.
  private func record(_ number: Int, bytes: Int = 100, random: inout SeededGenerator) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
    let note = String(unsafeUninitializedCapacity: bytes) { buffer in
      for offset in stride(from: 0, to: bytes, by: 8) {
        var word = random.next()
        for place in offset..<min(offset + 8, bytes) {
          buffer[place] = letters[Int(word & 63)]
          word >>= 6
        }
      }
      return bytes
    }
    return """
      {"CreationTime":"2026-01-02T03:04:05","Id":"9b2c1d7e-0000-4000-8000-\(number)",\
      "Operation":"FileAccessed","OrganizationId":"41463f53-8812-40f4-890f-865bf6e35190",\
      "RecordType":6,"Workload":"SharePoint","Note":"\(note)"}
      """
  }

  private func records(_ count: Int, bytes: Int = 100) -> [String] {
    var random = SeededGenerator(seed: 7)
    return (0..<count).map { record($0, bytes: bytes, random: &random) }
  }

  private func expectEachOnce(
    _ records: [String], in place: Workplace, _ name: String = "raw.ndjson",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try place.lines(of: name)
    #expect(found.count == records.count, sourceLocation: sourceLocation)
    let isSame = found.sorted() == records.sorted()
    #expect(isSame, "\(name) holds each record once", sourceLocation: sourceLocation)
  }

  private func count(_ name: String, in result: ChildResult) throws -> Int {
    let report: [String: Any] = try json(result.outputText)
    return try #require(report[name] as? Int)
  }

  // MARK: The way through

  @Test func `records of any shape arrive at the sinks once, however often they are imported`()
    async throws
  {
    let place = try Workplace()
    try place.configure()
    let files = ["purview.csv", "powershell-unicode.csv", "search.json", "members.gz"]
    let first = try await place.run("import", "--json", fixture(files[0]))
    #expect(first.exitCode == 0, "\(first.complaintText)")
    #expect(try count("new_records", in: first) == 4 && count("new_blobs", in: first) == 3)
    for file in files {
      let again = try await place.run("import", "--json", fixture(file))
      #expect(again.exitCode == 0)
      #expect(try count("new_blobs", in: again) == 0 && count("known_blobs", in: again) == 3)
    }
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(try fixtureRecords(), in: place)
    #expect(try await place.run("import", fixture("blob.json")).exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(try fixtureRecords(), in: place)
  }

  @Test func `a file that cannot be read costs no other, and is named in the report`()
    async throws
  {
    let place = try Workplace()
    try place.configure()
    try place.write(records(1)[0], to: "a.ndjson")
    try place.write(records(2)[1], to: "b.ndjson")
    let result = try await place.run("import", "--json", "a.ndjson", "nope.json", "b.ndjson")
    #expect(result.exitCode == 65)
    #expect(result.complaintText.contains("nope.json: No such file or directory"))
    #expect(try count("new_records", in: result) == 2)
    let report: [String: Any] = try json(result.outputText)
    let files = try #require(report["files"] as? [[String: Any]])
    #expect(files.compactMap { $0["file"] as? String } == ["a.ndjson", "nope.json", "b.ndjson"])
    #expect(files.map { $0["failure"] as? String } == [nil, "No such file or directory", nil])
    let text = try await place.run("import", "nope.json", "a.ndjson")
    #expect(text.exitCode == 65 && text.outputText.contains("1 of 2 files"))
  }

  @Test func `where no file can be read, no store is made`() async throws {
    let place = try Workplace()
    try place.configure()
    let result = try await place.run("import", "--json", "nope.json")
    #expect(result.exitCode == 65 && result.outputText.contains("\"failure\":\"No such file"))
    #expect(!FileManager.default.fileExists(atPath: place.path("store")))
  }

  @Test func `records that come again in other pieces are delivered once`() async throws {
    let place = try Workplace(events: 30)
    try place.configure()
    #expect(try await place.run("run", "--once").exitCode == 0)
    // What was collected, saved by somebody else in another order, and something new.
    var lines = try place.lines(of: "raw.ndjson")
    #expect(lines.count == 30)
    let new = records(1)
    try place.write((lines.reversed() + new).joined(separator: "\n"), to: "saved.ndjson")
    let result = try await place.run("import", "-", input: place.path("saved.ndjson"))
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.contains("with the next \"millrace run\""))
    #expect(try await place.run("run", "--once").exitCode == 0)
    lines += new
    try expectEachOnce(lines, in: place)
    let status: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(status["repeats"] as? Int == 30)
  }

  @Test func `a running collector takes them and delivers at once`() async throws {
    let place = try Workplace()
    try place.configure()
    let collector = try await running(in: place)
    let result = try await place.run("import", "--json", fixture("blobs.json"))
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.contains("\"is_delivering\":true"))
    #expect(try count("new_blobs", in: result) == 3)
    #expect(
      try await count("known_blobs", in: place.run("import", "--json", fixture("blob.json"))) == 3)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    try expectEachOnce(try fixtureRecords(), in: place)
  }

  @Test func `a collector that stops in the middle leaves the rest to the import`() async throws {
    let place = try Workplace()
    try place.configure()
    let collector = try await running(in: place)
    let all = records(2700, bytes: 4000)
    // Fed by hand, so that the collector is certain to go before the import ends.
    let pipe = try FedPipe(place.path("pipe"))
    let importing = try place.start(["import", "-"], input: place.path("pipe"))
    // More than a batch.
    try await pipe.feed((all[..<2400].joined(separator: "\n") + "\n").utf8)
    var status = ""
    repeat {
      try Task.checkCancellation()
      status = try await place.run("status", "--json").outputText
    } while status.contains("\"bodies\":0,")
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    try await pipe.feed(all[2400...].joined(separator: "\n").utf8)
    pipe.end()
    let result = await importing.end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.contains("with the next \"millrace run\""), "\(result.outputText)")
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(all, in: place)
  }

  /// A collector that answers.
  private func running(in place: Workplace) async throws -> ChildProcess {
    let collector = try place.start(["run"])
    var status = ""
    repeat {
      try Task.checkCancellation()
      status = try await place.run("status", "--json").outputText
    } while !status.contains("\"run\":")
    return collector
  }

  // MARK: Trouble

  @Test func `what is broken is named, kept, and costs nothing else`() async throws {
    let place = try Workplace()
    try place.configure()
    let good = records(3)
    try place.write("\(good[0])\n{\"Id\":nonsense}\n\(good[1])\n", to: "a.ndjson")
    try place.write(
      "Id,AuditData\nx,\"oops\"\ny,\"\(good[2].replacing("\"", with: "\"\""))\"\n", to: "b.csv")
    let result = try await place.run("import", "--json", "a.ndjson", "b.csv")
    #expect(result.exitCode == 65)
    #expect(result.complaintText.contains("a.ndjson: line 2: not valid JSON"))
    #expect(result.complaintText.contains("b.csv: line 2: "))
    // What stands in the CSV before any record might be anyone's.
    #expect(try count("dead", in: result) == 2 && count("kept_dead", in: result) == 1)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(good, in: place)
    let status: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(status["dead_letters"] as? Int == 1)
    let audit: [String: Any] = try json(try await place.run("audit", "--json").outputText)
    let letters = ["total", "imported"].map {
      (audit[$0] as? [String: Any])?["dead_letters"] as? Int
    }
    #expect(letters == [0, 1], "what was imported is counted apart")
  }

  @Test func `of many broken values the first are named and the others counted`() async throws {
    let place = try Workplace()
    try place.configure()
    let lines = [records(1)[0]] + (0..<50).map { "{\"Id\":\($0)," }
    try place.write(lines.joined(separator: "\n"), to: "a.ndjson")
    let result = try await place.run("import", "a.ndjson")
    #expect(result.exitCode == 65)
    #expect(result.complaintText.occurrences(of: "a.ndjson: line ") == Limits.faultsNamed)
    #expect(result.complaintText.contains("a.ndjson: 30 more"))
    #expect(result.outputText.contains("50, named above; 50 of them kept"))
  }

  @Test func `input that cannot be imported says what to do, and writes nothing`() async throws {
    let place = try Workplace()
    try place.configure()
    try place.write("a,b\n1,2\n", to: "other.csv")
    try place.write(
      "{\"Id\":\"1\",\"CreationTime\":\"2026-01-02T03:04:05\"}\n", to: "anyone.ndjson")
    let unnamed = try await place.run("import", "anyone.ndjson")
    #expect(unnamed.exitCode == 65)
    #expect(unnamed.complaintText.contains("anyone.ndjson: line 1: "))
    #expect(unnamed.complaintText.contains("--tenant"))
    #expect(try await place.run("import", "other.csv").complaintText.contains("AuditData"))
    #expect(try await place.run("import", "nowhere.csv").exitCode == 65)
    #expect(try await place.run("import", ".").complaintText.contains("directory"))
    #expect(try await place.run("import").exitCode == 64)
    let foreign = try await place.run("import", "--tenant", "fabrikam", "anyone.ndjson")
    #expect(foreign.exitCode == 64 && foreign.complaintText.contains("contoso"))
    let status: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(status["bodies"] as? Int == 0)
    let named = try await place.run(
      "import", "--tenant", "Contoso", "--content-type", "Audit.Exchange", "anyone.ndjson")
    #expect(named.exitCode == 0)
    #expect(named.outputText.contains("contoso Audit.Exchange: 1 records, 1 new"))
  }

  @Test func `a store that is full ends an import that nobody could make room for`() async throws {
    let place = try Workplace()
    try place.configure(maxSize: "2MiB")
    let all = records(1500, bytes: 4000)
    try place.write(all.joined(separator: "\n"), to: "large.ndjson")
    // Batches are larger than the store, so that it is the second file that finds no room.
    let result = try await place.run("import", "large.ndjson", fixture("blob.json"))
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("store.max_size"), "\(result.complaintText)")
    #expect(try await place.run("status").outputText.contains(" of 2.0 MiB: FULL"))
    let warnings = try await place.check("--offline").findings.at("warning").about("store")
    #expect(warnings.contains { $0.message.contains("store.max_size") }, "\(warnings)")
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(all, in: place)
    // Delivered content makes room.
    #expect(try await place.run("import", fixture("blob.json")).exitCode == 0)
  }

  @Test func `a full store has the import wait until a sink has made room`() async throws {
    let place = try Workplace()
    try place.write("a file\n", to: "blocked")
    try place.configure(
      maxSize: "2MiB",
      sinks: ["late: {type: file, path: blocked/late.ndjson, format: raw}"])
    let collector = try await running(in: place)
    let all = records(2500, bytes: 4000)
    try place.write(all.joined(separator: "\n"), to: "large.ndjson")
    let importing = try place.start(["import", "large.ndjson"])
    try #require(await importing.complains("the store is full"))
    unlink(place.path("blocked"))
    let result = await importing.end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(all, in: place, "blocked/late.ndjson")
  }

  @Test func `killed again and again, an import loses and doubles nothing`() async throws {
    let place = try Workplace()
    try place.configure()
    // Several batches, each a commit of its own.
    let all = records(ImportTests.isNightly ? 20_000 : 3000, bytes: 6000)
    let text = Array(all.joined(separator: "\n").utf8)
    let seed = UInt64.random(in: 0...UInt64.max)
    print("import campaign: seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for kill in 0..<(ImportTests.isNightly ? 20 : 5) {
      let pipe = try FedPipe(place.path("records"))
      let importing = try place.start(["import", "records"])
      // The last byte is kept back, so that no import can end before its kill.
      if kill == 0 {
        try await pipe.feed(text.dropLast())
        try await expectSomethingStored(in: place)
      } else {
        try await pipe.feed(text.prefix(Int.random(in: 1..<text.count, using: &random)))
      }
      importing.signal(SIGKILL)
      #expect(await importing.end().ending == .signalled(SIGKILL), "seed \(seed)")
    }
    try place.write(String(decoding: text, as: UTF8.self), to: "large.ndjson")
    let last = try await place.run("import", "--json", "large.ndjson")
    #expect(last.exitCode == 0, "seed \(seed): \(last.complaintText)")
    #expect(try count("known_blobs", in: last) > 0, "seed \(seed): nothing survived a kill")
    #expect(try count("new_blobs", in: last) > 0, "seed \(seed): nothing was left to do")
    #expect(try await place.run("run", "--once").exitCode == 0)
    try expectEachOnce(all, in: place)
  }

  /// Waits until the store holds some of what is imported.
  private func expectSomethingStored(in place: Workplace) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
      let status = try await place.run("status", "--json").outputText
      if status.contains("\"bodies\":"), !status.contains("\"bodies\":0,") { return }
    }
    Issue.record("nothing was stored")
  }

  // MARK: Size

  @Test func `a field of fifty megabytes is passed over in bounded memory`() async throws {
    let place = try Workplace()
    try place.configure()
    let good = records(2)
    func row(_ text: String) -> String { "x,\"\(text.replacing("\"", with: "\"\""))\"\n" }
    let giant = "x,\"" + String(repeating: "y", count: 50 << 20) + "\"\n"
    try place.write("Id,AuditData\n\(row(good[0]))\(giant)\(row(good[1]))", to: "giant.csv")
    let result = try await place.run("import", "--json", "giant.csv")
    #expect(result.exitCode == 65)
    #expect(result.complaintText.contains("giant.csv: line 3: the row is larger than"))
    #expect(try count("new_records", in: result) == 2)
    let peak = try count("peak_memory_bytes", in: result) >> 20
    #expect(peak < 120, "\(peak) MiB")
  }

  @Test(.enabled(if: isNightly, "writing 300 MB takes its time; MILLRACE_TIER=nightly does it"))
  func `a file of any size is imported in the same memory`() async throws {
    let place = try Workplace()
    try place.configure()
    var peaks: [Int] = []
    for rows in [20_000, 60_000, 200_000] {
      var random = SeededGenerator(seed: UInt64(rows))
      try place.write("", to: "large.csv")
      let file = try FileHandle(forWritingTo: URL(filePath: place.path("large.csv")))
      try file.write(contentsOf: Data("Id,AuditData\r\n".utf8))
      for start in stride(from: 0, to: rows, by: 1000) {
        let chunk = (start..<start + 1000).map { number in
          let text = record(number, bytes: 1000, random: &random)
          return "x,\"\(text.replacing("\"", with: "\"\""))\"\r\n"
        }
        try file.write(contentsOf: Data(chunk.joined().utf8))
      }
      try file.close()
      let result = try await place.run("import", "--json", "large.csv")
      #expect(result.exitCode == 0)
      #expect(try count("new_records", in: result) == rows)
      peaks.append(try count("peak_memory_bytes", in: result))
    }
    print("import peaks: \(peaks.map { $0 >> 20 }) MiB at 25, 75 and 250 MB")
    #expect(peaks[2] < 120 << 20)
    #expect(peaks[2] - peaks[1] < 24 << 20)
  }

  @Test func `progress tells what is done, how fast, and what is left`() {
    #expect(
      ImportCommand.progress(
        file: "a.csv", done: 30 << 20, total: 100 << 20, records: 23_456, elapsed: .seconds(3))
        == "30.0 MiB of 100.0 MiB read, 10.0 MiB/s, 23 456 records, 7 s left (a.csv)")
    #expect(
      ImportCommand.progress(
        file: "standard input", done: 512, total: nil, records: 1, elapsed: .seconds(1))
        == "512 B read, 512 B/s, 1 records (standard input)")
  }
}
