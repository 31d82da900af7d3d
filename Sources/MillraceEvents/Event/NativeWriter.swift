import CMillraceScan

/// Writes events in the native format: the fields in the order of `EventField`, fields of one
/// object side by side in one nested object (Schemas/event.schema.json).
struct NativeWriter: Sendable {
  /// The writer; making one takes as long as a handful of records.
  static let shared = NativeWriter()

  /// The objects that a field stands in, by number, 0 for none.
  private struct Objects: Equatable, Sendable {
    var outer: UInt8 = 0
    var inner: UInt8 = 0
  }

  /// How a field is written: what it stands in, and where its `,"name":"` is.
  private struct Shape: Sendable {
    var objects: Objects
    var name: RenderedName
  }

  /// How much of `names` is copied at once: no name is longer.
  private static let nameBytes = 32

  private let shapes: [Shape]
  /// The names of the objects, by number.
  private let objects: [RenderedName]
  /// All names with their commas, quotes and colons, one after the other, then slack.
  private let names: [UInt8]

  private init() {
    var names: [UInt8] = []
    func render(_ name: Substring) -> RenderedName {
      RenderedName(name, into: &names, longest: NativeWriter.nameBytes)
    }
    // The number 0 is no object's.
    var objects = [render("")]
    var numbers: [String: UInt8] = [:]
    shapes = EventField.paths.map { path in
      let parts = "\(path)".split(separator: ".")
      precondition(parts.count <= 3, "events have at most three levels")
      func object(_ depth: Int) -> UInt8 {
        guard parts.count > depth + 1 else { return 0 }
        let key = parts[0...depth].joined(separator: ".")
        if let number = numbers[key] { return number }
        let number = UInt8(objects.count)
        objects.append(render(parts[depth]))
        numbers[key] = number
        return number
      }
      return Shape(
        objects: Objects(outer: object(0), inner: object(1)), name: render(parts[parts.count - 1]))
    }
    self.objects = objects
    self.names = names + [UInt8](repeating: 0, count: NativeWriter.nameBytes + 1)
  }

  /// What a field's name and the objects around it take at most: three names, their braces, the
  /// ends of two objects and of the text.
  private static let leadBytes = 3 * nameBytes + 8

  /// Appends the event as one JSON object, without a line feed.
  func write(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    names.withUnsafeBufferPointer { names in
      shapes.withUnsafeBufferPointer { shapes in
        guard let base = names.baseAddress else { return }
        buffer.append(Ascii.openBrace)
        var open = Objects()
        // The first name of an object goes without its comma.
        var skipped = 1
        for word in 0..<NativeEvent.wordCount {
          var bits = event.presence(word)
          while bits != 0 {
            let index = word &<< 6 | bits.trailingZeroBitCount
            bits &= bits &- 1
            let value = event.value(at: index)
            var end = buffer.room(for: NativeWriter.leadBytes &+ value.textCount)
            if shapes[index].objects != open {
              move(from: open, to: shapes[index].objects, base, &skipped, &end)
              open = shapes[index].objects
            }
            end = shapes[index].name.put(
              from: base, skipping: skipped, longest: NativeWriter.nameBytes, at: end)
            skipped = 0
            NativeWriter.put(value, at: end, of: &buffer)
          }
        }
        if open.inner != 0 { buffer.append(Ascii.closeBrace) }
        if open.outer != 0 { buffer.append(Ascii.closeBrace) }
        buffer.append(Ascii.closeBrace)
      }
    }
  }

  /// Ends the objects that the next field does not stand in, and begins those that it does.
  @inline(__always)
  private func move(
    from open: Objects, to next: Objects, _ base: UnsafePointer<UInt8>,
    _ skipped: inout Int, _ end: inout UnsafeMutablePointer<UInt8>
  ) {
    func put(_ byte: UInt8) {
      end[0] = byte
      end += 1
    }
    func begin(_ object: UInt8) {
      end = objects[Int(object)].put(
        from: base, skipping: skipped, longest: NativeWriter.nameBytes, at: end)
      end[-1] = Ascii.openBrace
      skipped = 1
    }
    if open.inner != 0, open.inner != next.inner { put(Ascii.closeBrace) }
    if open.outer != next.outer {
      if open.outer != 0 { put(Ascii.closeBrace) }
      if next.outer != 0 { begin(next.outer) }
    }
    if open.inner != next.inner, next.inner != 0 { begin(next.inner) }
  }

  /// Writes one value as JSON behind a name and its quote, which end at `end`, in the room of the
  /// buffer; there must be as much as the text takes.
  @inline(__always)
  static func put(
    _ value: NativeEvent.Value, at end: UnsafeMutablePointer<UInt8>, of buffer: inout ByteBuffer
  ) {
    switch value {
    case .text(let text):
      let clean = millrace_copy_clean_short(end, text.start, text.count)
      if clean < text.count {
        buffer.commit(upTo: end + clean)
        buffer.appendEscaped(text.dropFirst(clean))
        return buffer.append(Ascii.quote)
      }
      end[clean] = Ascii.quote
      buffer.commit(upTo: end + clean + 1)
    case .constant(let text):
      millrace_copy_short(end, text.start, text.count)
      end[text.count] = Ascii.quote
      buffer.commit(upTo: end + text.count + 1)
    case .json, .integer, .flag, .time:
      buffer.commit(upTo: end - 1)
      write(value, to: &buffer)
    }
  }

  /// Writes one value as JSON.
  static func write(_ value: NativeEvent.Value, to buffer: inout ByteBuffer) {
    switch value {
    case .text(let view), .constant(let view): buffer.appendString(view)
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
