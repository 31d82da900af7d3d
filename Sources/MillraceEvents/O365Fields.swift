/// The record under the names that Elastic's own integration gives its members, `o365.audit.*`, so
/// that rules and dashboards written for it find them.
///
/// Lists of names and values are objects there, with dots and blanks of names as underscores, and
/// numbers at the top are text; everything else is as the record has it. Of two properties with
/// one name the first counts.
enum O365Fields {
  /// Appends `,"o365":{"audit":{…}}` to an object whose closing brace comes next.
  ///
  /// - Parameters:
  ///   - record: The record without repeated members, on one line.
  static func append(
    _ record: ByteView, scratch: inout FormatScratch, to buffer: inout ByteBuffer
  ) {
    buffer.append(",\"o365\":{\"audit\":{")
    var members = ObjectCursor(record)
    while let member = members.next() {
      if member.value.first == UInt8(ascii: "n") { continue }
      appendName(member.key, to: &buffer)
      switch member.value.first ?? 0 {
      case Ascii.openBracket where isPropertyList(member.key):
        appendProperties(
          member.value, isChanges: member.key == "ModifiedProperties", &scratch, &buffer)
      case Ascii.hyphen, Ascii.zero...Ascii.nine:
        buffer.append(Ascii.quote)
        buffer.append(member.value)
        buffer.append(Ascii.quote)
      default:
        buffer.append(member.value)
      }
    }
    buffer.append("}}")
  }

  private static func isPropertyList(_ name: ByteView) -> Bool {
    name == "ExtendedProperties" || name == "ModifiedProperties" || name == "Parameters"
  }

  /// Appends a list of names and values as one object.
  private static func appendProperties(
    _ list: ByteView, isChanges: Bool, _ scratch: inout FormatScratch, _ buffer: inout ByteBuffer
  ) {
    buffer.append(Ascii.openBrace)
    scratch.names.removeAll()
    var elements = ArrayCursor(list)
    while let element = elements.next() {
      let found = ObjectCursor.values(of: "Name", "NewValue", "OldValue", in: element)
      guard let quoted = found.0, quoted.first == Ascii.quote, quoted.count > 2 else { continue }
      let name = plainName(quoted.slice(1, quoted.count - 1), &scratch.arena)
      guard scratch.names.add(name) == nil else { continue }
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
