/// Turns the text of a file into UTF-8 without a byte order mark: Windows PowerShell writes UTF-16
/// unless it is told otherwise.
struct TextDecoder {
  private enum Encoding {
    case utf8
    case utf16(isBigEndian: Bool)
  }

  /// Nil until enough of the beginning is there.
  private var encoding: Encoding?
  /// What is not decoded yet: the file's beginning, or half of a character.
  private var pending: [UInt8] = []
  /// The first half of a surrogate pair.
  private var highSurrogate: UInt16?

  /// Appends the UTF-8 of `bytes` to `output`.
  mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    if encoding == nil {
      pending.append(contentsOf: bytes)
      guard pending.count >= 4 else { return }
      return begin(into: &output)
    }
    pass(bytes, into: &output)
  }

  /// Appends what the end of the input leaves.
  mutating func finish(into output: inout [UInt8]) {
    if encoding == nil { begin(into: &output) }
    let isTorn = highSurrogate != nil || !pending.isEmpty
    highSurrogate = nil
    pending = []
    if isTorn { append(TextDecoder.replacement, to: &output) }
  }

  private mutating func begin(into output: inout [UInt8]) {
    let head = pending
    pending = []
    let (encoding, markLength) = TextDecoder.encoding(of: head)
    self.encoding = encoding
    head.withUnsafeBytes {
      pass(UnsafeRawBufferPointer(rebasing: $0[markLength...]), into: &output)
    }
  }

  /// Told by the byte order mark; without one, by where the zeros are: everything that can be
  /// imported begins with characters of ASCII.
  private static func encoding(of head: [UInt8]) -> (Encoding, markLength: Int) {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16(isBigEndian: false), 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16(isBigEndian: true), 2) }
    if head.count >= 2, head[0] != 0, head[1] == 0 { return (.utf16(isBigEndian: false), 0) }
    if head.count >= 2, head[0] == 0, head[1] != 0 { return (.utf16(isBigEndian: true), 0) }
    return (.utf8, 0)
  }

  private mutating func pass(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    guard case .utf16(let isBigEndian) = encoding else {
      output.append(contentsOf: bytes)
      return
    }
    var offset = 0
    if let first = pending.first, bytes.count > 0 {
      pending = []
      append(TextDecoder.unit(first, bytes[0], isBigEndian), to: &output)
      offset = 1
    }
    while offset + 1 < bytes.count {
      append(TextDecoder.unit(bytes[offset], bytes[offset + 1], isBigEndian), to: &output)
      offset += 2
    }
    if offset < bytes.count { pending = [bytes[offset]] }
  }

  private static func unit(_ first: UInt8, _ second: UInt8, _ isBigEndian: Bool) -> UInt16 {
    isBigEndian ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first)
  }

  private mutating func append(_ unit: UInt16, to output: inout [UInt8]) {
    if let high = highSurrogate {
      highSurrogate = nil
      if UTF16.isTrailSurrogate(unit) {
        let offset = UInt32(high & 0x3FF) << 10 | UInt32(unit & 0x3FF)
        return append(scalar: offset + 0x10000, to: &output)
      }
      append(TextDecoder.replacement, to: &output)
    }
    if UTF16.isLeadSurrogate(unit) {
      highSurrogate = unit
    } else if unit < 0x80 {
      output.append(UInt8(unit))
    } else {
      append(
        scalar: UTF16.isTrailSurrogate(unit) ? UInt32(TextDecoder.replacement) : UInt32(unit),
        to: &output)
    }
  }

  private func append(scalar value: UInt32, to output: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(value) else {
      preconditionFailure("a code unit that is no surrogate, or a pair of them, is a character")
    }
    output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// What stands for half of a surrogate pair, or half a code unit.
  private static let replacement: UInt16 = 0xFFFD
}
