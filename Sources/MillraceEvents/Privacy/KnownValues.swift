/// What was replaced in one event, in lower case and in every spelling that records have for it:
/// what other texts of the event are searched for.
struct KnownValues {
  private(set) var values: [ByteView] = []
  /// One bit for each byte that a value begins with, in either letter case.
  private var beginnings = SIMD4<UInt64>(repeating: 0)
  /// Beyond these, only what looks like a value is found.
  private static let valuesMax = 256
  /// Shorter ones stand in too many words.
  private static let lengthMin = 3
  /// How many bytes may still be compared in the text that is searched.
  private var budget = 0
  /// How many bytes are compared for each byte of a text, and for any text. Names that begin alike,
  /// as many as there may be, take less; a value that a text repeats again and again, but for its
  /// end, would take the product of their lengths.
  private static let comparisonsPerByte = 2 * valuesMax
  private static let comparisonsMin = 1 << 16

  mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    beginnings = SIMD4(repeating: 0)
  }

  /// Adds a value: as it is, a principal name also by its first part and as OneDrive has it in
  /// the paths of personal sites, a GUID also without hyphens.
  mutating func learn(_ text: ByteView, in arena: inout Arena) {
    let text = arena.lowercase(text.trimmed)
    add(text)
    if let address = IPAddress(text) { return add(address.text(in: &arena)) }
    if text.isGUID { return add(KnownValues.keeping(text, in: &arena) { isHexadecimal($0) }) }
    guard let at = text.lastIndex(of: Ascii.at), at + 1 < text.count else { return }
    let mangled = arena.copy(text)
    let bytes = UnsafeMutablePointer(mutating: mangled.start)
    for index in 0..<mangled.count where !isLetter(bytes[index]) && !isDigit(bytes[index]) {
      if bytes[index] < 0x80 { bytes[index] = Ascii.underscore }
    }
    add(mangled)
    let local = text.prefix(at)
    // A short first part is a word, too.
    if local.count >= 5 { add(local) }
  }

  private mutating func add(_ text: ByteView) {
    guard text.count >= KnownValues.lengthMin, values.count < KnownValues.valuesMax,
      !UnsetWords.contains(text)
    else { return }
    for value in values where value == text { return }
    values.append(text)
    for byte in [text[0], uppercased(text[0])] {
      beginnings[Int(byte >> 6)] |= 1 &<< UInt64(byte & 63)
    }
  }

  /// Puts longer values first, as they may hold shorter ones.
  mutating func sort() {
    values.sort { $0.count > $1.count }
  }

  /// Whether a value begins with this byte.
  @inline(__always)
  func mayBegin(with byte: UInt8) -> Bool {
    beginnings[Int(byte >> 6)] & (1 &<< UInt64(byte & 63)) != 0
  }

  /// Begins with another text.
  mutating func beginSearch(in text: ByteView) {
    budget = KnownValues.comparisonsPerByte * text.count + KnownValues.comparisonsMin
  }

  /// Whether the text could not be searched to its end: it may hold a value that was not found.
  var hasGivenUp: Bool { budget < 0 }

  /// How long the value is that stands at `index`; nil when none does.
  @inline(__always)
  mutating func length(at index: Int, in text: ByteView) -> Int? {
    mayBegin(with: text.start[index]) ? find(at: index, in: text) : nil
  }

  private mutating func find(at index: Int, in text: ByteView) -> Int? {
    guard !hasGivenUp else { return nil }
    for value in values {
      let end = index + value.count
      guard end <= text.count, lowercased(text.start[index]) == value.start[0],
        stands(value, at: index, in: text)
      else { continue }
      let isAddress = value.firstIndex(of: Ascii.at) != nil
      if value.count >= 12 && !isAddress || isBounded(index, end, isAddress, text) {
        return value.count
      }
    }
    return nil
  }

  /// Whether a value stands at `index`, behind which the text is long enough for it.
  private mutating func stands(_ value: ByteView, at index: Int, in text: ByteView) -> Bool {
    let start = text.start + index
    var length = 1
    while length < value.count, lowercased(start[length]) == value.start[length] { length += 1 }
    budget -= length
    return length == value.count
  }

  /// Whether what stands there is no part of a longer word or address.
  private func isBounded(
    _ start: Int, _ end: Int, _ isAddress: Bool, _ text: ByteView
  ) -> Bool {
    if start > 0, isWordByte(text[start]), isWordByte(text[start - 1]) { return false }
    guard end < text.count else { return true }
    if isWordByte(text[end - 1]), isWordByte(text[end]) { return false }
    let isGoingOn = text[end] == Ascii.dot || text[end] == Ascii.hyphen
    if isAddress, isGoingOn, end + 1 < text.count, isWordByte(text[end + 1]) { return false }
    return text[end] != Ascii.at && !text.dropFirst(end).hasPrefix("%40")
  }

  private static func keeping(
    _ text: ByteView, in arena: inout Arena, _ isKept: (UInt8) -> Bool
  ) -> ByteView {
    let copy = arena.allocate(text.count)
    var count = 0
    for byte in text.buffer where isKept(byte) {
      copy[count] = byte
      count += 1
    }
    return ByteView(start: copy, count: count)
  }
}

/// Whether a byte is a letter, a digit, or a part of a character beyond ASCII.
@inline(__always)
func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte >= 0x80 }

/// Whether a byte is a hexadecimal digit.
@inline(__always)
func isHexadecimal(_ byte: UInt8) -> Bool { hexadecimalValue(byte) != nil }
