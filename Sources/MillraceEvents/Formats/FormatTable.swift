/// Where a field of a format has its value from.
enum FormatSource: Sendable {
  /// Makes a value; nil leaves the field out.
  typealias Maker = @Sendable (borrowing NativeEvent, inout FormatScratch) -> NativeEvent.Value?

  /// A function in a wrapping of its own: a bare one is called through one more in between when it
  /// comes out of an enumeration or an array.
  struct Making: Sendable {
    let make: Maker
  }

  /// A field of the native event, by its path. A path that no field has yet is never written.
  case field(StaticString)
  /// The first of two fields that holds something.
  case first(StaticString, StaticString)
  /// The same text in every event.
  case constant(StaticString)
  /// What a function makes of the fields that the text names, of those before a bar if the event
  /// has one of them, else of those behind it; of alerts that a service raised the other way round.
  case making(StaticString, Making)

  /// What `make` makes of the fields that `fields` names.
  static func made(_ fields: StaticString, _ make: @escaping Maker) -> FormatSource {
    .making(fields, Making(make: make))
  }
}

/// One field of a format: where it stands, names joined by dots, and where its value comes from.
struct FormatRow: Sendable {
  let path: String
  let source: FormatSource
  /// The groups of events that have the field, one bit each.
  let groups: UInt32

  init(_ path: String, _ source: FormatSource, groups: UInt32 = .max) {
    self.path = path
    self.source = source
    self.groups = groups
  }
}

/// Writes events as nested JSON objects by a table of fields. Fields of one object stand side by
/// side in the table; an object without fields is not written.
struct FormatTable: Sendable {
  /// How much of `names` is copied at once: no name is longer.
  private static let nameBytes = 48
  /// Levels of objects above a field, at most.
  private static let depthMax = 4

  private enum Step: UInt8, Sendable {
    /// A field of the event, by its ordinal.
    case field
    /// The first of two fields that is there.
    case first
    /// A text, by its place among `constants`.
    case constant
    /// What a function makes, by its place among `makers`.
    case made
  }

  /// A row, ready to be written. Lines hold numbers alone: what has owners, such as functions,
  /// would be counted with every line of every event.
  private struct Line: Sendable {
    let step: Step
    /// What the step is about, by number.
    let subject: UInt8
    let second: UInt8
    /// How many objects the field stands in.
    let depth: UInt8
    /// These objects, by number, the outermost in the lowest byte.
    let objects: UInt32
    let groups: UInt32
    let name: RenderedName
    /// Its place among the rows.
    let row: UInt16
  }

  /// Lines side by side that are looked at together. Of a run of fields in the order of the event
  /// only those are visited that the event has; other fields are, when it has any of them.
  private struct Stretch: Sendable {
    let lines: Range<Int>
    let groups: UInt32
    /// Where the run's words are in `masks`, and its lines by field in `linesByField`; nil when the
    /// lines are to be visited one by one.
    let run: Int?
    /// Where the words are in `masks` of the fields that the lines need; nil when they may be
    /// written without any.
    let needs: Int?
  }

  /// The rows as they were given, for explanations and tests.
  let rows: [FormatRow]
  private var lines: [Line] = []
  private var stretches: [Stretch] = []
  private var masks: [UInt64] = []
  private var linesByField: [UInt16] = []
  private var constants: [StaticString] = []
  private var makers: [FormatSource.Making] = []
  private let objects: [RenderedName]
  private let names: [UInt8]
  /// Fewer fields than these are not worth a run.
  private static let runMin = 4
  /// More fields than these are not looked at together unless they are a run: one of them is there
  /// too often.
  private static let sharedMax = 6

  init(_ rows: [FormatRow]) {
    var names: [UInt8] = []
    func render(_ name: Substring) -> RenderedName {
      RenderedName(name, into: &names, longest: FormatTable.nameBytes)
    }
    var objects: [RenderedName] = []
    var numbers: [String: UInt8] = [:]
    for (place, row) in rows.enumerated() {
      guard let (step, subject, second) = FormatTable.step(row.source, &constants, &makers)
      else { continue }
      let parts = row.path.split(separator: ".")
      precondition(parts.count - 1 <= FormatTable.depthMax, "\(row.path) is too deep")
      var path: UInt32 = 0
      for depth in 0..<parts.count - 1 {
        let key = parts[0...depth].joined(separator: ".")
        if numbers[key] == nil {
          numbers[key] = UInt8(objects.count)
          objects.append(render(parts[depth]))
        }
        path |= UInt32(numbers[key] ?? 0) << (8 * UInt32(depth))
      }
      lines.append(
        Line(
          step: step, subject: subject, second: second, depth: UInt8(parts.count - 1),
          objects: path, groups: row.groups, name: render(parts[parts.count - 1]),
          row: UInt16(place)))
    }
    self.rows = rows
    self.objects = objects
    self.names = names + [UInt8](repeating: 0, count: FormatTable.nameBytes)
    divide()
  }

