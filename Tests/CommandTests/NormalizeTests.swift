import Foundation
import MillraceCore
import TestChildren
import Testing

/// `normalize`, the filter.
struct NormalizeTests {
  /// A record that only says what it must.
  private func record(_ number: Int) -> String {
    """
    {"CreationTime":"2026-01-02T03:04:0\(number % 10)","Id":"\(identifier(number))","Operation":"FileAccessed",\
    "OrganizationId":"41463f53-8812-40f4-890f-865bf6e35190","RecordType":6,"UserId":"a@example.com",\
    "UserType":0,"Workload":"SharePoint"}
    """
  }

  private func identifier(_ number: Int) -> String {
    "9b2c1d7e-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
  }

  /// The numbers of the records whose events came out.
  private func expect(
    _ result: ChildResult, _ numbers: [Int], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let lines = result.outputText.split(separator: "\n").map(String.init)
    #expect(lines.count == numbers.count, sourceLocation: sourceLocation)
    for (line, number) in zip(lines, numbers) {
      let event: [String: Any] = try json(line)
      #expect(event["schema"] as? String == "millrace/1.0", sourceLocation: sourceLocation)
      #expect(line.contains(identifier(number)), sourceLocation: sourceLocation)
    }
  }

  @Test func `arrays, records and lines are read from files and from standard input`() async throws
  {
    let place = try Workplace()
    try place.write("[\(record(1)),\n\(record(2))]", to: "blob.json")
    try place.write("\(record(3))\n\(record(4))\n\n\(record(5))", to: "lines.ndjson")
    let files = try await place.run("normalize", "blob.json", "lines.ndjson")
    #expect(files.exitCode == 0 && files.complaints.isEmpty)
    try expect(files, [1, 2, 3, 4, 5])
    let piped = try await place.run("normalize", input: place.path("lines.ndjson"))
    #expect(piped.exitCode == 0)
    try expect(piped, [3, 4, 5])
    let both = try await place.run("normalize", "blob.json", "-", input: place.path("lines.ndjson"))
    try expect(both, [1, 2, 3, 4, 5])
  }

  @Test func `a pipe that does not wait for its reader gets everything`() async throws {
    let place = try Workplace()
    let count = 5_000
    try place.write((0..<count).map(record).joined(separator: "\n"), to: "many.ndjson")
    // What dd sets stays with the pipe.
    let result = await
      (try ChildProcess(
        "/bin/sh",
        ["-c", "dd if=/dev/null oflag=nonblock && exec \"$0\" normalize many.ndjson"]
          + [MillraceProgram.path],
        environment: ["PATH": "/usr/bin:/bin"], folder: place.folder, keeping: place)).end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    try expect(result, Array(0..<count))
  }

  @Test func `own domains decide who is outside`() async throws {
    let place = try Workplace()
    let sharing = record(1).replacing("\"RecordType\":6", with: "\"RecordType\":14")
      .replacing("}", with: ",\"TargetUserOrGroupName\":\"b@example.net\"}")
    try place.write(sharing, to: "one.json")
    let one = try await place.run("normalize", "one.json", "--domain", "example.com")
    #expect(one.outputText.contains("\"is_external\":true"))
    let both = try await place.run(
      "normalize", "one.json", "--domain", "example.com", "--domain", "Example.net")
    #expect(both.exitCode == 0 && both.outputText.contains("b@example.net"))
    #expect(!both.outputText.contains("is_external"))
  }

  @Test(arguments: [("purview.csv", "a table"), ("members.gz", "compressed")])
  func `a file of another kind is named, and who reads it`(_ name: String, _ kind: String)
    async throws
  {
    let place = try Workplace()
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/import/" + name).path
    let result = try await place.run("normalize", file)
    #expect(result.exitCode == 65)
    #expect(result.complaintText.contains(kind) && result.complaintText.contains("millrace import"))
    #expect(result.complaintText.split(separator: "\n").count == 1)
  }

