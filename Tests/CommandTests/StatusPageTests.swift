import MillraceRuntime
import Testing

@testable import MillracePipeline

/// The status page, whatever it has to show.
struct StatusPageTests {
  @Test func `no name or message can become part of the page's own markup`() throws {
    let hostile = "<script>alert('x')</script>&\"quoted\""
    let text = """
      {"time": HOSTILE, "version": HOSTILE, "feeds": [{"tenant": HOSTILE, "content_type": HOSTILE,
      "listed_until": HOSTILE, "newest_blob": HOSTILE, "owed": 1, "fetched": 1, "expired": 1,
      "dead": 1, "records": 1, "events": 1, "repeats": 1, "changed_repeats": 1}], "sinks": [{"name": HOSTILE, "delivered_events": 1, "delivered_at": HOSTILE,
      "position": "1:0", "pending_bodies": 1, "refused_events": 0}], "replays": [], "bodies": 1, "body_bytes": 1, "records": 1,
      "events": 1, "unindexed_bodies": 0, "dead_letters": 0, "database_bytes": 1,
      "repeats": 0, "changed_repeats": 0, "held_bodies": 1, "held_bytes": 1, "dropped_bodies": 0,
      "used_bytes": 1,
      "run": {"started_at": HOSTILE, "collecting_seconds": 1, "events_per_second": 1,
      "blobs_fetched": 1, "bytes_fetched": 1, "requests_throttled": 1, "resident_bytes_peak": 1,
      "problems": [{"subject": HOSTILE, "message": HOSTILE, "since": HOSTILE, "count": 1}]}}
      """
    var quoted = ""
    appendJSONString(hostile, to: &quoted)
    let report = try StatusReport(
      json: Array(text.replacing("HOSTILE", with: quoted).utf8))
    let page = StatusPage.html(report)
    #expect(!page.contains("<script"))
    #expect(!page.contains("alert('"))
    #expect(!page.contains("&\"quoted"))
    let safe = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;quoted&quot;"
    #expect(page.ranges(of: safe).count == 12, "each of them is shown")
  }
}