  /// Finds the runs among the lines.
  private mutating func divide() {
    var start = 0
    while start < lines.count {
      var end = start + 1
      if lines[start].step == .field {
        while end < lines.count, lines[end].step == .field,
          lines[end].groups == lines[start].groups, lines[end].subject > lines[end - 1].subject
        { end += 1 }
      }
      let isRun = end - start >= FormatTable.runMin
      if !isRun { end = endOfFields(from: start) }
      let needsFields = lines[start].step == .field || lines[start].step == .first
      stretches.append(
        Stretch(
          lines: start..<end, groups: lines[start].groups, run: isRun ? masks.count : nil,
          needs: needsFields && !isRun ? masks.count : nil))
      if isRun || needsFields {
        let base = linesByField.count
        masks += [UInt64](repeating: 0, count: NativeEvent.wordCount)
        linesByField += [UInt16](repeating: 0, count: 64 * NativeEvent.wordCount)
        for index in start..<end {
          note(Int(lines[index].subject), base, index)
          if lines[index].step == .first { note(Int(lines[index].second), base, index) }
        }
      }
      start = end
    }
  }

  /// Where the lines end, from `start` on, that are looked at together without being a run.
  private func endOfFields(from start: Int) -> Int {
    var end = start + 1
    guard lines[start].step == .field || lines[start].step == .first else { return end }
    while end < lines.count, end - start < FormatTable.sharedMax,
      lines[end].step == .field || lines[end].step == .first,
      lines[end].groups == lines[start].groups
    { end += 1 }
    return end
  }

  private mutating func note(_ field: Int, _ base: Int, _ line: Int) {
    masks[base / 64 + field / 64] |= 1 << UInt64(field % 64)
    linesByField[base + field] = UInt16(line)
  }

  private static func step(
    _ source: FormatSource, _ constants: inout [StaticString],
    _ makers: inout [FormatSource.Making]
  ) -> (Step, UInt8, UInt8)? {
    switch source {
    case .field(let path):
      return EventField(path: path).map { (.field, $0.rawValue, 0) }
    case .first(let first, let second):
      switch (EventField(path: first), EventField(path: second)) {
      case (let first?, let second?): return (.first, first.rawValue, second.rawValue)
      case (let only?, nil), (nil, let only?): return (.field, only.rawValue, 0)
      case (nil, nil): return nil
      }
    case .constant(let text):
      constants.append(text)
      return (.constant, UInt8(constants.count - 1), 0)
    case .making(_, let maker):
      makers.append(maker)
      return (.made, UInt8(makers.count - 1), 0)
    }
  }

  /// Appends the fields of an event that is in one of `groups` as one JSON object, without a line
  /// feed.
  func write(
    _ event: borrowing NativeEvent, groups: UInt32 = .max, scratch: inout FormatScratch,
    to buffer: inout ByteBuffer
  ) {
    names.withUnsafeBufferPointer { names in
      lines.withUnsafeBufferPointer { lines in
        guard let base = names.baseAddress else { return }
        buffer.append(Ascii.openBrace)
        var place = Place()
        for stretch in stretches where stretch.groups & groups != 0 {
          if let run = stretch.run {
            appendRun(run, event, lines, base, &place, &buffer)
            continue
          }
          if let needs = stretch.needs, !hasAny(event, needs) { continue }
          for index in stretch.lines {
            guard let value = value(lines[index], event, &scratch) else { continue }
            append(lines[index], value, base, &place, &buffer)
          }
        }
        for _ in 0...place.depth { buffer.append(Ascii.closeBrace) }
      }
    }
  }

  /// The same for a table of nothing but fields.
  func writeFields(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    names.withUnsafeBufferPointer { names in
      lines.withUnsafeBufferPointer { lines in
        guard let base = names.baseAddress else { return }
        buffer.append(Ascii.openBrace)
        var place = Place()
        for stretch in stretches {
          if let run = stretch.run {
            appendRun(run, event, lines, base, &place, &buffer)
            continue
          }
          for index in stretch.lines where event.has(ordinal: Int(lines[index].subject)) {
            let value = event.value(at: Int(lines[index].subject))
            append(lines[index], value, base, &place, &buffer)
          }
        }
        for _ in 0...place.depth { buffer.append(Ascii.closeBrace) }
      }
    }
  }

