import MillraceCore
import Testing

@testable import MillraceSinks

struct RotatedNameTests {
  private let moment = Timestamp("2026-03-04T08:15:30.500Z")

  @Test(arguments: [
    ("/log/audit.ndjson", "/log/audit.20260304T081530Z.ndjson"),
    ("/log/audit.ndjson.gz", "/log/audit.20260304T081530Z.ndjson.gz"),
    ("/log/a.b/audit.zst", "/log/a.b/audit.20260304T081530Z.zst"),
    ("/log/a.b/audit", "/log/a.b/audit.20260304T081530Z"),
    ("/log/.audit", "/log/.audit.20260304T081530Z"),
    ("audit.much-too-long", "audit.much-too-long.20260304T081530Z"),
    ("/log/.gz", "/log/.gz.20260304T081530Z"),
  ])
  func `the moment stands before the extension`(path: String, expected: String) throws {
    let moment = try #require(moment)
    #expect(RotatedName.path(of: path, at: moment, number: 1) == expected)
    #expect(RotatedName.isOne(expected, of: path))
    let second = RotatedName.path(of: path, at: moment, number: 2)
    #expect(second == expected.replacing("Z", with: "Z-2", maxReplacements: 1))
    #expect(RotatedName.isOne(second, of: path))
  }

  @Test(arguments: [
    "/log/audit.ndjson", "/log/audit.ndjson.1", "/log/audit.2026.ndjson",
    "/log/audit.20260304T081530Z.json", "/log/other.20260304T081530Z.ndjson",
    "/log/audit.20260304T081530Z-1.ndjson", "/log/audit.20260304T081530Z-x.ndjson",
    "/log/audit.2026030XT081530Z.ndjson", "/log/audit..ndjson",
  ])
  func `names that others give are not taken for ours`(name: String) {
    #expect(!RotatedName.isOne(name, of: "/log/audit.ndjson"))
  }
}
