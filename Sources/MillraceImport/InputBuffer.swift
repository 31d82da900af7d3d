import Glibc
import MillraceCore

/// Bytes of the input that are not done with. Offsets count from the first of them.
struct InputBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  /// The line of the input on which the first byte stands, from 1.
  private(set) var line = 1
  /// Whether no bytes will be appended any more.
  private(set) var hasEnded = false

  /// What is done with is thrown away once it is this much, so that the rest is seldom moved.
  private static let idleBytesMax = 1 << 20

  var count: Int { bytes.count - start }

  subscript(offset: Int) -> UInt8 { bytes[start + offset] }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    if start == bytes.count || start > InputBuffer.idleBytesMax {
      bytes.removeSubrange(..<start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  mutating func end() {
    hasEnded = true
  }

  /// Is done with the first `length` bytes.
  mutating func drop(_ length: Int) {
    precondition(length <= count, "only bytes that are there can be dropped")
    line += lines(in: 0..<length)
    start += length
  }

  /// How many lines end in a range.
  func lines(in range: Range<Int>) -> Int {
    withBytes { $0.lines(in: range) }
  }

  /// Where the first line feed stands at or after `offset`; nil when there is none yet.
  func lineFeed(from offset: Int) -> Int? {
    withBytes { $0.firstIndex(of: Ascii.lineFeed, from: offset) }
  }

  /// Where the last line begins whose beginning is in a range, other than the one that the buffer
  /// begins in.
  func lineStart(in range: Range<Int>) -> Int? {
    withBytes { bytes in
      var offset = range.upperBound
      while offset > range.lowerBound {
        if bytes[offset - 1] == Ascii.lineFeed { return offset }
        offset -= 1
      }
      return nil
    }
  }

  /// A copy of a range with slack for a scanner.
  func copy(_ range: Range<Int>) -> PaddedBytes {
    withBytes { PaddedBytes(copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }
}

extension PaddedBytes {
  /// A copy of bytes.
  init(copying bytes: UnsafeRawBufferPointer) {
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count + PaddedBytes.slackBytes)
    copy.append(contentsOf: bytes)
    self.init(copy)
  }
}

extension UnsafeRawBufferPointer {
  /// Where `byte` first stands at or after `offset`.
  func firstIndex(of byte: UInt8, from offset: Int) -> Int? {
    guard let base = baseAddress, offset < count else { return nil }
    guard let found = memchr(base + offset, Int32(byte), count - offset) else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// How many lines end in a range.
  func lines(in range: Range<Int>) -> Int {
    let part = UnsafeRawBufferPointer(rebasing: self[range])
    var count = 0
    var offset = 0
    while let found = part.firstIndex(of: Ascii.lineFeed, from: offset) {
      count += 1
      offset = found + 1
    }
    return count
  }
}

/// Names for the bytes that reading turns on.
enum Ascii {
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let comma = UInt8(ascii: ",")
  static let semicolon = UInt8(ascii: ";")
  static let colon = UInt8(ascii: ":")
  static let blank = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// The byte order mark of UTF-8, which Windows programs write first.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Whether a byte is white space to JSON (RFC 8259, section 2).
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == blank || byte == lineFeed || byte == carriageReturn || byte == tab
  }
}
