import MillraceCore
import MillraceEvents

/// What holds for any bytes at all: each of their records becomes a valid event line or a dead
/// letter, nothing crashes, nothing that is written is anything but valid, and no record costs
/// another one.
///
/// One function for the fuzzer and for the tests: `check`.
package struct Promises {
  var lines: LinePromises
  private let before: [UInt8]
  private let after: [UInt8]

  /// Promises about events that keep to `schema`.
  package init(_ schema: EventSchema) {
    lines = LinePromises(schema)
    func record(_ name: String) -> [UInt8] {
      Array(
        """
        {"CreationTime":"2026-03-04T08:15:30","Id":"\(name)","Operation":"FileAccessed",\
        "RecordType":6,"Parameters":[{"Name":"a","Value":"b"},{"Name":"c","Value":"}, {\\"d"}]}
        """.utf8)
    }
    before = record("before")
    after = record("after")
  }

  /// Holds everything that is made of bytes to what is promised of it.
  package mutating func check(_ bytes: [UInt8]) throws(BrokenPromise) {
    let blob = PaddedBytes(bytes)
    let scan = BlobScanner.scan(blob)
    try ScanPromises.check(scan, bytes)
    try ScanPromises.checkStretch(BlobScanner.scanStretch(blob).records, bytes)
    try lines.check(scan, blob)
    let isRecord = scan.records.contains { $0.verdict == .event }
    try checkBetweenNeighbours(bytes, isRecord)
    try StreamPromises.check(bytes, before: before, after: after)
  }

  /// The bytes as one record of several.
  private mutating func checkBetweenNeighbours(
    _ bytes: [UInt8], _ isRecord: Bool
  ) throws(BrokenPromise) {
    let comma: [UInt8] = [UInt8(ascii: ",")]
    let all =
      [UInt8(ascii: "[")] + before + comma + bytes + comma + after + [UInt8(ascii: "]")]
    let blob = PaddedBytes(all)
    let scan = BlobScanner.scan(blob)
    try ScanPromises.check(scan, all)
    // The lines of the neighbours say nothing new, nor do those that were seen without them.
    if !isRecord, scan.records.count > 3 {
      try lines.check(BlobScan(records: Array(scan.records.dropFirst().dropLast())), blob)
    }
    let events = scan.records.filter { $0.verdict == .event }.map { all[$0.range] }
    if events.first.map({ $0.elementsEqual(before) }) != true {
      throw BrokenPromise("the record before is lost", all)
    }
    if !events.contains(where: { $0.elementsEqual(after) }) {
      throw BrokenPromise("the record behind is lost", all)
    }
    try StreamPromises.checkParts(all, scan)
  }
}
