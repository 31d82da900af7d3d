import MillraceConfiguration
import Testing

struct QuantityTests {
  @Test(arguments: [
    ("30s", 30_000), ("15m", 900_000), ("24h", 86_400_000), ("30d", 2_592_000_000), ("500ms", 500),
    ("1h30m", 5_400_000), ("1d1h1m1s1ms", 90_061_001), ("0s", 0), ("90m", 5_400_000),
  ])
  func `durations are read and spelled`(text: String, milliseconds: Int) {
    let duration = Duration.milliseconds(milliseconds)
    #expect(Quantity.duration(text) == duration)
    #expect(Quantity.duration(Quantity.text(duration)) == duration)
  }

  @Test(arguments: [
    "", "30", "s", "-5s", "1.5h", "1m1h", "1s1s", "30 s", "30S", "5w", "99999999999999999999s",
    "9223372036854775807d", "4000d", "1h30",
  ])
  func `other durations are refused`(text: String) {
    #expect(Quantity.duration(text) == nil)
  }

  @Test(arguments: [
    ("123", 123), ("64KiB", 65_536), ("1GiB", 1 << 30), ("10MB", 10_000_000), ("1kb", 1000),
    ("2TiB", 2 << 40), ("7B", 7), ("0", 0),
  ])
  func `sizes are read and spelled`(text: String, bytes: Int64) {
    #expect(Quantity.size(text) == bytes)
    #expect(Quantity.size(Quantity.text(bytes: bytes)) == bytes)
  }

  @Test(arguments: ["", "GiB", "-1", "1.5GiB", "10G", "10 MB", "1PB", "99999999TiB"])
  func `other sizes are refused`(text: String) {
    #expect(Quantity.size(text) == nil)
  }

  @Test func `the nearest word is suggested, and none that is far`() {
    let known = ["tenants", "sinks", "store", "client_secret", "drop_oldest"]
    #expect(suggestion(for: "tenats", among: known) == "tenants")
    #expect(suggestion(for: "Sink", among: known) == "sinks")
    #expect(suggestion(for: "sotre", among: known) == "store")
    #expect(suggestion(for: "drop-oldest", among: known) == "drop_oldest")
    #expect(suggestion(for: "secret", among: known) == "client_secret")
    #expect(suggestion(for: "elephant", among: known) == nil)
    #expect(suggestion(for: "Nope", among: ["SharePointAppPermissionOperation"]) == nil)
    #expect(suggestion(for: "", among: known) == nil)
    #expect(suggestion(for: String(repeating: "a", count: 5000), among: known) == nil)
  }
}
