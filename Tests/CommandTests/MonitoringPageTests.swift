import Foundation
import Testing

@testable import MillracePipeline

/// `docs/monitoring.md` says of the metrics what they say of themselves.
struct MonitoringPageTests {
  private struct Metric: Hashable {
    var name: String
    var kind: String
    var help: String
  }

  /// Of a collector with everything that there can be.
  private static let report = """
    {"time": "2026-03-04T08:15:30Z", "version": "1", "feeds": [{"tenant": "contoso",
    "content_type": "Audit.Exchange", "listed_until": "2026-03-04T08:14:00Z",
    "newest_blob": "2026-03-04T08:00:00Z", "owed": 1, "fetched": 1, "expired": 1, "dead": 1,
    "records": 1, "events": 1, "repeats": 1, "changed_repeats": 1}],
    "sinks": [{"name": "siem", "delivered_events": 1, "delivered_at": "2026-03-04T08:15:00Z",
    "position": "1:0", "pending_bodies": 1, "refused_events": 0}], "replays": [], "bodies": 1,
    "body_bytes": 1, "records": 1, "events": 1, "unindexed_bodies": 0, "dead_letters": 0,
    "database_bytes": 1, "repeats": 0, "changed_repeats": 0, "held_bodies": 1, "held_bytes": 1,
    "dropped_bodies": 0, "used_bytes": 1, "store_bytes_max": 10, "store_is_full": false,
    "run": {"started_at": "2026-03-04T08:00:00Z", "collecting_seconds": 1,
    "events_per_second": 1, "blobs_fetched": 1, "bytes_fetched": 1, "requests_throttled": 1,
    "resident_bytes_peak": 1, "problems": []}}
    """

  private func metrics() throws -> (shown: Set<Metric>, text: String) {
    let text = Metrics.text(try StatusReport(json: Array(Self.report.utf8)))
    var helps: [String: String] = [:]
    var shown: Set<Metric> = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if line.hasPrefix("# HELP ") { helps[words[2]] = words[3] }
      guard line.hasPrefix("# TYPE ") else { continue }
      shown.insert(Metric(name: words[2], kind: words[3], help: helps[words[2]] ?? ""))
    }
    return (shown, text)
  }

  private func page() throws -> String {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/monitoring.md").path
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `every metric stands in the table, and no other`() throws {
    let rows = try page().split(separator: "\n").filter { $0.hasPrefix("| `millrace_") }
      .map { row in
        row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      .filter { $0.count == 3 && ["gauge", "counter"].contains($0[1]) }
      .map { Metric(name: $0[0].replacing("`", with: ""), kind: $0[1], help: $0[2]) }
    let shown = try metrics().shown
    #expect(rows.count == Set(rows).count, "each once")
    #expect(Set(rows).symmetricDifference(shown).isEmpty)
    #expect(shown.count > 25)
  }

  @Test func `what to be woken for is made of metrics that there are`() throws {
    let names = Set(try metrics().shown.map(\.name))
    let used = try page().matches(of: /millrace_[a-z_]+/).map { String($0.output) }
    #expect(used.count > names.count)
    for name in used { #expect(names.contains(name), "\(name)") }
  }

  @Test func `moments are seconds, and who has had nothing has none`() throws {
    let text = try metrics().text
    let feed = "{tenant=\"contoso\",content_type=\"Audit.Exchange\"}"
    #expect(text.contains("millrace_listed_until_timestamp_seconds\(feed) 1772612040\n"))
    #expect(text.contains("millrace_sink_delivered_timestamp_seconds{sink=\"siem\"} 1772612100\n"))
    let fresh = Self.report.replacing(#", "delivered_at": "2026-03-04T08:15:00Z""#, with: "")
    let without = Metrics.text(try StatusReport(json: Array(fresh.utf8)))
    #expect(!without.contains("millrace_sink_delivered_timestamp_seconds{"))
  }
}
