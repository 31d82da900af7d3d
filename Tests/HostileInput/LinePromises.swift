import MillraceCore
import MillraceEvents

/// What is promised of the lines that records become.
struct LinePromises {
  /// A way to write events, with an encoder that keeps its memory from record to record.
  private struct Way {
    let format: EventFormat
    let raw: RawAttachment
    var encoder: EventEncoder

    init(_ format: EventFormat, _ raw: RawAttachment = .off, header: SyslogHeader? = nil) {
      self.format = format
      self.raw = raw
      encoder = EventEncoder(
        format: format, raw: raw, places: SomePlace.shared, header: header)
    }

    /// The line of a record, without its end; `time` is the one that other lines of it have.
    mutating func line(
      _ record: ScannedRecord, _ blob: PaddedBytes, _ time: Timestamp?
    ) throws(BrokenPromise) -> [UInt8] {
      var written: [UInt8] = []
      let found = encoder.encode(
        record, of: blob, context: LinePromises.context, into: &written)
      if let time, found != time {
        throw BrokenPromise("\(format.rawValue) has another time, \(found), not \(time)")
      }
      return try LinePromises.withoutEnd(written, record.range.count)
    }
  }

  private let schema: EventSchema
  private var native = Way(.native)
  private var others = [
    Way(.native, .string), Way(.native, .object), Way(.ecs), Way(.ecs, .string),
    Way(.ecsO365, .object), Way(.ocsf), Way(.ocsf, .string),
  ]
  private var cef = Way(.cef)
  private var raw = Way(.raw)
  private var syslog = Way(
    .cef, header: SyslogHeader(host: "collector.example", enterprise: 32473))

  /// Records of one input whose lines are looked at; more say nothing new.
  private static let recordsMax = 12
  /// How many times larger than its record a line may be, and what it may have beside: every byte
  /// of a record can be escaped, and stand in a field, in a list of related values and in `raw`.
  private static let growthMax = 16
  private static let lineBytesMin = 64 << 10

  static let context = EventContext(
    tenant: nil, tenantName: "contoso.example", contentType: .exchange, contentID: nil,
    available: Timestamp("2026-03-04T14:00:00Z"), collected: Timestamp("2026-03-04T14:05:00Z"))

  init(_ schema: EventSchema) {
    self.schema = schema
  }

  /// Holds the line of each record, in each format, to what is promised of it.
  mutating func check(_ scan: BlobScan, _ blob: PaddedBytes) throws(BrokenPromise) {
    let events = scan.records.filter(\.isEvent).prefix(LinePromises.recordsMax)
    var lines: [UInt8] = []
    for record in events {
      let bytes = blob.bytes(in: record.range)
      let (tree, time) = try checkNative(record, blob, bytes, &lines)
      for index in others.indices {
        let line = try others[index].line(record, blob, time)
        try LinePromises.checkJSON(line, others[index].format)
        if others[index].format == .native { try checkAttachment(line, others[index].raw, bytes) }
      }
      try checkRaw(record, blob, bytes)
      let cefLine = try cef.line(record, blob, time)
      try CEFShape.check(cefLine)
      let message = try syslog.line(record, blob, time)
      try SyslogShape.check(message, text: cefLine)
      try ExplainerPromises.check(record, blob, tree)
    }
    var together: [UInt8] = []
    native.encoder.encode(
      BlobScan(records: Array(events)), of: blob, context: LinePromises.context, into: &together)
    if together != lines { throw BrokenPromise("read together, lines are others", together) }
  }

  // MARK: Formats

  private mutating func checkNative(
    _ record: ScannedRecord, _ blob: PaddedBytes, _ bytes: [UInt8], _ lines: inout [UInt8]
  ) throws(BrokenPromise) -> (JSONTree, Timestamp) {
    var written: [UInt8] = []
    let time = native.encoder.encode(
      record, of: blob, context: LinePromises.context, into: &written)
    lines += written
    let line = try LinePromises.withoutEnd(written, bytes.count)
    try LinePromises.checkJSON(line, .native)
    guard let tree = try? JSONReader.read(line).tree else { throw BrokenPromise("no JSON", line) }
    if let flaw = schema.flaw(of: tree) {
      throw BrokenPromise("an event that breaks the schema, \(flaw)", line)
    }
    // What an encoder keeps between records must never show.
    var fresh = Way(.native)
    let again = try fresh.line(record, blob, time)
    if again != line { throw BrokenPromise("the line depends on earlier records", line) }
    return (tree, time)
  }

  private func checkAttachment(
    _ line: [UInt8], _ raw: RawAttachment, _ record: [UInt8]
  ) throws(BrokenPromise) {
    guard let tree = try? JSONReader.read(line).tree else { return }
    if let flaw = schema.flaw(of: tree) {
      throw BrokenPromise("an event with raw breaks the schema, \(flaw)", line)
    }
    switch (raw, tree["raw"]) {
    case (.string, .text(let text)?):
      if text != record { throw BrokenPromise("raw is not the record", line) }
    case (.object, .object?): return
    default: throw BrokenPromise("raw is missing", line)
    }
  }

  private mutating func checkRaw(
    _ record: ScannedRecord, _ blob: PaddedBytes, _ bytes: [UInt8]
  ) throws(BrokenPromise) {
    let line = try raw.line(record, blob, nil)
    let expected = bytes.map { $0 == 0x0A || $0 == 0x0D ? UInt8(ascii: " ") : $0 }
    if line != expected { throw BrokenPromise("a raw line is not its record", line) }
  }

  private static func checkJSON(_ line: [UInt8], _ format: EventFormat) throws(BrokenPromise) {
    if let flaw = JSONReader.flaw(of: line) {
      throw BrokenPromise("\(format.rawValue) writes what is no JSON, \(flaw)", line)
    }
    if line.first != UInt8(ascii: "{") { throw BrokenPromise("a line that is no object", line) }
  }

  // MARK: Lines

  /// The line without its line feed: one line, UTF-8, and no larger than its record explains.
  private static func withoutEnd(
    _ written: [UInt8], _ recordBytes: Int
  ) throws(BrokenPromise) -> [UInt8] {
    guard written.last == 0x0A else { throw BrokenPromise("a line without an end", written) }
    let line = Array(written.dropLast())
    if line.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
      throw BrokenPromise("a line that is several", line)
    }
    if let offset = JSONReader.firstMalformed(line) {
      throw BrokenPromise("a line that is no UTF-8 at byte \(offset)", line)
    }
    if line.count > growthMax * recordBytes + lineBytesMin {
      throw BrokenPromise("\(line.count) bytes for a record of \(recordBytes)", line)
    }
    return line
  }
}

/// Knows the same of every address.
struct SomePlace: PlaceFinder {
  static let shared = SomePlace()
  private let known: EventPlace

  private init() {
    var facts = PlaceFacts()
    facts.countryIso = "NL"
    facts.city = "Den Haag \"’s-Gravenhage\""
    facts.latitude = 52.08
    facts.longitude = 4.31
    facts.asNumber = 64500
    known = EventPlace(facts)
  }

  func place(of address: AddressBits, isPublic: Bool) -> EventPlace? {
    isPublic ? known : nil
  }
}
