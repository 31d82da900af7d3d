import CMillrace
import Glibc

/// A serial executor that owns one named operating-system thread.
///
/// Blocking C (a statement of SQLite, an fsync) belongs on such a thread: the cooperative pool is
/// as wide as the machine has cores, and one blocked call on a two-core host halves the program.
/// An actor uses it by returning `asUnownedSerialExecutor()` from `unownedExecutor`.
///
/// The thread lives until the executor is released; jobs that are queued by then still run.
package final class ThreadExecutor: SerialExecutor {
  private let inbox = Inbox()

  /// Starts the thread. `name` is cut to 15 bytes, as the kernel does.
  package init(name: String) {
    let inbox = inbox
    startThread(name: name) { inbox.runUntilClosed() }
  }

  deinit {
    inbox.close()
  }

  /// Queues a job; called by the runtime.
  package func enqueue(_ job: consuming ExecutorJob) {
    inbox.put(UnownedJob(job), executor: asUnownedSerialExecutor())
  }

  /// This executor, for an actor's `unownedExecutor`.
  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}

/// The jobs waiting for the thread.
private final class Inbox: Sendable {
  private struct State: Sendable {
    var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
    var isClosed = false
  }

  private let gate = ConditionLock(State())

  func put(_ job: UnownedJob, executor: UnownedSerialExecutor) {
    gate.withLock { $0.jobs.append((job, executor)) }
    gate.signal()
  }

  func close() {
    gate.withLock { $0.isClosed = true }
    gate.signal()
  }

  func runUntilClosed() {
    while true {
      let jobs = gate.wait {
        !$0.jobs.isEmpty || $0.isClosed
      } then: { state in
        defer { state.jobs = [] }
        return state.jobs
      }
      if jobs.isEmpty { return }
      for (job, executor) in jobs { job.runSynchronously(on: executor) }
    }
  }
}
