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
    var finished: [Key: FinishedFile] = [:]
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
    try step("enter") {
      state.withLock { state in
        state.entries[Key(file)] = file
        state.finished[Key(file)] = nil
      }
    }
  }

  func finishedFiles(
    beyond retention: FileRetention, at moment: Timestamp, limit: Int
  ) async throws(SinkError) -> [FinishedFile] {
    try step("finished") {}
    var count = 0
    var bytes: Int64 = 0
    let excess = finished.reversed().filter { file in
      count += 1
      bytes += file.file.length
      return retention.ageMax.map { file.finishedAt < moment - $0 } ?? false
        || count > retention.filesMax ?? .max || bytes > retention.bytesMax ?? .max
    }
    return Array(excess.reversed().prefix(limit))
  }

  func forgetFinished(_ files: [FinishedFile]) async throws(SinkError) {
    try step("forget") {
      state.withLock { state in
        for file in files { state.finished[Key(file.file)] = nil }
      }
    }
  }

  /// What the sink is done with, oldest first.
  var finished: [FinishedFile] {
    state.withLock { state in
      state.finished.values.sorted {
        ($0.finishedAt.milliseconds, $0.file.path) < ($1.finishedAt.milliseconds, $1.file.path)
      }
    }
  }

  /// What whoever delivers does in one transaction.
  func commit(
    _ receipt: SinkReceipt, cursor: Int, at moment: Timestamp = Timestamp(milliseconds: 0)
  ) throws(SinkError) {
    try step("commit") {
      state.withLock { state in
        for file in receipt.files { state.entries[Key(file)] = file }
        for file in receipt.retired { state.entries[Key(file)] = nil }
        for file in receipt.finished {
          state.finished[Key(file)] = FinishedFile(file: file, finishedAt: moment)
        }
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
