/// Texts that a parser of JSON must take, must refuse, or may do either with, each with what this
/// one does: y, n and i, as suites of such texts call them.
package struct JSONCase: Sendable, CustomStringConvertible {
  /// What becomes of a text.
  package enum Verdict: Sendable {
    /// The standard has it taken.
    case valid
    /// The standard has it refused.
    case invalid
    /// The standard leaves it open, and it is taken.
    case openAndTaken
    /// The standard leaves it open, and it is refused.
    case openAndRefused
  }

  /// The text, which need not be one.
  package let bytes: [UInt8]
  /// What becomes of it.
  package let verdict: Verdict

  /// Whether it is taken.
  package var isTaken: Bool {
    switch verdict {
    case .valid, .openAndTaken: true
    case .invalid, .openAndRefused: false
    }
  }

  /// The beginning of the text, for reports.
  package var description: String {
    "\(verdict): \(String(decoding: bytes.prefix(40), as: UTF8.self))"
  }

  init(_ bytes: [UInt8], _ verdict: Verdict) {
    self.bytes = bytes
    self.verdict = verdict
  }

  init(_ text: String, _ verdict: Verdict) {
    self.init(Array(text.utf8), verdict)
  }
}

/// The texts, by where they stand.
package enum JSONCases {
  /// Values, as those of a record's members.
  package static let values =
    valid.map { JSONCase($0, .valid) } + invalid.map { JSONCase($0, .invalid) }
    + malformed.map { JSONCase(quote + $0 + quote, .invalid) }
    + openTaken.map { JSONCase($0, .openAndTaken) }
    + openRefused.map { JSONCase($0, .openAndRefused) }

  /// Whole texts, as bodies of an answer: with how many records become events, and whether
  /// anything is wrong.
  package static let documents: [(text: JSONCase, events: Int)] = [
    (JSONCase("[]", .valid), 0), (JSONCase(" [ ] \r\n\t", .valid), 0),
    (JSONCase("[{}]", .valid), 1), (JSONCase("{\"a\":1}", .valid), 1),
    (JSONCase("[{\"a\":1},{\"a\":2}]\n", .valid), 2),
    (JSONCase("\u{FEFF}[{}]", .openAndTaken), 1),
    (JSONCase("", .invalid), 0), (JSONCase(" ", .invalid), 0), (JSONCase("[", .invalid), 0),
    (JSONCase("]", .invalid), 0), (JSONCase("{", .invalid), 0), (JSONCase("}", .invalid), 0),
    (JSONCase("[{}", .invalid), 1), (JSONCase("[{},", .invalid), 1),
    (JSONCase("[{}]]x", .invalid), 1), (JSONCase("[{}]{\"a\":", .invalid), 1),
    (JSONCase("{\"a\":1} x", .invalid), 1), (JSONCase("[{} x {}]", .invalid), 0),
    (JSONCase("[{\"a\":1}\u{0}]", .invalid), 0), (JSONCase("\u{0}", .invalid), 0),
    (JSONCase("[1", .invalid), 0), (JSONCase("[\"a", .invalid), 0), (JSONCase("\"", .invalid), 0),
    (JSONCase("[{\"a\":\"\\", .invalid), 0), (JSONCase("<x/>", .invalid), 0),
    (JSONCase("\u{FEFF}", .invalid), 0), (JSONCase([0xEF, 0xBB, 0x7B, 0x7D], .invalid), 0),
    (JSONCase("\u{FEFF}\u{FEFF}[]", .invalid), 0), (JSONCase("/* */[]", .invalid), 0),
    (JSONCase(utf16("[{}]", isBig: false), .openAndRefused), 0),
    (JSONCase(utf16("[{}]", isBig: true), .openAndRefused), 0),
    (JSONCase([0xFF, 0xFE] + utf16("[{}]", isBig: false), .openAndRefused), 0),
    (JSONCase([0xFE, 0xFF] + utf16("[{}]", isBig: true), .openAndRefused), 0),
    (JSONCase(String(repeating: "[", count: 100_000), .invalid), 0),
    (JSONCase(String(repeating: "[{\"a\":", count: 50_000), .invalid), 0),
  ]

  /// All texts, whatever is expected of them; for what holds of any bytes.
  package static let all = values + documents.map(\.text)

  private static let quote: [UInt8] = [0x22]

  private static func utf16(_ text: String, isBig: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
      return isBig ? bytes : bytes.reversed()
    }
  }

  private static func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  // MARK: Values

  private static let valid = [
    "0", "-0", "1", "-1", "0.5", "-0.0", "1e5", "1E5", "1e+5", "1e-5", "1.5e007", "0e+1",
    "123456789", "\"\"", "\" \"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"",
    "\"\\u0041\\u00e9\\u2028\"", "\"\\uD83D\\uDE00\"", "\"\\uFFFF\"", "\"\u{7F}\"", "\"é日🎉\"",
    "\"\u{2028}\u{2029}\"", "\"\u{10FFFF}\"", "\"\u{FFFE}\"", "\"a/*b*/c//d\"", "\"\\\\u0000\"",
    "true", "false", "null", "[]", "[ ]", "[\n1\t,\r2 ]", "[[],[[]]]", "[null,1,\"1\",{}]", "{}",
    "{ }", "{\"\":0}", "{\"a\":{\"b\":[{}]}}", "{\"\\u0000\":1}", "{ \"a\" : 1 , \"b\" : 2 }",
    nested(100),
  ]

  private static let invalid = [
    "", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e1.5", "+1", "--1", "-", "- 1",
    "1 000", "0x1F", "1_0", "Infinity", "-Infinity", "NaN", "1a", "1.2.3", "0.3e-", "２",
    "tru", "True", "TRUE", "nul", "nulll", "fals", "undefined", "truefalse", "t", "\"", "\"a",
    "'a'", "a", "\"a\"b", "\"a\" \"b\"", "\"\\x\"", "\"\\a\"", "\"\\\"", "\"\\u\"", "\"\\u12\"",
    "\"\\u12G4\"", "\"\\U0041\"", "\"\\ \"", "\"\\é\"", "\"\t\"", "\"\n\"", "\"\u{0}\"",
    "\"\u{1F}\"",
    "\"\\uD83D\\\"", "\"\\uD83D\\u\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]",
    "[1 2]", "[1:2]", "[1}", "[\"a\"", "[\"", "[a", "[1]]", "[\u{A0}]", "[\u{C}]", "[\u{2060}]",
    "[\\n1]", "[*]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
    "{,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\",1}", "{a:1}",
    "{1:1}", "{null:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{[]:1}", "{\"a\":/**/1}",
    "{\"a\":1}}", "{\"a\":1}/**/", "//", "#", "\u{0}", "\u{FEFF}1", "1\u{0}", "`a`", "<a/>", "&",
    "@",
  ]

  /// Bytes that no string of UTF-8 has.
  private static let malformed: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28],
    [0xE0, 0x80, 0xAF],
    [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
    [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
    [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0x61, 0xE9, 0x62],
    [0xFF, 0xFE, 0x61, 0x00],
  ]

  /// Numbers of any size, as they are kept as they are spelt; surrogates alone, as U+FFFD; names
  /// that come twice, of which the last counts.
  private static let openTaken = [
    "1e999", "-1e999", "1e-999", "0.\(String(repeating: "0", count: 200))1",
    "1\(String(repeating: "0", count: 400))", "9223372036854775808", "-9223372036854775809",
    "1e\(String(repeating: "9", count: 50))", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uDBFF\\uDBFF\"",
    "\"\\uDE00\\uD83D\"", "\"\\uD800\\n\"", "\"\\uD800\\u0041\"", "{\"\\uD800\":1,\"\\uDFFF\":2}",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":{},\"a\":[],\"a\":null}",
  ]

  /// Nested deeper than any record.
  private static let openRefused = [nested(128), nested(5000), nested(100_000)]
}
