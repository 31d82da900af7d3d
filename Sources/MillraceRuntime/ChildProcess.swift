import CMillrace
import Glibc
import Synchronization

/// How a child process ended.
package enum ChildEnding: Sendable, Hashable {
  /// It exited with this code.
  case exited(Int32)
  /// A signal ended it.
  case signalled(Int32)
}

/// What came of a child process.
package struct ChildResult: Sendable {
  /// How it ended.
  package let ending: ChildEnding
  /// What it wrote to standard output.
  package let output: [UInt8]
  /// What it wrote to standard error.
  package let complaints: [UInt8]
  /// Processor time it used, its own children that it waited for included.
  package let processorSeconds: Double

  /// Standard output as text.
  package var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  package var complaintText: String { String(decoding: complaints, as: UTF8.self) }
  /// The exit code; nil when a signal ended it.
  package var exitCode: Int32? {
    if case .exited(let code) = ending { code } else { nil }
  }
}

/// A program that could not be started.
package struct ChildError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The program.
  package let program: String
  /// The error number.
  package let code: Int32

  /// Program and reason.
  package var description: String { "start \(program): \(String(cString: strerror(code)))" }
}

/// A child process with both its outputs captured. It outlives neither its last reference nor this
/// process, however that ends.
package final class ChildProcess: Sendable {
  /// Where a child's standard output goes.
  package enum Reader: Sendable {
    /// All of it is kept.
    case patient
    /// Nobody reads: writing fails, as when `head` has left.
    case gone
  }

  private let running: RunningChild

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path; no search.
  ///   - words: what follows the program's name on its command line.
  ///   - environment: all of it; nothing is inherited.
  ///   - folder: where it runs.
  ///   - input: the path of what it reads from standard input.
  ///   - killedAfter: when it is killed if it has not ended: by a thread that nothing else keeps
  ///     busy.
  ///   - keeping: what must not go before the child has: its folder.
  package init(
    _ program: String, _ words: [String], environment: [String: String], folder: String,
    input: String = "/dev/null", reader: Reader = .patient, killedAfter: Duration? = nil,
    keeping: (any Sendable)? = nil
  ) throws(ChildError) {
    let started = ConditionLock<Result<RunningChild, ChildError>?>(nil)
    // The thread that starts a child waits for its end: the kernel ends the child with it.
    startThread(name: "child") {
      var child = millrace_child()
      let arguments = CStrings([program] + words)
      let variables = CStrings(environment.map { "\($0.key)=\($0.value)" })
      // To the end of the call: the texts go with their owners.
      let code = withExtendedLifetime((arguments, variables)) {
        millrace_start_child(
          program, arguments.pointers, variables.pointers, folder, input, &child)
      }
      guard code == 0 else {
        started.withLock { $0 = .failure(ChildError(program: program, code: code)) }
        return started.signal()
      }
      let running = RunningChild(process: child.process, keeping: keeping)
      started.withLock { $0 = .success(running) }
      started.signal()
      if reader == .gone {
        close(child.output)
        child.output = -1
      }
      let kill = killedAfter.map { ContinuousClock.now + $0 }
      running.follow(child.output, child.complaints, killAt: kill)
    }
    let result = started.wait({ $0 != nil }, then: { $0 })
    guard let result else { preconditionFailure("what was waited for is there") }
    running = try result.get()
  }

  deinit {
    running.signal(SIGKILL)
  }

  /// Its number.
  package var process: Int32 { running.process }

  /// Whether it has not ended yet, as far as is known.
  package var isRunning: Bool { running.holds { $0.ending == nil } }

  /// What it has written to standard output so far.
  package var outputText: String { running.result.outputText }

  /// Sends it a signal; does nothing once it has ended.
  package func signal(_ number: Int32) {
    running.signal(number)
  }

  /// Sends it a signal as soon as standard error contains a text, from the thread that reads it: no
  /// task has to get its turn in time.
  package func signal(_ number: Int32, onceItComplains text: String) {
    running.answer(text, with: number)
  }

  /// Waits for its end, at most so long: then it is killed.
  package func end(atMost timeout: Duration = .seconds(180)) async -> ChildResult {
    let alarm = await running.wait(atMost: timeout) { $0.ending != nil }
    if !alarm { running.signal(SIGKILL) }
    _ = await running.wait(atMost: nil) { $0.ending != nil }
    return running.result
  }

  /// Waits until standard output contains a text; false when it ends without, or takes too long.
  package func says(_ text: String, within timeout: Duration = .seconds(120)) async -> Bool {
    await contains(text, within: timeout) { $0.output }
  }

  /// Waits until standard error contains a text; false when it ends without, or takes too long.
  package func complains(_ text: String, within timeout: Duration = .seconds(120)) async -> Bool {
    await contains(text, within: timeout) { $0.complaints }
  }

  private func contains(
    _ text: String, within timeout: Duration,
    _ bytes: @escaping @Sendable (RunningChild.State) -> [UInt8]
  ) async -> Bool {
    let isSaid: @Sendable (RunningChild.State) -> Bool = { state in
      String(decoding: bytes(state), as: UTF8.self).contains(text)
    }
    _ = await running.wait(atMost: timeout) { $0.ending != nil || isSaid($0) }
    return running.holds(isSaid)
  }
}

