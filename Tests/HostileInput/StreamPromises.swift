import MillraceCore
import MillraceEvents

/// What is promised of bytes that arrive in pieces.
enum StreamPromises {
  /// The bytes as a line between two others, in pieces whose size depends on the bytes.
  static func check(
    _ bytes: [UInt8], before: [UInt8], after: [UInt8]
  ) throws(BrokenPromise) {
    let lineFeed: [UInt8] = [UInt8(ascii: "\n")]
    let all = before + lineFeed + bytes + lineFeed + after + lineFeed
    let sum = bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    let size = [1, 3, 17, 4096][sum % 4]
    var events: [ArraySlice<UInt8>] = []
    for value in try split(all, pieces: size) {
      let found = BlobScanner.scan(PaddedBytes(value))
      try ScanPromises.check(found, value)
      events += found.records.filter { $0.verdict == .event }.map { value[$0.range] }
    }
    if events.first.map({ $0.elementsEqual(before) }) != true {
      throw BrokenPromise("the line before is lost", all)
    }
    if !events.contains(where: { $0.elementsEqual(after) }) {
      throw BrokenPromise("the line behind is lost", all)
    }
  }

  private static func split(
    _ bytes: [UInt8], pieces size: Int
  ) throws(BrokenPromise) -> [[UInt8]] {
    var splitter = InputSplitter()
    var values: [[UInt8]] = []
    do {
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { splitter.append($0) }
        while let value = try splitter.next() { values.append(value.bytes) }
      }
      while let value = try splitter.finish() { values.append(value.bytes) }
    } catch {
      throw BrokenPromise("a short input is refused, \(error)")
    }
    return values
  }

  /// A blob that is cut into parts as it arrives is the same blob, and has the same events if
  /// nothing in it is damaged.
  static func checkParts(_ bytes: [UInt8], _ scan: BlobScan) throws(BrokenPromise) {
    var cutter = PartCutter(partBytes: 100, partBytesMax: 1 << 20)
    var parts: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: 77) {
      parts += cutter.append(Array(bytes[start..<min(start + 77, bytes.count)]))
    }
    let last = cutter.finish()
    if !last.isEmpty { parts.append(last) }
    if !parts.joined().elementsEqual(bytes) {
      throw BrokenPromise("parts are not the blob they were cut from", bytes)
    }
    guard scan.problem == nil, scan.records.allSatisfy({ $0.verdict == .event }) else { return }
    var events: [ArraySlice<UInt8>] = []
    for (number, part) in parts.enumerated() {
      let found = BlobScanner.scan(
        PaddedBytes(part), part: BlobPart(number: number, of: parts.count))
      events += found.records.filter { $0.verdict == .event }.map { part[$0.range] }
    }
    if !events.elementsEqual(scan.records.map { bytes[$0.range] }, by: { $0.elementsEqual($1) }) {
      throw BrokenPromise("parts have other events than their blob", bytes)
    }
  }
}
