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

  /// Appends one line, ended by a line feed, for a record that the scan called an event.
  ///
  /// - Returns: The event's time: its `CreationTime`, else when its blob was available, else when
  ///   it was collected, else 1970-01-01.
  package mutating func encode(
    _ record: ScannedRecord, of blob: PaddedBytes, context: EventContext,
    into output: inout [UInt8]
  ) -> Timestamp {
    withView(of: record, in: blob) { machine.encode($0, record.time, context, &output) }
  }

  /// Appends a record that the scan called an event to a batch, with what the batch is to know of
  /// it, unless the filter leaves it out.
  ///
  /// - Parameters:
  ///   - origin: The index of the record's origin in the batch.
  ///   - position: The record's place in the log.
  /// - Returns: False when the filter left it out.
  @discardableResult
  package mutating func append(
    _ record: ScannedRecord, of blob: PaddedBytes, context: EventContext,
    to batch: inout EventBatch, origin: Int, position: LogPosition
  ) -> Bool {
    withView(of: record, in: blob) { view in
      let start = batch.bytes.count
      guard let time = machine.encodeFiltered(view, record.time, context, &batch.bytes)
      else { return false }
      batch.lines.append(
        EventBatch.Line(
          range: start..<batch.bytes.count, origin: origin, time: time, position: position,
          facts: machine.note(in: &batch)))
      return true
    }
  }

  private func withView<Value>(
    of record: ScannedRecord, in blob: PaddedBytes, _ body: (ByteView) -> Value
  ) -> Value {
    precondition(record.verdict == .event, "only events are encoded")
    precondition(
      record.range.lowerBound >= 0 && record.range.upperBound <= blob.count
        && record.range.count >= 2, "the record is one of this blob")
    return blob.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("a blob has bytes") }
      let start = base.assumingMemoryBound(to: UInt8.self) + record.range.lowerBound
      return body(ByteView(start: start, count: record.range.count))
    }
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
  private var parts: Parts

  /// In one place, so that an encoding takes hold of all of it at once.
  private struct Parts: ~Copyable {
    var normalizer: Normalizer
    var line = ByteBuffer(capacity: 64 << 10)
    var attachment = ByteBuffer()
    var scratch = FormatScratch()

    /// Replaces what events say of people; nil leaves them as they are.
    var mask: EventMask?

    init(
      places: (any PlaceFinder)?, pseudonyms: (any Pseudonymizer)?, labels: EventLabels?
    ) {
      normalizer = Normalizer(places: places, labels: labels)
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
    parts = Parts(places: places, pseudonyms: pseudonyms, labels: labels)
  }

  func encode(
    _ record: ByteView, _ scannedTime: Timestamp?, _ context: EventContext,
    _ output: inout [UInt8]
  ) -> Timestamp {
    if format == .raw, header == nil {
      EncodingMachine.appendLine(record, to: &output)
      return EncodingMachine.time(scannedTime, context)
    }
    parts.line.removeAll()
    let time = parts.normalizer.read(record, context: context, time: scannedTime)
    EncodingMachine.mask(context, &parts)
    EncodingMachine.write(record, format, raw, header, writer, &parts)
    finishLine(&output)
    return time
  }

  /// The same for a batch: nil, and nothing written, when the filter leaves the event out.
  func encodeFiltered(
    _ record: ByteView, _ scannedTime: Timestamp?, _ context: EventContext,
    _ output: inout [UInt8]
  ) -> Timestamp? {
    if filter == nil, facts.isEmpty { return encode(record, scannedTime, context, &output) }
    parts.line.removeAll()
    let time = parts.normalizer.read(record, context: context, time: scannedTime)
    if let filter, !filter.passes(parts.normalizer.event) { return nil }
    EncodingMachine.mask(context, &parts)
    EncodingMachine.write(record, format, raw, header, writer, &parts)
    finishLine(&output)
    return time
  }

  private static func mask(_ context: EventContext, _ parts: inout Parts) {
    parts.mask?.apply(to: &parts.normalizer.event, context: context)
  }

  /// Keeps what the batch is to know of the event that was encoded last.
  func note(in batch: inout EventBatch) -> Int? {
    facts.isEmpty ? nil : EncodingMachine.note(facts, of: parts.normalizer.event, in: &batch)
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

  private func finishLine(_ output: inout [UInt8]) {
    parts.line.append(Ascii.lineFeed)
    output.append(contentsOf: parts.line.view.buffer)
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

  private static func time(_ scanned: Timestamp?, _ context: EventContext) -> Timestamp {
    scanned ?? context.available ?? context.collected ?? Timestamp(milliseconds: 0)
  }

  /// Writes the event that was read.
  private static func write(
    _ record: ByteView, _ format: EventFormat, _ raw: RawAttachment,
    _ header: SyslogHeader?, _ writer: NativeWriter, _ parts: inout Parts
  ) {
    if let header {
      header.append(parts.normalizer.event, to: &parts.line)
      parts.line.append(Ascii.blank)
    }
    if format.hasSummary {
      EventSummary.set(in: &parts.normalizer.event, &parts.normalizer.arena)
    }
    switch format {
    case .raw:
      parts.line.appendOnOneLine(record)
    case .native:
      attach(record, raw, &parts)
      writer.write(parts.normalizer.event, to: &parts.line)
    case .ecs, .ecsO365:
      attach(record, raw == .off ? .off : .string, &parts)
      parts.scratch.begin(parts.normalizer.event)
      let table = format == .ecs ? ECSFields.table : ECSFields.o365Table
      table.write(parts.normalizer.event, scratch: &parts.scratch, to: &parts.line)
      if format == .ecsO365 { addRecord(record, &parts) }
    case .ocsf:
      attach(record, raw == .off ? .off : .string, &parts)
      parts.scratch.begin(parts.normalizer.event)
      OCSFFields.table.write(
        parts.normalizer.event, groups: OCSFClasses(parts.scratch.ocsf.uid).rawValue,
        scratch: &parts.scratch, to: &parts.line)
    case .cef:
      parts.scratch.begin(parts.normalizer.event)
      CEFWriter.write(parts.normalizer.event, scratch: &parts.scratch, to: &parts.line)
    }
  }

  /// Adds the record to the event of ECS that was just written, as Elastic's integration has it.
  private static func addRecord(_ record: ByteView, _ parts: inout Parts) {
    parts.attachment.removeAll()
    parts.normalizer.writeClean(record, to: &parts.attachment)
    parts.line.removeLast(1)
    O365Fields.append(parts.attachment.view, scratch: &parts.scratch, to: &parts.line)
    parts.line.append(Ascii.closeBrace)
  }

  /// Adds the record to the event.
  private static func attach(_ record: ByteView, _ raw: RawAttachment, _ parts: inout Parts) {
    switch raw {
    case .off:
      return
    case .string:
      parts.normalizer.event.set(.raw, .text(record))
    case .object:
      parts.attachment.removeAll()
      parts.normalizer.writeClean(record, to: &parts.attachment)
      parts.normalizer.event.set(.raw, .json(parts.attachment.view))
    }
  }
}

extension Normalizer {
  /// Writes a record as a JSON object that every receiver takes: on one line, without members that
  /// a later one replaces, without surrogates that stand alone.
  mutating func writeClean(_ record: ByteView, to buffer: inout ByteBuffer) {
    _ = repeated.skip(record.start, end: record.end, arena: &arena)
    let mended =
      (repeated.isEscaped ? JSONText.mendingSurrogates(record, in: &arena) : nil) ?? record
    guard repeated.isRepeated else { return buffer.appendOnOneLine(mended) }
    scratch.removeAll()
    RepeatedMembers.write(mended, to: &scratch, arena: &arena)
    buffer.appendOnOneLine(scratch.view)
  }
}
