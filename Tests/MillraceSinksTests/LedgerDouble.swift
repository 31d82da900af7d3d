import MillraceCore
import MillraceRuntime
import MillraceSinks

/// The store's part of a delivery, in memory: entries and cursor, changed together or not at all.
final class LedgerDouble: SinkLedger {
  private struct Key: Hashable {
    let device: UInt64
    let inode: UInt64

    init(_ file: SinkFile) {
      device = file.device
      inode = file.inode
    }
  }

  private struct State {
    var entries: [Key: SinkFile] = [:]
    var cursor = 0
  }

  private let state = ConditionLock(State())
  private let trial: Trial

  init(trial: Trial = Trial()) {
    self.trial = trial
  }

  /// The same contents, as the next process finds them.
  convenience init(copying other: LedgerDouble, trial: Trial) {
    self.init(trial: trial)
    let contents = other.state.withLock { $0 }
    state.withLock { $0 = contents }
  }

  var cursor: Int { state.withLock { $0.cursor } }
  var entries: [SinkFile] {
    state.withLock { $0.entries.values.sorted { $0.path < $1.path } }
  }

  func files() async throws(SinkError) -> [SinkFile] {
    try step("files") {}
    return entries
  }

  func enter(_ file: SinkFile) async throws(SinkError) {
    try step("enter") { state.withLock { $0.entries[Key(file)] = file } }
  }

  /// What whoever delivers does in one transaction.
  func commit(_ receipt: SinkReceipt, cursor: Int) throws(SinkError) {
    try step("commit") {
      state.withLock { state in
        for file in receipt.files { state.entries[Key(file)] = file }
        for file in receipt.retired { state.entries[Key(file)] = nil }
        state.cursor = cursor
      }
    }
  }

  /// A moment at which a process can die, without an effect of its own.
  func pass(_ name: String) throws(SinkError) {
    try step(name) {}
  }

  /// Puts an entry into the state a test needs.
  func put(_ file: SinkFile, insteadOf old: SinkFile) {
    state.withLock {
      $0.entries[Key(old)] = nil
      $0.entries[Key(file)] = file
    }
  }

  private func step(_ name: String, _ effect: () -> Void) throws(SinkError) {
    do {
      try trial.step(name, effect)
    } catch {
      throw SinkError(
        sink: "test", operation: name, subject: "store", message: "injected", kind: .other)
    }
  }
}
