import MillraceCore

/// A JSON text (RFC 8259) from a stranger, such as a receiver's answer: checked strictly as a
/// whole, then looked into without copying more than is asked for.
package struct JSONDocument: Sendable {
  /// The value that the text is.
  package let root: JSONNode

  /// Reads a text; nil when it is not exactly one JSON value, nested no deeper than records are.
  package init?(_ bytes: consuming [UInt8]) {
    let text = PaddedBytes(bytes)
    let range: Range<Int>? = text.withUnsafeBytes { buffer in
      guard let base = buffer.assumingMemoryBound(to: UInt8.self).baseAddress else { return nil }
      let start = ValidJSON.skipBlanks(base) - base
      guard start < buffer.count else { return nil }
      var parser = StrictJSONParser(base: base, count: buffer.count)
      guard let end = parser.parse(at: start) else { return nil }
      return ValidJSON.skipBlanks(base + end) - base == buffer.count ? start..<end : nil
    }
    guard let range else { return nil }
    root = JSONNode(text: text, range: range)
  }
}

/// One value of a `JSONDocument`; it keeps the whole text alive.
package struct JSONNode: Sendable {
  private let text: PaddedBytes
  /// Where the value stands in its text.
  package let range: Range<Int>

  fileprivate init(text: PaddedBytes, range: Range<Int>) {
    self.text = text
    self.range = range
  }

  /// The value as it is written.
  package var bytes: [UInt8] { text.bytes(in: range) }

  /// Whether it is an object.
  package var isObject: Bool { first == Ascii.openBrace }

  /// Whether it is an array.
  package var isArray: Bool { first == Ascii.openBracket }

  /// The first member of that name of an object; nil for other values, and for a member that is
  /// null.
  package subscript(_ name: StaticString) -> JSONNode? {
    node { view, _ in
      ObjectCursor.value(of: name, in: view).flatMap { $0 == "null" ? nil : $0 }
    }
  }

  /// The members of an object in their order; none for other values.
  package var members: [(name: String, value: JSONNode)] {
    with { view, base in
      var members: [(String, JSONNode)] = []
      var cursor = ObjectCursor(view)
      while let member = cursor.next() {
        let start = member.value.start - base
        members.append(
          (
            JSONNode.text(member.key),
            JSONNode(text: text, range: start..<start + member.value.count)
          ))
      }
      return members
    }
  }

  /// The elements of an array in their order; none for other values.
  package var elements: [JSONNode] {
    with { view, base in
      var elements: [JSONNode] = []
      var cursor = ArrayCursor(view)
      while let element = cursor.next() {
        let start = element.start - base
        elements.append(JSONNode(text: text, range: start..<start + element.count))
      }
      return elements
    }
  }

  /// The text of a string; nil for other values.
  package var string: String? {
    with { view, _ in
      guard view.first == Ascii.quote else { return nil }
      return JSONNode.text(view.slice(1, view.count - 1))
    }
  }

  /// A whole number as it is written; nil for other values, fractions included.
  package var integer: Int? { Int(String(decoding: bytes, as: UTF8.self)) }

  /// A number; nil for other values.
  package var number: Double? {
    guard let first, isDigit(first) || first == Ascii.hyphen else { return nil }
    return Double(String(decoding: bytes, as: UTF8.self))
  }

  /// `true` or `false`; nil for other values.
  package var bool: Bool? {
    with { view, _ in view == "true" ? true : view == "false" ? false : nil }
  }

  private var first: UInt8? { with { view, _ in view.first } }

  private func node(
    _ find: (ByteView, UnsafePointer<UInt8>) -> ByteView?
  ) -> JSONNode? {
    with { view, base in
      find(view, base).map { found in
        let start = found.start - base
        return JSONNode(text: text, range: start..<start + found.count)
      }
    }
  }

  private func with<Value>(_ body: (ByteView, UnsafePointer<UInt8>) -> Value) -> Value {
    text.withUnsafeBytes { buffer in
      guard let base = buffer.assumingMemoryBound(to: UInt8.self).baseAddress else {
        preconditionFailure("a value has bytes")
      }
      return body(ByteView(start: base + range.lowerBound, count: range.count), base)
    }
  }

  /// The text of a string's content.
  private static func text(_ content: ByteView) -> String {
    guard content.firstIndex(of: Ascii.backslash) != nil else {
      return String(decoding: content.buffer, as: UTF8.self)
    }
    var arena = Arena()
    let text = String(decoding: JSONText.decode(content, in: &arena).buffer, as: UTF8.self)
    // The arena lives as long as somebody uses it.
    arena.reset()
    return text
  }
}
