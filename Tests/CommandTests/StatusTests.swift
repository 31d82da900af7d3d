import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// `status` and `subscriptions`.
@Suite(.timeLimit(.minutes(10)))
struct StatusTests {
  @Test func `status reads the store when no collector runs, and says so`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    #expect(try await place.run("run", "--once").exitCode == 0)
    let text = try await place.run("status")
    #expect(text.exitCode == 0)
    #expect(text.outputText.hasPrefix("no collector is running"))
    #expect(text.outputText.contains("100 records"))
    let report: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(report["run"] == nil)
    #expect(report["events"] as? Int == 100)
    let feeds = try #require(report["feeds"] as? [[String: Any]])
    #expect(feeds.count == 5)
    #expect(feeds.allSatisfy { $0["owed"] as? Int == 0 && $0["tenant"] as? String == "contoso" })
  }

  @Test func `status lists what is configured, where only an import made the store`() async throws {
    let place = try Workplace()
    try place.configure(
      sinks: [Workplace.rawSink, "later: {type: file, path: later.ndjson, from: now}"])
    try place.write(
      "{\"Id\":\"1\",\"RecordType\":6,\"CreationTime\":\"2026-01-02T03:04:05\",\"Operation\":\"Set\","
        + "\"Workload\":\"Exchange\"}", to: "one.json")
    #expect(try await place.run("import", "--tenant", "contoso", "one.json").exitCode == 0)
    let report: [String: Any] = try json(try await place.run("status", "--json").outputText)
    let feeds = try #require(report["feeds"] as? [[String: Any]])
    #expect(feeds.count == 5)
    #expect(feeds.map { $0["fetched"] as? Int }.reduce(0) { $0 + ($1 ?? 0) } == 1)
    let sinks = try #require(report["sinks"] as? [[String: Any]])
    #expect(sinks.compactMap { $0["name"] as? String } == ["later", "raw"])
    #expect(sinks.compactMap { $0["pending_bodies"] as? Int } == [0, 1])
    let text = try await place.run("status").outputText
    #expect(text.contains("contoso/DLP.All") && text.contains("later"))
  }

  @Test func `status asks the collector that runs`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    let collector = try place.start(["run"])
    try #require(await collector.complains("subscription started"))
    var text = ""
    repeat {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
      text = try await place.run("status").outputText
    } while !text.contains("100 events") && collector.isRunning
    #expect(text.hasPrefix("collecting since "))
    let report: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(report["run"] != nil)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  @Test func `status beside a collector that does not answer says so, and what the store holds`()
    async throws
  {
    let place = try Workplace(events: 100)
    try place.configure()
    let collector = try place.start(["run"])
    try #require(await collector.complains("subscription started"))
    collector.signal(SIGSTOP)
    // Each of its threads is stopped when it gets its turn, and could answer until then.
    try await eventually("the collector stands still") { threadsStand(of: collector.process) }
    let text = try await place.run("status")
    let report = try await place.run("status", "--json")
    let verified = try await place.run("verify")
    let (findings, _) = try await place.check()
    collector.signal(SIGCONT)
    #expect(text.exitCode == 1)
    #expect(
      text.outputText.contains(/^process [0-9]+ holds the store and does not answer; this is what/),
      "\(text.outputText)")
    let members: [String: Any] = try json(report.outputText)
    #expect(report.exitCode == 1 && members["run"] == nil)
    #expect((members["silent_collector"] as? String)?.hasPrefix("process ") == true)
    #expect(verified.exitCode == 0, "\(verified.complaintText)")
    #expect(findings.at("warning").about("collector").count == 1, "\(findings)")
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  @Test func `status before the first run says that there is nothing yet`() async throws {
    let place = try Workplace()
    try place.configure()
    let result = try await place.run("status")
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("millrace run"), "\(result.complaintText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("store")), "it changes nothing")
  }

  @Test func `status of a store that was killed at its birth says that there is nothing yet`()
    async throws
  {
    let place = try Workplace()
    try place.configure()
    try FileManager.default.createDirectory(
      atPath: place.path("store"), withIntermediateDirectories: false)
    try place.write("", to: "store/millrace.db")
    let result = try await place.run("status")
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("millrace run"), "\(result.complaintText)")
  }

  @Test func `subscriptions are listed, started and stopped`() async throws {
    let place = try Workplace()
    try place.configure()
    func states(_ words: String...) async throws -> [String] {
      let result = await (try place.start(["subscriptions"] + words + ["--json"])).end()
      #expect(result.exitCode == 0, "\(result.complaintText)")
      let rows: [[String: String]] = try json(result.outputText)
      #expect(rows.allSatisfy { $0["tenant"] == "contoso" })
      return rows.compactMap { $0["status"] }
    }
    let exchange = ["--content-type", "Audit.Exchange"]
    #expect(try await states("list") == Array(repeating: "not subscribed", count: 5))
    #expect(try await states("start", exchange[0], exchange[1]) == ["started"])
    #expect(try await states("list", exchange[0], exchange[1]) == ["enabled"])
    #expect(try await states("start", exchange[0], exchange[1]) == ["enabled already"])
    #expect(try await states("stop", exchange[0], exchange[1]) == ["stopped"])
    #expect(try await states("list", exchange[0], exchange[1]) == ["disabled"])
    #expect(try await states("start", exchange[0], exchange[1]) == ["started"], "at once")
    let table = try await place.run("subscriptions", "list", "--tenant", "contoso")
    #expect(table.outputText.hasPrefix("TENANT "))
    let unknown = try await place.run("subscriptions", "list", "--tenant", "fabrikam")
    #expect(unknown.exitCode == 64 && unknown.complaintText.contains("there are: contoso"))
  }

  @Test func `beside a collector a subscription is started as without one`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    let collector = try place.start(["run"])
    let feed = ["--content-type", "Audit.Exchange"]
    var states = ""
    repeat {
      try Task.checkCancellation()
      states = try await place.run("subscriptions", "list").outputText
    } while states.occurrences(of: "enabled") < 5 && collector.isRunning
    let stopped = await (try place.start(["subscriptions", "stop"] + feed)).end()
    #expect(stopped.exitCode == 0, "\(stopped.complaintText)")
    #expect(stopped.outputText.contains("the collector that runs starts it again"))
    let started = await (try place.start(["subscriptions", "start"] + feed)).end()
    #expect(started.exitCode == 0, "\(started.complaintText)\(started.outputText)")
    // The collector may have been quicker.
    #expect(started.outputText.contains(/Audit.Exchange +(started|enabled already)/))
    states = try await place.run("subscriptions", "list").outputText
    #expect(states.occurrences(of: "enabled") == 5, "\(states)")
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  @Test func `a start that is not tried says when it will be, and is no success`() async throws {
    let place = try Workplace()
    try place.configure()
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    // Whoever stops it with another store leaves the first one with what it knew.
    try place.configure(store: "other")
    let stopped = try await place.run("subscriptions", "stop", "--content-type", "DLP.All")
    #expect(stopped.exitCode == 0, "\(stopped.complaintText)")
    try place.configure()
    let result = try await place.run("subscriptions", "start")
    #expect(result.exitCode == 1)
    let text = result.outputText
    #expect(text.contains(/DLP.All +not started; next try at [0-2][0-9]:[0-5][0-9] UTC/), "\(text)")
    #expect(text.occurrences(of: "enabled already") == 4)
  }

  @Test func `what was stopped is started again at once`() async throws {
    let place = try Workplace()
    try place.configure()
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    let stopped = try await place.run("subscriptions", "stop")
    #expect(stopped.exitCode == 0 && stopped.outputText.occurrences(of: "stopped") == 5)
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    let list = try await place.run("subscriptions", "list")
    #expect(list.outputText.occurrences(of: "enabled") == 5)
  }
}
