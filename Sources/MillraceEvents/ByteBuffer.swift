import CMillraceScan
import MillraceCore

/// Bytes being written; grows as needed and is used again for the next line.
struct ByteBuffer: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  /// Room behind what was asked for, so that blocks may be written and read whole.
  private static let slack = Int(MILLRACE_COPY_SLACK)

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

  /// The first `length` of 32 bytes.
  @inline(__always)
  mutating func append32(_ bytes: UnsafePointer<UInt8>, count length: Int) {
    assert(length <= 32, "no more than is copied")
    reserve(32)
    let source = UnsafeRawPointer(bytes)
    let target = UnsafeMutableRawPointer(start + count)
    let first = source.loadUnaligned(as: SIMD16<UInt8>.self)
    let second = source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
    target.storeBytes(of: first, as: SIMD16<UInt8>.self)
    target.storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
    count += length
  }

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
  @inline(__always)
  mutating func appendOnOneLine(_ view: ByteView) {
    reserve(view.count)
    millrace_copy_on_one_line(start + count, view.start, view.count)
    count += view.count
  }

  /// A JSON string with `view`, which is valid UTF-8, as its content.
  @inline(__always)
  mutating func appendString(_ view: ByteView) {
    reserve(view.count + 2)
    start[count] = Ascii.quote
    let clean = millrace_copy_clean(start + count + 1, view.start, view.count)
    count += clean + 1
    if clean < view.count { appendEscaped(view.dropFirst(clean)) }
    append(Ascii.quote)
  }

  /// The content of a JSON string: quotes, backslashes and control characters escaped.
  mutating func appendEscaped(_ view: ByteView) {
    var rest = view
    while true {
      reserve(rest.count)
      let clean = millrace_copy_clean(start + count, rest.start, rest.count)
      count += clean
      guard clean < rest.count else { return }
      appendEscape(rest[clean])
      rest = rest.dropFirst(clean + 1)
    }
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
