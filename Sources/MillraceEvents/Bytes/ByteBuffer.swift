import CMillraceScan
import MillraceCore

/// Bytes being written; grows as needed and is used again for the next line.
struct ByteBuffer: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  /// How much may be in use: the memory that there is, less the slack.
  private var limit: Int
  /// Whether the memory is somebody else's.
  private(set) var isBorrowed = false
  /// Room behind what was asked for, so that blocks may be written and read whole.
  private static let slack = Int(MILLRACE_COPY_SLACK)

  init(capacity: Int = 16 << 10) {
    precondition(capacity >= ByteBuffer.slack, "there is room for the slack")
    limit = capacity - ByteBuffer.slack
    start = .allocate(capacity: capacity)
  }

  /// A buffer in memory of somebody else, for as long as that suffices: then it moves to its own.
  init(borrowing start: UnsafeMutablePointer<UInt8>, capacity: Int) {
    precondition(capacity >= ByteBuffer.slack, "there is room for the slack")
    limit = capacity - ByteBuffer.slack
    self.start = start
    isBorrowed = true
  }

  deinit {
    if !isBorrowed { start.deallocate() }
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
    // No run of bytes in memory is so long that this wraps.
    if count &+ more > limit { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    limit = max(2 * limit, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: limit + ByteBuffer.slack)
    larger.update(from: start, count: count)
    if !isBorrowed { start.deallocate() }
    isBorrowed = false
    start = larger
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ view: ByteView) {
    reserve(view.count)
    millrace_copy_short(start + count, view.start, view.count)
    count &+= view.count
  }

  @inline(__always)
  mutating func append(_ text: StaticString) { append(ByteView(text)) }

  /// Memory for `more` bytes behind those that were written, for a writer that looks after itself;
  /// `commit` says where it ended.
  @inline(__always)
  mutating func room(for more: Int) -> UnsafeMutablePointer<UInt8> {
    reserve(more)
    return start + count
  }

  /// Ends what was written into `room`.
  @inline(__always)
  mutating func commit(upTo end: UnsafeMutablePointer<UInt8>) {
    count = end - start
    assert(count <= limit + ByteBuffer.slack, "no more is written than there is room for")
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

  /// The name of a member of an object and its colon, and a comma before them unless the object
  /// begins right here.
  mutating func appendName(_ name: StaticString) {
    let end = putName(name, more: 0)
    end[0] = Ascii.quote
    end[1] = Ascii.colon
    commit(upTo: end + 2)
  }

  /// A member whose value is a text, which is valid UTF-8, in the same way.
  mutating func appendMember(_ name: StaticString, _ text: ByteView) {
    var end = putName(name, more: text.count)
    end[0] = Ascii.quote
    end[1] = Ascii.colon
    end[2] = Ascii.quote
    end += 3
    let clean = millrace_copy_clean_short(end, text.start, text.count)
    commit(upTo: end + clean)
    if clean < text.count { appendEscaped(text.dropFirst(clean)) }
    append(Ascii.quote)
  }

  /// Writes a name up to its closing quote, into room for that, four bytes and `more`.
  @inline(__always)
  private mutating func putName(_ name: StaticString, more: Int) -> UnsafeMutablePointer<UInt8> {
    let isFirst = last == Ascii.openBrace
    let length = name.utf8CodeUnitCount
    var end = room(for: length + 6 + more)
    if !isFirst {
      end[0] = Ascii.comma
      end += 1
    }
    end[0] = Ascii.quote
    millrace_copy_short(end + 1, name.utf8Start, length)
    return end + 1 + length
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
    appendPair(civil.year / 100)
    appendPair(civil.year % 100)
    append(Ascii.hyphen)
    appendPair(civil.month)
    append(Ascii.hyphen)
    appendPair(civil.day)
    append(UInt8(ascii: "T"))
    appendPair(civil.hour)
    append(Ascii.colon)
    appendPair(civil.minute)
    append(Ascii.colon)
    appendPair(civil.second)
    append(Ascii.dot)
    append(Ascii.zero + UInt8(civil.millisecond / 100))
    appendPair(civil.millisecond % 100)
    append(UInt8(ascii: "Z"))
  }

  /// The digits of all numbers below 100.
  private static let pairs: StaticString = """
    00010203040506070809101112131415161718192021222324252627282930313233343536373839\
    40414243444546474849505152535455565758596061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899
    """

  /// Two digits of a number below 100, for which there is room.
  @inline(__always)
  private mutating func appendPair(_ number: Int) {
    let pair = ByteBuffer.pairs.utf8Start + 2 * number
    start[count] = pair[0]
    start[count + 1] = pair[1]
    count &+= 2
  }
}
