import CMillraceScan

/// Walks over JSON strings 16 bytes at a time.
///
/// The callers' bytes are followed by slack that begins with a quote, so that every walk ends.
enum StringSkipping {
  /// The first quote, backslash or control byte at or after `start`; ORs the bytes passed into
  /// `seen`, whose high bits then tell whether any of them may be outside ASCII.
  @inline(__always)
  static func nextSpecial(
    _ start: UnsafePointer<UInt8>, seen: inout SIMD16<UInt8>
  ) -> UnsafePointer<UInt8> {
    var pointer = start
    while true {
      let block = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<UInt8>.self)
      let words =
        block.lanes(equalTo: Ascii.quote) | block.lanes(equalTo: Ascii.backslash)
        | block.lanes(lessThan: 0x20)
      seen |= block
      if words.x != 0 { return pointer + words.x.trailingZeroBitCount >> 3 }
      if words.y != 0 { return pointer + 8 + words.y.trailingZeroBitCount >> 3 }
      pointer += 16
    }
  }

  /// The first quote or backslash at or after `start`, for bytes known to be valid.
  @inline(__always)
  static func nextQuoteOrBackslash(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    millrace_quote_or_backslash(start)
  }

  /// Whether any byte that went into `seen` may be outside ASCII.
  @inline(__always)
  static func hasHighBit(_ seen: SIMD16<UInt8>) -> Bool {
    let words = unsafeBitCast(seen, to: SIMD2<UInt64>.self)
    return (words.x | words.y) & 0x8080_8080_8080_8080 != 0
  }
}

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Checking {
  /// The first byte of the first malformed sequence in `start..<end`; nil when all is well.
  static func firstMalformed(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    var pointer = start
    while pointer < end {
      if end - pointer >= 8,
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        pointer += 8
        continue
      }
      let length = sequenceLength(pointer, end)
      if length == 0 { return pointer }
      pointer += length
    }
    return nil
  }

  /// The length of the well-formed sequence at `pointer`, at most 4; 0 when it is malformed.
  @inline(__always)
  private static func sequenceLength(
    _ pointer: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Int {
    let lead = pointer[0]
    if lead < 0x80 { return 1 }
    func isContinuation(_ offset: Int) -> Bool { pointer[offset] & 0xC0 == 0x80 }
    switch lead {
    case 0xC2...0xDF:
      return end - pointer >= 2 && isContinuation(1) ? 2 : 0
    case 0xE0...0xEF:
      guard end - pointer >= 3, isContinuation(1), isContinuation(2) else { return 0 }
      if lead == 0xE0, pointer[1] < 0xA0 { return 0 }
      if lead == 0xED, pointer[1] > 0x9F { return 0 }
      return 3
    case 0xF0...0xF4:
      guard end - pointer >= 4, isContinuation(1), isContinuation(2), isContinuation(3)
      else { return 0 }
      if lead == 0xF0, pointer[1] < 0x90 { return 0 }
      if lead == 0xF4, pointer[1] > 0x8F { return 0 }
      return 4
    default:
      return 0
    }
  }
}

/// Comparisons of all lanes at once. The types are spelt out on purpose: without them the compiler
/// picks the generic operators, which go through memory lane by lane.
extension SIMD16 where Scalar == UInt8 {
  /// 0xFF in the bytes of the lanes that equal `byte`, 0 in the others.
  @inline(__always)
  func lanes(equalTo byte: UInt8) -> SIMD2<UInt64> {
    let pattern = SIMD16<UInt8>(repeating: byte)
    let mask: SIMDMask<SIMD16<Int8>> = self .== pattern
    return unsafeBitCast(mask, to: SIMD2<UInt64>.self)
  }

  /// 0xFF in the bytes of the lanes that are less than `byte`, 0 in the others.
  @inline(__always)
  func lanes(lessThan byte: UInt8) -> SIMD2<UInt64> {
    let pattern = SIMD16<UInt8>(repeating: byte)
    let mask: SIMDMask<SIMD16<Int8>> = self .< pattern
    return unsafeBitCast(mask, to: SIMD2<UInt64>.self)
  }
}
