import MillraceCore

/// Reads `CreationTime`, in one way for the scan and for the event.
enum RecordTime {
  /// The time that a text spells; nil when it spells none, or one of the dates that stand for none
  /// (`0001-01-01`, `1601-01-01`): nothing was audited before 1970.
  static func read(_ text: ByteView) -> Timestamp? {
    let text = text.trimmed
    guard let time = Timestamp(utf8: UnsafeRawBufferPointer(text.buffer)),
      time.milliseconds >= 0, time.milliseconds < latest
    else { return nil }
    return time
  }

  /// The beginning of the year 10000, for which there is no RFC 3339 spelling.
  private static let latest = CivilTime.days(year: 10_000, month: 1, day: 1) * 86_400_000
}
