/// Writes events in the native format: the fields in the order of `EventField`, fields of one
/// object side by side in one nested object (Schemas/event.schema.json).
struct NativeWriter: Sendable {
  /// The writer; making one takes as long as a handful of records.
  static let shared = NativeWriter()

  /// How a field is written: the objects it stands in, by number, 0 for none, and where its
  /// `,"name":` is.
  private struct Shape: Sendable {
    var outer: UInt8
    var inner: UInt8
    var name: Name
  }

  /// A part of `names` that begins with a comma and ends with a colon; a quote follows.
  private struct Name: Sendable {
    var start: UInt16
    var count: UInt16
  }

  /// How much of `names` is copied at once: no name is longer.
  private static let nameBytes = 32

  private let shapes: [Shape]
  /// The names of the objects, by number.
  private let objects: [Name]
  /// All names with their commas, quotes and colons, one after the other, then slack.
  private let names: [UInt8]

  private init() {
    var names: [UInt8] = []
    func render(_ name: Substring) -> Name {
      let start = names.count
      names += Array(",\"\(name)\":\"".utf8)
      precondition(names.count - start <= NativeWriter.nameBytes, "a name is copied at once")
      return Name(start: UInt16(start), count: UInt16(names.count - start - 1))
    }
    var objects = [Name(start: 0, count: 0)]
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
      return Shape(outer: object(0), inner: object(1), name: render(parts[parts.count - 1]))
    }
    self.objects = objects
    self.names = names + [UInt8](repeating: 0, count: NativeWriter.nameBytes + 1)
  }

  /// What a field's name and the objects around it take at most: three names, their braces and the
  /// ends of two objects.
  private static let leadBytes = 3 * nameBytes + 8

  /// Appends the event as one JSON object, without a line feed.
  func write(_ event: borrowing NativeEvent, to buffer: inout ByteBuffer) {
    names.withUnsafeBufferPointer { names in
      shapes.withUnsafeBufferPointer { shapes in
        guard let base = names.baseAddress else { return }
        buffer.append(Ascii.openBrace)
        var open: (outer: UInt8, inner: UInt8) = (0, 0)
        // The first name of an object goes without its comma.
        var skipped = 1
        for word in 0..<NativeEvent.wordCount {
          var bits = event.presence(word)
          while bits != 0 {
            let index = word &<< 6 | bits.trailingZeroBitCount
            bits &= bits &- 1
            let shape = shapes[index]
            var end = buffer.room(for: NativeWriter.leadBytes)
            if shape.outer != open.outer || shape.inner != open.inner {
              move(from: open, to: shape, base, &skipped, &end)
              open = (shape.outer, shape.inner)
            }
            end = NativeWriter.put(shape.name, base, skipped, at: end)
            skipped = 0
            buffer.commit(upTo: end)
            NativeWriter.write(event.value(at: index), to: &buffer)
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
    from open: (outer: UInt8, inner: UInt8), to shape: Shape, _ base: UnsafePointer<UInt8>,
    _ skipped: inout Int, _ end: inout UnsafeMutablePointer<UInt8>
  ) {
    func put(_ byte: UInt8) {
      end[0] = byte
      end += 1
    }
    if open.inner != 0, open.inner != shape.inner { put(Ascii.closeBrace) }
    if open.outer != shape.outer {
      if open.outer != 0 { put(Ascii.closeBrace) }
      if shape.outer != 0 {
        end = NativeWriter.put(objects[Int(shape.outer)], base, skipped, at: end)
        put(Ascii.openBrace)
        skipped = 1
      }
    }
    if open.inner != shape.inner, shape.inner != 0 {
      end = NativeWriter.put(objects[Int(shape.inner)], base, skipped, at: end)
      put(Ascii.openBrace)
      skipped = 1
    }
  }

  /// Copies a name but for its first `skipped` bytes; returns where it ends.
  @inline(__always)
  private static func put(
    _ name: Name, _ base: UnsafePointer<UInt8>, _ skipped: Int,
    at end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let source = UnsafeRawPointer(base + Int(name.start) + skipped)
    let target = UnsafeMutableRawPointer(end)
    let first = source.loadUnaligned(as: SIMD16<UInt8>.self)
    let second = source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
    target.storeBytes(of: first, as: SIMD16<UInt8>.self)
    target.storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
    return end + (Int(name.count) - skipped)
  }

  /// Writes one value as JSON.
  @inline(__always)
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
