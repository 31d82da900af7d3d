import MillraceCore

/// Bytes being written; grows as needed and is used again for the next line.
struct ByteBuffer: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  /// Room behind what was asked for, so that blocks may be written and read whole.
  private static let slack = 64

  init(capacity: Int = 16 << 10) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit {
    start.deallocate()
  }

  /// What was written so far; good until the next write.
  var view: ByteView { ByteView(start: start, count: count) }

  var last: UInt8? { count > 0 ? start[count - 1] : nil }

  mutating func removeAll() {
    count = 0
  }

  /// Takes back the latest bytes.
  mutating func removeLast(_ length: Int) {
    precondition(length <= count, "no more is taken back than was written")
    count -= length
  }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if count + more + ByteBuffer.slack > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(2 * capacity, count + more + ByteBuffer.slack)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(_ view: ByteView) {
    reserve(view.count)
    (start + count).update(from: view.start, count: view.count)
    count += view.count
  }

  @inline(__always)
  mutating func append(_ text: StaticString) { append(ByteView(text)) }

  /// Bytes that slack follows, as in blobs and in the arena, and that are few.
  @inline(__always)
  mutating func appendBlocks(_ view: ByteView) {
    reserve(view.count)
    let target = UnsafeMutableRawPointer(start + count)
    let source = UnsafeRawPointer(view.start)
    var offset = 0
    repeat {
      let block = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
      target.storeBytes(of: block, toByteOffset: offset, as: SIMD16<UInt8>.self)
      offset += 16
    } while offset < view.count
    count += view.count
  }

  /// Bytes that are few, and that nothing need follow: whole words, of which the last overlaps
  /// the one before.
  @inline(__always)
  mutating func appendConstant(_ view: ByteView) {
    guard view.count >= 4 else { return append(view) }
    reserve(view.count)
    let target = UnsafeMutableRawPointer(start + count)
    let source = UnsafeRawPointer(view.start)
    if view.count >= 8 {
      var offset = 0
      let last = view.count - 8
      while offset < last {
        target.storeBytes(
          of: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self), toByteOffset: offset,
          as: UInt64.self)
        offset += 8
      }
      target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: last, as: UInt64.self), toByteOffset: last,
        as: UInt64.self)
    } else {
      let last = view.count - 4
      let word = source.loadUnaligned(as: UInt32.self)
      let end = source.loadUnaligned(fromByteOffset: last, as: UInt32.self)
      target.storeBytes(of: word, as: UInt32.self)
      target.storeBytes(of: end, toByteOffset: last, as: UInt32.self)
    }
    count += view.count
  }

  /// The bytes, each CR and LF as a blank, so that a line stays one line.
  mutating func appendOnOneLine(_ view: ByteView) {
    reserve(view.count + 16)
    let source = view.start
    let target = start + count
    var offset = 0
    while offset < view.count {
      var block = UnsafeRawPointer(source + offset).loadUnaligned(as: SIMD16<UInt8>.self)
      let words =
        block.lanes(equalTo: Ascii.lineFeed) | block.lanes(equalTo: Ascii.carriageReturn)
      if words.x | words.y != 0 {
        for lane in 0..<16
        where block[lane] == Ascii.lineFeed || block[lane] == Ascii.carriageReturn {
          block[lane] = Ascii.blank
        }
      }
      UnsafeMutableRawPointer(target + offset).storeBytes(of: block, as: SIMD16<UInt8>.self)
      offset += 16
    }
    count += view.count
  }

  /// A JSON string with `view`, which is valid UTF-8, as its content.
  mutating func appendString(_ view: ByteView) {
    append(Ascii.quote)
    appendEscaped(view)
    append(Ascii.quote)
  }

  /// The content of a JSON string: quotes, backslashes and control characters escaped.
  mutating func appendEscaped(_ view: ByteView) {
    var pointer = view.start
    let end = view.end
    while pointer < end {
      let special = StringSkipping.nextSpecial(from: pointer, before: end)
      append(ByteView(from: pointer, to: special))
      guard special < end else { return }
      appendEscape(special[0])
      pointer = special + 1
    }
  }

  /// The same as `appendString`, for a view that slack follows: looks and copies in one pass.
  mutating func appendPaddedString(_ view: ByteView) {
    append(Ascii.quote)
    var source = view.start
    let end = view.end
    while source < end {
      reserve(end - source)
      var target = start + count
      var special: SIMD2<UInt64>
      repeat {
        let block = UnsafeRawPointer(source).loadUnaligned(as: SIMD16<UInt8>.self)
        UnsafeMutableRawPointer(target).storeBytes(of: block, as: SIMD16<UInt8>.self)
        special =
          block.lanes(equalTo: Ascii.quote) | block.lanes(equalTo: Ascii.backslash)
          | block.lanes(lessThan: 0x20)
        source += 16
        target += 16
      } while special.x | special.y == 0 && source < end
      let lane =
        special.x != 0
        ? special.x.trailingZeroBitCount >> 3
        : 8 + special.y.trailingZeroBitCount >> 3
      let next = source - 16 + lane
      let isClean = special.x | special.y == 0 || next >= end
      if isClean {
        count = target - start - (source - end)
        break
      }
      count = target - start - 16 + lane
      appendEscape(next[0])
      source = next + 1
    }
    append(Ascii.quote)
  }

  @inline(__always)
  private mutating func appendEscape(_ byte: UInt8) {
    if byte == Ascii.quote || byte == Ascii.backslash {
      reserve(2)
      start[count] = Ascii.backslash
      start[count + 1] = byte
      count += 2
    } else {
      appendControl(byte)
    }
  }

  private mutating func appendControl(_ byte: UInt8) {
    switch byte {
    case Ascii.lineFeed: append("\\n")
    case Ascii.carriageReturn: append("\\r")
    case Ascii.tab: append("\\t")
    default:
      append("\\u00")
      append(ByteBuffer.hexadecimalDigit(byte >> 4))
      append(ByteBuffer.hexadecimalDigit(byte & 15))
    }
  }

  static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? Ascii.zero + value : UInt8(ascii: "a") + value - 10
  }

  /// A decimal integer.
  mutating func append(integer: Int) {
    reserve(20)
    if integer < 0 { append(Ascii.hyphen) }
    var magnitude = integer.magnitude
    let first = count
    repeat {
      start[count] = Ascii.zero + UInt8(magnitude % 10)
      count += 1
      magnitude /= 10
    } while magnitude > 0
    var low = first
    var high = count - 1
    while low < high {
      swap(&start[low], &start[high])
      low += 1
      high -= 1
    }
  }

  /// A time as RFC 3339 has it, in UTC with milliseconds, without quotes.
  mutating func append(time: Timestamp) {
    let civil = CivilTime(time)
    guard (0...9999).contains(civil.year) else {
      // Not a time any record has; the spelling is the core's.
      for byte in time.description.utf8 { append(byte) }
      return
    }
    reserve(24)
    appendDigits(civil.year, 4)
    append(Ascii.hyphen)
    appendDigits(civil.month, 2)
    append(Ascii.hyphen)
    appendDigits(civil.day, 2)
    append(UInt8(ascii: "T"))
    appendDigits(civil.hour, 2)
    append(Ascii.colon)
    appendDigits(civil.minute, 2)
    append(Ascii.colon)
    appendDigits(civil.second, 2)
    append(Ascii.dot)
    appendDigits(civil.millisecond, 3)
    append(UInt8(ascii: "Z"))
  }

  @inline(__always)
  private mutating func appendDigits(_ number: Int, _ width: Int) {
    reserve(width)
    var rest = UInt32(truncatingIfNeeded: number)
    var index = count + width
    while index > count {
      index -= 1
      start[index] = Ascii.zero + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += width
  }
}

extension StringSkipping {
  /// The first quote, backslash or control byte in `start..<end`, or `end`; reads no further, as
  /// constants carry no slack.
  @inline(__always)
  static func nextSpecial(
    from start: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8> {
    var pointer = start
    while pointer + 16 <= end {
      let block = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<UInt8>.self)
      let words =
        block.lanes(equalTo: Ascii.quote) | block.lanes(equalTo: Ascii.backslash)
        | block.lanes(lessThan: 0x20)
      if words.x != 0 { return pointer + words.x.trailingZeroBitCount >> 3 }
      if words.y != 0 { return pointer + 8 + words.y.trailingZeroBitCount >> 3 }
      pointer += 16
    }
    while pointer < end {
      if pointer[0] == Ascii.quote || pointer[0] == Ascii.backslash || pointer[0] < 0x20 {
        return pointer
      }
      pointer += 1
    }
    return end
  }
}
