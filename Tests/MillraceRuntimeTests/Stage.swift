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

/// Starts a task on the stage and returns once it waits for something, or is done. Tasks that are
/// merely created may begin in another order.
@Stage
func onStage<Value: Sendable>(
  _ body: @escaping @Stage @Sendable () async -> Value
) async -> Task<Value, Never> {
  var hasBegun = false
  let task = Task { @Stage in
    hasBegun = true
    return await body()
  }
  while !hasBegun { await Task.yield() }
  return task
}
