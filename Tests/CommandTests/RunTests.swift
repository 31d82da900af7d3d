import Foundation
import Glibc
import MillraceHTTP
import MillraceSimulator
import TestChildren
import Testing

/// `run`: what it delivers, and what it says when it cannot.
@Suite(.timeLimit(.minutes(10)))
struct RunTests {
  @Test func `a single run delivers everything and says what it did`() async throws {
    let place = try Workplace(events: 300)
    try place.configure()
    let result = try await place.run("run", "--once")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.output.isEmpty)
    #expect(result.complaintText.contains("events delivered: raw: 300"))
    try place.expectEveryRecordOnce()
  }

  @Test func `a wrong secret is said once, with advice, and never shown`() async throws {
    let place = try Workplace(events: 10)
    let secret = "wrong-7431~Secret.Value"
    try place.configure(secret: secret)
    let result = try await place.run("run", "--once", "--log-level", "debug")
    #expect(result.exitCode == 77)
    let text = result.complaintText
    // Once when it happens, once in the summing up.
    #expect(text.occurrences(of: "Invalid client secret") == 2, "\(text)")
    #expect(text.contains("contoso") && text.contains("secret"), "\(text)")
    #expect(text.split(separator: "\n").count <= 5, "\(text)")
    #expect(!text.contains(secret) && !result.outputText.contains(secret))
    #expect(try place.files(containing: secret) == ["client.secret"])
    let list = try await place.run("subscriptions", "list")
    #expect(list.exitCode == 77)
    #expect(!list.complaintText.contains(secret) && list.output.isEmpty)
  }

  @Test func `the right secret stays where it was`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    let result = try await place.run("run", "--once", "--log-level", "debug")
    let secret = SimulatedTenantOptions().clientSecret
    #expect(result.exitCode == 0)
    #expect(!result.complaintText.contains(secret))
    #expect(try place.files(containing: secret) == ["client.secret"])
  }

  @Test func `a dead host is a service that cannot be reached`() async throws {
    let place = try Workplace()
    try place.configure(address: "http://127.0.0.1:1")
    let result = try await place.runOwing { $0.contains("127.0.0.1 port 1") }
    #expect(result.exitCode == 69)
    #expect(result.complaintText.contains("127.0.0.1 port 1"))
    #expect(result.complaintText.occurrences(of: "feeds not listed") == 1)
    #expect(result.complaintText.split(separator: "\n").count <= 5, "\(result.complaintText)")
  }

  @Test func `an address that is taken is named, and nothing is lost`() async throws {
    let place = try Workplace(events: 60)
    let taken = place.simulator.port
    try place.configure(more: "console: {listen: '127.0.0.1:\(taken)'}")
    let refused = try await place.run("run", "--once")
    #expect(refused.exitCode == 1)
    #expect(
      refused.complaintText.contains("cannot listen on 127.0.0.1:\(taken)"),
      "\(refused.complaintText)")
    #expect(refused.complaintText.split(separator: "\n").count == 1)
    try place.configure()
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test func `a sink that cannot be written is named, and gets everything once it can`()
    async throws
  {
    let place = try Workplace(events: 200)
    try place.write("a file\n", to: "blocked")
    try place.configure(sinks: [
      Workplace.rawSink, "late: {type: file, path: blocked/late.ndjson, format: raw}",
    ])
    let owing = try await place.runOwing { text in
      text.contains(/sink late: .*every part of the path/) && !text.contains("sink raw: ")
        && !text.contains("not listed") && !text.contains("blobs not fetched")
    }
    #expect(owing.exitCode == 1)
    let text = owing.complaintText
    #expect(text.contains("  sink late: ") && text.contains("blobs not delivered"), "\(text)")
    #expect(text.contains("every part of the path before the last is a folder"), "\(text)")
    #expect(!text.contains("sink raw: "), "\(text)")
    #expect(text.occurrences(of: "sink late: ") == 1, "it is named once a line: \(text)")
    try place.expectEveryRecordOnce()

    unlink(place.path("blocked"))
    let fetched = place.simulator.statistics.blobsServed
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
    try place.expectEveryRecordOnce(in: "blocked/late.ndjson")
    #expect(place.simulator.statistics.blobsServed == fetched, "nothing is fetched twice")
  }

  @Test func `a log in JSON holds whatever a run says`() async throws {
    let place = try Workplace(events: 20)
    try place.write("a file\n", to: "blocked")
    try place.configure(sinks: [
      Workplace.rawSink, "late: {type: file, path: blocked/late.ndjson}",
    ])
    let owing = try await place.runOwing("--log-format", "json") { $0.contains("sink late: ") }
    let unusable = try await place.run("run", "--config", "none.yaml", "--log-format", "json")
    #expect(owing.exitCode == 1 && unusable.exitCode == 78)
    for line in (owing.complaintText + unusable.complaintText).split(separator: "\n") {
      let members: [String: Any] = try json(String(line))
      #expect(members["message"] != nil && members["level"] != nil)
    }
    #expect(owing.complaintText.contains("not everything was delivered"))
    #expect(owing.complaintText.contains("peak memory"))
  }

  /// A place with two sinks whose files are one by a link.
  private func meetingPlace() throws -> Workplace {
    let place = try Workplace(events: 200)
    try place.write("", to: "a.ndjson")
    try #require(link(place.path("a.ndjson"), place.path("b.ndjson")) == 0)
    try place.configure(sinks: [
      "first: {type: file, path: a.ndjson, format: raw}",
      "second: {type: file, path: b.ndjson, format: raw}",
    ])
    return place
  }

  @Test func `two sinks that meet in one file by a link lose nothing, and both are named`()
    async throws
  {
    let refusal = /sink (first|second): .*the sink "(first|second)" writes to this very file/
    var place = try meetingPlace()
    let result = try await withPatience { result in
      try result.complaintText.contains(refusal) && place.lines(of: "a.ndjson").count >= 200
    } _: { patience in
      // Each run is the first of its place: which sink is refused is left to chance anew.
      place = try meetingPlace()
      return try place.start(["run", "--once", "--patience", patience])
    }
    #expect(result.exitCode == 1)
    let text = result.complaintText
    // The one that comes second is refused, and gets its own file.
    let sinks = try #require(text.firstMatch(of: refusal), "\(text)")
    #expect(sinks.1 != sinks.2)
    try place.expectEveryRecordOnce(in: sinks.2 == "first" ? "a.ndjson" : "b.ndjson")
    unlink(place.path(sinks.1 == "first" ? "a.ndjson" : "b.ndjson"))
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce(in: "a.ndjson")
    try place.expectEveryRecordOnce(in: "b.ndjson")
  }

  @Test func `a second collector on the same store is refused, naming the first`() async throws {
    let place = try Workplace(events: 20)
    try place.configure()
    let first = try place.start(["run"])
    try #require(await first.complains("subscription started"))
    let second = try await place.run("run", "--once")
    #expect(second.exitCode == 1)
    #expect(
      second.complaintText.contains("in use by process \(first.process)"),
      "\(second.complaintText)")
    first.signal(SIGTERM)
    #expect(await first.end().exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal lets what is fetched be delivered`(signal: Int32) async throws {
    let place = try Workplace(events: 2000, eventsPerBlob: 5)
    // So little that any machine delivers it in the time that an end may take, and a sink that
    // cannot be written until then: there is something that the end could lose.
    place.simulator.show(share: 0.05)
    try place.write("a file\n", to: "blocked")
    try place.configure(sinks: [
      "raw: {type: file, path: blocked/raw.ndjson, format: raw, retry: {initial: 1s, max: 1s}}"
    ])
    let collector = try place.start(["run"])
    var status = ""
    repeat {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
      let asked = try await place.run("status", "--json")
      status = asked.exitCode == 0 ? asked.outputText : ""
    } while collector.isRunning
      && (!status.contains("\"run\":") || status.contains("\"bodies\":0,"))
    collector.signal(signal)
    unlink(place.path("blocked"))
    let result = await collector.end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    let report: [String: Any] = try json(try await place.run("status", "--json").outputText)
    let sinks = try #require(report["sinks"] as? [[String: Any]])
    #expect(sinks.allSatisfy { $0["pending_bodies"] as? Int == 0 })
    let events = try #require(report["events"] as? Int)
    #expect(events > 0)
    #expect(try place.lines(of: "blocked/raw.ndjson").count == events)
    place.simulator.show(share: 1)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce(in: "blocked/raw.ndjson")
  }

  @Test func `a single run that is stopped has not done its work`() async throws {
    let place = try Workplace()
    try place.configure(address: "http://127.0.0.1:1")
    let run = try place.start(["run", "--once", "--patience", "600s"])
    try #require(await run.complains("port 1"))
    run.signal(SIGTERM)
    let result = await run.end()
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("stopped before all there is was delivered"))
  }

  @Test func `a path too long for the control socket keeps nobody from collecting`() async throws {
    let place = try Workplace(events: 20)
    let name = String(repeating: "long", count: 30)
    try place.configure(store: name)
    let result = try await place.run("run", "--once")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.complaintText.contains("commands cannot ask this collector"))
    try place.expectEveryRecordOnce()
    #expect(try await place.run("status").outputText.contains("20 records"))
  }

  @Test func `a second signal ends at once`() async throws {
    let place = try Workplace(events: 100)
    // A sink that cannot be written holds up the first signal's end.
    try place.write("a file\n", to: "blocked")
    try place.configure(sinks: ["late: {type: file, path: blocked/late.ndjson, format: raw}"])
    let collector = try place.start(["run"])
    try #require(await collector.complains("sink late"))
    var bodies = ""
    repeat {
      try Task.checkCancellation()
      bodies = try await place.run("status", "--json").outputText
    } while bodies.contains("\"bodies\":0,") && collector.isRunning
    // A task may wait for the tests beside it for longer than the end is held up.
    collector.signal(SIGTERM, onceItComplains: "a second signal ends at once")
    collector.signal(SIGTERM)
    let result = await collector.end()
    #expect(result.exitCode == 143, "\(result.complaintText)")
    unlink(place.path("blocked"))
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce(in: "blocked/late.ndjson")
  }

  @Test(arguments: ["Pacific/Kiritimati", "America/St_Johns", "not/a zone"])
  func `the time zone of the machine means nothing`(zone: String) async throws {
    let place = try Workplace(events: 120)
    try place.configure(sinks: [Workplace.rawSink, "days: {type: file, path: 'day-{date}.ndjson'}"])
    let result = try await place.run("run", "--once", environment: ["TZ": zone])
    #expect(result.exitCode == 0, "\(result.complaintText)")
    try place.expectEveryRecordOnce()
    let names = try FileManager.default.contentsOfDirectory(atPath: place.folder).filter {
      $0.hasPrefix("day-")
    }
    var count = 0
    for name in names {
      for line in try place.lines(of: name) {
        let event: [String: Any] = try json(line)
        let time = try #require(event["time"] as? String)
        #expect(name == "day-\(time.prefix(10)).ndjson" && time.hasSuffix("Z"))
        count += 1
      }
    }
    #expect(count == 120 && names.count > 1)
    #expect(place.simulator.statistics.listingsInFuture == 0)
  }
}
