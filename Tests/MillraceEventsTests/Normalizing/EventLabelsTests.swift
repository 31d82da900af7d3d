import Foundation
import MillraceEvents
import Testing

@Suite struct `Labels of events` {
  private static let labels = EventLabels([("site", "hq \"1\"\n"), ("env", "prod")])

  private func line(_ format: EventFormat, labels: EventLabels?) throws -> [String: Any] {
    let blob = blob("[\(record(type: 1, operation: "Set-Mailbox"))]")
    var encoder = EventEncoder(format: format, labels: labels)
    var line: [UInt8] = []
    for scanned in BlobScanner.scan(blob).records {
      _ = encoder.encode(scanned, of: blob, context: emptyContext, into: &line)
    }
    let parsed = try JSONSerialization.jsonObject(with: Data(line))
    return try #require(parsed as? [String: Any])
  }

  @Test func `every event carries what the operator says`() throws {
    let expected = ["site": "hq \"1\"\n", "env": "prod"]
    #expect(try line(.native, labels: Self.labels)["labels"] as? [String: String] == expected)
    #expect(try line(.ecs, labels: Self.labels)["labels"] as? [String: String] == expected)
    let unmapped = try line(.ocsf, labels: Self.labels)["unmapped"] as? [String: Any]
    let own = unmapped?["millrace"] as? [String: Any]
    #expect(own?["labels"] as? [String: String] == expected)
  }

  @Test func `there are none unless the operator says so`() throws {
    #expect(EventLabels([]) == nil)
    #expect(try line(.native, labels: nil)["labels"] == nil)
  }
}
