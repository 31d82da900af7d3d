import MillraceRuntime
import Synchronization

/// Whether the store has room: fetchers ask it before they fetch, the housekeeper sets it.
final class StoreGauge: Sendable {
  private let full = Mutex(false)
  /// Beats when there is room again, and when there is none any more.
  let changed = Pulse()

  /// Whether fetching has to wait.
  var isFull: Bool { full.withLock { $0 } }

  /// Notes whether fetching has to wait; true when that is new.
  @discardableResult
  func set(full isFull: Bool) -> Bool {
    let isNew = full.withLock { state in
      defer { state = isFull }
      return state != isFull
    }
    if isNew { changed.beat() }
    return isNew
  }
}
