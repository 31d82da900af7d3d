import Foundation

/// How much of a campaign is run: all of it where time does not matter.
enum Tier {
  static let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"

  /// The seeds of a campaign's runs.
  static func seeds(quick: Int, nightly: Int) -> ClosedRange<UInt64> {
    1...UInt64(isNightly ? nightly : quick)
  }
}
