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
    check(pthread_cond_init(condition, nil))
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

  /// Blocks the calling thread until `isReady` holds, then calls `body` while still alone.
  package func wait<Result>(
    _ isReady: (Value) -> Bool, then body: (inout Value) -> Result
  ) -> Result {
    check(pthread_mutex_lock(mutex))
    defer { check(pthread_mutex_unlock(mutex)) }
    while !isReady(value) { check(pthread_cond_wait(condition, mutex)) }
    return body(&value)
  }

  private func check(_ code: Int32) {
    precondition(code == 0, "pthread calls on valid objects succeed")
  }
}
