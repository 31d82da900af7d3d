import Synchronization

/// A rate limit: `perMinute` tokens flow in steadily, up to a small burst; who wants one learns how
/// long to wait.
///
/// The time is passed in as a `Duration` since any fixed moment, so tests need no clock.
package struct TokenBucket: Sendable {
  private let interval: Duration
  private let burst: Int
  /// When the next token becomes free; a moment in the past means that some are saved up.
  private var nextFree: Duration?

  /// A bucket that lets `perMinute` through in a minute, and at most `burst` at once.
  package init(perMinute: Int, burst: Int) {
    precondition(perMinute > 0 && burst > 0, "a rate above zero")
    interval = .seconds(60) / perMinute
    self.burst = burst
  }

  /// Takes one token that may be used after the returned wait; zero when it is free now.
  package mutating func take(at now: Duration) -> Duration {
    let oldest = now - interval * (burst - 1)
    let free = max(nextFree ?? oldest, oldest)
    nextFree = free + interval
    return max(free - now, .zero)
  }
}
