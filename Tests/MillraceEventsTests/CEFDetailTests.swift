import Foundation
import MillraceCore
import MillraceEvents
import Testing

/// What single keys of CEF say.
@Suite struct `Details of CEF` {
  private func values(_ record: String) throws -> [String: String] {
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    return try #require(CEF.Parsed(line)).values
  }

  // MARK: Lengths

  /// The dictionary of ArcSight, where it has less than for other texts.
  private static let lengths = [
    "act": 63, "outcome": 63, "deviceExternalId": 255, "sntdom": 255, "fileHash": 255,
  ]

  @Test func `no value is longer than its key may hold`() throws {
    let long = String(repeating: "é", count: 1000)
    let names = [
      "OrganizationId", "Workload", "ResultStatus", "LogonError", "SessionId", "CorrelationId",
      "ClientAppId", "ObjectId", "SourceFileName", "UserAgent",
    ]
    let members = names.map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
    for type in [1, 6, 8, 15, 28, 47] {
      let values = try values(
        record(
          members + #","UserId":"a@\#(long)","FileData":{"SHA256":"\#(long)"}"#, type: type,
          operation: "Operation " + long))
      for (key, value) in values {
        #expect(value.utf8.count <= Self.lengths[key] ?? 1023, "\(key) of \(type)")
        #expect(!value.unicodeScalars.contains("\u{FFFD}"))
      }
      #expect((62...63).contains(try #require(values["act"]).utf8.count))
    }
  }

  @Test func `the header has the whole operation`() throws {
    let operation = String(repeating: "Operation", count: 20)
    let line = try #require(
      lines(of: blob("[\(record(type: 1, operation: operation))]"), format: .cef).first)
    let parsed = try #require(CEF.Parsed(line))
    #expect(parsed.header[4] == "1:" + operation)
    #expect(parsed.values["act"] == String(operation.prefix(63)))
  }

  @Test func `an id that is longer than the dictionary has it is not cut`() throws {
    let id = "a1b2c3d4-0001-4000-8000-000000000001_" + String(repeating: "7", count: 40)
    let long = #"{"Id":"\#(id)","Operation":"x","RecordType":1}"#
    #expect(try values(long)["externalId"] == id)
  }
}
