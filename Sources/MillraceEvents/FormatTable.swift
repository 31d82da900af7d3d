/// Where a field of a format has its value from.
enum FormatSource: Sendable {
  /// Makes a value; nil leaves the field out.
  typealias Maker = @Sendable (borrowing NativeEvent, inout FormatScratch) -> NativeEvent.Value?

  /// A field of the native event, by its path. A path that no field has yet is never written.
  case field(StaticString)
  /// The first of two fields that holds something.
  case first(StaticString, StaticString)
  /// The same text in every event.
  case constant(StaticString)
  /// What a function makes of the fields that the text names.
  case made(StaticString, Maker)
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
  /// Levels of objects above a field, at most.
  private static let depthMax = 4

  private enum Step: Sendable {
    case field(EventField)
    case first(EventField, EventField)
    case constant(StaticString)
    case made(FormatSource.Maker)
  }

  /// A row, ready to be written: the objects it stands in, by number.
  private struct Line: Sendable {
    let objects: SIMD4<UInt8>
    let depth: Int
    let name: Name
    let step: Step
    let groups: UInt32
    /// Its place among the rows.
    let row: Int
  }

  /// A part of `names`: `,"name":`.
  private struct Name: Sendable {
    let start: Int
    let count: Int
  }

  /// The rows as they were given, for explanations and tests.
  let rows: [FormatRow]
  private let lines: [Line]
  private let objects: [Name]
  private let names: [UInt8]

  init(_ rows: [FormatRow]) {
    var names: [UInt8] = []
    func render(_ name: Substring) -> Name {
      let start = names.count
      names += Array(",\"\(name)\":".utf8)
      return Name(start: start, count: names.count - start)
    }
    var objects: [Name] = []
    var numbers: [String: UInt8] = [:]
    var lines: [Line] = []
    for (place, row) in rows.enumerated() {
      guard let step = FormatTable.step(of: row.source) else { continue }
      let parts = row.path.split(separator: ".")
      precondition(parts.count - 1 <= FormatTable.depthMax, "\(row.path) is too deep")
      var path = SIMD4<UInt8>(repeating: 0)
      for depth in 0..<parts.count - 1 {
        let key = parts[0...depth].joined(separator: ".")
        if let number = numbers[key] {
          path[depth] = number
        } else {
          path[depth] = UInt8(objects.count)
          numbers[key] = UInt8(objects.count)
          objects.append(render(parts[depth]))
        }
      }
      lines.append(
        Line(
          objects: path, depth: parts.count - 1, name: render(parts[parts.count - 1]), step: step,
          groups: row.groups, row: place))
    }
    self.rows = rows
    self.lines = lines
    self.objects = objects
    self.names = names + [UInt8](repeating: 0, count: 16)
  }

  private static func step(of source: FormatSource) -> Step? {
    switch source {
    case .field(let path): EventField(path: path).map { .field($0) }
    case .first(let first, let second):
      switch (EventField(path: first), EventField(path: second)) {
      case (let first?, let second?): .first(first, second)
      case (let only?, nil), (nil, let only?): .field(only)
      case (nil, nil): nil
      }
    case .constant(let text): .constant(text)
    case .made(_, let maker): .made(maker)
    }
  }

  /// Appends the fields of an event that is in one of `groups` as one JSON object, without a line
  /// feed.
  func write(
    _ event: borrowing NativeEvent, groups: UInt32 = .max, scratch: inout FormatScratch,
    to buffer: inout ByteBuffer
  ) {
    names.withUnsafeBufferPointer { names in
      guard let base = names.baseAddress else { return }
      buffer.append(Ascii.openBrace)
      var place = Place()
      for line in lines where line.groups & groups != 0 {
        guard let value = FormatTable.value(line.step, event, &scratch) else { continue }
        append(line, value, base, &place, &buffer)
      }
      for _ in 0...place.depth { buffer.append(Ascii.closeBrace) }
    }
  }

  /// The same for a table of nothing but fields.
  func writeFields(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    names.withUnsafeBufferPointer { names in
      guard let base = names.baseAddress else { return }
      buffer.append(Ascii.openBrace)
      var place = Place()
      for line in lines {
        guard case .field(let field) = line.step, let value = event[field] else { continue }
        append(line, value, base, &place, &buffer)
      }
      for _ in 0...place.depth { buffer.append(Ascii.closeBrace) }
    }
  }

  /// The rows that an event in one of `groups` has, with their values in JSON.
  func values(
    _ event: borrowing NativeEvent, groups: UInt32, scratch: inout FormatScratch
  ) -> [(row: FormatRow, json: String)] {
    var values: [(row: FormatRow, json: String)] = []
    for line in lines where line.groups & groups != 0 {
      guard let value = FormatTable.value(line.step, event, &scratch) else { continue }
      values.append((rows[line.row], EventExplainer.json(value)))
    }
    return values
  }

  /// The objects that are open.
  private struct Place {
    var open = SIMD4<UInt8>(repeating: 0)
    var depth = 0
  }

  /// Appends a field, after closing the objects that it does not stand in and opening its own.
  @inline(__always)
  private func append(
    _ line: Line, _ value: NativeEvent.Value, _ base: UnsafePointer<UInt8>, _ place: inout Place,
    _ buffer: inout ByteBuffer
  ) {
    var common = 0
    while common < min(place.depth, line.depth), place.open[common] == line.objects[common] {
      common += 1
    }
    while place.depth > common {
      buffer.append(Ascii.closeBrace)
      place.depth -= 1
    }
    while place.depth < line.depth {
      append(objects[Int(line.objects[place.depth])], base, &buffer)
      buffer.append(Ascii.openBrace)
      place.depth += 1
    }
    place.open = line.objects
    append(line.name, base, &buffer)
    NativeWriter.write(value, to: &buffer)
  }

  @inline(__always)
  private static func value(
    _ step: Step, _ event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) -> NativeEvent.Value? {
    switch step {
    case .field(let field): event[field]
    case .first(let first, let second): event[first] ?? event[second]
    case .constant(let text): .constant(ByteView(text))
    case .made(let make): make(event, &scratch)
    }
  }

  /// Appends a name, without its comma when it is the first of its object.
  @inline(__always)
  private func append(_ name: Name, _ base: UnsafePointer<UInt8>, _ buffer: inout ByteBuffer) {
    let skipped = buffer.last == Ascii.openBrace ? 1 : 0
    buffer.appendBlocks(
      ByteView(start: base + name.start + skipped, count: name.count - skipped))
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
