import MillraceRuntime

/// The workers: at most a fixed number of pieces of heavy work (scanning, hashing, encoding) run at
/// once, on the cooperative pool, whoever asks for them.
struct WorkerPool: Sendable {
  private let permits: Budget
  let width: Int

  /// A pool of `width` workers.
  init(width: Int) {
    permits = Budget(width)
    self.width = width
  }

  /// Runs `work` on a worker; nil when the task was cancelled before it began.
  @concurrent
  func run<Value: Sendable>(_ work: @Sendable () -> Value) async -> Value? {
    guard let permit = await permits.take(1) else { return nil }
    defer { permits.give(permit) }
    return work()
  }
}
