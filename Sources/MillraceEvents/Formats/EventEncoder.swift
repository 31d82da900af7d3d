import CMillraceScan
package import MillraceCore

/// Writes records as events, one line each. Not thread-safe: one for each worker, as it uses its
/// memory again from record to record. Copies share that memory.
package struct EventEncoder {
  private let machine: EncodingMachine

  /// An encoder.
  ///
  /// - Parameters:
  ///   - format: How events are written.
  ///   - raw: Whether events carry their record: in `raw` of native events; as text, whichever
  ///     way is asked for, in `event.original` of ECS and `raw_data` of OCSF; of no effect on
  ///     other formats.
  ///   - places: Knows where addresses are; nil leaves that out.
  ///   - header: What stands before each event and a blank, for syslog.
  ///   - filter: Which events `append` writes; nil for all.
  ///   - facts: What `append` notes of each event in the batch.
  ///   - pseudonyms: Replaces what events say of people, after the filter saw them and before
  ///     anything is written or noted; nil leaves events as they are. Formats that carry the
  ///     record are refused with it.
  ///   - labels: What every event carries in `labels`; nil for nothing.
  package init(
    format: EventFormat, raw: RawAttachment = .off, places: (any PlaceFinder)? = nil,
    header: SyslogHeader? = nil, filter: EventFilter? = nil, facts: EventFacts = [],
    pseudonyms: (any Pseudonymizer)? = nil, labels: EventLabels? = nil
  ) {
    precondition(
      pseudonyms == nil || !format.carriesRecord && raw == .off,
      "a record beside the event would say what its pseudonyms hide")
    machine = EncodingMachine(
      format: format, raw: raw, places: places, header: header, filter: filter, facts: facts,
      pseudonyms: pseudonyms, labels: labels)
  }

  /// Appends a line, ended by a line feed, for each record that the scan called an event.
  package mutating func encode(
    _ scan: BlobScan, of blob: PaddedBytes, context: EventContext, into output: inout [UInt8]
  ) {
    encode(scan.records[...], of: blob, context: context, into: &output)
  }

  /// The same for some of a scan's records.
  package mutating func encode(
    _ records: ArraySlice<ScannedRecord>, of blob: PaddedBytes, context: EventContext,
    into output: inout [UInt8]
  ) {
    // One reference for all records.
    let machine = machine
    blob.withUnsafeBytes { bytes in
      var next = records.startIndex
      while next < records.endIndex {
        machine.begin()
        while next < records.endIndex {
          if records[next].isEvent {
            let view = EventEncoder.view(of: records[next].range, in: bytes)
            guard machine.add(view, records[next].time) else { break }
          }
          next += 1
        }
        machine.read(context, isFiltered: false)
        for index in 0..<machine.count { _ = machine.write(index, context, to: &output) }
      }
    }
  }

  /// The same for a single record that the scan called an event.
  ///
  /// - Returns: The event's time: its `CreationTime`, else when its blob was available, else when
  ///   it was collected, else 1970-01-01.
  package mutating func encode(
    _ record: ScannedRecord, of blob: PaddedBytes, context: EventContext,
    into output: inout [UInt8]
  ) -> Timestamp {
    precondition(record.isEvent, "only events are encoded")
    return blob.withUnsafeBytes { bytes in
      machine.begin()
      _ = machine.add(EventEncoder.view(of: record.range, in: bytes), record.time)
      machine.read(context, isFiltered: false)
      _ = machine.write(0, context, to: &output)
      return machine.time(0, context)
    }
  }

  /// Appends records that the scan called events to a batch, with what the batch is to know of
  /// them; those not that the filter leaves out.
  ///
  /// - Parameters:
  ///   - ordinals: Which of the scan's records, in their order.
  ///   - origin: The index of the records' origin in the batch.
  ///   - sequence: The number of the blob's entry in the log.
  package mutating func append(
    _ ordinals: [Int], of scan: BlobScan, in blob: PaddedBytes, context: EventContext,
    to batch: inout EventBatch, origin: Int, sequence: Int64
  ) {
    blob.withUnsafeBytes { bytes in
      var next = 0
      while next < ordinals.count {
        machine.begin()
        let first = next
        while next < ordinals.count {
          let ordinal = ordinals[next]
          precondition(scan.records[ordinal].isEvent, "only events are encoded")
          let view = EventEncoder.view(of: scan.records[ordinal].range, in: bytes)
          guard machine.add(view, scan.records[ordinal].time) else { break }
          next += 1
        }
        machine.read(context, isFiltered: true)
        for index in 0..<machine.count {
          let start = batch.bytes.count
          guard machine.write(index, context, to: &batch.bytes) else { continue }
          batch.lines.append(
            EventBatch.Line(
              range: start..<batch.bytes.count, origin: origin, time: machine.time(index, context),
              position: LogPosition(sequence: sequence, record: ordinals[first + index]),
              facts: machine.note(index, in: &batch)))
        }
      }
    }
  }

  private static func view(of record: Range<Int>, in blob: UnsafeRawBufferPointer) -> ByteView {
    precondition(
      record.lowerBound >= 0 && record.upperBound <= blob.count && record.count >= 2,
      "the record is one of this blob")
    guard let base = blob.baseAddress else { preconditionFailure("a blob has bytes") }
    let start = base.assumingMemoryBound(to: UInt8.self) + record.lowerBound
    return ByteView(start: start, count: record.count)
  }
}

