/// The properties of one of the lists that records are full of, in whichever shape it comes: an
/// array of `{"Name":…,"Value":…}` or `{"Key":…,"Value":…}`, an object, or either as JSON in a
/// string. None when it is anything else.
struct PropertyCursor {
  /// One property.
  struct Property {
    let name: ByteView
    /// The value as it is written; nil when there is none.
    let value: ByteView?
    /// The whole element of the list.
    let element: ByteView
    /// Whether that is nothing but the name and the value.
    var isWhole = true
  }

  private enum Shape {
    case array(ArrayCursor)
    case object(ObjectCursor)
  }

  private var shape: Shape
  /// Whether the elements stand in the record as they are, so that some of them can be left out.
  let isArray: Bool

  init(_ value: ByteView) {
    isArray = value.first == Ascii.openBracket
    shape = isArray ? .array(ArrayCursor(value)) : .object(ObjectCursor(value))
  }

  /// Whether an element has one name and at most one value, and no more.
  static func isWhole(_ element: ByteView) -> Bool {
    var names = 0
    var values = 0
    var cursor = ObjectCursor(element)
    while let member = cursor.next() {
      if member.key == "Name" || member.key == "Key" {
        names += 1
      } else if member.key == "Value" {
        values += 1
      } else {
        return false
      }
    }
    return names == 1 && values <= 1
  }

  mutating func next(in arena: inout Arena) -> Property? {
    switch shape {
    case .object(var cursor):
      defer { shape = .object(cursor) }
      guard let member = cursor.next() else { return nil }
      return Property(
        name: JSONText.decode(member.key, in: &arena), value: member.value, element: member.value)
    case .array(var cursor):
      defer { shape = .array(cursor) }
      if let pair = cursor.nextPair() {
        return Property(
          name: pair.isNameEscaped ? JSONText.decode(pair.name, in: &arena) : pair.name,
          value: pair.value, element: pair.element)
      }
      while let element = cursor.next() {
        let found = ObjectCursor.values(of: "Name", "Key", "Value", in: element)
        guard let name = found.0 ?? found.1, name.first == Ascii.quote else {
          return Property(name: ByteView(""), value: nil, element: element)
        }
        return Property(
          name: JSONText.decode(name.slice(1, name.count - 1), in: &arena), value: found.2,
          element: element, isWhole: PropertyCursor.isWhole(element))
      }
      return nil
    }
  }
}

/// Reads JSON that stands in a string of a record.
enum EmbeddedJSON {
  /// The JSON value that `text` holds, valid and followed by slack; nil when it is none.
  static func parse(_ text: ByteView, in arena: inout Arena) -> ByteView? {
    let text = text.trimmed
    guard text.first == Ascii.openBrace || text.first == Ascii.openBracket else { return nil }
    let copy = arena.copyForParsing(text)
    var parser = StrictJSONParser(base: copy.start, count: copy.count)
    guard let end = parser.parse(at: 0) else { return nil }
    return end == copy.count ? copy : nil
  }
}
