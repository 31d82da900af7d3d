/// Objects that are put together in the buffer, member by member.
extension FormatScratch {
  /// Adds a text, if there is one.
  mutating func add(_ name: StaticString, _ value: ByteView?) {
    guard let value, !value.isEmpty else { return }
    key(name)
    buffer.appendString(value)
  }

  /// Adds a value as it is written in JSON, if there is one.
  mutating func add(_ name: StaticString, json value: ByteView?) {
    guard let value else { return }
    key(name)
    buffer.append(value)
  }

  /// Adds an integer, if the value is one.
  mutating func add(_ name: StaticString, integer value: NativeEvent.Value?) {
    guard case .integer(let number)? = value else { return }
    add(name, integer: number)
  }

  mutating func add(_ name: StaticString, integer number: Int) {
    key(name)
    buffer.append(integer: number)
  }

  /// Begins a member.
  mutating func key(_ name: StaticString) {
    if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
    buffer.append(Ascii.quote)
    buffer.append(name)
    buffer.append("\":")
  }
}
