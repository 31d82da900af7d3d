import MillraceCore
import MillraceRuntime
import Synchronization

/// What every request for a tenant passes through: pauses the service asked for, pauses after
/// failures, and the rate limit.
///
/// Throttling is counted by tenant, so the gate is the tenant's; a missing permission concerns one
/// content type, so a feed may be paused alone.
final class TenantGate: Sendable {
  private struct State {
    var bucket: TokenBucket
    var tenantPausedUntil: ContinuousClock.Instant?
    /// The end of the latest pause that the service itself asked for.
    var askedPauseUntil: ContinuousClock.Instant?
    var feedPausedUntil: [ContentType: ContinuousClock.Instant] = [:]
    var failuresInARow = 0
  }

  private let state: Mutex<State>
  private let origin = ContinuousClock.now

  init(requestsPerMinute: Int) {
    // A burst of two seconds' worth smooths polls that fall together.
    let burst = max(requestsPerMinute / 30, 1)
    state = Mutex(State(bucket: TokenBucket(perMinute: requestsPerMinute, burst: burst)))
  }

  /// Waits until a request may be made for `type`; false when the task was cancelled.
  func pass(_ type: ContentType) async -> Bool {
    repeat {
      while let until = pausedUntil(type) {
        guard await sleep(until - ContinuousClock.now) else { return false }
      }
      let wait = state.withLock { $0.bucket.take(at: ContinuousClock.now - origin) }
      guard await sleep(wait) else { return false }
      // A pause may have begun while this one waited for its turn.
    } while pausedUntil(type) != nil
    return true
  }

  /// When the pause that concerns `type` ends; nil when there is none.
  func pausedUntil(_ type: ContentType) -> ContinuousClock.Instant? {
    let now = ContinuousClock.now
    return state.withLock { state in
      let pauses = [state.tenantPausedUntil, state.feedPausedUntil[type]].compactMap(\.self)
      return pauses.filter { $0 > now }.max()
    }
  }

  /// Whether the whole tenant, or all of `types`, are paused now.
  func isPaused(_ types: [ContentType]) -> Bool {
    types.allSatisfy { pausedUntil($0) != nil }
  }

  /// Pauses every feed of the tenant.
  ///
  /// - Parameter isAsked: whether the service asked for it, by throttling; such a pause counts
  ///   against nobody's patience.
  func pauseTenant(for duration: Duration, isAsked: Bool) {
    let until = ContinuousClock.now + duration
    state.withLock { state in
      state.tenantPausedUntil = max(state.tenantPausedUntil ?? until, until)
      if isAsked { state.askedPauseUntil = max(state.askedPauseUntil ?? until, until) }
    }
  }

  /// The end of the latest pause that the service asked for, if it is still to come.
  var askedPauseUntil: ContinuousClock.Instant? {
    let now = ContinuousClock.now
    return state.withLock { $0.askedPauseUntil }.flatMap { $0 > now ? $0 : nil }
  }

  func pauseFeed(_ type: ContentType, for duration: Duration) {
    let until = ContinuousClock.now + duration
    state.withLock { $0.feedPausedUntil[type] = max($0.feedPausedUntil[type] ?? until, until) }
  }

  /// The number of this failure in a row. Failures that come in while the tenant is paused were
  /// under way when the pause began: eight throttled fetches count once.
  func countFailure() -> Int {
    let now = ContinuousClock.now
    return state.withLock { state in
      if let until = state.tenantPausedUntil, until > now { return max(state.failuresInARow, 1) }
      state.failuresInARow += 1
      return state.failuresInARow
    }
  }

  func countSuccess() {
    state.withLock { $0.failuresInARow = 0 }
  }

  private func sleep(_ duration: Duration) async -> Bool {
    if duration > .zero {
      do { try await Task.sleep(for: duration) } catch { return false }
    }
    return !Task.isCancelled
  }
}
