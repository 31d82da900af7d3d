import CMillraceScan

/// What data loss prevention matched, word for word: card numbers, passwords. Tenants can allow the
/// service to write them into its records; they go into no event.
enum MatchedSecrets {
  /// The members that hold them, in lower case.
  private static let names: [StaticString] = [
    "sensitiveinformationdetections", "sensitiveinformationdetectionsinfo", "detectedvalues",
  ]

  /// JSON in a text in a text: what goes deeper is left out as a whole when it names them.
  private static let textDepthMax = 3

  /// A copy of a JSON value without them, however deep they stand, in JSON that is a text, too; nil
  /// when there are none.
  static func removed(from value: ByteView, in arena: inout Arena) -> ByteView? {
    guard mayHold(value) else { return nil }
    var buffer = ByteBuffer(capacity: value.count + 128)
    var isAnyFound = false
    write(value, textDepth: 0, &isAnyFound, &arena, to: &buffer)
    return isAnyFound ? arena.copyForParsing(buffer.view) : nil
  }

  /// Whether a value is worth a closer look: most are short texts and numbers.
  private static func mayHold(_ value: ByteView) -> Bool {
    switch value.first {
    case Ascii.openBrace, Ascii.openBracket: return true
    case Ascii.quote: break
    default: return false
    }
    let text = value.dropFirst(1)
    let isJSON = text.first == Ascii.openBrace || text.first == Ascii.openBracket
    // An escape, or white space, may stand before the bracket.
    let mayBeJSON = text.first == Ascii.backslash || text.first.map(isJSONBlank) ?? false
    return isJSON || mayBeJSON || isAnyName(in: text)
  }

  private static func write(
    _ value: ByteView, textDepth: Int, _ isAnyFound: inout Bool, _ arena: inout Arena,
    to buffer: inout ByteBuffer
  ) {
    switch value.first {
    case Ascii.openBrace:
      buffer.append(Ascii.openBrace)
      var cursor = ObjectCursor(value)
      while let member = cursor.next() {
        if isName(JSONText.decode(member.key, in: &arena)) {
          isAnyFound = true
          continue
        }
        if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
        buffer.append(Ascii.quote)
        buffer.append(member.key)
        buffer.append("\":")
        write(member.value, textDepth: textDepth, &isAnyFound, &arena, to: &buffer)
      }
      buffer.append(Ascii.closeBrace)
    case Ascii.openBracket:
      buffer.append(Ascii.openBracket)
      var cursor = ArrayCursor(value)
      var isFirst = true
      while let element = cursor.next() {
        if !isFirst { buffer.append(Ascii.comma) }
        isFirst = false
        write(element, textDepth: textDepth, &isAnyFound, &arena, to: &buffer)
      }
      buffer.append(Ascii.closeBracket)
    case Ascii.quote:
      writeText(value, textDepth: textDepth, &isAnyFound, &arena, to: &buffer)
    default:
      buffer.append(value)
    }
  }

  private static func writeText(
    _ value: ByteView, textDepth: Int, _ isAnyFound: inout Bool, _ arena: inout Arena,
    to buffer: inout ByteBuffer
  ) {
    let text = JSONText.decode(value.slice(1, value.count - 1), in: &arena)
    guard textDepth < textDepthMax, let json = EmbeddedJSON.parse(text, in: &arena) else {
      guard isAnyMember(in: text) else { return buffer.append(value) }
      // What is no JSON cannot be taken apart.
      isAnyFound = true
      return buffer.append("\"\"")
    }
    var inner = ByteBuffer(capacity: json.count + 128)
    var isFoundInside = false
    write(json, textDepth: textDepth + 1, &isFoundInside, &arena, to: &inner)
    guard isFoundInside else { return buffer.append(value) }
    isAnyFound = true
    buffer.appendString(inner.view)
  }

  /// Whether a record that is no policy's may hold them: whether a name of theirs is in it as the
  /// service spells it, or an escape that could hide one. Quick, as nearly all records hold none.
  static func mayBe(in record: ByteView) -> Bool {
    holds("Detect", record) && isAnyName(in: record) || holds("\\u00", record)
  }

  /// Whether a text of three bytes or more is in a record.
  private static func holds(_ text: StaticString, _ record: ByteView) -> Bool {
    let text = ByteView(text)
    var rest = record
    while true {
      let index = millrace_find_pair(rest.start, rest.count, text[0], text[1])
      if index == rest.count { return false }
      rest = rest.dropFirst(index)
      if rest.count >= text.count, rest.prefix(text.count) == text { return true }
      rest = rest.dropFirst(2)
    }
  }

  /// Whether a name of theirs is in a text.
  static func isAnyName(in text: ByteView) -> Bool {
    names.contains { text.firstIndex(ofAnyCase: $0) != nil }
  }

  /// Whether a text names them as JSON or XML do: a quote, escaped or not, or a bracket is behind
  /// the name. People may write the word itself, in the subject of a mail.
  private static func isAnyMember(in text: ByteView) -> Bool {
    names.contains { name in
      var rest = text
      while let start = rest.firstIndex(ofAnyCase: name) {
        rest = rest.dropFirst(start + name.utf8CodeUnitCount)
        var next = rest
        while next.first == Ascii.backslash { next = next.dropFirst(1) }
        switch next.first {
        case Ascii.quote, UInt8(ascii: "'"), UInt8(ascii: ">"), UInt8(ascii: "&"): return true
        default: continue
        }
      }
      return false
    }
  }

  /// Whether a member of this name, its escapes decoded, holds them.
  static func isName(_ name: ByteView) -> Bool {
    names.contains { name.isAnyCase($0) }
  }
}
