/// The known word a mistyped one most likely stands for; nil when none is near.
///
/// Letter case does not count, `-` and `_` are the same. A word is near when about a third of its
/// letters are wrong at most (missing, extra, different, or two neighbours swapped), or when it is
/// part of exactly one known word, as `secret` is of `client_secret`.
package func suggestion(for word: some StringProtocol, among known: [String]) -> String? {
  let folded = foldedLetters(word)
  guard (1...64).contains(folded.count) else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in known {
    let letters = foldedLetters(candidate)
    let distance = editDistance(folded, letters)
    let tolerance = max(1, max(folded.count, letters.count) / 3)
    guard distance <= tolerance, distance < letters.count else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  if let best { return best.word }
  guard folded.count >= 4 else { return nil }
  let containing = known.filter {
    let letters = foldedLetters($0)
    // Four letters are somewhere in any long word.
    guard 3 * min(letters.count, folded.count) >= max(letters.count, folded.count) else {
      return false
    }
    return contains(letters, folded) || (letters.count >= 4 && contains(folded, letters))
  }
  return containing.count == 1 ? containing[0] : nil
}

/// `did you mean "x"?`, else the whole list of what is accepted while that is short, else nothing.
package func suggestionHint(for word: some StringProtocol, among known: [String]) -> String {
  if let match = suggestion(for: word, among: known) { return "did you mean \"\(match)\"?" }
  guard !known.isEmpty, known.count <= 16 else { return "" }
  return "known here: " + known.joined(separator: ", ")
}

private func foldedLetters(_ word: some StringProtocol) -> [UInt8] {
  word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
}

private func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
  guard part.count <= whole.count else { return false }
  return (0...whole.count - part.count).contains { whole[$0...].starts(with: part) }
}

/// The number of single-letter edits between two words, a swap of neighbours counting as one
/// (optimal string alignment).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
  var beforePrevious = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  for row in 1...left.count {
    var current = [row] + [Int](repeating: 0, count: right.count)
    for column in 1...right.count {
      let cost = left[row - 1] == right[column - 1] ? 0 : 1
      var least = min(
        previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost)
      if row > 1, column > 1, left[row - 1] == right[column - 2],
        left[row - 2] == right[column - 1]
      {
        least = min(least, beforePrevious[column - 2] + 1)
      }
      current[column] = least
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}
