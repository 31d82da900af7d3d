import Foundation
import TestChildren
import Testing

/// `normalize` on more than one piece of input, with more than one worker.
@Suite(.timeLimit(.minutes(10)))
struct NormalizeManyTests {
  private func record(_ number: Int) -> String {
    """
    {"CreationTime":"2026-01-02T03:04:05","Id":"n\(number)","Operation":"FileAccessed",\
    "RecordType":6,"Workload":"SharePoint","Filling":"\(String(repeating: "x", count: 700))"}
    """
  }

  /// Some megabytes: a few times what one worker takes at a time.
  private func records(_ count: Int = 5000) -> [String] { (0..<count).map { record($0) } }

  @Test func `events come in the order of their records, however many workers there are`()
    async throws
  {
    let place = try Workplace()
    let all = records()
    try place.write("[" + all.joined(separator: ",\n ") + "]", to: "array.json")
    try place.write(all.joined(separator: "\n"), to: "lines.ndjson")
    let blobs = stride(from: 0, to: all.count, by: 50).map { start in
      "[" + all[start..<start + 50].joined(separator: ",") + "]"
    }
    try place.write(blobs.joined(separator: "\n"), to: "blobs.json")
    let once = all.joined(separator: "\n") + "\n"
    for workers in ["1", "4"] {
      let result = try await place.run(
        "normalize", "--workers", workers, "--format", "raw", "array.json", "lines.ndjson",
        "blobs.json")
      #expect(result.exitCode == 0 && result.complaints.isEmpty)
      #expect(result.outputText == once + once + once)
    }
  }

  @Test func `what is broken is named in the order of the input, with its place`() async throws {
    let place = try Workplace()
    var all = records()
    for (number, index) in [4900, 2500, 40].enumerated() { all[index] = "{\"Id\":oops\(number)}" }
    try place.write(all.joined(separator: "\n"), to: "lines.ndjson")
    let result = try await place.run("normalize", "--workers", "3", "lines.ndjson")
    #expect(result.exitCode == 65)
    let complaints = result.complaintText.split(separator: "\n").map(String.init)
    #expect(complaints.count == 4 && complaints.last == "millrace: 3 records could not be parsed")
    let text = all.joined(separator: "\n")
    for (complaint, word) in zip(complaints, ["oops2", "oops1", "oops0"]) {
      let start = try #require(text.range(of: "{\"Id\":\(word)}")).lowerBound
      let offset = text.utf8.distance(from: text.startIndex, to: start)
      #expect(complaint.hasPrefix("millrace: lines.ndjson: not valid JSON at byte 6: "))
      #expect(complaint.hasSuffix(" (counted from byte \(offset))"))
    }
    #expect(result.outputText.split(separator: "\n").count == all.count - 3)
  }

  @Test func `a file that cannot be read is named, and costs no other file`() async throws {
    let place = try Workplace()
    try place.write(record(1), to: "one.json")
    let result = try await place.run("normalize", "--workers", "3", "one.json", ".", "one.json")
    #expect(result.exitCode == 65)
    #expect(result.complaintText == "millrace: .: Is a directory\n")
    #expect(result.outputText.split(separator: "\n").count == 2)
  }

  @Test func `a reader that leaves workers is no error`() async throws {
    let place = try Workplace()
    try place.write(records().joined(separator: "\n"), to: "lines.ndjson")
    let gone = try await place.run("normalize", "--workers", "4", "lines.ndjson", reader: .gone)
    #expect(gone.exitCode == 0)
    #expect(gone.complaints.isEmpty, "\(gone.complaintText)")
  }

  // MARK: Memory

  /// The largest resident set of a run (VmHWM of proc(5), "status") on one array of `count` times
  /// the same record, in bytes, looked at while it waits for somebody to read the rest of what it
  /// writes: a line of `lineBytes` for each.
  private func peak(
    of place: Workplace, _ record: String, count: Int, format: String, lineBytes: Int
  ) async throws -> Int {
    let name = "\(count).json"
    let single = Array(record.utf8)
    var array = Data("[".utf8)
    for number in 0..<count {
      if number > 0 { array.append(UInt8(ascii: ",")) }
      array.append(contentsOf: single)
    }
    array.append(UInt8(ascii: "]"))
    let path = place.path(name)
    try array.write(to: URL(fileURLWithPath: path))
    let outcome = await blocking {
      Result {
        try statusOfRun(["--format", format, path], bytes: count * lineBytes)
      }
    }
    let run = try outcome.get()
    #expect(run.exitCode == 0 && run.left == 0)
    let line = try #require(run.status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) << 10
  }

  @Test func `memory does not grow with the input`() async throws {
    let place = try Workplace()
    let record = record(1)
    var peaks: [Int] = []
    for megabytes in [8, 40] {
      peaks.append(
        try await peak(
          of: place, record, count: megabytes << 20 / record.utf8.count, format: "raw",
          lineBytes: record.utf8.count + 1))
    }
    #expect(peaks[1] - peaks[0] < 16 << 20, "\(peaks) bytes")
  }

