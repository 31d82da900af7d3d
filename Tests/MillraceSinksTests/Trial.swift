import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSinks

/// Counts the steps of a run (system calls, ledger calls) and spoils chosen ones.
final class Trial: Sendable {
  /// What happens at a spoiled step.
  enum Fault: CaseIterable {
    /// It fails without an effect.
    case failBefore
    /// It has its effect and fails all the same; of a write, half of the bytes.
    case failAfter
    /// It succeeds, but a write writes half of its bytes.
    case short
    /// The process dies before it.
    case crashBefore
    /// The process dies after it; in a write, after half of the bytes.
    case crashAfter
  }

  enum Verdict {
    case proceed
    case fail(Int32)
    case spoiled(Fault, Int32)
  }

  private struct State {
    var count = 0
    var isDead = false
    var spoiled: [String] = []
  }

  private let fault: Fault
  private let code: Int32
  private let steps: Range<Int>
  private let state = ConditionLock(State())

  /// Spoils the steps with these numbers, the first of a run being 1.
  init(_ fault: Fault, at steps: Range<Int>, code: Int32 = EIO) {
    self.fault = fault
    self.code = code
    self.steps = steps
  }

  /// Spoils nothing.
  convenience init() {
    self.init(.failBefore, at: 0..<0)
  }

  /// The names of the steps that were spoiled.
  var spoiled: [String] { state.withLock { $0.spoiled } }
  var isDead: Bool { state.withLock { $0.isDead } }
  var count: Int { state.withLock { $0.count } }

  /// Decides about the next step. A dead process does nothing any more.
  func next(_ name: String) -> Verdict {
    state.withLock { state in
      if state.isDead { return .fail(EIO) }
      state.count += 1
      guard steps.contains(state.count) else { return .proceed }
      state.spoiled.append(name)
      if fault == .crashBefore || fault == .crashAfter { state.isDead = true }
      return .spoiled(fault, code)
    }
  }

  /// Runs a step that has no half.
  func step<Value>(
    _ name: String, _ effect: () throws(SystemFailure) -> Value
  ) throws(SystemFailure) -> Value {
    switch next(name) {
    case .proceed, .spoiled(.short, _): return try effect()
    case .fail(let code), .spoiled(.failBefore, let code), .spoiled(.crashBefore, let code):
      throw SystemFailure(code: code)
    case .spoiled(.failAfter, let code), .spoiled(.crashAfter, let code):
      _ = try effect()
      throw SystemFailure(code: code)
    }
  }
}
