import MillraceCore

/// What a line of CEF must look like, whatever is in it.
enum CEFShape {
  static func check(_ line: [UInt8]) throws(BrokenPromise) {
    if line.count > Limits.cefLineBytesMax {
      throw BrokenPromise("\(line.count) bytes of CEF", line)
    }
    if let control = line.first(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw BrokenPromise("CEF with control character \(control)", line)
    }
    var rest = line[...]
    for _ in 0..<7 { try skipHeaderField(&rest, line) }
    try checkExtension(rest, line)
    if !line.starts(with: Array("CEF:0|Microsoft|Microsoft 365|".utf8)) {
      throw BrokenPromise("CEF that begins with something else", line)
    }
  }

  private static func skipHeaderField(
    _ rest: inout ArraySlice<UInt8>, _ line: [UInt8]
  ) throws(BrokenPromise) {
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "|") { return }
      guard byte == UInt8(ascii: "\\") else { continue }
      guard let escaped = rest.popFirst(), escaped == byte || escaped == UInt8(ascii: "|") else {
        throw BrokenPromise("CEF with an unknown escape in its header", line)
      }
    }
    throw BrokenPromise("CEF with too few fields in its header", line)
  }

  /// A key is what stands before an equals sign, back to the blank before it; no key comes twice,
  /// and no label without its key.
  private static func checkExtension(
    _ rest: ArraySlice<UInt8>, _ line: [UInt8]
  ) throws(BrokenPromise) {
    var keys: Set<[UInt8]> = []
    var word: [UInt8] = []
    var rest = rest
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst(), Array("\\=n".utf8).contains(escaped) else {
          throw BrokenPromise("CEF with an unknown escape", line)
        }
        // No part of a key.
        word.append(0)
      case UInt8(ascii: " "): word = []
      case UInt8(ascii: "="):
        let isKey = !word.isEmpty && word.allSatisfy { SyslogShape.isAlphanumeric($0) }
        guard isKey, keys.insert(word).inserted else {
          throw BrokenPromise(
            "CEF with the key \(String(decoding: word, as: UTF8.self)), or that key twice", line)
        }
        word = [0]
      default: word.append(byte)
      }
    }
    if keys.isEmpty { throw BrokenPromise("CEF without keys", line) }
    let label = Array("Label".utf8)
    for key in keys where key.count > label.count && key.suffix(label.count).elementsEqual(label) {
      guard keys.contains(Array(key.dropLast(label.count))) else {
        throw BrokenPromise("CEF with a label of no key", line)
      }
    }
  }
}

/// What a syslog message must look like (RFC 5424, section 6).
enum SyslogShape {
  static func check(_ message: [UInt8], text: [UInt8]) throws(BrokenPromise) {
    var rest = message[...]
    func word() -> [UInt8] {
      let word = Array(rest.prefix { $0 != UInt8(ascii: " ") })
      rest = rest.dropFirst(word.count + 1)
      return word
    }
    let start = word()
    guard start.first == UInt8(ascii: "<"), start.suffix(2).elementsEqual(">1".utf8),
      let priority = Int(String(decoding: start.dropFirst().dropLast(2), as: UTF8.self)),
      (104...111).contains(priority)
    else { throw BrokenPromise("a message without PRI and version", message) }
    let time = word()
    guard time == Array("-".utf8) || time.count == 24 && time.last == UInt8(ascii: "Z") else {
      throw BrokenPromise("a message without a time", message)
    }
    guard word() == Array("collector.example".utf8), word() == Array("millrace".utf8),
      word() == Array("-".utf8)
    else { throw BrokenPromise("a message from elsewhere", message) }
    let id = word()
    guard (1...32).contains(id.count), id == Array("-".utf8) || id.allSatisfy(isAlphanumeric)
    else { throw BrokenPromise("a message with an odd id", message) }
    try skipElement(&rest, message)
    if !rest.elementsEqual(text) {
      throw BrokenPromise("a message with another text than the event", message)
    }
  }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// `[name key="value" …]` and a blank; in values, quotes, backslashes and closing brackets are
  /// escaped.
  private static func skipElement(
    _ rest: inout ArraySlice<UInt8>, _ message: [UInt8]
  ) throws(BrokenPromise) {
    let name = Array("[m365@32473".utf8)
    guard rest.starts(with: name) else { throw BrokenPromise("no element", message) }
    rest = rest.dropFirst(name.count)
    var keys: Set<[UInt8]> = []
    while rest.first == UInt8(ascii: " ") {
      let key = Array(rest.dropFirst().prefix(while: isAlphanumeric))
      guard (1...32).contains(key.count), keys.insert(key).inserted else {
        throw BrokenPromise("an element with an odd name", message)
      }
      rest = rest.dropFirst(1 + key.count)
      guard rest.starts(with: Array("=\"".utf8)) else {
        throw BrokenPromise("an element without a value", message)
      }
      rest = rest.dropFirst(2)
      try skipValue(&rest, message)
    }
    guard rest.starts(with: Array("] ".utf8)) else {
      throw BrokenPromise("an element without an end", message)
    }
    rest = rest.dropFirst(2)
  }

  private static func skipValue(
    _ rest: inout ArraySlice<UInt8>, _ message: [UInt8]
  ) throws(BrokenPromise) {
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return
      case UInt8(ascii: "]"): throw BrokenPromise("a bracket that is not escaped", message)
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst(), Array("\\\"]".utf8).contains(escaped) else {
          throw BrokenPromise("an element with an unknown escape", message)
        }
      default: continue
      }
    }
    throw BrokenPromise("a value without an end", message)
  }
}
