import Foundation
import MillraceCore
import Testing

@testable import MillraceEvents

/// Huge blobs are cut between records, whatever the pieces they arrive in.
struct PartCutterTests {
  private func cut(_ bytes: [UInt8], pieces: Int, partBytes: Int, most: Int) -> [[UInt8]] {
    var cutter = PartCutter(partBytes: partBytes, partBytesMax: most)
    var parts: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      parts += cutter.append(Array(bytes[start..<min(start + pieces, bytes.count)]))
    }
    parts.append(cutter.finish())
    return parts
  }

  private func scans(_ parts: [[UInt8]]) -> [BlobScan] {
    parts.enumerated().map { index, bytes in
      BlobScanner.scan(PaddedBytes(bytes), part: BlobPart(number: index, of: parts.count))
    }
  }

  private func record(_ number: Int, _ padding: Int) -> String {
    "{\"Id\":\"\(number)\",\"RecordType\":1,\"Text\":\"],[{\\\"\(String(repeating: "é", count: padding))\"}"
  }

  @Test(arguments: [1, 3, 7, 64, 1000, 100_000])
  func `parts are the blob byte for byte, and hold its records in order`(pieces: Int) {
    let records = (0..<200).map { record($0, $0 % 90) }
    let text = " [\n" + records.joined(separator: " ,\n ") + "\n]\n"
    let bytes = Array(text.utf8)
    let parts = cut(bytes, pieces: pieces, partBytes: 1000, most: 5000)
    #expect(parts.count > 10)
    #expect(Array(parts.joined()) == bytes)
    var found: [String] = []
    for (scan, part) in zip(scans(parts), parts) {
      #expect(scan.problem == nil)
      for record in scan.records {
        #expect(record.verdict == .event)
        found.append(String(decoding: part[record.range], as: UTF8.self))
      }
    }
    #expect(found == records)
  }

  @Test func `an object alone has no place to be cut at but its bounds`() {
    let text = "{" + (0..<300).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    let parts = cut(Array(text.utf8), pieces: 50, partBytes: 100, most: 100_000)
    #expect(parts.count == 1)
  }

  @Test func `what is larger than any record may be is cut somewhere and costs itself alone`() {
    let good = (0..<20).map { record($0, 5) }
    let monster = "{\"Id\":\"x\",\"Text\":\"" + String(repeating: "a", count: 9000) + "\"}"
    let text = "[" + (good[..<10] + [monster] + good[10...]).joined(separator: ",") + "]"
    let parts = cut(Array(text.utf8), pieces: 100, partBytes: 500, most: 2000)
    #expect(Array(parts.joined()) == Array(text.utf8))
    #expect(parts.allSatisfy { $0.count <= 2100 }, "bounded, whatever is in it")
    let all = scans(parts).flatMap(\.records)
    #expect(all.count { $0.verdict == .event } == 20, "no neighbour is lost")
    #expect(all.contains { $0.verdict != .event }, "the monster shows as dead records")
  }

  @Test func `a blob that stops in its middle says so in its last part`() {
    let text = "[" + (0..<50).map { record($0, 20) }.joined(separator: ",") + ","
    let all = scans(cut(Array(text.utf8), pieces: 64, partBytes: 500, most: 5000))
    #expect(all.dropLast().allSatisfy { $0.problem == nil })
    #expect(all.last?.problem != nil)
  }
}