/// What an encoder keeps between records.
private final class EncodingMachine {
  private let format: EventFormat
  private let raw: RawAttachment
  private let header: SyslogHeader?
  private let filter: EventFilter?
  private let facts: EventFacts
  private let writer = NativeWriter.shared
  private let parts: UnsafeMutablePointer<Parts>

  /// In memory of its own, which needs no checks of exclusive access for every use.
  private struct Parts: ~Copyable {
    var group: NormalizerGroup
    /// Which of the group's events are written.
    var isWritten: [Bool] = []
    /// The line that is being written.
    var line = ByteBuffer(capacity: 64)
    var attachment = ByteBuffer()
    var scratch = FormatScratch()

    /// Replaces what events say of people; nil leaves them as they are.
    var mask: EventMask?

    init(
      places: (any PlaceFinder)?, pseudonyms: (any Pseudonymizer)?, labels: EventLabels?
    ) {
      group = NormalizerGroup(places: places, labels: labels)
      if let pseudonyms { mask = EventMask(pseudonyms) }
    }
  }

  init(
    format: EventFormat, raw: RawAttachment, places: (any PlaceFinder)?, header: SyslogHeader?,
    filter: EventFilter?, facts: EventFacts, pseudonyms: (any Pseudonymizer)?,
    labels: EventLabels?
  ) {
    self.format = format
    self.raw = raw
    self.header = header
    self.filter = filter
    self.facts = facts
    parts = .allocate(capacity: 1)
    parts.initialize(to: Parts(places: places, pseudonyms: pseudonyms, labels: labels))
  }

  deinit {
    parts.deinitialize(count: 1)
    parts.deallocate()
  }

  /// Whether records are copied, and nobody wants to know what they say.
  private var isCopying: Bool {
    format == .raw && header == nil && filter == nil && facts.isEmpty
  }

  /// How many records are read together now.
  var count: Int { parts.pointee.group.count }

  /// Begins with the next records.
  func begin() {
    parts.pointee.group.removeAll()
  }

  /// Adds a record to those that are read together; false when they are enough.
  func add(_ record: ByteView, _ time: Timestamp?) -> Bool {
    parts.pointee.group.add(record, time: time)
  }

  /// Reads what was added, up to what can be written, pseudonyms left out.
  ///
  /// - Parameter isFiltered: Whether the filter may leave events out.
  func read(_ context: EventContext, isFiltered: Bool) {
    if !isCopying {
      EncodingMachine.read(context, isFiltered ? filter : nil, format, &parts.pointee)
    }
  }

