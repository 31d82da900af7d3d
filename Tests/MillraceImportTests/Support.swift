import Foundation
import MillraceCore
import Testing

@testable import MillraceImport

/// What reading an input came to, in a form that can be compared.
struct Outcome: Hashable {
  struct Piece: Hashable {
    let feed: Feed
    let body: String
    let recordCount: Int
    let fault: ImportFault?
  }

  var pieces: [Piece] = []
  var refused: [ImportFault] = []
  var failure: String?
  var consumedBytes = 0
  var foreignCount = 0

  /// Everything that could not be imported as a record.
  var faults: [ImportFault] { pieces.compactMap(\.fault) + refused }

  /// The pieces' records as they stand in them, all pieces one after the other.
  var records: [String] {
    get throws {
      try pieces.filter { $0.fault == nil }.flatMap { piece -> [String] in
        let found = try split(piece.body)
        #expect(found.count == piece.recordCount)
        return found
      }
    }
  }
}

/// The elements of an array of objects, byte for byte, found without the code under test.
private func split(_ array: String) throws -> [String] {
  _ = try #require(
    try JSONSerialization.jsonObject(with: Data(array.utf8)) as? [[String: Any]])
  var found: [String] = []
  var depth = 0
  var isInString = false
  var isEscaped = false
  var current: [UInt8] = []
  for byte in array.utf8.dropFirst().dropLast() {
    if depth == 0, byte == UInt8(ascii: ",") { continue }
    current.append(byte)
    if isEscaped {
      isEscaped = false
    } else if isInString {
      if byte == UInt8(ascii: "\\") { isEscaped = true }
      if byte == UInt8(ascii: "\"") { isInString = false }
    } else if byte == UInt8(ascii: "\"") {
      isInString = true
    } else if byte == UInt8(ascii: "{") {
      depth += 1
    } else if byte == UInt8(ascii: "}") {
      depth -= 1
      if depth == 0 {
        found.append(String(decoding: current, as: UTF8.self))
        current = []
      }
    }
  }
  return found
}

/// Reads bytes that arrive in chunks of these sizes, the last one again and again.
func read(
  _ bytes: [UInt8], chunks: [Int] = [.max], options: ImportOptions = ImportOptions(),
  valueBytesMax: Int = Limits.importValueBytesMax
) -> Outcome {
  var offset = 0
  var chunks = chunks[...]
  let input = InputReader(readBytes: min(max(bytes.count, 1), 64 << 10)) { buffer in
    let wanted = chunks.count > 1 ? chunks.removeFirst() : chunks.first ?? .max
    let count = min(wanted, buffer.count, bytes.count - offset)
    buffer.copyBytes(from: bytes[offset..<offset + count])
    offset += count
    return count
  }
  return outcome(of: ImportReader(input, options, valueBytesMax: valueBytesMax))
}

func read(_ text: String, options: ImportOptions = ImportOptions()) -> Outcome {
  read(Array(text.utf8), options: options)
}

/// Expects that an input gives the same wherever it is cut into chunks; lets other tests have a
/// turn in between.
func expectSameWhereverCut(
  _ bytes: [UInt8], step: Int = 1, valueBytesMax: Int = Limits.importValueBytesMax,
  sourceLocation: SourceLocation = #_sourceLocation
) async {
  let whole = read(bytes, valueBytesMax: valueBytesMax)
  for cut in stride(from: Int.random(in: 1...step), to: bytes.count, by: step) {
    let other = read(bytes, chunks: [cut, .max], valueBytesMax: valueBytesMax)
    #expect(other == whole, "cut at byte \(cut)", sourceLocation: sourceLocation)
    await Task.yield()
  }
  for size in [1, 7, 255] {
    let other = read(bytes, chunks: [size], valueBytesMax: valueBytesMax)
    #expect(other == whole, "chunks of \(size)", sourceLocation: sourceLocation)
  }
}

func outcome(of reader: ImportReader) -> Outcome {
  var reader = reader
  var outcome = Outcome()
  while let step = reader.next() {
    #expect(outcome.failure == nil, "nothing follows a failure")
    switch step {
    case .piece(let piece):
      outcome.pieces.append(
        Outcome.Piece(
          feed: piece.feed, body: String(decoding: piece.body.bytes, as: UTF8.self),
          recordCount: piece.recordCount, fault: piece.fault))
    case .refused(let fault): outcome.refused.append(fault)
    case .failed(let failure): outcome.failure = failure.description
    }
  }
  outcome.consumedBytes = reader.consumedBytes
  outcome.foreignCount = reader.foreignCount
  return outcome
}

/// The fixtures of import: each holds the same records in a shape of its own.
enum Fixture {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/import")

  static let names: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).sorted()
  }()

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  /// The records, in their order.
  static func records() throws -> [String] {
    String(decoding: try bytes("records.ndjson"), as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }
}

let contoso = TenantID("41463f53-8812-40f4-890f-865bf6e35190")!

/// A record that says what it must.
func record(
  _ number: Int, workload: String = "SharePoint", type: Int = 6, tenant: TenantID? = contoso,
  more: String = ""
) -> String {
  let own = tenant.map { ",\"OrganizationId\":\"\($0)\"" } ?? ""
  return """
    {"CreationTime":"2026-01-02T03:04:05","Id":"9b2c1d7e-0000-4000-8000-\(number)",\
    "Operation":"FileAccessed"\(own),"RecordType":\(type),"Workload":"\(workload)"\(more)}
    """
}

/// A CSV export of records, as the Purview portal writes it.
func csv(_ records: [String]) -> String {
  let header = "RecordId,Operation,AuditData,AssociatedAdminUnits\r\n"
  return header
    + records.map { "x,FileAccessed,\(quoted($0)),\r\n" }.joined()
}

/// A text as a quoted field of CSV.
func quoted(_ text: String) -> String {
  "\"" + text.replacing("\"", with: "\"\"") + "\""
}

/// Whether a sanitizer makes everything slow (.ci/sanitize).
let isSanitized = ProcessInfo.processInfo.environment["MILLRACE_SANITIZED"] != nil

/// Whether there is time for all that could be tried.
let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"
