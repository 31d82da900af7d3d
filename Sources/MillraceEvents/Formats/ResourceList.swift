/// A JSON list of objects with few members, put together in the scratch's buffer.
struct ResourceList {
  private var isEmpty = true

  init(_ scratch: inout FormatScratch) {
    scratch.buffer.removeAll()
    scratch.buffer.append(Ascii.openBracket)
  }

  /// Begins an object; `type` is its first member.
  mutating func begin(type: ByteView?, _ scratch: inout FormatScratch) {
    if !isEmpty { scratch.buffer.append(Ascii.comma) }
    isEmpty = false
    scratch.buffer.append(Ascii.openBrace)
    add("type", type, &scratch)
  }

  /// Adds a text, if there is one.
  func add(_ name: StaticString, _ value: ByteView?, _ scratch: inout FormatScratch) {
    scratch.add(name, value)
  }

  /// Adds a value as it is written in JSON.
  func add(_ name: StaticString, json value: ByteView, _ scratch: inout FormatScratch) {
    scratch.add(name, json: value)
  }

  /// Adds the owner of a mailbox.
  func addOwner(_ owner: ByteView, sid: ByteView?, _ scratch: inout FormatScratch) {
    scratch.key("owner")
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("name", owner)
    scratch.add("uid", sid)
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// Adds an observable (OCSF): the attribute, the kind of value, the value.
  mutating func addObservable(
    _ name: StaticString, type: StaticString, _ value: ByteView, _ scratch: inout FormatScratch
  ) {
    begin(type: nil, &scratch)
    add("name", ByteView(name), &scratch)
    add("type_id", json: ByteView(type), &scratch)
    add("value", value, &scratch)
    end(&scratch)
  }

  /// The same with a value in JSON.
  mutating func addObservable(
    _ name: StaticString, type: StaticString, json value: ByteView,
    _ scratch: inout FormatScratch
  ) {
    begin(type: nil, &scratch)
    add("name", ByteView(name), &scratch)
    add("type_id", json: ByteView(type), &scratch)
    add("value", json: value, &scratch)
    end(&scratch)
  }

  /// The same with a value that is text in either way.
  mutating func addObservable(
    _ name: StaticString, type: StaticString, value: NativeEvent.Value,
    _ scratch: inout FormatScratch
  ) {
    switch value {
    case .text(let text), .constant(let text):
      addObservable(name, type: type, text, &scratch)
    case .json(let json): addObservable(name, type: type, json: json, &scratch)
    case .integer, .flag, .time: break
    }
  }

  /// Ends an object.
  func end(_ scratch: inout FormatScratch) {
    scratch.buffer.append(Ascii.closeBrace)
  }

  /// The list; nil when it is empty.
  func finish(_ scratch: inout FormatScratch) -> NativeEvent.Value? {
    guard !isEmpty else { return nil }
    scratch.buffer.append(Ascii.closeBracket)
    return scratch.json()
  }
}
