import MillraceStore
import Synchronization

/// The rows being fetched now, and those whose body once did not parse.
final class InFlight: Sendable {
  private struct State {
    var rows: Set<ContentRow> = []
    var poisoned: Set<ContentRow> = []
  }

  private let state = Mutex(State())

  var rows: Set<ContentRow> { state.withLock { $0.rows } }

  func insert(_ row: ContentRow) {
    state.withLock { _ = $0.rows.insert(row) }
  }

  func remove(_ row: ContentRow) {
    state.withLock { _ = $0.rows.remove(row) }
  }

  /// The row came well after all.
  func forgetPoisoning(_ row: ContentRow) {
    state.withLock { _ = $0.poisoned.remove(row) }
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
