import CMillraceScan
import MillraceCore
import Testing

/// What copies and searches short texts, with and without registers of 64 bytes. Texts end at a
/// page that cannot be read, so that nothing behind them is.
@Suite("Short texts", .timeLimit(.minutes(10)))
struct ShortTextTests {
  typealias Copy = (UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, Int) -> Int
  typealias CopyLine = (UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, Int) -> Void
  typealias Find = (UnsafePointer<UInt8>?, Int, UInt8) -> Int

  private static let lengths = Array(0...140) + [191, 192, 193, 1000]

  /// Texts of every length, clean and with each of `bytes` here and there.
  private static func texts(with bytes: [UInt8]) -> [[UInt8]] {
    var generator = SeededGenerator(seed: 7)
    return lengths.flatMap { length -> [[UInt8]] in
      let clean = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
      var texts = [clean]
      guard length > 0 else { return texts }
      for byte in bytes {
        var text = clean
        text[Int.random(in: 0..<length, using: &generator)] = byte
        texts.append(text)
        text[Int.random(in: 0..<length, using: &generator)] = byte
        text[length - 1] = byte
        texts.append(text)
      }
      return texts
    }
  }

  private static let special: [UInt8] = [0, 0x0A, 0x1F, 0x22, 0x5C]
  /// Neighbours of those, and bytes whose highest bit is set.
  private static let ordinary: [UInt8] = [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0x9F, 0xFF]

  @Test("copying stops at what a JSON string must escape, and nowhere else")
  func copiesWhatIsClean() throws {
    let page = try GuardedPage()
    let copies: [Copy] = [
      { millrace_copy_clean($0, $1, $2) }, { millrace_copy_clean_anywhere($0, $1, $2) },
    ]
    for text in Self.texts(with: Self.special + Self.ordinary) {
      let clean = text.prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
      for copy in copies {
        var target = [UInt8](repeating: 0xAA, count: text.count + Int(MILLRACE_COPY_SLACK) + 8)
        let count = page.holding(text) { copy(&target, $0, text.count) }
        #expect(count == clean.count)
        #expect(target.prefix(count).elementsEqual(clean))
        #expect(
          target.suffix(8).allSatisfy { $0 == 0xAA }, "no more than the slack is written over")
      }
    }
  }

  /// What a copy of a text is, and that nothing behind it is written.
  private func expect(
    _ text: [UInt8], on page: borrowing GuardedPage, toBecome expected: [UInt8],
    by copy: CopyLine
  ) {
    var target = [UInt8](repeating: 0xAA, count: text.count + 64)
    page.holding(text) { copy(&target, $0, text.count) }
    #expect(target.prefix(text.count).elementsEqual(expected))
    #expect(target.dropFirst(text.count).allSatisfy { $0 == 0xAA })
  }

  @Test("line breaks become blanks, and nothing behind the text is written")
  func copiesOnOneLine() throws {
    let page = try GuardedPage()
    let copies: [CopyLine] = [
      { millrace_copy_on_one_line($0, $1, $2) },
      { millrace_copy_on_one_line_anywhere($0, $1, $2) },
    ]
    for text in Self.texts(with: [0x0A, 0x0D, 0x09, 0x0B, 0x8A, 0x8D]) {
      let expected = text.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
      for copy in copies {
        expect(text, on: page, toBecome: expected, by: copy)
      }
    }
  }

  @Test("a byte is found where it first stands")
  func finds() throws {
    let page = try GuardedPage()
    let searches: [Find] = [
      { millrace_find($0, $1, $2) }, { millrace_find_anywhere($0, $1, $2) },
    ]
    for text in Self.texts(with: [0, 0x40, 0xFF]) {
      for byte: UInt8 in [0, 0x40, 0xFF, UInt8(ascii: "z")] {
        let expected = text.firstIndex(of: byte) ?? text.count
        for find in searches {
          #expect(page.holding(text) { find($0, text.count, byte) } == expected)
        }
      }
    }
  }

  @Test("texts are copied whole, and nothing behind them is written")
  func copies() throws {
    let page = try GuardedPage()
    for text in Self.texts(with: [0x22]) {
      expect(text, on: page, toBecome: text) { millrace_copy_short($0, $1, $2) }
    }
  }

  @Test("capital letters of ASCII are found and become small, and no other byte does")
  func lowersLetters() throws {
    let page = try GuardedPage()
    let neighbours: [UInt8] = [0x40, 0x41, 0x5A, 0x5B, 0x60, 0x7B, 0xC1, 0xDA, 0xFF]
    for text in Self.texts(with: neighbours) {
      let expected = text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
      expect(text, on: page, toBecome: expected) { millrace_copy_lowercase($0, $1, $2) }
      #expect(page.holding(text) { millrace_has_capitals($0, text.count) } == (text != expected))
    }
  }

  @Test("what stands for itself in a URL is told from what does not")
  func runsOfURLs() throws {
    let page = try GuardedPage()
    let allowed = Set(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&'()*+,;=".utf8)
    for text in Self.texts(with: Array(0...255)) {
      let expected = text.firstIndex { !allowed.contains($0) } ?? text.count
      #expect(page.holding(text) { millrace_url_run($0, text.count) } == expected)
    }
  }

  @Test("a quote or backslash is found where the first of them stands")
  func findsQuotes() {
    for text in Self.texts(with: Self.special + Self.ordinary) {
      let whole = text + [0x22] + [UInt8](repeating: 0x61, count: 16)
      let expected = whole.firstIndex { $0 == 0x22 || $0 == 0x5C }
      let found = whole.withUnsafeBufferPointer { bytes in
        millrace_quote_or_backslash(bytes.baseAddress).map { $0 - (bytes.baseAddress ?? $0) }
      }
      #expect(found == expected)
    }
  }

  @Test(
    "escapes of surrogates are suspected wherever they stand",
    arguments: [#"\ud83d"#, #"\uDFFF"#, #"\uD800"#])
  func suspectsSurrogates(escape: String) {
    for length in 0...70 {
      let lead = [UInt8](repeating: 0x61, count: length)
      #expect(Self.mayHoldSurrogates(lead + Array(escape.utf8) + lead))
      #expect(!Self.mayHoldSurrogates(lead + Array(#"\u00e4\n\\d"#.utf8) + lead))
    }
  }

  private static func mayHoldSurrogates(_ text: [UInt8]) -> Bool {
    let padded = text + [UInt8](repeating: 0x22, count: 20)
    return padded.withUnsafeBufferPointer {
      millrace_may_hold_surrogates($0.baseAddress, text.count)
    }
  }
}
