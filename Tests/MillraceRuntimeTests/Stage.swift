import MillraceRuntime

/// A global actor on one thread that runs its jobs in the order in which they were queued.
///
/// Tests that stand on it share plain variables with the tasks they start.
@globalActor
actor Stage {
  static let shared = Stage()

  private let executor = ThreadExecutor(name: "stage")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}

/// Returns once something is so, such as that as many wait as should. A task that was started, or
/// that stands before an `await`, need not have got as far as waiting.
@Stage
func settled(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}
