package import MillraceCore
package import MillraceRuntime

/// The clock of a simulated service that runs ahead or behind, faster or slower than another one.
package struct ServiceClock: WallClock {
  private let base: any WallClock
  private let start: Timestamp
  private let ahead: Duration
  private let speed: Double

  /// A clock that is `ahead` of `base` now (behind when negative) and runs `speed` times as fast.
  package init(_ base: any WallClock, ahead: Duration = .zero, speed: Double = 1) {
    precondition(speed > 0, "a clock runs forward")
    self.base = base
    self.ahead = ahead
    self.speed = speed
    start = base.now()
  }

  /// The service's time.
  package func now() -> Timestamp {
    let passed = base.now().milliseconds - start.milliseconds
    return Timestamp(milliseconds: start.milliseconds + Int64(Double(passed) * speed)) + ahead
  }
}
