import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// `replay`: with a collector and without, to a sink and to standard output.
@Suite(.timeLimit(.minutes(10)))
struct ReplayCommandTests {
  private func collected(_ events: Int = 300) async throws -> Workplace {
    let place = try Workplace(events: events)
    try place.configure()
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 0, "\(run.complaintText)")
    return place
  }

  /// Checks that the raw file holds every record this many times.
  private func expect(
    _ times: Int, in place: Workplace, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let counts = Dictionary(try place.lines(of: "raw.ndjson").map { ($0, 1) }, uniquingKeysWith: +)
    #expect(counts.values.allSatisfy { $0 == times }, sourceLocation: sourceLocation)
    let expected = try place.simulator.oracle.expectedRecords().count
    #expect(counts.count == expected, sourceLocation: sourceLocation)
  }

  @Test func `without a collector the command sends everything again itself`() async throws {
    let place = try await collected()
    let result = try await place.run("replay", "--sink", "raw")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText == "replay 1 is done: 300 events delivered to raw\n")
    #expect(result.complaintText.contains("replay 1 to sink raw: 300 events in "))
    try expect(2, in: place)
    let report: [String: Any] = try json(
      try await place.run("replay", "--sink", "raw", "--json", "--operation", "none").outputText)
    #expect(report["state"] as? String == "done" && report["delivered"] as? Int == 0)
    #expect(report["events"] as? Int == 300 && report["id"] as? Int == 2)
    let list: [[String: Any]] = try json(
      try await place.run("replay", "--list", "--json").outputText)
    #expect(list.compactMap { $0["id"] as? Int } == [2, 1])
    let table = try await place.run("replay", "--list").outputText
    #expect(table.hasPrefix("REPLAY  SINK ") && table.contains("--operation none"))
  }

  @Test func `what only records can tell is not counted before they are looked at`() async throws {
    let place = try await collected()
    let day = ["--from", "2020-01-01", "--to", "2020-01-02", "--by", "event"]
    for words in [["--operation", "None"], day] {
      let result = await (try place.start(["replay", "--sink", "raw"] + words)).end()
      #expect(result.exitCode == 0, "\(result.complaintText)")
      #expect(result.complaintText.contains(" to sink raw: up to "), "\(result.complaintText)")
    }
    let rows = try await place.run("replay", "--list").outputText.split(separator: "\n").dropFirst()
    #expect(rows.count == 2)
    for row in rows {
      let words = row.split(separator: " ")
      #expect(words[2] == "done" && words[3...4] == ["0", "0"], "\(row)")
    }
  }

  @Test func `a running collector does the work, and the command shows it`() async throws {
    let place = try await collected(1000)
    let collector = try place.start(["run"])
    try #require(await isReached(place))
    let result = try await place.run("replay", "--sink", "raw")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText == "replay 1 is done: 1000 events delivered to raw\n")
    try expect(2, in: place)

    // One that would take longer than this test may: the command is left, the replay goes on.
    let slow = try place.start(["replay", "--sink", "raw", "--rate", "1"])
    slow.signal(SIGINT, onceItComplains: "replay 2 to sink raw")
    let left = await slow.end()
    #expect(left.exitCode == 0, "\(left.complaintText)")
    #expect(left.complaintText.contains("replay 2 goes on in the collector"))
    #expect(left.output.isEmpty)
    let status = try await place.run("status")
    #expect(status.outputText.contains("--rate 1"), "\(status.outputText)")

    let cancelled = try await place.run("replay", "--cancel", "2")
    #expect(cancelled.exitCode == 0, "\(cancelled.complaintText)")
    #expect(cancelled.outputText.hasPrefix("replay 2 is cancelled: "))
    let again = try await place.run("replay", "--cancel", "2")
    #expect(again.exitCode == 1 && again.complaintText.contains("replay 2 is cancelled"))
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  /// Whether a collector answers, asked until it does.
  private func isReached(_ place: Workplace) async throws -> Bool {
    while try await !place.run("status").outputText.hasPrefix("collecting since") {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
    }
    return true
  }

  @Test func `a replay that is stopped goes on with the same command, and by its number`()
    async throws
  {
    // More than can be sent at this rate before the test is out of time.
    let place = try await collected(1000)
    for words in [
      ["replay", "--sink", "raw", "--rate", "1"], ["replay", "--sink", "raw", "--rate", "1"],
      ["replay", "--resume", "1"],
    ] {
      let replay = try place.start(words)
      replay.signal(SIGINT, onceItComplains: "replay 1 to sink raw")
      let result = await replay.end()
      #expect(result.exitCode == 1)
      #expect(result.complaintText.contains("millrace replay --resume 1"))
      #expect(result.outputText.hasPrefix("replay 1 is stopped: "), "\(result.outputText)")
    }
    let unknown = try await place.run("replay", "--resume", "7")
    #expect(unknown.exitCode == 1 && unknown.complaintText.contains("replay --list"))
    #expect(try await place.run("replay", "--cancel", "1").exitCode == 0)
    let over = try await place.run("replay", "--resume", "1")
    #expect(over.exitCode == 1 && over.complaintText.contains("replay 1 is cancelled"))
  }

  @Test func `standard output gets events beside a running collector, and nothing else`()
    async throws
  {
    let place = try await collected()
    let collector = try place.start(["run"])
    try #require(await isReached(place))
    let raw = try await place.run("replay", "--to-stdout", "--format", "raw")
    #expect(raw.exitCode == 0, "\(raw.complaintText)")
    let lines = raw.outputText.split(separator: "\n").map(String.init)
    #expect(try lines.sorted() == place.lines(of: "raw.ndjson").sorted())
    #expect(raw.complaintText.contains("replay is done: 300 events delivered"))
    let native = try await place.run(
      "replay", "--to-stdout", "--content-type", "Audit.Exchange", "--tenant", "contoso", "--json")
    let events = native.outputText.split(separator: "\n")
    #expect(!events.isEmpty && events.count < 300)
    #expect(events.allSatisfy { $0.hasPrefix("{\"schema\":\"millrace/1.0\"") })
    #expect(events.allSatisfy { $0.contains("\"content\":{\"type\":\"Audit.Exchange\"") })
    let summary = try #require(native.complaintText.split(separator: "\n").last)
    let report: [String: Any] = try json(String(summary))
    #expect(report["created_at"] == nil && report["updated_at"] == nil, "it is no job of the store")
    #expect(report["delivered"] as? Int == events.count)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    #expect(try await place.run("replay", "--list").outputText.isEmpty, "no job is kept of it")
  }

  @Test func `own domains decide who is outside, live and in a replay`() async throws {
    let place = try Workplace()
    try place.configure(sinks: ["events: {type: file, path: events.ndjson}"])
    let configuration = try String(contentsOfFile: place.path("millrace.yaml"), encoding: .utf8)
    try place.write(
      configuration.replacing(
        "    name: contoso", with: "    name: contoso\n    domains: a.example"),
      to: "millrace.yaml")
    let tenant = SimulatedTenantOptions().tenantID
    try place.write(
      """
      {"CreationTime":"2026-01-02T03:04:05","Id":"9b2c1d7e-0000-4000-8000-000000000001",\
      "Operation":"SharingSet","OrganizationId":"\(tenant)","RecordType":14,"Workload":"SharePoint",\
      "UserId":"b@b.example","TargetUserOrGroupName":"b@b.example"}
      """, to: "sharing.ndjson")
    #expect(try await place.run("import", "sharing.ndjson").exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    let live = try place.lines(of: "events.ndjson")
    #expect(live.count == 1 && live[0].contains("\"is_external\":true"))
    let printed = try await place.run("replay", "--to-stdout")
    #expect(printed.outputText == live[0] + "\n")
    #expect(try await place.run("replay", "--sink", "events").exitCode == 0)
    let twice = try place.lines(of: "events.ndjson")
    #expect(twice == [live[0], live[0]])
  }

  @Test func `a reader that leaves ends the output quietly`() async throws {
    let place = try await collected(3000)
    let result = try await place.run("replay", "--to-stdout", reader: .gone)
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.complaintText.isEmpty, "\(result.complaintText)")
  }

  @Test(arguments: [
    [], ["--sink", "raw", "--to-stdout"], ["--sink", "nowhere"],
    ["--list", "--from", "2026-01-01"],
    ["--cancel", "0"], ["--resume", "1", "--rate", "5"], ["--to-stdout", "--tenant", "fabrikam"],
    ["--sink", "raw", "--from", "2026-01-02", "--to", "2026-01-02"],
    ["--sink", "raw", "--rate", "0"], ["--sink", "raw", "--by", "night"],
  ])
  func `what cannot be meant is bad usage`(words: [String]) async throws {
    let place = try Workplace()
    try place.configure()
    let result = await (try place.start(["replay"] + words)).end()
    #expect(result.exitCode == 64, "\(words): \(result.complaintText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("store")))
  }

  @Test func `before the first run there is nothing to send, and nothing is made`() async throws {
    let place = try Workplace()
    try place.configure()
    for words in [["--sink", "raw"], ["--to-stdout"], ["--list"], ["--cancel", "1"]] {
      let result = await (try place.start(["replay"] + words)).end()
      #expect(result.exitCode == 1 && result.complaintText.contains("millrace run"))
    }
    #expect(!FileManager.default.fileExists(atPath: place.path("store")))
  }

  @Test func `what retention took is said`() async throws {
    let place = try await collected()
    let yaml = try String(contentsOfFile: place.path("millrace.yaml"), encoding: .utf8)
    let store = "store: {path: 'store'"
    let aging = yaml.replacing(store, with: store + ", retention: 1s")
    try #require(aging != yaml)
    try place.write(aging, to: "millrace.yaml")
    let collector = try place.start(["run"])
    var held = ""
    repeat {
      try Task.checkCancellation()
      held = try await place.run("status", "--json").outputText
    } while !held.contains("\"held_bodies\":0,")
    let result = try await place.run("replay", "--sink", "raw")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText == "replay 1 is done: 0 events delivered to raw\n")
    #expect(result.complaintText.contains("more blobs with 300 events are gone"))
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    try expect(1, in: place)
  }
}
