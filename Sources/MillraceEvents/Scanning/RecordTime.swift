import MillraceCore

/// Reads `CreationTime`, in one way for the scan and for the event.
enum RecordTime {
  /// The time that a text spells; nil when it spells none, or one of the dates that stand for none
  /// (`0001-01-01`, `1601-01-01`): nothing was audited before 1970.
  static func read(_ text: ByteView) -> Timestamp? {
    let text = text.trimmed
    if let usual = usual(text) { return usual }
    guard let time = Timestamp(utf8: UnsafeRawBufferPointer(text.buffer)),
      time.milliseconds >= 0, time.milliseconds < latest
    else { return nil }
    return time
  }

  /// The time in the form that nearly all records have it, `2026-03-04T05:06:07` with or without a
  /// `Z`, all digits at once; nil when the text is of another form.
  private static func usual(_ text: ByteView) -> Timestamp? {
    guard text.count == 19 || text.count == 20 && text[19] == UInt8(ascii: "Z") else { return nil }
    let start = UnsafeRawPointer(text.start)
    // The last word overlaps the one before: `05:06:07` and, before it, `2026-03-04T`.
    let date = start.loadUnaligned(as: UInt64.self)
    let day = start.loadUnaligned(fromByteOffset: 7, as: UInt32.self)
    let clock = start.loadUnaligned(fromByteOffset: 11, as: UInt64.self)
    guard date & 0xFF00_00FF_0000_0000 == 0x2D00_002D_0000_0000, day & 0xFF00_00FF == 0x5400_002D,
      clock & 0x0000_FF00_00FF_0000 == 0x0000_3A00_003A_0000
    else { return nil }
    func areDigits(_ word: UInt64, _ separators: UInt64) -> Bool {
      let zeros: UInt64 = 0x3030_3030_3030_3030
      let digits = word & ~separators | zeros & separators
      // A digit keeps its upper half when six is added, too.
      return (digits & 0xF0F0_F0F0_F0F0_F0F0) == zeros
        && (digits &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0 == zeros
    }
    guard areDigits(date, 0xFF00_00FF_0000_0000), areDigits(clock, 0x0000_FF00_00FF_0000),
      areDigits(UInt64(day), 0xFFFF_FFFF_FF00_00FF)
    else { return nil }
    func number(_ offset: Int) -> Int {
      Int(text.start[offset] & 15) * 10 + Int(text.start[offset + 1] & 15)
    }
    let year = number(0) * 100 + number(2)
    let month = number(5)
    guard year >= 1970, (1...12).contains(month), number(8) >= 1,
      number(8) <= CivilTime.daysInMonth(year: year, month: month), number(11) < 24,
      number(14) < 60, number(17) < 60
    else { return nil }
    let days = CivilTime.days(year: year, month: month, day: number(8))
    let seconds = Int64(number(11) * 3600 + number(14) * 60 + number(17))
    return Timestamp(milliseconds: days * 86_400_000 + seconds * 1000)
  }

  /// The beginning of the year 10000, for which there is no RFC 3339 spelling.
  private static let latest = CivilTime.days(year: 10_000, month: 1, day: 1) * 86_400_000
}
