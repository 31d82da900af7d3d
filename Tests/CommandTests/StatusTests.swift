import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// `status` and `subscriptions`.
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

  @Test func `status asks the collector that runs`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    let collector = try place.start(["run"])
    try #require(await collector.complains("subscription started"))
    var text = ""
    repeat {
      text = try await place.run("status").outputText
    } while !text.contains("100 events")
    #expect(text.hasPrefix("collecting since "))
    let report: [String: Any] = try json(try await place.run("status", "--json").outputText)
    #expect(report["run"] != nil)
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
    let table = try await place.run("subscriptions", "list", "--tenant", "contoso")
    #expect(table.outputText.hasPrefix("TENANT "))
    let unknown = try await place.run("subscriptions", "list", "--tenant", "fabrikam")
    #expect(unknown.exitCode == 64 && unknown.complaintText.contains("there are: contoso"))
  }
}
