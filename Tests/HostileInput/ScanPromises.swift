import MillraceCore
import MillraceEvents

/// What is promised of the records found in bytes.
enum ScanPromises {
  /// Events are valid records, every byte has its place, and what is valid is found.
  static func check(_ scan: BlobScan, _ bytes: [UInt8]) throws(BrokenPromise) {
    try checkEvents(scan.records, bytes)
    if scan.problem == nil || !scan.records.isEmpty { try checkCover(scan.records, bytes) }
    try checkWhole(scan, bytes)
  }

  /// The same of a stretch of a stream, which has no shape of its own.
  static func checkStretch(_ records: [ScannedRecord], _ bytes: [UInt8]) throws(BrokenPromise) {
    try checkEvents(records, bytes)
    try checkCover(records, bytes)
  }

  private static func checkEvents(
    _ records: [ScannedRecord], _ bytes: [UInt8]
  ) throws(BrokenPromise) {
    var end = 0
    for record in records {
      guard record.range.lowerBound >= end, record.range.upperBound <= bytes.count,
        !record.range.isEmpty
      else { throw BrokenPromise("records overlap or leave the blob: \(record.range)", bytes) }
      end = record.range.upperBound
      switch record.verdict {
      case .event: try checkEvent(Array(bytes[record.range]))
      case .dead(let reason):
        let isPlain = reason.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isPlain, (1..<160).contains(reason.utf8.count) else {
          throw BrokenPromise("a reason that is no short line: \(reason)")
        }
      }
    }
  }

  private static func checkEvent(_ record: [UInt8]) throws(BrokenPromise) {
    do {
      let (tree, oddities, _) = try JSONReader.read(record)
      guard case .object = tree, record.first == UInt8(ascii: "{") else {
        throw BrokenPromise("an event that is no object", record)
      }
      if oddities.depth > Limits.recordDepthMax || record.count > Limits.recordBytesMax {
        throw BrokenPromise("an event beyond the limits", record)
      }
    } catch let problem as JSONProblem {
      throw BrokenPromise("an event that is no JSON, \(problem)", record)
    } catch let broken as BrokenPromise {
      throw broken
    } catch {
      throw BrokenPromise("\(error)")
    }
  }

  private static let separators: Set<UInt8> = [0x20, 0x0A, 0x0D, 0x09, 0x2C, 0x5B, 0x5D]

  /// What is in no record is white space, a comma, a bracket, or a byte order mark.
  private static func checkCover(
    _ records: [ScannedRecord], _ bytes: [UInt8]
  ) throws(BrokenPromise) {
    var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for end in records.map(\.range.lowerBound) + [bytes.count] {
      let gap = bytes[min(position, end)..<end]
      if !gap.allSatisfy(separators.contains) {
        throw BrokenPromise("bytes \(position)..<\(end) are in no record", bytes)
      }
      if let record = records.first(where: { $0.range.lowerBound == end }) {
        position = record.range.upperBound
      }
    }
  }

  /// Of a valid blob each element has the verdict that it deserves, and no other record is found.
  private static func checkWhole(_ scan: BlobScan, _ bytes: [UInt8]) throws(BrokenPromise) {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let whole = try? JSONReader.read(bytes, from: start) else { return }
    guard case .list(let elements) = whole.tree else {
      if case .object = whole.tree { return }
      if scan.problem == nil { throw BrokenPromise("a blob that is neither list nor object") }
      return
    }
    if let problem = scan.problem {
      throw BrokenPromise("a valid list is called no blob: \(problem.reason)", bytes)
    }
    // Of lists within the list, those records are found that look like ones; and the depth of
    // elements is not known here one by one.
    let isPlain = elements.allSatisfy { if case .list = $0 { false } else { true } }
    guard isPlain, whole.oddities.depth <= Limits.recordDepthMax, elements.count < 1000 else {
      return
    }
    let found = scan.records.map(\.range)
    if found != whole.elements {
      throw BrokenPromise("a valid list has other elements: \(found)", bytes)
    }
    for (record, element) in zip(scan.records, elements) {
      var isObject = false
      if case .object = element { isObject = true }
      if isObject != (record.verdict == .event) {
        throw BrokenPromise("an element has the wrong verdict, \(record.verdict)", bytes)
      }
    }
  }
}
