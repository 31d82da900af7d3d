import MillraceCore
import MillraceStore
import Synchronization

/// The bodies most recently committed, kept in memory within a limit: the index step and the sinks
/// that keep up find them here instead of reading them back.
///
/// Never more than a shortcut: whatever is not here is read from the store. A body leaves when
/// every sink has passed it, or when room is needed and one sink has. When there is no room, newer
/// bodies stay out, as the older ones are needed sooner.
final class RecentContent: Sendable {
  private struct State {
    var entries: [Int64: ScannedEntry] = [:]
    var decisions: [Int64: Decisions] = [:]
    var bytes = 0
    var positions: [String: Int64] = [:]
  }

  private let state = Mutex(State())
  private let bytesMax: Int

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Names a sink and the body it reads next.
  func follow(_ sink: String, at sequence: Int64) {
    state.withLock { state in
      state.positions[sink] = sequence
      RecentContent.dropPassed(&state)
    }
  }

  func put(_ entry: ScannedEntry) {
    state.withLock { state in
      let sequence = entry.entry.sequence
      // The fetcher and the index step may both bring a body; and it may be delivered before the
      // fetcher comes to it.
      guard state.entries[sequence] == nil, let slowest = state.positions.values.min(),
        sequence >= slowest
      else { return }
      let size = entry.entry.body.count
      if state.bytes + size > bytesMax { RecentContent.dropPassedByOne(&state) }
      guard state.bytes + size <= bytesMax else { return }
      state.entries[sequence] = entry
      state.bytes += size
    }
  }

  func entry(_ sequence: Int64) -> ScannedEntry? {
    state.withLock { $0.entries[sequence] }
  }

  /// Notes what the index step decided, once that is committed.
  func decide(_ sequence: Int64, _ decisions: Decisions) {
    state.withLock { state in
      if state.entries[sequence] != nil { state.decisions[sequence] = decisions }
    }
  }

  /// The committed decisions about a body that is kept here.
  func decisions(_ sequence: Int64) -> Decisions? {
    state.withLock { $0.decisions[sequence] }
  }

  private static func dropPassed(_ state: inout State) {
    guard let slowest = state.positions.values.min() else { return }
    drop(before: slowest, &state)
  }

  private static func dropPassedByOne(_ state: inout State) {
    guard let fastest = state.positions.values.max() else { return }
    drop(before: fastest, &state)
  }

  private static func drop(before sequence: Int64, _ state: inout State) {
    for (key, entry) in state.entries where key < sequence {
      state.bytes -= entry.entry.body.count
      state.entries[key] = nil
      state.decisions[key] = nil
    }
  }
}
