import Foundation
import MillraceCore
import MillraceRuntime
import Testing

/// The calling thread as the kernel knows it.
private struct ThreadIdentity: Hashable, Sendable {
  let id: UInt
  let name: String

  static func current() -> ThreadIdentity {
    let comm = FileManager.default.contents(atPath: "/proc/thread-self/comm") ?? Data()
    return ThreadIdentity(
      id: UInt(pthread_self()), name: String(decoding: comm.dropLast(), as: UTF8.self))
  }

  /// How many threads of this process have a name.
  private static func count(named name: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count { task in
      // A thread may end between the listing and the look.
      let comm = FileManager.default.contents(atPath: "/proc/self/task/\(task)/comm") ?? Data()
      return String(decoding: comm.dropLast(), as: UTF8.self) == name
    }
  }

  /// Waits until no thread has a name: each ends on its own time, and the limit of the suite is the
  /// limit of this wait.
  static func end(ofAllNamed name: String) async throws {
    while try count(named: name) > 0 {
      try Task.checkCancellation()
      await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
    }
  }
}

/// An actor on a thread of its own.
private actor Worker {
  private let executor: ThreadExecutor
  private var count = 0

  init(name: String) {
    executor = ThreadExecutor(name: name)
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func identity() -> ThreadIdentity { .current() }

  func add() -> Int {
    count += 1
    return count
  }

  /// Blocks the thread, as C does.
  func block(on gate: ConditionLock<Bool>) {
    gate.wait {
      $0
    } then: { _ in
    }
  }
}

@Suite(.timeLimit(.minutes(10)))
struct ThreadExecutorTests {
  @Test func `an actor on it runs on one thread with the name given`() async {
    let worker = Worker(name: "wanted-name")
    var identities: Set<ThreadIdentity> = []
    for _ in 0..<20 {
      identities.insert(await worker.identity())
      await Task.yield()
    }
    #expect(identities.count == 1)
    #expect(identities.first?.name == "wanted-name")
    #expect(identities.first?.id != ThreadIdentity.current().id)
  }

  @Test func `blocked threads leave the cooperative pool free`() async {
    let gate = ConditionLock(false)
    let workers = (0..<32).map { _ in Worker(name: "blocked") }
    let blocked = workers.map { worker in Task { await worker.block(on: gate) } }
    // On the pool, which is as wide as there are cores, nothing could run from here on.
    let sum = await withTaskGroup(of: Int.self) { group in
      for number in 0..<100 { group.addTask { @concurrent in number } }
      return await group.reduce(0, +)
    }
    #expect(sum == 4950)
    for _ in blocked {
      gate.withLock { $0 = true }
      gate.signal()
    }
    // A signal reaches one thread; whoever wakes passes it on.
    for task in blocked {
      gate.signal()
      await task.value
    }
  }

  @Test func `jobs are run one at a time`() async {
    let worker = Worker(name: "serial")
    let results = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<500 { group.addTask { @concurrent in await worker.add() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.sorted() == Array(1...500))
  }

  @Test func `executors come and go, and their threads with them`() async throws {
    for _ in 0..<200 {
      let worker = Worker(name: "short-lived")
      async let first = worker.add()
      async let second = worker.add()
      #expect(await first + second == 3)
    }
    try await ThreadIdentity.end(ofAllNamed: "short-lived")
  }
}

@Suite(.timeLimit(.minutes(10)))
struct StartThreadTests {
  @Test(
    arguments: [
      ("a", "a"), ("fifteen-bytes-x", "fifteen-bytes-x"), ("more-than-15-bytes", "more-than-15-by"),
    ])
  func `a thread bears its name, cut to what the kernel keeps`(name: String, kept: String) async {
    let identity = await withCheckedContinuation { continuation in
      startThread(name: name) { continuation.resume(returning: ThreadIdentity.current()) }
    }
    #expect(identity.name == kept)
  }

  @Test func `threads start and end in numbers`() async throws {
    let ran = ConditionLock(0)
    await withCheckedContinuation { continuation in
      for _ in 0..<200 {
        startThread(name: "many") {
          let isLast = ran.withLock {
            $0 += 1
            return $0 == 200
          }
          if isLast { continuation.resume() }
        }
      }
    }
    try await ThreadIdentity.end(ofAllNamed: "many")
  }
}

@Suite(.timeLimit(.minutes(10)))
struct ConditionLockTests {
  @Test func `a waiting thread goes on when its condition holds, not before`() async {
    let gate = ConditionLock(0)
    let seen = await withCheckedContinuation { (continuation: CheckedContinuation<Int, Never>) in
      startThread(name: "waiter") {
        let seen = gate.wait {
          $0 >= 10
        } then: { value in
          defer { value = -1 }
          return value
        }
        continuation.resume(returning: seen)
      }
      for _ in 0..<10 {
        gate.withLock { $0 += 1 }
        gate.signal()
      }
    }
    #expect(seen == 10)
    #expect(gate.withLock { $0 } == -1, "what the waiter did was done under the lock")
  }

  @Test func `two threads hand a value back and forth`() async {
    let gate = ConditionLock(0)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      for parity in 0..<2 {
        startThread(name: "player-\(parity)") {
          for _ in 0..<1000 {
            gate.wait {
              $0 % 2 == parity
            } then: {
              $0 += 1
            }
            gate.signal()
          }
          if parity == 1 { continuation.resume() }
        }
      }
    }
    #expect(gate.withLock { $0 } == 2000)
  }

  @Test func `nobody else is inside`() async {
    let counter = ConditionLock(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { @concurrent in
          for _ in 0..<1000 { counter.withLock { $0 += 1 } }
        }
      }
    }
    #expect(counter.withLock { $0 } == 8000)
  }
}

struct ProcessTests {
  @Test func `the first signal is told by name, the second ends the process`() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(130), observing: [\.standardErrorContent]
    ) {
      Signals.watch { name in
        Log.standardError("told of \(name)")
        kill(getpid(), SIGINT)
      }
      kill(getpid(), SIGTERM)
      while true { pause() }
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains("told of SIGTERM\n"))
    #expect(!words.contains("told of SIGINT"))
  }

  @Test func `what ends the process is told by the second signal`() async {
    await #expect(processExitsWith: .exitCode(143)) {
      Signals.watch { _ in kill(getpid(), SIGTERM) }
      kill(getpid(), SIGINT)
      while true { pause() }
    }
  }

  @Test func `a broken pipe is no reason to die`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Signals.watch { _ in }
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0, "a pipe")
      close(ends[0])
      let written = write(ends[1], "x", 1)
      exit(written == -1 && errno == EPIPE ? 7 : 1)
    }
  }

  @Test func `the peak of memory is a plausible number of bytes`() {
    #expect(ProcessUsage.residentBytesPeak > 1 << 20)
    #expect(ProcessUsage.residentBytesPeak < 1 << 40)
  }

  @Test func `the machine's clock tells the time`() {
    let before = Date().timeIntervalSince1970
    let now = SystemWallClock().now()
    let after = Date().timeIntervalSince1970
    #expect(Double(now.milliseconds) / 1000 >= before - 0.002)
    #expect(Double(now.milliseconds) / 1000 <= after + 0.002)
  }
}