/// Texts as C wants them: pointers, a null at the end.
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String]) {
    pointers = texts.map { strdup($0) } + [nil]
  }

  deinit {
    for pointer in pointers { free(pointer) }
  }
}

/// What a child's follower and its owner share.
private final class RunningChild: Sendable {
  struct State {
    var output: [UInt8] = []
    var complaints: [UInt8] = []
    var ending: ChildEnding?
    var processorSeconds = 0.0
    /// What is answered by a signal, once, when standard error contains it.
    var answer: (text: String, signal: Int32)?
  }

  let process: pid_t
  private let state = Mutex(State())
  private let changed = Pulse()
  private let kept: (any Sendable)?

  init(process: pid_t, keeping: (any Sendable)?) {
    self.process = process
    kept = keeping
  }

  var result: ChildResult {
    state.withLock { state in
      ChildResult(
        ending: state.ending ?? .exited(-1), output: state.output, complaints: state.complaints,
        processorSeconds: state.processorSeconds)
    }
  }

  func holds(_ condition: (State) -> Bool) -> Bool { state.withLock { condition($0) } }

  /// Waits for a condition; whether it came in time.
  func wait(
    atMost timeout: Duration?, until condition: @Sendable (State) -> Bool
  ) async -> Bool {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      let seen = changed.count
      if holds(condition) { return true }
      let rest = deadline.map { $0 - .now }
      if let rest, rest <= .zero { return false }
      await changed.wait(beyond: seen, atMost: rest)
    }
  }

  func signal(_ number: Int32) {
    // Under the lock: a process that is not reaped yet keeps its number.
    state.withLock { state in
      if state.ending == nil { _ = kill(process, number) }
    }
  }

  /// Signals once standard error contains a text, which it may do already.
  func answer(_ text: String, with number: Int32) {
    state.withLock { state in
      state.answer = (text, number)
      answerIfSaid(&state)
    }
  }

  private func answerIfSaid(_ state: inout State) {
    guard let answer = state.answer, state.ending == nil,
      String(decoding: state.complaints, as: UTF8.self).contains(answer.text)
    else { return }
    state.answer = nil
    _ = kill(process, answer.signal)
  }

  /// Reads both pipes to their ends, then collects the child. Blocks; for a thread of its own.
  func follow(
    _ output: Int32, _ complaints: Int32, killAt deadline: ContinuousClock.Instant?
  ) {
    var deadline = deadline
    var waiting = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: complaints, events: Int16(POLLIN), revents: 0),
    ]
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while waiting.contains(where: { $0.fd >= 0 }) {
      var patience: Int32 = -1
      if let kill = deadline {
        let rest = max(kill - .now, .zero) / .milliseconds(1)
        patience = Int32(rest.rounded(.up))
        if rest == 0 {
          signal(SIGKILL)
          deadline = nil
          continue
        }
      }
      if poll(&waiting, nfds_t(waiting.count), patience) < 0 && errno != EINTR { break }
      for index in waiting.indices where waiting[index].fd >= 0 && waiting[index].revents != 0 {
        let count = read(waiting[index].fd, &chunk, chunk.count)
        if count > 0 {
          state.withLock { state in
            if index == 0 {
              state.output += chunk[..<count]
            } else {
              state.complaints += chunk[..<count]
              answerIfSaid(&state)
            }
          }
          changed.beat()
        } else if count == 0 || errno != EINTR {
          close(waiting[index].fd)
          waiting[index].fd = -1
        }
      }
    }
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    state.withLock { state in
      var status: Int32 = 0
      var usage = rusage()
      wait4(process, &status, 0, &usage)
      let number = status & 0x7F
      for time in [usage.ru_utime, usage.ru_stime] {
        state.processorSeconds += Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
      }
      state.ending = number == 0 ? .exited((status >> 8) & 0xFF) : .signalled(number)
    }
    changed.beat()
  }
}
