import Glibc
package import MillraceCore

/// Reads the time of day. A parameter wherever time matters, so that tests can be wrong by ten
/// minutes on purpose.
package protocol WallClock: Sendable {
  /// The current time.
  func now() -> Timestamp
}

/// The machine's own clock.
package struct SystemWallClock: WallClock {
  /// The machine's clock.
  package init() {}

  /// The real-time clock of the kernel (clock_gettime(2)).
  package func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
