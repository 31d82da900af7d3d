import CMillraceScan

/// Turns JSON strings into text.
enum JSONText {
  /// The text of a valid JSON string whose content is `content`; the view itself when it has no
  /// escapes. Surrogates that stand alone become U+FFFD.
  static func decode(_ content: ByteView, in arena: inout Arena) -> ByteView {
    let first = millrace_first_backslash(content.start, content.count)
    guard first < content.count else { return content }
    // No escape is shorter than what it stands for.
    let target = arena.allocate(content.count)
    millrace_copy_short(target, content.start, first)
    var written = first
    var pointer = content.start + first
    while pointer < content.end {
      guard pointer[0] == Ascii.backslash else {
        let plain = ByteView(from: pointer, to: content.end)
        let length = millrace_first_backslash(plain.start, plain.count)
        millrace_copy_short(target + written, pointer, length)
        written += length
        pointer += length
        continue
      }
      if pointer[1] == UInt8(ascii: "u") {
        var scalar = unit(pointer)
        pointer += 6
        if isHighSurrogate(scalar), pointer + 6 <= content.end, pointer[0] == Ascii.backslash,
          pointer[1] == UInt8(ascii: "u"), isLowSurrogate(unit(pointer))
        {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(pointer) - 0xDC00)
          pointer += 6
        } else if isHighSurrogate(scalar) || isLowSurrogate(scalar) {
          scalar = 0xFFFD
        }
        written += encode(scalar, target + written)
      } else {
        target[written] = plain(pointer[1])
        written += 1
        pointer += 2
      }
    }
    arena.giveBack(content.count - written)
    return ByteView(start: target, count: written)
  }

  /// A copy of a JSON value in which each surrogate that stands alone is `\ufffd`; nil when there
  /// is none.
  static func mendingSurrogates(_ value: ByteView, in arena: inout Arena) -> ByteView? {
    guard millrace_may_hold_surrogates(value.start, value.count) else { return nil }
    var copy: UnsafeMutablePointer<UInt8>?
    var index = value.firstIndex(of: Ascii.backslash)
    while let found = index {
      var next = found + 2
      if value.start[found + 1] == UInt8(ascii: "u") {
        next = found + 6
        let scalar = unit(value.start + found)
        let isPaired =
          isHighSurrogate(scalar) && next + 6 <= value.count
          && value.start[next] == Ascii.backslash && value.start[next + 1] == UInt8(ascii: "u")
          && isLowSurrogate(unit(value.start + next))
        if isPaired {
          next += 6
        } else if isHighSurrogate(scalar) || isLowSurrogate(scalar) {
          let target =
            copy ?? UnsafeMutablePointer(mutating: arena.copy(value).start)
          copy = target
          let replacement: StaticString = "\\ufffd"
          (target + found).update(from: replacement.utf8Start, count: 6)
        }
      }
      index = value.firstIndex(of: Ascii.backslash, from: next)
    }
    return copy.map { ByteView(start: $0, count: value.count) }
  }

  /// The code unit of a `\uXXXX` escape.
  private static func unit(_ pointer: UnsafePointer<UInt8>) -> UInt32 {
    var value: UInt32 = 0
    for offset in 2..<6 { value = value << 4 | (hexadecimalValue(pointer[offset]) ?? 0) }
    return value
  }

  private static func isHighSurrogate(_ unit: UInt32) -> Bool { unit & 0xFC00 == 0xD800 }
  private static func isLowSurrogate(_ unit: UInt32) -> Bool { unit & 0xFC00 == 0xDC00 }

  private static func plain(_ escape: UInt8) -> UInt8 {
    switch escape {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: escape
    }
  }

  /// Writes a scalar as UTF-8 and returns how many bytes it took.
  static func encode(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
    switch scalar {
    case 0..<0x80:
      target[0] = UInt8(scalar)
      return 1
    case 0x80..<0x800:
      target[0] = UInt8(0xC0 | scalar >> 6)
      target[1] = UInt8(0x80 | scalar & 0x3F)
      return 2
    case 0x800..<0x10000:
      target[0] = UInt8(0xE0 | scalar >> 12)
      target[1] = UInt8(0x80 | scalar >> 6 & 0x3F)
      target[2] = UInt8(0x80 | scalar & 0x3F)
      return 3
    default:
      target[0] = UInt8(0xF0 | scalar >> 18)
      target[1] = UInt8(0x80 | scalar >> 12 & 0x3F)
      target[2] = UInt8(0x80 | scalar >> 6 & 0x3F)
      target[3] = UInt8(0x80 | scalar & 0x3F)
      return 4
    }
  }
}