  @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian], [true, false])
  func `a file in UTF-16 is named, and who reads it`(
    encoding: String.Encoding, hasMark: Bool
  ) async throws {
    let place = try Workplace()
    let data = try #require(((hasMark ? "\u{FEFF}" : "") + record(1)).data(using: encoding))
    try data.write(to: URL(filePath: place.path("wide.json")))
    for result in [
      try await place.run("normalize", "wide.json"),
      try await place.run("normalize", input: place.path("wide.json")),
    ] {
      #expect(result.exitCode == 65)
      #expect(result.complaintText.contains("UTF-16"))
      #expect(result.complaintText.contains("have \"millrace import\" read it"))
      #expect(result.complaintText.split(separator: "\n").count == 1)
    }
  }

  @Test func `of what cannot be parsed the first of each file are named, the rest is counted`()
    async throws
  {
    let place = try Workplace()
    let broken = (0..<50).map { "{\"Id\":oops\($0)}\n" }.joined()
    for name in ["a.ndjson", "b.ndjson"] { try place.write(broken, to: name) }
    try place.write("{\"Id\":oops}\n", to: "c.ndjson")
    let result = try await place.run("normalize", "a.ndjson", "b.ndjson", "c.ndjson")
    #expect(result.exitCode == 65)
    let text = result.complaintText
    for name in ["a", "b"] {
      #expect(text.occurrences(of: "\(name).ndjson: not valid JSON") == Limits.faultsNamed)
      #expect(text.contains("millrace: \(name).ndjson: 30 more could not be parsed\n"))
    }
    #expect(text.occurrences(of: "c.ndjson") == 1)
    #expect(text.hasSuffix("millrace: 101 records could not be parsed\n"))
  }

  @Test func `records ride along in Elastic's own form, too`() async throws {
    let place = try Workplace()
    try place.write(record(1), to: "one.json")
    let result = try await place.run(
      "normalize", "--format", "ecs_o365", "--raw", "string", "one.json")
    let event: [String: Any] = try json(result.outputText)
    #expect((event["event"] as? [String: Any])?["original"] as? String == record(1))
  }

  @Test(arguments: ["cef", "raw"])
  func `a record that has no room, or is there anyway, is not attached`(_ format: String)
    async throws
  {
    let place = try Workplace()
    try place.write(record(1), to: "one.json")
    let result = try await place.run(
      "normalize", "--format", format, "--raw", "string", "one.json")
    #expect(result.exitCode == 64 && result.output.isEmpty)
    #expect(result.complaintText.contains("--raw"))
  }

  @Test func `a broken record costs itself alone`() async throws {
    let place = try Workplace()
    try place.write("[\(record(1)),{\"Id\":nonsense},\(record(2))]", to: "blob.json")
    try place.write("\(record(3))\n{\"Id\":\n\(record(4))\n", to: "lines.ndjson")
    let blob = try await place.run("normalize", "blob.json")
    #expect(blob.exitCode == 65)
    #expect(blob.complaintText.contains("blob.json"))
    try expect(blob, [1, 2])
    let lines = try await place.run("normalize", "lines.ndjson")
    #expect(lines.exitCode == 65)
    #expect(lines.complaintText.contains("lines.ndjson"))
    try expect(lines, [3, 4])
  }

  @Test func `raw and the record within the event are the record itself`() async throws {
    let place = try Workplace()
    try place.write(record(7), to: "one.json")
    let raw = try await place.run("normalize", "--format", "raw", "one.json")
    #expect(raw.outputText == record(7) + "\n")
    let within = try await place.run("normalize", "--raw", "string", "one.json")
    let event: [String: Any] = try json(within.outputText)
    #expect(event["raw"] as? String == record(7))
  }

  @Test func `explanations say where each field came from, in formats that have fields`()
    async throws
  {
    let place = try Workplace()
    try place.write(record(7), to: "one.json")
    let native = try await place.run("normalize", "--explain", "one.json")
    #expect(native.outputText.contains("actor.upn\t\"a@example.com\"\tUserId\n"))
    #expect(native.outputText.hasSuffix("\n\n"))
    let ecs = try await place.run("normalize", "--format", "ecs", "--explain", "one.json")
    #expect(
      ecs.outputText.contains("event.action\t\"FileAccessed\"\toperation <- Operation\n"))
    let cef = try await place.run("normalize", "--format", "cef", "--explain", "one.json")
    #expect(cef.outputText.contains("suser\t\"a@example.com\"\tactor.upn <- UserId\n"))
    let data = try await place.run("normalize", "--explain", "--structured-data", "one.json")
    #expect(data.outputText.contains("actor\t\"a@example.com\"\tactor.upn <- UserId\n"))
    let alone = try await place.run("normalize", "--structured-data", "one.json")
    #expect(alone.complaintText.contains("--structured-data is for --explain"))
    let raw = try await place.run("normalize", "--format", "raw", "--explain", "one.json")
    #expect(raw.complaintText.contains("native, ecs, ocsf, cef"))
    #expect(raw.outputText.isEmpty)
  }

  @Test func `a location database that cannot be used is bad data`() async throws {
    let place = try Workplace()
    try place.write(record(1), to: "record.json")
    try place.write("no database", to: "city.mmdb")
    let broken = try await place.run("normalize", "--city", "city.mmdb", "record.json")
    #expect(broken.exitCode == 65 && broken.complaintText.contains("city.mmdb: "))
    let missing = try await place.run("normalize", "--asn", "asn.mmdb", "record.json")
    #expect(missing.exitCode == 65 && missing.complaintText.contains("No such file"))
  }

  @Test func `a file that is missing is bad data`() async throws {
    let result = try await Workplace().run("normalize", "nowhere.json")
    #expect(result.exitCode == 65)
    #expect(result.complaintText.contains("nowhere.json: No such file"))
  }

  @Test(arguments: ["nowhere.json", "packed.json.gz", "."])
  func `a file that cannot be read costs no other file`(unreadable: String) async throws {
    let place = try Workplace()
    try place.write(record(1), to: "first.json")
    try place.write(record(2), to: "last.json")
    let packed = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
    try packed.write(to: URL(fileURLWithPath: place.path("packed.json.gz")))
    let result = try await place.run("normalize", "first.json", unreadable, "last.json")
    #expect(result.exitCode == 65)
    #expect(result.outputText.split(separator: "\n").count == 2)
    #expect(result.complaintText.hasPrefix("millrace: \(unreadable): "))
  }

  @Test func `a reader that leaves is no error`() async throws {
    let place = try Workplace()
    try place.write((0..<5000).map { record($0) }.joined(separator: "\n"), to: "many.ndjson")
    let gone = try await place.run("normalize", "many.ndjson", reader: .gone)
    #expect(gone.exitCode == 0)
    #expect(gone.complaints.isEmpty, "\(gone.complaintText)")
    let head = await
      (try ChildProcess(
        "/bin/sh", ["-c", "\"$0\" normalize many.ndjson | head -n 1", MillraceProgram.path],
        environment: ["PATH": "/usr/bin:/bin"], folder: place.folder)).end()
    #expect(head.exitCode == 0)
    #expect(head.complaints.isEmpty, "\(head.complaintText)")
    try expect(head, [0])
  }
}
