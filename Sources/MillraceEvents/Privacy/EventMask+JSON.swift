/// Replacing values inside JSON.
extension EventMask {
  /// Deeper than any value of the service; texts below are replaced whole.
  private static let depthMax = 48

  /// Appends a value of valid JSON to `json`, masked.
  mutating func writeMasked(_ value: ByteView, _ content: MaskedContent, depth: Int) {
    switch value.first {
    case Ascii.openBrace where depth < EventMask.depthMax: writeObject(value, content, depth)
    case Ascii.openBracket where depth < EventMask.depthMax: writeList(value, content, depth)
    case Ascii.openBrace, Ascii.openBracket:
      json.appendString(pseudonym(arena.lowercase(value), .text))
    case Ascii.quote:
      writeText(
        JSONText.decode(value.slice(1, value.count - 1), in: &arena), value, content, depth)
    default: writeScalar(value, content)
    }
  }

  private mutating func writeList(_ value: ByteView, _ content: MaskedContent, _ depth: Int) {
    json.append(Ascii.openBracket)
    var cursor = ArrayCursor(value)
    while let element = cursor.next() {
      if json.last != Ascii.openBracket { json.append(Ascii.comma) }
      writeMasked(element, content, depth: depth + 1)
    }
    json.append(Ascii.closeBracket)
  }

  private mutating func writeObject(_ value: ByteView, _ content: MaskedContent, _ depth: Int) {
    let property = propertyContent(of: value)
    json.append(Ascii.openBrace)
    var cursor = ObjectCursor(value)
    while let member = cursor.next() {
      if json.last != Ascii.openBrace { json.append(Ascii.comma) }
      let key = JSONText.decode(member.key, in: &arena)
      json.appendString(scan(key, content == .whole ? .scan : content) ?? key)
      json.append(Ascii.colon)
      writeMasked(
        member.value, contentOfMember(key, inside: content, property), depth: depth + 1)
    }
    json.append(Ascii.closeBrace)
  }

  /// What the values of a property hold by its name: `{"Name": "UPN", "Value": …}`; nil when the
  /// object is no property, or its name says nothing.
  private mutating func propertyContent(of object: ByteView) -> PseudonymNames.Content? {
    let named = ObjectCursor.values(of: "Name", "name", "Key", in: object)
    guard let name = named.0 ?? named.1 ?? named.2, name.first == Ascii.quote else { return nil }
    let isProperty = EventMask.sides.contains { ObjectCursor.value(of: $0, in: object) != nil }
    guard isProperty else { return nil }
    return PseudonymNames.content(
      JSONText.decode(name.slice(1, name.count - 1), in: &arena), in: &arena)
  }

  private static let sides: [StaticString] = ["Value", "NewValue", "OldValue", "new", "old"]

  private mutating func contentOfMember(
    _ key: ByteView, inside content: MaskedContent, _ property: PseudonymNames.Content?
  ) -> MaskedContent {
    if content == .known || content == .names { return content }
    var held = PseudonymNames.content(key, in: &arena)
    if let property, EventMask.sides.contains(where: { key == $0 }) { held = property }
    switch held {
    case .group(let group): return groups.contains(group) ? .whole : content
    case .word: return .scan
    case .number: return .known
    case nil: return content
    }
  }

  private mutating func writeText(
    _ text: ByteView, _ spelled: ByteView, _ content: MaskedContent, _ depth: Int
  ) {
    if let inner = EmbeddedJSON.parse(text, in: &arena) {
      let start = json.count
      writeMasked(inner, content, depth: depth + 1)
      let masked = arena.copy(ByteView(start: json.start + start, count: json.count - start))
      json.removeLast(json.count - start)
      return json.appendString(masked)
    }
    let masked = content == .whole ? wholeValue(text) : scan(text, content)
    guard let masked else { return json.appendOnOneLine(spelled) }
    json.appendString(masked)
  }

  /// A whole value of a member: an address with a port or a name beside it is that address.
  private mutating func wholeValue(_ text: ByteView) -> ByteView? {
    let trimmed = text.trimmed
    if trimmed.isGUID, isKept(trimmed) { return nil }
    if trimmed.firstIndex(of: Ascii.at) == nil, let found = SourceAddress(trimmed)?.address {
      return pseudonym(found.text(in: &arena), .address)
    }
    return whole(text)
  }

  /// Numbers of some length are those of telephones and accounts; small ones count.
  private mutating func writeScalar(_ value: ByteView, _ content: MaskedContent) {
    guard content == .whole, value.count >= 5, let first = value.first,
      isDigit(first) || first == Ascii.hyphen
    else { return json.append(value) }
    json.appendString(pseudonym(value, .text))
  }
}
