import HostileInput
import MillraceCore
import MillraceEvents
import Testing

/// What is JSON, what is not, and what is left open, wherever it stands.
@Suite struct `Verdicts on JSON` {
  private static let opening = Array("{\"Id\":\"v\",\"RecordType\":1,\"a\":".utf8)
  private static let neighbour = Array(record().utf8)
  private static let comma: [UInt8] = [UInt8(ascii: ",")]
  private static let lineFeed: [UInt8] = [UInt8(ascii: "\n")]

  private static func member(_ value: [UInt8]) -> [UInt8] { opening + value + [0x7D] }

  private func events(_ bytes: [UInt8]) -> [[UInt8]] {
    BlobScanner.scan(PaddedBytes(bytes)).records.filter { $0.verdict == .event }
      .map { Array(bytes[$0.range]) }
  }

  private func hasDead(_ scan: BlobScan) -> Bool {
    scan.problem != nil || scan.records.contains { $0.verdict != .event }
  }

  @Test(arguments: JSONCases.values)
  func `a record is an event if it is JSON, and its neighbours are in any case`(
    _ text: JSONCase
  ) {
    let record = Self.member(text.bytes)
    let blob =
      [0x5B] + Self.neighbour + Self.comma + record + Self.comma + Self.neighbour + [0x5D]
    let events = events(blob)
    #expect(events.filter { $0 == Self.neighbour }.count == 2)
    #expect(events.contains(record) == text.isTaken)
    #expect(hasDead(BlobScanner.scan(PaddedBytes(blob))) != text.isTaken)
  }

  @Test(arguments: JSONCases.values)
  func `a record alone is an event if it is JSON`(_ text: JSONCase) {
    let record = Self.member(text.bytes)
    #expect(events(record).contains(record) == text.isTaken)
    #expect(hasDead(BlobScanner.scan(PaddedBytes(record))) != text.isTaken)
  }

  @Test(arguments: JSONCases.values)
  func `a line is an event if it is JSON, and its neighbours are in any case`(
    _ text: JSONCase
  ) throws {
    let record = Self.member(text.bytes)
    let lines = Self.neighbour + Self.lineFeed + record + Self.lineFeed + Self.neighbour
    var splitter = InputSplitter()
    lines.withUnsafeBytes { splitter.append($0) }
    var found: [[UInt8]] = []
    while let value = try splitter.next() ?? splitter.finish() { found += events(value.bytes) }
    #expect(found.filter { $0 == Self.neighbour }.count == 2)
    #expect(found.contains(record) == text.isTaken)
  }

  @Test(arguments: JSONCases.values.filter(\.isTaken))
  func `what is taken is written as valid JSON in every format`(_ text: JSONCase) throws {
    let blob = PaddedBytes(Self.member(text.bytes))
    for format in EventFormat.allCases where format != .cef && format != .raw {
      for raw in RawAttachment.allCases {
        let line = try #require(lines(of: blob, format: format, raw: raw).first)
        #expect(JSONReader.flaw(of: Array(line.utf8)) == nil, "\(format) \(raw)")
      }
    }
  }

  @Test(arguments: JSONCases.documents.indices)
  func `a body gives the records that are in it, and says what is wrong`(_ index: Int) {
    let (text, count) = JSONCases.documents[index]
    let scan = BlobScanner.scan(PaddedBytes(text.bytes))
    #expect(scan.records.filter { $0.verdict == .event }.count == count, "\(text)")
    #expect(hasDead(scan) != text.isTaken, "\(text)")
  }

  @Test func `the slow reader and the verdicts agree`() {
    for text in JSONCases.values {
      let isJSON = (try? JSONReader.read(text.bytes)) != nil
      switch text.verdict {
      case .valid, .openAndTaken: #expect(isJSON, "\(text)")
      case .invalid: #expect(!isJSON || text.bytes.isEmpty, "\(text)")
      case .openAndRefused: continue
      }
    }
  }

  @Test func `a record that is cut anywhere is dead, and the one before it is an event`() {
    let whole = Self.member(Array("[1.5e3,\"\\ud83d\\ude00 é\",{\"b\":null}]".utf8))
    for length in 1..<whole.count {
      let blob = [0x5B] + Self.neighbour + Self.comma + whole.prefix(length)
      let scan = BlobScanner.scan(PaddedBytes(blob))
      #expect(events(blob) == [Self.neighbour], "\(length)")
      #expect(hasDead(scan), "\(length)")
    }
  }
}
