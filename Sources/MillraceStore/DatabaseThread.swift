import MillraceRuntime

/// A thread that owns a connection, and the queue of work for it.
///
/// Group commit: a writing thread takes all writes that are waiting (up to a limit), runs them in
/// one transaction, commits once, and only then answers them all. One fsync serves many writes,
/// which is what makes `synchronous=FULL` affordable; a write that fails is rolled back alone. A
/// write may run twice before its transaction commits, and must not care. Nobody waits on purpose:
/// while a commit is on its way to the disk, the next group gathers.
final class DatabaseThread: Sendable {
  /// One piece of work: `run` does it, `finish` answers the caller, once, after the commit.
  private struct Job: Sendable {
    let run: @Sendable (Connection) -> StoreError?
    let finish: @Sendable (StoreError?) -> Void
  }

  private struct State: Sendable {
    var jobs: [Job] = []
    var isClosed = false
  }

  /// Looks at each transaction before it is committed, and is told of it after.
  struct CommitWatch: Sendable {
    let look: @Sendable (Connection) throws(StoreError) -> Int64?
    let tell: @Sendable (Int64) -> Void
  }

  private let queue = ConditionLock(State())
  private let isWriting: Bool
  private let groupLimit: Int

  /// Starts the thread, which opens its connection by `open` and hands back what went wrong.
  init(
    name: String, isWriting: Bool, groupLimit: Int, watch: CommitWatch? = nil,
    open: @escaping @Sendable () throws(StoreError) -> Connection
  ) throws(StoreError) {
    self.isWriting = isWriting
    self.groupLimit = groupLimit
    let opening = ConditionLock<Result<Void, StoreError>?>(nil)
    let (queue, isWriting, groupLimit) = (queue, isWriting, groupLimit)
    startThread(name: name) {
      let connection: Connection
      do throws(StoreError) {
        connection = try open()
      } catch {
        opening.withLock { $0 = .failure(error) }
        opening.signal()
        return
      }
      opening.withLock { $0 = .success(()) }
      opening.signal()
      DatabaseThread.serve(
        queue, connection, isWriting: isWriting, groupLimit: groupLimit, watch: watch)
    }
    // Opening is quick, and happens once at start: this wait is no burden on the caller.
    try opening.wait {
      $0 != nil
    } then: { result in
      result ?? .success(())
    }.get()
  }

  deinit {
    // Also reached when a store could not be opened whole: its first thread must not stay behind.
    close()
  }

  /// Runs `body` on the thread and returns what it returned, for a writer once that is durable.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    let outcome = Outcome<Value>()
    let error: StoreError? = await withCheckedContinuation { continuation in
      let job = Job(
        run: { connection in
          do throws(StoreError) {
            outcome.set(try body(connection))
            return nil
          } catch {
            return error
          }
        },
        finish: { continuation.resume(returning: $0) })
      let isAccepted = queue.withLock { state in
        if state.isClosed { return false }
        state.jobs.append(job)
        return true
      }
      if isAccepted {
        queue.signal()
      } else {
        continuation.resume(
          returning: StoreError(kind: .closed, operation: "use", message: "the store is closed"))
      }
    }
    if let error { throw error }
    return outcome.take()
  }

  /// Lets queued work finish and ends the thread, closing its connection.
  func close() {
    queue.withLock { $0.isClosed = true }
    queue.signal()
  }

  // MARK: On the thread

  private static func serve(
    _ queue: ConditionLock<State>, _ connection: Connection, isWriting: Bool, groupLimit: Int,
    watch: CommitWatch?
  ) {
    while true {
      let group = queue.wait {
        !$0.jobs.isEmpty || $0.isClosed
      } then: { state in
        let group = Array(state.jobs.prefix(groupLimit))
        state.jobs.removeFirst(group.count)
        return group
      }
      if group.isEmpty { return }
      if isWriting {
        commit(group, on: connection, watch)
      } else {
        for job in group { job.finish(job.run(connection)) }
      }
    }
  }

  /// Commits a group. Nearly always every write of it succeeds: so they first run without
  /// savepoints of their own, for which SQLite copies each page it changes. When one fails, all is
  /// rolled back and done again with savepoints, and only that one is undone.
  private static func commit(_ group: [Job], on connection: Connection, _ watch: CommitWatch?) {
    let finished =
      attempt(group, on: connection, withSavepoints: false, watch)
      ?? attempt(group, on: connection, withSavepoints: true, watch)
    for (job, error) in zip(group, finished ?? []) { job.finish(error) }
  }

  /// Runs the group in one transaction. Gives what came of each write; nil when one failed and
  /// there were no savepoints to undo it alone: nothing is written then.
  private static func attempt(
    _ group: [Job], on connection: Connection, withSavepoints: Bool, _ watch: CommitWatch?
  ) -> [StoreError?]? {
    var results: [StoreError?] = []
    let seen: Int64?
    do throws(StoreError) {
      try connection.execute("BEGIN IMMEDIATE")
      for job in group {
        if withSavepoints { try connection.execute("SAVEPOINT job") }
        let error = job.run(connection)
        if let error {
          // Some errors, a full disk among them, end the whole transaction.
          guard connection.isInTransaction else { throw error }
          guard withSavepoints else {
            try connection.execute("ROLLBACK")
            return nil
          }
          try connection.execute("ROLLBACK TO job")
        }
        if withSavepoints { try connection.execute("RELEASE job") }
        results.append(error)
      }
      seen = try watch?.look(connection)
      try connection.execute("COMMIT")
    } catch {
      if connection.isInTransaction {
        // A failure to roll back leaves the transaction open; the next BEGIN will say so.
        do throws(StoreError) { try connection.execute("ROLLBACK") } catch { _ = error }
      }
      return [StoreError?](repeating: error, count: group.count)
    }
    if let seen { watch?.tell(seen) }
    return results
  }
}

/// Carries a value from the thread to the caller.
///
/// Sound as `@unchecked Sendable`: it is written once on the thread before the continuation is
/// resumed, and read once after, so the two never meet.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  private var value: Value?

  func set(_ value: Value) { self.value = value }

  func take() -> Value {
    guard let value else { preconditionFailure("work that did not fail has a value") }
    return value
  }
}
