import MillraceCore

/// What faults do to single records: the same record looks the same wherever it is served.
struct RecordDress: Sendable {
  /// Feeds whose first record is padded.
  let padded: Set<ContentType>
  /// Feeds of which one record in three is odd.
  let odd: Set<ContentType>
  let seed: UInt64

  /// How much the one huge record of a feed has too much.
  static let paddingBytes = 5_000_000

  /// Changes the record that begins at `start`, if it is one of those.
  func put(on bytes: inout [UInt8], from start: Int, index: Int, type: ContentType) {
    if padded.contains(type), index == 0 {
      let padding = [UInt8](repeating: UInt8(ascii: "x"), count: Self.paddingBytes)
      addMembers(Array(#","Padding":""#.utf8) + padding + [UInt8(ascii: "\"")], to: &bytes)
    }
    guard odd.contains(type), scrambled(seed, UInt64(index)) % 3 == 0 else { return }
    switch index % 4 {
    case 0:
      addMembers(Array(#","EventName":"Odd","eventName":"odd","EVENTNAME":1"#.utf8), to: &bytes)
    case 1:
      addMembers(
        Array(#","QueryTime":"2026-01-15T10:15:52Z","QueryTime":"1/15/2026 10:15:52 AM""#.utf8),
        to: &bytes)
    case 2:
      addMembers(
        Array(#","SizeInBytes":"1e9","Count":"1000.0","IsManaged":"True","Size":3476.0"#.utf8),
        to: &bytes)
    default:
      renumber(&bytes, from: start)
    }
  }

  /// Adds members behind the last one of the record that ends the bytes.
  private func addMembers(_ members: [UInt8], to bytes: inout [UInt8]) {
    guard bytes.last == UInt8(ascii: "}") else { return }
    bytes.removeLast()
    bytes += members
    bytes.append(UInt8(ascii: "}"))
  }

  /// Gives the record a type that nobody knows.
  private func renumber(_ bytes: inout [UInt8], from start: Int) {
    let name = Array("\"RecordType\":".utf8)
    guard bytes.count - start > name.count else { return }
    for place in start..<bytes.count - name.count
    where bytes[place] == name[0] && bytes[place..<place + name.count].elementsEqual(name) {
      let first = place + name.count
      let digits = bytes[first...].prefix { (0x30...0x39).contains($0) }
      bytes.replaceSubrange(first..<first + digits.count, with: Array("9999".utf8))
      return
    }
  }
}