  @Test func `records of two bytes do not fill the memory with their events`() async throws {
    let place = try Workplace()
    try place.write("{}", to: "one.json")
    let one = try await place.run("normalize", "one.json")
    let lineBytes = one.outputText.utf8.count
    let count = 250_000
    let peak = try await peak(of: place, "{}", count: count, format: "native", lineBytes: lineBytes)
    #expect(peak < count * lineBytes, "\(peak) bytes")
  }

  // MARK: Report

  private func strange() -> String {
    let known =
      "{\"Id\":\"K\",\"Operation\":\"FileAccessed\",\"RecordType\":6,\"Workload\":\"SharePoint\""
    let strange =
      "{\"Id\":\"S1\",\"Operation\":\"Frobnicate\",\"RecordType\":9999,\"Workload\":\"Foo\""
    let often =
      "{\"Id\":\"F1\",\"Operation\":\"Defrag\\u001b[m\",\"RecordType\":6,\"Workload\":\"Foo\""
    return [
      known + "}", known + ",\"Novelty\":1}", strange + ",\"Novelty\":2}", often + "}", often + "}",
      "{\"Id\":",
    ].joined(separator: "\n")
  }

  @Test func `the report says what to map next, the most frequent first`() async throws {
    let place = try Workplace()
    try place.write(strange(), to: "records.ndjson")
    let result = try await place.run("normalize", "--report", "records.ndjson")
    #expect(result.exitCode == 65, "one record could not be parsed")
    let lines = result.outputText.split(separator: "\n").map(String.init)
    #expect(
      lines.first
        == "5 records; type and operation of 2 are known; 1 more could not be parsed")
    #expect(lines.contains("      1  9999  Foo       s1"))
    let often = lines.firstIndex { $0.hasPrefix("      2  Foo       Defrag") }
    let seldom = lines.firstIndex { $0.hasPrefix("      1  Foo       Frobnicate") }
    #expect(try #require(often) < #require(seldom))
    #expect(!result.output.contains(0x1B), "what a terminal would obey is not printed")
    #expect(lines.contains { $0.hasPrefix("  1. operation Defrag") && $0.hasSuffix("2 records") })
    #expect(lines.contains { $0.contains("field Novelty of Foo: name it in RawMember.swift") })
  }

  @Test func `the report comes as JSON, too`() async throws {
    let place = try Workplace()
    try place.write(strange(), to: "records.ndjson")
    let result = try await place.run("normalize", "--report", "--json", "records.ndjson")
    let report: [String: Any] = try json(result.outputText)
    #expect(report["records"] as? Int == 5 && report["unreadable"] as? Int == 1)
    let operations = try #require(report["operations"] as? [[String: Any]])
    #expect(operations.map { $0["count"] as? Int } == [2, 1])
    #expect(operations[1]["example"] as? String == "s1")
    let fields = try #require(report["fields"] as? [[String: Any]])
    #expect(fields.map { $0["workload"] as? String } == ["Foo", "SharePoint"])
    #expect(
      fields.allSatisfy { $0["field"] as? String == "Novelty" && $0["known"] as? Bool == false })
    try place.write(
      record(1).replacingOccurrences(of: "Filling", with: "UserAgent"), to: "one.json")
    let well = try await place.run("normalize", "--report", "one.json")
    #expect(well.exitCode == 0)
    #expect(well.outputText.contains("operations that no table knows: none"))
  }

  @Test func `options that exclude each other are refused`() async throws {
    let place = try Workplace()
    try place.write(record(1), to: "one.json")
    let both = try await place.run("normalize", "--report", "--explain", "one.json")
    #expect(both.exitCode == 64 && both.complaintText.contains("exclude each other"))
    let alone = try await place.run("normalize", "--json", "one.json")
    #expect(alone.exitCode == 64 && alone.complaintText.contains("--report"))
  }
}

/// Normalizes, and looks at the process when it has little left to write of what it should. Blocks.
private func statusOfRun(
  _ words: [String], bytes: Int
) throws -> (status: String, exitCode: Int32, left: Int) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: MillraceProgram.path)
  process.arguments = ["normalize", "--workers", "2"] + words
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let reader = output.fileHandleForReading
  var left = bytes
  // More than a pipe holds is left to write then.
  while left > 1 << 20,
    let some = try reader.read(upToCount: min(left - 1 << 20, 1 << 16)), !some.isEmpty
  {
    left -= some.count
  }
  let status = try String(
    contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
  while let rest = try reader.read(upToCount: 1 << 16), !rest.isEmpty { left -= rest.count }
  process.waitUntilExit()
  return (status, process.terminationStatus, left)
}
