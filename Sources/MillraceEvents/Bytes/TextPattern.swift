/// A text in which `*` stands for any run of characters, without regard to the case of ASCII
/// letters: `File*`, `*@example.com`.
package struct TextPattern: Hashable, Sendable {
  /// What stands between the stars, in lower case; one more than there are stars.
  private let pieces: [[UInt8]]

  /// A pattern as it is written.
  package init(_ text: String) {
    pieces = text.utf8.map(lowercased)
      .split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// Whether it fits the whole of a text.
  func fits(_ text: ByteView) -> Bool {
    guard let first = pieces.first, let last = pieces.last else { return false }
    if pieces.count == 1 { return text.count == first.count && TextPattern.stands(first, text, 0) }
    guard text.count >= first.count + last.count, TextPattern.stands(first, text, 0),
      TextPattern.stands(last, text, text.count - last.count)
    else { return false }
    // The leftmost place for each piece leaves the most room for those behind it.
    var place = first.count
    let end = text.count - last.count
    for piece in pieces.dropFirst().dropLast() {
      while place + piece.count <= end, !TextPattern.stands(piece, text, place) { place += 1 }
      guard place + piece.count <= end else { return false }
      place += piece.count
    }
    return true
  }

  /// Whether `piece` stands in a text at `place`, which leaves room for it.
  private static func stands(_ piece: [UInt8], _ text: ByteView, _ place: Int) -> Bool {
    for index in piece.indices where lowercased(text[place + index]) != piece[index] {
      return false
    }
    return true
  }
}
