import Synchronization

/// A signal that something changed. Waiters remember how many beats they have seen, so a beat
/// between looking and waiting is never missed.
package final class Pulse: Sendable {
  private struct State {
    var count: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  /// A pulse that has not beaten yet.
  package init() {}

  /// How often it has beaten. Read this before looking at what may change.
  package var count: UInt64 { state.withLock { $0.count } }

  /// How many wait for it now.
  package var waitingCount: Int { state.withLock { $0.waiters.count } }

  /// Beats: everyone who waits looks again.
  package func beat() {
    let waiters = state.withLock { state in
      state.count += 1
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Waits until it has beaten more than `seen` times, at most `timeout` long, and no longer than
  /// the task lives.
  package func wait(beyond seen: UInt64, atMost timeout: Duration? = nil) async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    var alarm: AlarmClock.Alarm?
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let isOver = state.withLock { state in
          if state.count > seen || Task.isCancelled { return true }
          state.waiters[id] = continuation
          return false
        }
        if isOver { return continuation.resume() }
        // Set only now: an alarm that rings before its waiter stands there wakes nobody.
        if let timeout { alarm = AlarmClock.shared.set(at: .now + timeout) { [self] in wake(id) } }
      }
    } onCancel: {
      wake(id)
    }
    if let alarm { AlarmClock.shared.cancel(alarm) }
  }

  private func wake(_ id: UInt64) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
  }
}
