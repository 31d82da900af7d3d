import Foundation
import MillraceSimulator
import TestChildren
import Testing

@testable import MillraceStore

/// A tenant that is configured by its domain is the same to every command as one by its GUID.
@Suite(.timeLimit(.minutes(10)))
struct DomainTenantTests {
  private let domain = SimulatedTenantOptions().domain
  private let id = SimulatedTenantOptions().tenantID

  private func place(events: Int = 0) throws -> Workplace {
    let place = try Workplace(events: events)
    try place.configure()
    let text = try String(contentsOfFile: place.path("millrace.yaml"), encoding: .utf8)
    try place.write(text.replacing("- id: \(id)", with: "- id: \(domain)"), to: "millrace.yaml")
    return place
  }

  private func collected() async throws -> Workplace {
    let place = try place(events: 100)
    let run = try await place.run("run", "--once")
    try #require(run.exitCode == 0, "\(run.complaintText)")
    return place
  }

  @Test func `commands call it by its name, and take its name, its domain and its GUID`()
    async throws
  {
    let place = try await collected()
    let status: [String: Any] = try json(try await place.run("status", "--json").outputText)
    let feeds = try #require(status["feeds"] as? [[String: Any]])
    #expect(feeds.count == 5 && feeds.allSatisfy { $0["tenant"] as? String == "contoso" })
    for word in ["contoso", domain, domain.uppercased(), id] {
      for words in [
        ["audit", "--tenant", word], ["dead-letters", "list", "--tenant", word],
        ["replay", "--to-stdout", "--tenant", word], ["replay", "--sink", "raw", "--tenant", word],
        ["import", "--tenant", word, "/dev/null"],
      ] {
        let result = await (try place.start(words)).end()
        #expect(result.exitCode == 0, "\(words): \(result.complaintText)")
      }
    }
    let events = try await place.run("replay", "--to-stdout").outputText.split(separator: "\n")
    #expect(events.count == 100)
    // Some records bring a name of their own.
    #expect(events.allSatisfy { $0.contains("\"\(id)\",\"name\":\"contoso") })
    try place.write(
      "{\"Id\":\"1\",\"RecordType\":6,\"CreationTime\":\"2026-01-02T03:04:05\",\"Workload\":\"Exchange\","
        + "\"Operation\":\"Set\",\"OrganizationId\":\"\(id)\"}", to: "one.json")
    let imported = try await place.run("import", "one.json")
    #expect(imported.outputText.contains("contoso Audit.Exchange: 1 records"))
  }

  @Test func `an audit misses the feeds of it that were never listed`() async throws {
    let place = try await collected()
    #expect(try await place.run("audit").exitCode == 0)
    let connection = try Connection(path: place.path("store/millrace.db"), mode: .readWrite)
    try connection.execute(
      "UPDATE feed SET listed_until_at = NULL, listed_from_at = NULL, relisted_at = NULL "
        + "WHERE content_type = 'DLP.All'")
    let audit = try await place.run("audit")
    #expect(audit.exitCode == 1)
    #expect(audit.outputText.contains("contoso/DLP.All: never listed"), "\(audit.outputText)")
  }

  @Test func `an audit is not complete while nobody knows whose the domain is`() async throws {
    let place = try place()
    try place.write(
      "{\"Id\":\"1\",\"RecordType\":6,\"CreationTime\":\"2026-01-02T03:04:05\",\"Operation\":\"Set\","
        + "\"OrganizationId\":\"\(id)\",\"Workload\":\"Exchange\"}", to: "one.json")
    #expect(try await place.run("import", "one.json").exitCode == 0)
    let audit = try await place.run("audit", "--json")
    #expect(audit.exitCode == 1)
    let report: [String: Any] = try json(audit.outputText)
    let holes = try #require(report["holes"] as? [[String: Any]])
    #expect(
      holes.contains {
        $0["kind"] as? String == "not_resolved" && $0["tenant"] as? String == "contoso"
      })
    let refused = try await place.run("audit", "--tenant", "contoso")
    #expect(refused.exitCode == 64)
    #expect(refused.complaintText.contains("millrace run"), "\(refused.complaintText)")
  }
}
