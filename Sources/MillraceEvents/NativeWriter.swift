/// Writes events in the native format: the fields in the order of `EventField`, fields of one
/// object side by side in one nested object (Schemas/event.schema.json).
struct NativeWriter {
  /// How a field is written: the objects it stands in, and `"name":`.
  private struct Shape: Sendable {
    var outer: Range<Int>
    var inner: Range<Int>
    var name: Range<Int>
  }

  private let shapes: [Shape]
  /// All names with their quotes and colons, one after the other.
  private let names: [UInt8]

  init() {
    var names: [UInt8] = []
    func render(_ name: Substring) -> Range<Int> {
      let start = names.count
      names += Array("\"\(name)\":".utf8)
      return start..<names.count
    }
    var objects: [Substring: Range<Int>] = [:]
    shapes = EventField.paths.map { path in
      let text = "\(path)"
      let parts = text.split(separator: ".")
      precondition(parts.count <= 3, "events have at most three levels")
      func object(_ depth: Int) -> Range<Int> {
        guard parts.count > depth + 1 else { return 0..<0 }
        let key = Substring(parts[0...depth].joined(separator: "."))
        if let range = objects[key] { return range }
        let range = render(parts[depth])
        objects[key] = range
        return range
      }
      return Shape(outer: object(0), inner: object(1), name: render(parts[parts.count - 1]))
    }
    self.names = names
  }

  /// Appends the event as one JSON object, without a line feed.
  func write(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    names.withUnsafeBufferPointer { names in
      guard let base = names.baseAddress else { return }
      func append(_ range: Range<Int>, _ buffer: inout ByteBuffer) {
        buffer.append(ByteView(start: base + range.lowerBound, count: range.count))
      }
      var outer = 0..<0
      var inner = 0..<0
      buffer.append(Ascii.openBrace)
      for word in 0..<4 {
        var bits = event.present[word]
        while bits != 0 {
          let index = word << 6 + bits.trailingZeroBitCount
          bits &= bits - 1
          let shape = shapes[index]
          if inner != shape.inner, !inner.isEmpty { buffer.append(Ascii.closeBrace) }
          let isOuterNew = outer != shape.outer
          if isOuterNew, !outer.isEmpty { buffer.append(Ascii.closeBrace) }
          if buffer.last != Ascii.openBrace || buffer.count == 0 { buffer.append(Ascii.comma) }
          if isOuterNew, !shape.outer.isEmpty {
            append(shape.outer, &buffer)
            buffer.append(Ascii.openBrace)
          }
          if inner != shape.inner, !shape.inner.isEmpty {
            append(shape.inner, &buffer)
            buffer.append(Ascii.openBrace)
          }
          outer = shape.outer
          inner = shape.inner
          append(shape.name, &buffer)
          NativeWriter.write(value: event, index, to: &buffer)
        }
      }
      if !inner.isEmpty { buffer.append(Ascii.closeBrace) }
      if !outer.isEmpty { buffer.append(Ascii.closeBrace) }
      buffer.append(Ascii.closeBrace)
    }
  }

  private static func write(
    value event: borrowing NativeEvent, _ index: Int, to buffer: inout ByteBuffer
  ) {
    switch event.value(at: index) {
    case .text(let view): buffer.appendString(view)
    case .json(let view): buffer.append(view)
    case .integer(let number): buffer.append(integer: number)
    case .flag(let flag): buffer.append(flag ? "true" : "false")
    case .time(let time):
      buffer.append(Ascii.quote)
      buffer.append(time: time)
      buffer.append(Ascii.quote)
    }
  }
}
