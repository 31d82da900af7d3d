/// Puts `msg` together: what makes an event remarkable and has no key of its own, in parts with
/// semicolons between them.
///
/// A list is cut between its elements, and says how many it lacks: a part of an address reads as
/// another address.
struct CEFMessage {
  private let keys: CEFExtension
  private(set) var isEmpty = true
  /// Bytes that the value may still have, before they are escaped.
  private var rest = CEFKey.msg.bytesMax

  /// No less than `, …(+n)` takes.
  private static let markBytes = 32
  /// What a list leaves to the part behind it.
  private static let sparedBytes = 256

  init(_ keys: CEFExtension) {
    self.keys = keys
  }

  /// Adds the texts of one list and then of another, each once.
  ///
  /// - Parameter isLast: Whether the list may fill the value.
  mutating func add(
    _ words: StaticString, _ list: ByteView?, and other: ByteView? = nil, isLast: Bool = true,
    _ arena: inout Arena, _ buffer: inout ByteBuffer
  ) {
    var texts = QuotedTexts(list, other)
    guard var quoted = texts.next(), begin(words, before: CEFMessage.markBytes, &buffer)
    else { return }
    let spared = isLast ? 0 : CEFMessage.sparedBytes
    var separator: StaticString = ""
    while true {
      let next = texts.next()
      let text = quoted.unquoted(in: &arena)
      // Behind every text but the last there must be room for the number of those left out.
      let kept = spared + (next == nil ? 2 : CEFMessage.markBytes + 2)
      guard fits(text, keeping: kept, buffer) else {
        let missing = 1 + (next == nil ? 0 : 1 + texts.countRest())
        return mark(missing, behind: separator, &buffer)
      }
      put(ByteView(separator), &buffer)
      put(text, &buffer)
      guard let next else { return }
      quoted = next
      separator = ", "
    }
  }

  /// Adds a name as a whole, or not at all: a part of it reads as another name.
  mutating func add(_ words: StaticString, name: ByteView?, _ buffer: inout ByteBuffer) {
    let length = words.utf8CodeUnitCount + 2
    guard let name, !name.isEmpty, fits(name, keeping: length, buffer),
      begin(words, before: name.count, &buffer)
    else { return }
    put(name, &buffer)
  }

  /// Adds a text, cut between two characters to what there is room for.
  mutating func add(_ words: StaticString, _ text: ByteView?, _ buffer: inout ByteBuffer) {
    // No character is longer, escaped or not.
    let characterBytes = 4
    guard let text, !text.isEmpty, begin(words, before: characterBytes, &buffer) else { return }
    let room = keys.room(buffer)
    put(CEFText.prefix(of: text.prefixOfCharacters(rest), escapedWithin: room), &buffer)
  }

  /// Writes what stands before a part, if there is room for that and for `length` bytes more.
  private mutating func begin(
    _ words: StaticString, before length: Int, _ buffer: inout ByteBuffer
  ) -> Bool {
    let key = CEFKey.msg.name.utf8CodeUnitCount + 2
    let needed = words.utf8CodeUnitCount + max(key, 2) + length
    guard needed <= min(rest, keys.room(buffer)) else { return false }
    if isEmpty {
      keys.begin(.msg, &buffer)
    } else {
      put(ByteView("; "), &buffer)
    }
    isEmpty = false
    put(ByteView(words), &buffer)
    return true
  }

  /// Whether there is room for a text, and for `length` bytes that need no escapes.
  private func fits(
    _ text: ByteView, keeping length: Int, _ buffer: borrowing ByteBuffer
  ) -> Bool {
    let room = keys.room(buffer) - length
    return text.count + length <= rest
      && CEFText.prefix(of: text, escapedWithin: room).count == text.count
  }

  private mutating func put(_ text: ByteView, _ buffer: inout ByteBuffer) {
    CEFText.appendValue(text, to: &buffer)
    rest -= text.count
  }

  /// Says how many elements a list lacks.
  private mutating func mark(
    _ count: Int, behind separator: StaticString, _ buffer: inout ByteBuffer
  ) {
    let start = buffer.count
    buffer.append(separator)
    buffer.append("…(+")
    buffer.append(integer: count)
    buffer.append(UInt8(ascii: ")"))
    rest -= buffer.count - start
  }
}
