import MillraceRuntime
import Synchronization

/// What is known in memory of the replays that run in this process: how far they are, and how they
/// are ended.
final class ReplayBoard: Sendable {
  struct Progress: Sendable {
    /// Events looked at, those included that were not asked for.
    var examined = 0
    /// Entries that could not be read.
    var damaged = 0
  }

  private struct State: Sendable {
    var progress: [Int64: Progress] = [:]
    var cancels: [Int64: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())
  /// Beats when there is a new replay, and when one was cancelled.
  let changed = Pulse()
  /// One replay is started at a time, so that the same one is not started twice.
  let starting = Budget(1)

  /// How far a replay is; nil when none of that number ran in this process.
  func progress(_ id: Int64) -> Progress? {
    state.withLock { $0.progress[id] }
  }

  func note(_ id: Int64, _ change: (inout Progress) -> Void) {
    state.withLock { change(&$0.progress[id, default: Progress()]) }
  }

  /// Runs a replay so that `cancel` ends it.
  func running(_ id: Int64, _ body: @escaping @Sendable () async -> Void) async {
    let task = Task { await body() }
    state.withLock { $0.cancels[id] = { task.cancel() } }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    state.withLock { $0.cancels[id] = nil }
  }

  /// Ends a replay that runs in this process, behind the batch that is being delivered.
  func cancel(_ id: Int64) {
    state.withLock { $0.cancels[id] }?()
    changed.beat()
  }
}
