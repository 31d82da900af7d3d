import MillraceCore
import MillraceRuntime
import Synchronization

/// What every request for a tenant passes through: pauses the service asked for, pauses after
/// failures, the tenant's budget, and its share of what all tenants may have under way.
///
/// Throttling is counted by tenant, so the gate is the tenant's; a missing permission concerns one
/// content type, so a feed may be paused alone.
final class TenantGate: Sendable {
  private struct State {
    var budget: RequestBudget
    var tenantPausedUntil: ContinuousClock.Instant?
    var feedPausedUntil: [ContentType: ContinuousClock.Instant] = [:]
    var failuresInARow = 0
    var throttled = 0
    /// Live requests that wait for the budget: fetching stands back for them.
    var liveWaiting = 0
  }

  /// What a tenant's requests are allowed now, for `status`.
  struct Standing: Sendable {
    /// The bound in a minute, as learnt.
    let limit: Int
    /// Requests of the last minute.
    let sent: Int
    /// What is left of a pause of the whole tenant; nil when there is none.
    let pause: Duration?
    /// Throttling answers since the start.
    let throttled: Int
  }

  /// How long fetching stands back before it looks again whether listing still waits.
  private static let courtesy: Duration = .milliseconds(10)

  private let state: Mutex<State>
  private let turns: FairShare
  private let party: FairShare.Party
  private let origin = ContinuousClock.now
  /// Beats when a pause ends before its time.
  private let lifted = Pulse()

  /// - Parameter turns: what all tenants may have under way at the same time.
  init(requestsPerMinute: Int, turns: FairShare = FairShare(Limits.requestsAtOnceMax)) {
    state = Mutex(State(budget: RequestBudget(ceiling: requestsPerMinute)))
    self.turns = turns
    party = turns.join()
  }

  /// Waits until a request may be made for `type`, makes it, and gives the turn back; nil when the
  /// task was cancelled before.
  func pass<Value>(
    _ type: ContentType, for use: RequestBudget.Use,
    _ request: () async throws(ServiceFailure) -> Value
  ) async throws(ServiceFailure) -> Value? {
    guard await enter(type, for: use) else { return nil }
    defer { turns.give(party) }
    return try await request()
  }

  /// Waits for a turn to make a request; false when the task was cancelled.
  ///
  /// The budget is looked at before the turn and again with it: nobody holds a turn that others
  /// could use while it waits for its budget, and what is sent is counted when it is sent.
  private func enter(_ type: ContentType, for use: RequestBudget.Use) async -> Bool {
    while true {
      while true {
        let seen = lifted.count
        guard let until = pausedUntil(type) else { break }
        await lifted.wait(beyond: seen, atMost: until - ContinuousClock.now)
        if Task.isCancelled { return false }
      }
      guard await awaitBudget(use) else { return false }
      guard await turns.take(party) else { return false }
      // A pause may have begun, or another request have gone, while this one waited for its turn.
      if pausedUntil(type) == nil, case .go = admit(use) { return true }
      turns.give(party)
    }
  }

  /// Waits until the budget has room for a request, without taking it.
  private func awaitBudget(_ use: RequestBudget.Use) async -> Bool {
    if use == .live { state.withLock { $0.liveWaiting += 1 } }
    defer { if use == .live { state.withLock { $0.liveWaiting -= 1 } } }
    while !Task.isCancelled {
      let wait: Duration? = state.withLock { state in
        // Asked of a copy: a look takes nothing.
        var budget = state.budget
        if case .wait(let wait) = budget.admit(use, at: now) { return wait }
        return use == .backlog && state.liveWaiting > 0 ? TenantGate.courtesy : nil
      }
      guard let wait else { return true }
      guard await sleep(wait) else { return false }
    }
    return false
  }

  private func admit(_ use: RequestBudget.Use) -> RequestBudget.Admission {
    state.withLock { state in
      if use == .backlog, state.liveWaiting > 0 { return .wait(TenantGate.courtesy) }
      return state.budget.admit(use, at: now)
    }
  }

  private var now: Duration { ContinuousClock.now - origin }

  /// When the pause that concerns `type` ends; nil when there is none.
  func pausedUntil(_ type: ContentType) -> ContinuousClock.Instant? {
    let now = ContinuousClock.now
    return state.withLock { state in
      let pauses = [state.tenantPausedUntil, state.feedPausedUntil[type]].compactMap(\.self)
      return pauses.filter { $0 > now }.max()
    }
  }

  /// Pauses every feed of the tenant.
  func pauseTenant(for duration: Duration) {
    let until = ContinuousClock.now + duration
    state.withLock { $0.tenantPausedUntil = max($0.tenantPausedUntil ?? until, until) }
  }

  /// Learns from a throttling answer. Answers that come in while the tenant is paused were under
  /// way when the pause began: they are counted, and teach nothing more.
  func noteThrottling() {
    let moment = ContinuousClock.now
    state.withLock { state in
      state.throttled += 1
      if let until = state.tenantPausedUntil, until > moment { return }
      state.budget.noteThrottling(at: now)
    }
  }

  /// What the tenant's requests are allowed now.
  var standing: Standing {
    let moment = ContinuousClock.now
    return state.withLock { state in
      let left = state.tenantPausedUntil.map { $0 - moment }
      return Standing(
        limit: state.budget.limit(at: now), sent: state.budget.sentInMinute(at: now),
        pause: left.flatMap { $0 > .zero ? $0 : nil }, throttled: state.throttled)
    }
  }

  func pauseFeed(_ type: ContentType, for duration: Duration) {
    let until = ContinuousClock.now + duration
    state.withLock { $0.feedPausedUntil[type] = max($0.feedPausedUntil[type] ?? until, until) }
  }

  /// Ends the pause of a feed, as what it was for is over.
  func endPause(of type: ContentType) {
    state.withLock { $0.feedPausedUntil[type] = nil }
    lifted.beat()
  }

  /// The number of this failure in a row. Failures that come in while the tenant is paused were
  /// under way when the pause began: eight throttled fetches count once, five feeds that wait for
  /// one token as well.
  ///
  /// - Parameter pause: how long the tenant is paused after so many failures; nil for not at all.
  ///   The pause begins with the count, so that nobody counts the same failure in between.
  func countFailure(pausing pause: (Int) -> Duration?) -> Int {
    let now = ContinuousClock.now
    return state.withLock { state in
      if let until = state.tenantPausedUntil, until > now { return max(state.failuresInARow, 1) }
      state.failuresInARow += 1
      if let wait = pause(state.failuresInARow) { state.tenantPausedUntil = now + wait }
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
