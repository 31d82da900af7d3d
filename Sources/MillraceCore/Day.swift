/// A day in UTC.
package struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Its first moment.
  package let start: Timestamp

  private static let length: Duration = .seconds(86_400)

  /// The day that a moment belongs to.
  package init(containing moment: Timestamp) {
    let rest = moment.milliseconds % 86_400_000
    start = Timestamp(milliseconds: moment.milliseconds - (rest < 0 ? rest + 86_400_000 : rest))
  }

  /// Reads `2026-03-04`; nil for anything else.
  package init?(_ text: String) {
    guard text.utf8.count == 10, let moment = Timestamp(text) else { return nil }
    start = moment
  }

  /// The first moment of the next day.
  package var end: Timestamp { start + Day.length }
  /// The day after.
  package var next: Day { Day(containing: end) }
  /// The day before.
  package var previous: Day { Day(containing: start - Day.length) }

  /// `2026-03-04`.
  package var description: String { start.day }

  package static func < (left: Day, right: Day) -> Bool { left.start < right.start }
}
