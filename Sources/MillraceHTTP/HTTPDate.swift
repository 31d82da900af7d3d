package import MillraceCore

/// The date of HTTP's header fields (RFC 9110, 5.6.7), in the one form servers may send today:
/// `Wed, 04 Mar 2026 08:15:30 GMT`.
package enum HTTPDate {
  /// Reads a date; nil when it has another form.
  package static func parse(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT" || parts[5] == "UTC",
      let day = number(parts[1], digits: 1...2), let year = number(parts[3], digits: 4...4),
      let month = months.firstIndex(of: String(parts[2])).map({ $0 + 1 }),
      (1...CivilTime.daysInMonth(year: year, month: month)).contains(day)
    else { return nil }
    let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = number(clock[0], digits: 2...2), hour < 24,
      let minute = number(clock[1], digits: 2...2), minute < 60,
      let second = number(clock[2], digits: 2...2), second <= 60
    else { return nil }
    let days = CivilTime.days(year: year, month: month, day: day)
    let seconds = Int64(hour * 3600 + minute * 60 + second)
    return Timestamp(milliseconds: (days * 86_400 + seconds) * 1000)
  }

  /// Reads a `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which is compared with the
  /// answer's own date or else with `now`. Never negative, at most `Limits.retryAfterMax`.
  package static func retryAfter(_ value: String?, date: String?, now: Timestamp) -> Duration? {
    guard let value else { return nil }
    if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      guard let seconds = Int64(value) else { return Limits.retryAfterMax }
      return seconds >= Limits.retryAfterMax.components.seconds
        ? Limits.retryAfterMax : .seconds(seconds)
    }
    guard let moment = parse(value) else { return nil }
    let reference = date.flatMap(parse) ?? now
    return min(max(moment - reference, .zero), Limits.retryAfterMax)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}