  /// Whether the event has any of the fields in `masks` from `needs` on.
  @inline(__always)
  private func hasAny(_ event: borrowing NativeEvent, _ needs: Int) -> Bool {
    var found: UInt64 = 0
    for word in 0..<NativeEvent.wordCount { found |= event.presence(word) & masks[needs + word] }
    return found != 0
  }

  /// Appends those fields of a run that the event has.
  @inline(__always)
  private func appendRun(
    _ run: Int, _ event: borrowing NativeEvent, _ lines: UnsafeBufferPointer<Line>,
    _ base: UnsafePointer<UInt8>, _ place: inout Place, _ buffer: inout ByteBuffer
  ) {
    for word in 0..<NativeEvent.wordCount {
      var bits = event.presence(word) & masks[run + word]
      while bits != 0 {
        let field = 64 * word + bits.trailingZeroBitCount
        bits &= bits - 1
        let line = lines[Int(linesByField[64 * run + field])]
        append(line, event.value(at: field), base, &place, &buffer)
      }
    }
  }

  /// The rows that an event in one of `groups` has, with their values in JSON.
  func values(
    _ event: borrowing NativeEvent, groups: UInt32, scratch: inout FormatScratch
  ) -> [(row: FormatRow, json: String)] {
    var values: [(row: FormatRow, json: String)] = []
    for line in lines where line.groups & groups != 0 {
      guard let value = value(line, event, &scratch) else { continue }
      values.append((rows[Int(line.row)], EventExplainer.json(value)))
    }
    return values
  }

  /// The objects that are open, as in a line.
  private struct Place {
    var open: UInt32 = 0
    var depth = 0
    /// How much of the next name is left out: the comma, when it is the first of its object.
    var skipped = 1
  }

  /// Appends a field, after closing the objects that it does not stand in and opening its own.
  @inline(__always)
  private func append(
    _ line: Line, _ value: NativeEvent.Value, _ base: UnsafePointer<UInt8>, _ place: inout Place,
    _ buffer: inout ByteBuffer
  ) {
    if line.objects != place.open || Int(line.depth) != place.depth {
      move(to: line, base, &place, &buffer)
    }
    let start = buffer.room(for: FormatTable.nameBytes &+ value.textCount)
    let end = line.name.put(
      from: base, skipping: place.skipped, longest: FormatTable.nameBytes, at: start)
    place.skipped = 0
    NativeWriter.put(value, at: end, of: &buffer)
  }

  private func move(
    to line: Line, _ base: UnsafePointer<UInt8>, _ place: inout Place, _ buffer: inout ByteBuffer
  ) {
    let same = (line.objects ^ place.open).trailingZeroBitCount / 8
    let common = min(same, place.depth, Int(line.depth))
    while place.depth > common {
      buffer.append(Ascii.closeBrace)
      place.depth -= 1
    }
    while place.depth < Int(line.depth) {
      let object = line.objects >> (8 * UInt32(place.depth)) & 0xFF
      let start = buffer.room(for: FormatTable.nameBytes)
      let end = objects[Int(object)].put(
        from: base, skipping: place.skipped, longest: FormatTable.nameBytes, at: start)
      end[-1] = Ascii.openBrace
      buffer.commit(upTo: end)
      place.skipped = 1
      place.depth += 1
    }
    place.open = line.objects
  }

  @inline(__always)
  private func value(
    _ line: Line, _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    let subject = Int(line.subject)
    switch line.step {
    case .field:
      return event.has(ordinal: subject) ? event.value(at: subject) : nil
    case .first:
      if event.has(ordinal: subject) { return event.value(at: subject) }
      let second = Int(line.second)
      return event.has(ordinal: second) ? event.value(at: second) : nil
    case .constant: return .constant(ByteView(constants[subject]))
    case .made: return makers[subject].make(event, &scratch)
    }
  }
}

extension EventField {
  /// The field at a path; nil when there is none.
  init?(path: StaticString) {
    let wanted = ByteView(path)
    let found = EventField.paths.firstIndex { wanted == $0 }
    guard let found else { return nil }
    self = EventField.allCases[found]
  }
}
