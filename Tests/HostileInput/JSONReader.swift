/// Reads JSON as RFC 8259 and RFC 3629 have it, letter by letter and slowly: what the product's own
/// parser is held against. It shares no code with it.
package struct JSONReader {
  private let bytes: [UInt8]
  private var position: Int
  private var depth = 0
  /// What it met on the way.
  package private(set) var oddities = JSONOddities()
  /// Where the elements of a list that is the whole value stand.
  package private(set) var elements: [Range<Int>] = []

  private init(_ bytes: [UInt8], _ position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// The value that bytes are, blanks around it allowed, with what is odd about it.
  package static func read(
    _ bytes: [UInt8], from start: Int = 0
  ) throws(JSONProblem) -> (tree: JSONTree, oddities: JSONOddities, elements: [Range<Int>]) {
    var reader = JSONReader(bytes, start)
    reader.skipBlanks()
    let tree = try reader.value()
    reader.skipBlanks()
    if reader.position < bytes.count { throw reader.problem("bytes behind the value") }
    return (tree, reader.oddities, reader.elements)
  }

  /// Why bytes are no value of JSON that every receiver reads alike: strictly valid, no name twice
  /// in an object, no surrogate alone; nil when they are one.
  package static func flaw(of bytes: [UInt8]) -> String? {
    do {
      let oddities = try read(bytes).oddities
      if oddities.hasLoneSurrogate { return "a surrogate stands alone" }
      if oddities.hasRepeatedName { return "a name occurs twice in an object" }
      return nil
    } catch {
      return error.description
    }
  }

  /// Where bytes stop being UTF-8; nil when they are.
  package static func firstMalformed(_ bytes: some Sequence<UInt8>) -> Int? {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  // MARK: Values

  private func problem(_ reason: String) -> JSONProblem {
    JSONProblem(reason: reason, offset: position)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Character) throws(JSONProblem) {
    guard next == character.asciiValue else { throw problem("no \(character)") }
    position += 1
  }

  private mutating func value() throws(JSONProblem) -> JSONTree {
    // Deeper than any limit of the product; the reader itself is recursive.
    guard depth < 1000 else { throw problem("deeper than this reader goes") }
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try list()
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func open(_ character: Character) throws(JSONProblem) {
    try take(character)
    depth += 1
    oddities.depth = max(oddities.depth, depth)
    skipBlanks()
  }

  private mutating func object() throws(JSONProblem) -> JSONTree {
    try open("{")
    var members: [JSONMember] = []
    var names: Set<[UInt8]> = []
    while next != UInt8(ascii: "}") {
      if !members.isEmpty {
        try take(",")
        skipBlanks()
      }
      let name = try string()
      if !names.insert(name).inserted { oddities.hasRepeatedName = true }
      skipBlanks()
      try take(":")
      skipBlanks()
      members.append(JSONMember(name: name, value: try value()))
      skipBlanks()
    }
    try take("}")
    depth -= 1
    return .object(members)
  }

  private mutating func list() throws(JSONProblem) -> JSONTree {
    try open("[")
    var values: [JSONTree] = []
    while next != UInt8(ascii: "]") {
      if !values.isEmpty {
        try take(",")
        skipBlanks()
      }
      let start = position
      values.append(try value())
      if depth == 1 { elements.append(start..<position) }
      skipBlanks()
    }
    try take("]")
    depth -= 1
    return .list(values)
  }

  private mutating func word(_ word: String, _ tree: JSONTree) throws(JSONProblem) -> JSONTree {
    for character in word { try take(character) }
    return tree
  }

  private mutating func number() throws(JSONProblem) -> JSONTree {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = next
    let count = try digits()
    if first == UInt8(ascii: "0"), count > 1 { throw problem("a zero before a number") }
    if next == UInt8(ascii: ".") {
      position += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      _ = try digits()
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(JSONProblem) -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    if position == start { throw problem("no digit") }
    return position - start
  }

  // MARK: Strings

  private mutating func string() throws(JSONProblem) -> [UInt8] {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw problem("a control character") }
      if byte == UInt8(ascii: "\\") {
        position += 1
        try appendEscape(to: &text)
      } else {
        text.append(byte)
        position += 1
      }
    }
    try take("\"")
    if let offset = JSONReader.firstMalformed(text) {
      throw problem("byte \(offset) of the string before this is no UTF-8")
    }
    return text
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9,
  ]

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONProblem) {
    guard let byte = next else { throw problem("nothing behind a backslash") }
    position += 1
    if byte == UInt8(ascii: "u") { return try appendUnit(to: &text) }
    guard let plain = JSONReader.escapes[byte] else { throw problem("an unknown escape") }
    text.append(plain)
  }

  private mutating func appendUnit(to text: inout [UInt8]) throws(JSONProblem) {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) {
      text += Array(String(Character(scalar)).utf8)
      return
    }
    let behind = position
    if first < 0xDC00, next == UInt8(ascii: "\\"), behind + 1 < bytes.count,
      bytes[behind + 1] == UInt8(ascii: "u")
    {
      position += 2
      let second = try unit()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00))
      {
        text += Array(String(Character(scalar)).utf8)
        return
      }
      // Not its other half: it stands for itself.
      position = behind
    }
    oddities.hasLoneSurrogate = true
    text += [0xEF, 0xBF, 0xBD]
  }

  private mutating func unit() throws(JSONProblem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw problem("no hexadecimal digit")
      }
      value = value * 16 + UInt32(digit)
      position += 1
    }
    return value
  }
}
