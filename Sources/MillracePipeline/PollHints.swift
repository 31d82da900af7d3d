package import MillraceCore
import MillraceRuntime

/// Wishes that feeds be polled before their time, such as a notification of the service brings.
/// Polling stays the truth: a hint says that it may be worth while to look, and nothing else.
struct PollHints: Sendable {
  private let pulses: [ContentType: Pulse]

  init(_ types: [ContentType]) {
    pulses = Dictionary(
      types.map { ($0, Pulse()) }, uniquingKeysWith: { first, _ in first })
  }

  /// Wishes for a poll of `type`; false when there is no such feed.
  func wish(_ type: ContentType) -> Bool {
    pulses[type]?.beat()
    return pulses[type] != nil
  }

  /// How many wishes there were. Read it when a poll begins: later ones want another.
  func count(of type: ContentType) -> UInt64 { pulses[type]?.count ?? 0 }

  /// Waits for a wish beyond the first `seen`, at most `timeout`, or until the task is cancelled.
  func wait(_ type: ContentType, beyond seen: UInt64, atMost timeout: Duration) async {
    guard timeout > .zero else { return }
    await pulses[type]?.wait(beyond: seen, atMost: timeout)
  }
}

extension Collector {
  /// Asks that a feed be polled soon. Costs nothing when asked often: polls of a feed keep a few
  /// seconds between them.
  ///
  /// - Returns: false when no such feed is configured.
  package func pollSoon(_ feed: Feed) -> Bool {
    contexts.first { $0.tenant == feed.tenant }?.hints.wish(feed.contentType) ?? false
  }
}
