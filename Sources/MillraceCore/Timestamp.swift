/// An instant in UTC with millisecond precision, and its RFC 3339 spelling.
///
/// The service writes times in several shapes (Office 365 Management Activity API schema, "Common
/// schema"): without a zone, which means UTC, with `Z`, with an offset, with 0 to 9 fractional
/// digits, with a blank in place of the `T`. All of them are read; one of them is written.
package struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
  package let milliseconds: Int64

  /// The instant `milliseconds` after 1970-01-01T00:00:00Z.
  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// This instant moved by a duration; fractions of a millisecond are dropped.
  package static func + (instant: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(milliseconds: instant.milliseconds + duration.milliseconds)
  }

  /// This instant moved back by a duration.
  package static func - (instant: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(milliseconds: instant.milliseconds - duration.milliseconds)
  }

  /// The time that passed from `right` to `left`; negative when `left` is the earlier.
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.milliseconds - right.milliseconds)
  }

  /// This instant without its part of a second, as windows are spoken of in whole seconds.
  package var wholeSeconds: Timestamp {
    let remainder = milliseconds % 1000
    return Timestamp(milliseconds: milliseconds - (remainder < 0 ? remainder + 1000 : remainder))
  }
}

extension Duration {
  /// Whole milliseconds in this duration, rounded towards zero.
  package var milliseconds: Int64 {
    let parts = components
    return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
  }
}

// MARK: - Calendar

/// Year, month, day and time of day of an instant in the proleptic Gregorian calendar, UTC.
package struct CivilTime: Equatable, Sendable {
  /// Astronomical: year 0 is 1 BC.
  package var year: Int
  /// 1 to 12.
  package var month: Int
  /// 1 to 31.
  package var day: Int
  /// 0 to 23.
  package var hour: Int
  /// 0 to 59.
  package var minute: Int
  /// 0 to 59; a leap second belongs to the next minute.
  package var second: Int
  /// 0 to 999.
  package var millisecond: Int

  /// Splits an instant into calendar fields.
  package init(_ instant: Timestamp) {
    var days = instant.milliseconds / 86_400_000
    var rest = instant.milliseconds % 86_400_000
    if rest < 0 {
      rest += 86_400_000
      days -= 1
    }
    // Days to civil date: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", with years
    // that begin in March so that the leap day comes last.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    hour = Int(rest / 3_600_000)
    minute = Int(rest / 60_000 % 60)
    second = Int(rest / 1000 % 60)
    millisecond = Int(rest % 1000)
  }

  /// Days from 1970-01-01 to a civil date; negative before it.
  package static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// How many days a month has, leap years considered.
  package static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

// MARK: - Text

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds, 24 bytes for the years 0000 to 9999:
  /// `2026-03-04T08:15:30.000Z`.
  package var description: String {
    let civil = CivilTime(self)
    return Timestamp.padded(civil.year, 4) + "-" + Timestamp.padded(civil.month, 2) + "-"
      + Timestamp.padded(civil.day, 2) + "T" + Timestamp.padded(civil.hour, 2) + ":"
      + Timestamp.padded(civil.minute, 2) + ":" + Timestamp.padded(civil.second, 2) + "."
      + Timestamp.padded(civil.millisecond, 3) + "Z"
  }

  /// The form the listing call takes for `startTime` and `endTime` (Activity API reference, "List
  /// available content"): whole seconds, no zone, read as UTC by the service.
  package var listingParameter: String {
    String(description.prefix(19))
  }

  /// The day in UTC, `2026-03-04`.
  package var day: String {
    String(description.prefix(10))
  }

  /// Years 0000 to 9999, in milliseconds since 1970.
  private static let spellable =
    CivilTime.days(year: 0, month: 1, day: 1)
    * 86_400_000..<CivilTime.days(year: 10_000, month: 1, day: 1) * 86_400_000

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return digits.count >= width
      ? digits : String(repeating: "0", count: width - digits.count) + digits
  }

  /// Reads a time in any shape the service is known to send; nil when it is none of them.
  ///
  /// Accepted: `YYYY-MM-DD`, then optionally `T` or a blank, `HH:MM`, optionally `:SS` and 1 to 9
  /// fractional digits, then nothing, `Z`, or an offset `+HH:MM`. No zone means UTC. The instant
  /// must lie in the years 0000 to 9999.
  package init?(_ text: some StringProtocol) {
    var copy = String(text)
    let parsed = copy.withUTF8 { Timestamp(utf8: UnsafeRawBufferPointer($0)) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The same as `init(_:)`, from bytes.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    var reader = DigitReader(bytes: bytes)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2),
      reader.skip("-"), let day = reader.digits(2),
      (1...12).contains(month), day >= 1, day <= CivilTime.daysInMonth(year: year, month: month)
    else { return nil }
    let midnight = CivilTime.days(year: year, month: month, day: day) * 86_400_000
    if reader.isAtEnd {
      milliseconds = midnight
      return
    }
    guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.digits(2),
      reader.skip(":"), let minute = reader.digits(2), hour < 24, minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if reader.skip(":") {
      // 60 is a leap second (RFC 3339, 5.7); it counts as the first of the next minute.
      guard let read = reader.digits(2), read <= 60 else { return nil }
      second = read
      if reader.skip(".") {
        guard let read = reader.fractionInMilliseconds() else { return nil }
        fraction = read
      }
    }
    var offsetMinutes = 0
    if reader.skip("Z") || reader.skip("z") {
    } else if let sign = reader.sign() {
      guard let hours = reader.digits(2), reader.skip(":"), let minutes = reader.digits(2),
        hours < 24, minutes < 60
      else { return nil }
      offsetMinutes = sign * (hours * 60 + minutes)
    }
    guard reader.isAtEnd else { return nil }
    let seconds = Int64(hour * 3600 + (minute - offsetMinutes) * 60 + second)
    let instant = midnight + seconds * 1000 + Int64(fraction)
    // An offset can lead out of the years that four digits can name.
    guard Timestamp.spellable.contains(instant) else { return nil }
    milliseconds = instant
  }
}

/// Walks over the fixed-width digits of a time.
private struct DigitReader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func digits(_ count: Int) -> Int? {
    guard position + count <= bytes.count else { return nil }
    var value = 0
    for index in position..<position + count {
      guard let digit = digit(at: index) else { return nil }
      value = value * 10 + digit
    }
    position += count
    return value
  }

  mutating func fractionInMilliseconds() -> Int? {
    var value = 0
    var count = 0
    while let digit = digit(at: position) {
      if count < 3 { value = value * 10 + digit }
      count += 1
      position += 1
    }
    guard (1...9).contains(count) else { return nil }
    for _ in count..<max(count, 3) { value *= 10 }
    return value
  }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  mutating func sign() -> Int? {
    if skip("+") { return 1 }
    if skip("-") { return -1 }
    return nil
  }

  private func digit(at index: Int) -> Int? {
    guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
    return Int(bytes[index]) - 0x30
  }
}
