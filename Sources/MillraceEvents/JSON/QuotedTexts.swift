/// The texts of one JSON list and then of another, as they are written, each once; what is empty
/// or no text is passed over.
struct QuotedTexts {
  private let lists: (ByteView, ByteView)
  private var cursors: (ArrayCursor, ArrayCursor)
  private var passed = 0

  /// Among so many texts repetitions are looked for: each is compared with all before it, which
  /// must not take long for lists of any length.
  private static let comparedMax = 64

  init(_ list: ByteView?, _ other: ByteView? = nil) {
    lists = (list ?? ByteView(""), other ?? ByteView(""))
    cursors = (ArrayCursor(lists.0), ArrayCursor(lists.1))
  }

  /// The next text, in quotes.
  mutating func next() -> ByteView? {
    while let text = step() {
      passed += 1
      if passed > QuotedTexts.comparedMax || !isRepeated(text) { return text }
    }
    return nil
  }

  /// Passes over the texts that are left, and counts them.
  mutating func countRest() -> Int {
    var count = 0
    while next() != nil { count += 1 }
    return count
  }

  private mutating func step() -> ByteView? {
    while let element = cursors.0.next() ?? cursors.1.next() {
      if element.first == Ascii.quote, element.count > 2 { return element }
    }
    return nil
  }

  private func isRepeated(_ text: ByteView) -> Bool {
    var earlier = QuotedTexts(lists.0, lists.1)
    for _ in 1..<passed where earlier.step().map({ $0 == text }) == true { return true }
    return false
  }
}
