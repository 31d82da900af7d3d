import Glibc

/// A value guarded by a mutex, with a condition variable to wait for a change of it.
///
/// For threads of our own only: waiting blocks, which the cooperative pool must never do.
///
/// Sound as `@unchecked Sendable`: `value` is touched only between lock and unlock of `mutex`, and
/// both pthread objects stand at fixed addresses from init to deinit.
package final class ConditionLock<Value: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  /// Guards `value`.
  package init(_ value: Value) {
    self.value = value
    check(pthread_mutex_init(mutex, nil))
    var attributes = pthread_condattr_t()
    check(pthread_condattr_init(&attributes))
    // A wall clock that jumps must not make a wait longer.
    check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
    check(pthread_cond_init(condition, &attributes))
    check(pthread_condattr_destroy(&attributes))
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Calls `body` with the value, alone.
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    check(pthread_mutex_lock(mutex))
    defer { check(pthread_mutex_unlock(mutex)) }
    return body(&value)
  }

  /// Wakes one waiting thread.
  package func signal() {
    check(pthread_cond_signal(condition))
  }

  /// Wakes all waiting threads.
  package func broadcast() {
    check(pthread_cond_broadcast(condition))
  }

  /// Blocks the calling thread until `isReady` holds, then calls `body` while still alone.
  package func wait<Result>(
    _ isReady: (Value) -> Bool, then body: (inout Value) -> Result
  ) -> Result {
    check(pthread_mutex_lock(mutex))
    defer { check(pthread_mutex_unlock(mutex)) }
    while !isReady(value) { check(pthread_cond_wait(condition, mutex)) }
    return body(&value)
  }

  /// Whether a wait is over.
  package enum Waiting {
    case over
    /// Not yet: look again when signalled, or after so long if not nil.
    case longer(Duration?)
  }

  /// Blocks the calling thread until `look` says that it is over, then calls `body` while still
  /// alone.
  package func wait<Result>(
    until look: (Value) -> Waiting, then body: (inout Value) -> Result
  ) -> Result {
    check(pthread_mutex_lock(mutex))
    defer { check(pthread_mutex_unlock(mutex)) }
    while case .longer(let left) = look(value) {
      guard let left else {
        check(pthread_cond_wait(condition, mutex))
        continue
      }
      var time = ConditionLock.monotonicTime(after: left)
      let code = pthread_cond_timedwait(condition, mutex, &time)
      precondition(code == 0 || code == ETIMEDOUT, "pthread calls on valid objects succeed")
    }
    return body(&value)
  }

  /// A moment from now, by the clock that `condition` goes by.
  private static func monotonicTime(after wait: Duration) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    // A day at most: the caller looks again.
    let (seconds, attoseconds) = min(wait, .seconds(86_400)).components
    let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
    time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    return time
  }

  private func check(_ code: Int32) {
    precondition(code == 0, "pthread calls on valid objects succeed")
  }
}
