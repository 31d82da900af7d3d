package import MillraceCore

/// Changes records in ways that hurt: bytes flipped, cut out, doubled and torn off, and members
/// given other names and other values, of the kinds that records have and of kinds they never have.
/// Depends on its seed alone.
package struct Mutator: Sendable {
  private let members: [Piece]
  private let values: [[UInt8]]

  /// A member of a record as it stands there.
  private struct Piece: Sendable {
    let name: [UInt8]
    let value: [UInt8]
  }

  /// A mutator that knows the members of `seeds`.
  package init(seeds: [[UInt8]]) {
    members = seeds.flatMap { seed in
      MemberSpans.find(in: seed).map {
        Piece(name: Array(seed[$0.name]), value: Array(seed[$0.value]))
      }
    }
    values = OddValues.all.map { Array($0.utf8) }
  }

  /// Some bytes made of others, at most `countMax`.
  package func mutate(
    _ bytes: [UInt8], countMax: Int, with generator: inout SeededGenerator
  ) -> [UInt8] {
    var changed = bytes
    for _ in 0...Int.random(in: 0...3, using: &generator) {
      if Bool.random(using: &generator) {
        changeBytes(&changed, &generator)
      } else {
        changeMember(&changed, &generator)
      }
    }
    return Array(changed.prefix(countMax))
  }

  private static let structural =
    Array("{}[]\",:\\ \n\r\t0-e.u".utf8) + [0, 0x1F, 0x80, 0xC3, 0xED]

  private func changeBytes(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...24, using: &generator))
    switch Int.random(in: 0..<7, using: &generator) {
    case 0 where place < bytes.count:
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 1 where place < bytes.count:
      bytes[place] = Mutator.structural.randomElement(using: &generator) ?? 0
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.insert(Mutator.structural.randomElement(using: &generator) ?? 0, at: place)
    default: bytes.insert(contentsOf: oddValue(&generator), at: place)
    }
  }

  private func changeMember(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard let span = MemberSpans.find(in: bytes).randomElement(using: &generator),
      let other = members.randomElement(using: &generator)
    else { return }
    let comma = [UInt8(ascii: ",")]
    let colon = [UInt8(ascii: ":")]
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes.replaceSubrange(span.value, with: oddValue(&generator))
    case 1: bytes.replaceSubrange(span.value, with: other.value)
    case 2: bytes.replaceSubrange(span.name, with: other.name)
    case 3:
      bytes.insert(
        contentsOf: other.name + colon + other.value + comma, at: span.name.lowerBound)
    case 4:
      let name = Array(bytes[span.name])
      bytes.insert(
        contentsOf: name + colon + oddValue(&generator) + comma, at: span.name.lowerBound)
    default:
      // A value within another.
      let value = Array(bytes[span.value])
      let isList = Bool.random(using: &generator)
      bytes.replaceSubrange(
        span.value,
        with: isList ? [0x5B] + value + comma + value + [0x5D] : Mutator.quoted(value))
    }
  }

  private func oddValue(_ generator: inout SeededGenerator) -> [UInt8] {
    values.randomElement(using: &generator) ?? []
  }

  /// A value as the text of a string.
  private static func quoted(_ value: [UInt8]) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in value {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        text.append(UInt8(ascii: "\\"))
      }
      text.append(byte)
    }
    return text + [UInt8(ascii: "\"")]
  }
}

/// Finds what looks like members in bytes that need not be JSON.
enum MemberSpans {
  /// Where a member's name and its value stand, the quotes included.
  struct Span {
    let name: Range<Int>
    let value: Range<Int>
  }

  static func find(in bytes: [UInt8]) -> [Span] {
    var spans: [Span] = []
    var position = 0
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "\"") else {
        position += 1
        continue
      }
      let name = position..<stringEnd(bytes, position)
      position = skipBlanks(bytes, name.upperBound)
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { continue }
      position = skipBlanks(bytes, position + 1)
      let end = valueEnd(bytes, position)
      if end > position { spans.append(Span(name: name, value: position..<end)) }
      // Members within the value are members, too.
      if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { position = end }
    }
    return spans
  }

  private static func skipBlanks(_ bytes: [UInt8], _ start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    return position
  }

  private static func stringEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var position = start + 1
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "\"") { return position + 1 }
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return bytes.count
  }

  private static func valueEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var depth = 0
    var position = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position = stringEnd(bytes, position)
        if depth == 0 { return position }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return position }
        depth -= 1
        if depth == 0 { return position + 1 }
      case UInt8(ascii: ",") where depth == 0: return position
      default: break
      }
      position += 1
    }
    return bytes.count
  }
}