  private static func read(
    _ context: EventContext, _ filter: EventFilter?, _ format: EventFormat, _ parts: inout Parts
  ) {
    parts.group.read(context)
    parts.isWritten.removeAll(keepingCapacity: true)
    let normalizers = parts.group.normalizers
    for index in 0..<parts.group.count {
      parts.isWritten.append(filter?.passes(normalizers[index].event) ?? true)
    }
    guard format.hasSummary, parts.mask == nil else { return }
    for index in 0..<parts.group.count where parts.isWritten[index] {
      EventSummary.set(in: &normalizers[index].event, &normalizers[index].arena)
    }
  }

  /// Replaces what an event says of people and sums up the rest. What the mask puts into the event
  /// is good until it is put over the next one.
  private static func mask(
    _ event: inout NativeEvent, _ arena: inout Arena, _ context: EventContext,
    _ format: EventFormat, _ mask: inout EventMask?
  ) {
    mask?.apply(to: &event, context: context)
    if format.hasSummary { EventSummary.set(in: &event, &arena) }
  }

  /// Appends one of the events that were read, as a line; false when the filter leaves it out.
  func write(
    _ index: Int, _ context: EventContext, to output: inout [UInt8]
  ) -> Bool {
    if isCopying {
      EncodingMachine.appendLine(parts.pointee.group.record(index), to: &output)
      return true
    }
    guard parts.pointee.isWritten[index] else { return false }
    if parts.pointee.mask != nil {
      let normalizers = parts.pointee.group.normalizers
      EncodingMachine.mask(
        &normalizers[index].event, &normalizers[index].arena, context, format,
        &parts.pointee.mask)
    }
    // Most events are less than twice as large as their records; those that carry them, than four
    // times. What is larger is written elsewhere and copied.
    let size = parts.pointee.group.record(index).count * (raw == .off ? 2 : 4) + (4 << 10)
    output.append(addingCapacity: size) { span in
      span.withUnsafeMutableBufferPointer { buffer, count in
        guard let start = buffer.baseAddress else { return }
        parts.pointee.line = ByteBuffer(borrowing: start + count, capacity: buffer.count - count)
        writeLine(index)
        if parts.pointee.line.isBorrowed { count += parts.pointee.line.count }
      }
    }
    if !parts.pointee.line.isBorrowed {
      output.append(contentsOf: parts.pointee.line.view.buffer)
    }
    return true
  }

  private func writeLine(_ index: Int) {
    let normalizers = parts.pointee.group.normalizers
    EncodingMachine.write(
      parts.pointee.group.record(index), &normalizers[index], format, raw, header, writer,
      &parts.pointee)
    parts.pointee.line.append(Ascii.lineFeed)
  }

  /// The time of one of the events that were read.
  func time(_ index: Int, _ context: EventContext) -> Timestamp {
    guard isCopying else { return parts.pointee.group.normalizers[index].time }
    return parts.pointee.group.time(index) ?? context.available ?? context.collected
      ?? Timestamp(milliseconds: 0)
  }

  /// Keeps what the batch is to know of one of the events.
  func note(_ index: Int, in batch: inout EventBatch) -> Int? {
    if facts.isEmpty { return nil }
    return EncodingMachine.note(facts, of: parts.pointee.group.normalizers[index].event, in: &batch)
  }

  private static func note(
    _ facts: EventFacts, of event: borrowing NativeEvent, in batch: inout EventBatch
  ) -> Int {
    batch.keep(facts) { fact, keep in
      let text =
        switch fact {
        case .id: event.text(.id)
        case .workload: event.text(.workload)
        case .operation: event.text(.operation)
        case .recordType: event.text(.recordType)
        case .user:
          event.text(.actorUpn) ?? event.text(.actorName) ?? event.text(.actorRawID)
            ?? event.text(.actorID)
        default: nil as ByteView?
        }
      if let text { keep(text.buffer) }
    }
  }

