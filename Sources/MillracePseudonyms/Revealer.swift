/// Turns pseudonyms back into what they stand for. Not for two threads at a time.
package struct Revealer {
  /// What came of a pseudonym.
  package enum Outcome: Hashable, Sendable {
    /// What it stands for, in its canonical form: names in small letters.
    case revealed(String)
    /// It is a keyed hash, made without a key that turns it back.
    case oneWay
    /// It was made with another key; its id, when the pseudonym says it.
    case otherKey(String?)
    /// It was made with a key that is at hand, and is no longer what it was.
    case damaged
    /// It is no pseudonym.
    case unknown
  }

  private struct Holder {
    let id: String
    let sealing: Sealing
    let permutation: AddressPermutation
  }

  private let holders: [Holder]

  /// A revealer with these keys; each is a `reveal_key`.
  package init(keys: [PseudonymKey]) {
    holders = keys.map {
      Holder(id: $0.id, sealing: Sealing($0), permutation: AddressPermutation($0))
    }
  }

  /// The ids of the keys.
  package var keyIDs: [String] { holders.map(\.id) }

  /// What a pseudonym stands for, whatever its letter case, with or without its domain.
  package func reveal(_ text: String) -> Outcome {
    let lowered = text.lowercased()
    if let address = PseudonymAddress.parse(lowered) { return reveal(address) }
    var word = Array(lowered.utf8)[...]
    if word.suffix(PseudonymText.domain.count).elementsEqual(PseudonymText.domain) {
      word = word.dropLast(PseudonymText.domain.count)
    }
    guard let parts = PseudonymText.parts(word) else { return .unknown }
    if parts.kind == .oneWay {
      return parts.body?.count == Sealing.hashLength ? .oneWay : .damaged
    }
    let candidates = holders.filter { $0.id == parts.keyID }
    if candidates.isEmpty { return .otherKey(parts.keyID) }
    guard let body = parts.body else { return .damaged }
    for holder in candidates {
      if let bytes = holder.sealing.opened(body) {
        return .revealed(String(decoding: bytes, as: UTF8.self))
      }
    }
    return .damaged
  }

  private func reveal(_ address: (bytes: [UInt8], isRevealable: Bool)) -> Outcome {
    guard address.isRevealable else { return .oneWay }
    for holder in holders {
      if let octets = holder.permutation.shown(address.bytes) {
        return .revealed(octets.map { "\($0)" }.joined(separator: "."))
      }
    }
    return .otherKey(nil)
  }
}

extension Revealer {
  /// A line of any text in which every pseudonym that can be turned back has been; others stay. In
  /// a line of JSON it stays JSON.
  ///
  /// - Returns: The line, and the pseudonyms that stayed with what came of them.
  package func revealAll(
    in line: [UInt8]
  ) -> (line: [UInt8], failures: [(pseudonym: String, outcome: Outcome)]) {
    let isJSON = line.first == UInt8(ascii: "{") || line.first == UInt8(ascii: "[")
    var output: [UInt8] = []
    var failures: [(pseudonym: String, outcome: Outcome)] = []
    var index = 0
    while index < line.count {
      guard let end = PseudonymFinder.end(from: index, in: line) else {
        output.append(line[index])
        index += 1
        continue
      }
      let word = String(decoding: line[index..<end], as: UTF8.self)
      let outcome = reveal(word)
      if case .revealed(let meant) = outcome {
        for byte in meant.utf8 {
          let isMark = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
          if isJSON, isMark { output.append(UInt8(ascii: "\\")) }
          output.append(isJSON && byte < 0x20 ? UInt8(ascii: " ") : byte)
        }
      } else {
        output += line[index..<end]
        failures.append((word, outcome))
      }
      index = end
    }
    return (output, failures)
  }
}
