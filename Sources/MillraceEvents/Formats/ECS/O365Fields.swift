/// The record under the names that Elastic's own integration gives its members, `o365.audit.*`, so
/// that rules and dashboards written for it find them.
///
/// Lists of names and values are objects there, with dots and blanks of names as underscores, and
/// numbers at the top, of actors and of targets are text; everything else is as the record has it.
/// Of two properties with one name the first counts; of two parameters both, as a list. What is an
/// object in some records and a text in others is the object in all, and left out where the text
/// holds none: a field has one type in a search, and an index refuses events with another.
enum O365Fields {
  /// Appends `,"o365":{"audit":{…}}` to an object whose closing brace comes next.
  ///
  /// - Parameters:
  ///   - record: The record without repeated members, on one line.
  ///   - normalizer: Has read the record.
  static func append(
    _ record: ByteView, of normalizer: inout Normalizer, scratch: inout FormatScratch,
    to buffer: inout ByteBuffer
  ) {
    buffer.append(",\"o365\":{\"audit\":{")
    var members = ObjectCursor(record)
    while let member = members.next() {
      if member.value.first == UInt8(ascii: "n") { continue }
      var value = member.value
      if value.first == Ascii.quote, isObjectElsewhere(member.key) {
        guard let structure = structure(of: member, in: &normalizer) else { continue }
        value = structure
      }
      appendName(member.key, to: &buffer)
      switch value.first ?? 0 {
      case Ascii.openBracket where isPropertyList(member.key):
        let start = buffer.count
        let isComplete = appendProperties(
          value, isChanges: member.key == "ModifiedProperties", &scratch, &buffer)
        if !isComplete, member.key == "Parameters", let all = normalizer.event.json(.params) {
          buffer.removeLast(buffer.count - start)
          appendParameters(all, &scratch, &buffer)
        }
      case Ascii.openBrace where member.key == "Parameters" && member.value.first == Ascii.quote:
        appendParameters(value, &scratch, &buffer)
      case Ascii.openBracket where member.key == "Actor" || member.key == "Target":
        appendIdentities(value, &buffer)
      case Ascii.quote:
        buffer.appendOnOneLine(value)
      default:
        appendScalar(value, &buffer)
      }
    }
    buffer.append("}}")
  }

  /// Whether a member is an object or a list of some in most records, where it may be a text.
  private static func isObjectElsewhere(_ name: ByteView) -> Bool {
    isPropertyList(name) || name == "OperationProperties" || name == "AdditionalInfo"
      || name == "ExceptionInfo" || name == "PolicyDetails" || name == "Members"
  }

  /// What the text of such a member holds; nil when that is neither an object nor a list.
  private static func structure(
    of member: ObjectCursor.Member, in normalizer: inout Normalizer
  ) -> ByteView? {
    if member.key == "Parameters", let all = normalizer.event.json(.params) { return all }
    return normalizer.scalarText(member.value).flatMap { normalizer.embedded($0) }
  }

  private static func isPropertyList(_ name: ByteView) -> Bool {
    name == "ExtendedProperties" || name == "ModifiedProperties" || name == "Parameters"
  }

  /// Appends a list of names and values as one object; false when a name occurs again, whose value
  /// is left out.
  private static func appendProperties(
    _ list: ByteView, isChanges: Bool, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) -> Bool {
    var isComplete = true
    buffer.append(Ascii.openBrace)
    scratch.names.removeAll()
    var elements = ArrayCursor(list)
    while let element = elements.next() {
      let found = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
      guard let quoted = found.0, quoted.first == Ascii.quote, quoted.count > 2 else { continue }
      let name = plainName(quoted.slice(1, quoted.count - 1), &scratch.arena)
      guard scratch.names.add(name) == nil else {
        isComplete = false
        continue
      }
      if isChanges {
        appendPlainName(name, to: &buffer)
        buffer.append(Ascii.openBrace)
        if let value = found.1 { appendMember("NewValue", value, to: &buffer) }
        if let value = found.2 { appendMember("OldValue", value, to: &buffer) }
        buffer.append(Ascii.closeBrace)
      } else if let value = ObjectCursor.value(of: "Value", in: element) {
        appendPlainName(name, to: &buffer)
        buffer.append(value)
      }
    }
    buffer.append(Ascii.closeBrace)
    return isComplete
  }

  /// Appends a list of identities, whose types are text.
  private static func appendIdentities(_ list: ByteView, _ buffer: inout ByteBuffer) {
    buffer.append(Ascii.openBracket)
    var elements = ArrayCursor(list)
    while let element = elements.next() {
      if buffer.last != Ascii.openBracket { buffer.append(Ascii.comma) }
      guard element.first == Ascii.openBrace else {
        buffer.append(element)
        continue
      }
      buffer.append(Ascii.openBrace)
      var members = ObjectCursor(element)
      while let member = members.next() {
        appendName(member.key, to: &buffer)
        appendScalar(member.value, &buffer)
      }
      buffer.append(Ascii.closeBrace)
    }
    buffer.append(Ascii.closeBracket)
  }

  /// Appends a number as text, and anything else as it is.
  private static func appendScalar(_ value: ByteView, _ buffer: inout ByteBuffer) {
    switch value.first ?? 0 {
    case Ascii.hyphen, Ascii.zero...Ascii.nine:
      buffer.append(Ascii.quote)
      buffer.append(value)
      buffer.append(Ascii.quote)
    default:
      buffer.append(value)
    }
  }

  /// Appends the parameters as the event has them: an object, in which a list is what a name that
  /// occurs again has for values.
  private static func appendParameters(
    _ object: ByteView, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    buffer.append(Ascii.openBrace)
    scratch.names.removeAll()
    var members = ObjectCursor(object)
    while let member = members.next() {
      let name = plainName(member.key, &scratch.arena)
      guard scratch.names.add(name) == nil else { continue }
      appendPlainName(name, to: &buffer)
      buffer.append(member.value)
    }
    buffer.append(Ascii.closeBrace)
  }

  /// The name behind what stands between quotes, without the dots and blanks that no field may
  /// have.
  private static func plainName(_ spelled: ByteView, _ arena: inout Arena) -> ByteView {
    let name = JSONText.decode(spelled, in: &arena)
    let copy = arena.allocate(name.count)
    for index in 0..<name.count {
      let byte = name[index]
      copy[index] = byte == Ascii.dot || byte == Ascii.blank ? Ascii.underscore : byte
    }
    return ByteView(start: copy, count: name.count)
  }

  private static func appendMember(
    _ name: StaticString, _ value: ByteView, to buffer: inout ByteBuffer
  ) {
    appendName(ByteView(name), to: &buffer)
    buffer.append(value)
  }

  /// Appends a name as it is to be read, with its comma and colon.
  private static func appendPlainName(_ name: ByteView, to buffer: inout ByteBuffer) {
    if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
    buffer.appendString(name)
    buffer.append(Ascii.colon)
  }

  /// Appends a name that is escaped already, with its comma and colon.
  private static func appendName(_ name: ByteView, to buffer: inout ByteBuffer) {
    if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
    buffer.append(Ascii.quote)
    buffer.append(name)
    buffer.append("\":")
  }
}