  /// Appends a record as it is, but for line breaks between its tokens.
  private static func appendLine(_ record: ByteView, to output: inout [UInt8]) {
    output.append(addingCapacity: record.count + 1) { span in
      span.withUnsafeMutableBufferPointer { buffer, count in
        guard let start = buffer.baseAddress else { return }
        millrace_copy_on_one_line(start + count, record.start, record.count)
        count += record.count
        buffer[count] = Ascii.lineFeed
        count += 1
      }
    }
  }

  /// Writes the event that was read.
  private static func write(
    _ record: ByteView, _ normalizer: inout Normalizer, _ format: EventFormat,
    _ raw: RawAttachment, _ header: SyslogHeader?, _ writer: NativeWriter, _ parts: inout Parts
  ) {
    if let header {
      header.append(normalizer.event, to: &parts.line)
      parts.line.append(Ascii.blank)
    }
    switch format {
    case .raw:
      parts.line.appendOnOneLine(record)
    case .native:
      attach(record, raw, &normalizer, &parts)
      writer.write(normalizer.event, to: &parts.line)
    case .ecs, .ecsO365:
      attach(record, raw == .off ? .off : .string, &normalizer, &parts)
      parts.scratch.begin(normalizer.event)
      let table = format == .ecs ? ECSFields.table : ECSFields.o365Table
      table.write(normalizer.event, scratch: &parts.scratch, to: &parts.line)
      if format == .ecsO365 { addRecord(record, &normalizer, &parts) }
    case .ocsf:
      attach(record, raw == .off ? .off : .string, &normalizer, &parts)
      parts.scratch.begin(normalizer.event)
      OCSFFields.table.write(
        normalizer.event, groups: OCSFClasses(parts.scratch.ocsf.uid).rawValue,
        scratch: &parts.scratch, to: &parts.line)
    case .cef:
      parts.scratch.begin(normalizer.event)
      CEFWriter.write(normalizer.event, scratch: &parts.scratch, to: &parts.line)
    }
  }

  /// Adds the record to the event of ECS that was just written, as Elastic's integration has it.
  private static func addRecord(
    _ record: ByteView, _ normalizer: inout Normalizer, _ parts: inout Parts
  ) {
    parts.attachment.removeAll()
    normalizer.writeClean(record, to: &parts.attachment)
    if normalizer.family.mayHoldMatchedSecrets,
      let rest = MatchedSecrets.removed(from: parts.attachment.view, in: &normalizer.arena)
    {
      parts.attachment.removeAll()
      parts.attachment.append(rest)
    }
    parts.line.removeLast(1)
    O365Fields.append(
      parts.attachment.view, of: &normalizer, scratch: &parts.scratch, to: &parts.line)
    parts.line.append(Ascii.closeBrace)
  }

  /// Adds the record to the event.
  private static func attach(
    _ record: ByteView, _ raw: RawAttachment, _ normalizer: inout Normalizer,
    _ parts: inout Parts
  ) {
    switch raw {
    case .off:
      return
    case .string:
      normalizer.event.set(.raw, .text(record))
    case .object:
      parts.attachment.removeAll()
      normalizer.writeClean(record, to: &parts.attachment)
      normalizer.event.set(.raw, .json(parts.attachment.view))
    }
  }
}

extension Normalizer {
  /// Writes a record as a JSON object that every receiver takes: on one line, without members that
  /// a later one replaces, without surrogates that stand alone.
  mutating func writeClean(_ record: ByteView, to buffer: inout ByteBuffer) {
    _ = repeated.skip(record.start, end: record.end, arena: &arena)
    let mended =
      (repeated.escapes.haveUnits ? JSONText.mendingSurrogates(record, in: &arena) : nil) ?? record
    guard repeated.isRepeated else { return buffer.appendOnOneLine(mended) }
    scratch.removeAll()
    RepeatedMembers.write(mended, to: &scratch, arena: &arena)
    buffer.appendOnOneLine(scratch.view)
  }
}
