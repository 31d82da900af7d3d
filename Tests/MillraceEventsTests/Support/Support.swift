import Foundation
import MillraceCore
import MillraceEvents
import Testing

/// A record as the tests write it, with the members that every record has.
func record(_ members: String = "", type: Int = 15, operation: String = "UserLoggedIn") -> String {
  let more = members.isEmpty ? "" : "," + members
  return """
    {"CreationTime":"2026-03-04T08:15:30","Id":"A1B2C3D4-0001-4000-8000-000000000001",\
    "Operation":"\(operation)","RecordType":\(type)\(more)}
    """
}

/// Whether a sanitizer makes everything slow (.ci/sanitize).
let isSanitized = ProcessInfo.processInfo.environment["MILLRACE_SANITIZED"] != nil

let emptyContext = EventContext(
  tenant: nil, tenantName: nil, contentType: nil, contentID: nil, available: nil, collected: nil)

/// The lines that the events of a blob become.
func lines(
  of blob: PaddedBytes, format: EventFormat = .native, raw: RawAttachment = .off,
  context: EventContext = emptyContext
) -> [String] {
  var encoder = EventEncoder(format: format, raw: raw)
  return BlobScanner.scan(blob).records.filter { $0.verdict == .event }.map { record in
    var line: [UInt8] = []
    _ = encoder.encode(record, of: blob, context: context, into: &line)
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(!line.dropLast().contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
    return String(decoding: line.dropLast(), as: UTF8.self)
  }
}

func blob(_ text: String) -> PaddedBytes { PaddedBytes(Array(text.utf8)) }

/// The event of one record, by the paths of its leaves: `actor.upn` and so on.
func event(
  _ record: String, raw: RawAttachment = .off, context: EventContext = emptyContext
) throws -> Event {
  let lines = lines(of: blob("[\(record)]"), raw: raw, context: context)
  let line = try #require(lines.first)
  #expect(lines.count == 1)
  return try Event(line)
}

/// A parsed event.
struct Event {
  let line: String
  let tree: [String: Any]

  init(_ line: String) throws {
    self.line = line
    let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
    tree = try #require(parsed as? [String: Any])
  }

  private func value(_ path: String) -> Any? {
    var current: Any? = tree
    for name in path.split(separator: ".") {
      current = (current as? [String: Any])?[String(name)]
    }
    return current
  }

  subscript(path: String) -> String? { value(path) as? String }
  func number(_ path: String) -> Int? { value(path) as? Int }
  func flag(_ path: String) -> Bool? { value(path) as? Bool }
  func list(_ path: String) -> [String]? { value(path) as? [String] }
  func has(_ path: String) -> Bool { value(path) != nil }
  func object(_ path: String) -> [String: Any]? { value(path) as? [String: Any] }
}

/// Whether every byte that is not white space, a comma or a bracket is in exactly one record.
func covers(_ scan: BlobScan, _ bytes: [UInt8]) -> Bool {
  var owners = [Int](repeating: 0, count: bytes.count)
  for record in scan.records {
    for index in record.range { owners[index] += 1 }
  }
  for (index, byte) in bytes.enumerated() {
    if owners[index] > 1 { return false }
    let isFree =
      [0x20, 0x0A, 0x0D, 0x09, 0x2C, 0x5B, 0x5D].contains(byte)
      || (index < 3 && bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    if owners[index] == 0, !isFree { return false }
  }
  return true
}

/// The folder of the fixtures.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")

/// The top of the project.
let project = fixtures.deletingLastPathComponent().deletingLastPathComponent()
