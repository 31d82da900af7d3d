import MillraceRuntime

/// A global actor on one thread that runs its jobs in the order in which they were queued.
///
/// Tests that stand on it decide who waits before whom: a task runs until it first waits, and only
/// then the next one begins. So nobody has to sleep until something "will have" happened.
@globalActor
actor Stage {
  static let shared = Stage()

  private let executor = ThreadExecutor(name: "stage")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}

/// Returns when every task that was started on the stage before waits for something.
@Stage
func everyoneWaits() async {
  await Task { @Stage in }.value
}
