import MillraceStore
import Synchronization

/// The rows being fetched now, and what earlier tries of a row came to.
final class InFlight: Sendable {
  private struct State {
    var rows: Set<ContentRow> = []
    var poisoned: Set<ContentRow> = []
    /// How many bytes of a body that is too large for memory came at most.
    var farthest: [ContentRow: Int] = [:]
  }

  private let state = Mutex(State())

  var rows: Set<ContentRow> { state.withLock { $0.rows } }

  func insert(_ row: ContentRow) {
    state.withLock { _ = $0.rows.insert(row) }
  }

  func remove(_ row: ContentRow) {
    state.withLock { _ = $0.rows.remove(row) }
  }

  /// Nothing more is to be fetched for the row.
  func forgetTries(_ row: ContentRow) {
    state.withLock { state in
      state.poisoned.remove(row)
      state.farthest[row] = nil
    }
  }

  /// Whether a body has come farther than in any try before: one that is cut at the same place
  /// again and again does not.
  func isFarther(_ row: ContentRow, _ bytes: Int) -> Bool {
    state.withLock { state in
      guard bytes > state.farthest[row, default: 0] else { return false }
      state.farthest[row] = bytes
      return true
    }
  }

  /// True the first time it is asked about a row; forgets it the second time.
  func isFirstPoisoning(_ row: ContentRow) -> Bool {
    state.withLock { state in
      if state.poisoned.remove(row) != nil { return false }
      state.poisoned.insert(row)
      return true
    }
  }
}
