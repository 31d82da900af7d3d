import MillraceCore
import MillraceRuntime
import Synchronization

/// Hints that a feed has new content, which shorten the wait for its next poll.
///
/// A hint never makes more than one poll, and a burst of them, forged ones included, makes one for
/// each `delay`. It holds nothing that a request is made from: the poll asks for what any would.
final class FeedHints: Sendable {
  private let due = Mutex<[ContentType: ContinuousClock.Instant]>([:])
  private let changed = Pulse()
  private let delay: Duration

  /// - Parameter delay: how long a poll waits after a hint: listings end a little before now, and
  ///   what was just announced would not be in them.
  init(delay: Duration = Limits.hintDelay) {
    self.delay = delay
  }

  /// There may be something new of these types.
  func note(_ types: Set<ContentType>) {
    let moment = ContinuousClock.now + delay
    due.withLock { due in
      // The first of a burst decides: hints that keep coming do not put the poll off.
      for type in types where due[type] == nil { due[type] = moment }
    }
    changed.beat()
  }

  /// Whether a poll was hinted at and has not begun.
  func isDue(_ type: ContentType) -> Bool { due.withLock { $0[type] != nil } }

  /// Waits for the next poll of a feed: so long, or until a hint is due, or the task is cancelled.
  func pause(_ type: ContentType, for duration: Duration) async {
    let end = ContinuousClock.now + duration
    while !Task.isCancelled {
      let seen = changed.count
      let until = due.withLock { min($0[type] ?? end, end) }
      let rest = until - ContinuousClock.now
      if rest <= .zero { break }
      await changed.wait(beyond: seen, atMost: rest)
    }
    // What is hinted from now on is for the poll after the one that begins.
    due.withLock { $0[type] = nil }
  }
}
