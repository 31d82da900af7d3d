import CMicroHTTPD
import Glibc
import MillraceRuntime

/// Holds connections back for a while without holding up the thread that serves them.
///
/// Its thread is started by the first pause, as most servers never need one.
///
/// Sound as `@unchecked Sendable`: the fields are touched only between lock and unlock of `mutex`.
/// Connections are suspended and resumed under that lock as well, so that none is resumed before
/// it is suspended and none is touched after `stop`, when libmicrohttpd frees them.
final class PauseTimer: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var pauses: [(end: Int64, connection: OpaquePointer)] = []
  private var isStopped = false
  private var hasThread = false

  init() {
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Suspends a connection and resumes it after `milliseconds`. False, and nothing done, when the
  /// server is stopping.
  func pause(_ connection: OpaquePointer, milliseconds: Int64) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if isStopped { return false }
    if !hasThread {
      hasThread = true
      startThread(name: "http-pause") { self.run() }
    }
    MHD_suspend_connection(connection)
    pauses.append((Self.now() + milliseconds * 1_000_000, connection))
    pthread_cond_signal(changed)
    return true
  }

  /// Resumes every connection and ends the thread. No connection is touched afterwards.
  func stop() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isStopped = true
    for pause in pauses { MHD_resume_connection(pause.connection) }
    pauses = []
    pthread_cond_broadcast(changed)
    while hasThread { pthread_cond_wait(changed, mutex) }
  }

  /// Whether `stop` was called; pauses that end then were cut short.
  var isOver: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return isStopped
  }

  private func run() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isStopped {
      let now = Self.now()
      for pause in pauses where pause.end <= now { MHD_resume_connection(pause.connection) }
      pauses.removeAll { $0.end <= now }
      if let next = pauses.map(\.end).min() {
        var time = timespec(
          tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
        pthread_cond_timedwait(changed, mutex, &time)
      } else {
        pthread_cond_wait(changed, mutex)
      }
    }
    hasThread = false
    pthread_cond_broadcast(changed)
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
