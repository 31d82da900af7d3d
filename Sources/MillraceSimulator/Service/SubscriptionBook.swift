import MillraceCore
import MillraceRuntime
import Synchronization

/// The subscriptions of all applications. One belongs to an application of a tenant and a content
/// type (Activity API reference, "Start a subscription").
final class SubscriptionBook: Sendable {
  enum Status: String, Sendable {
    case enabled
    case disabled
  }

  /// One subscription.
  struct Subscription: Sendable {
    var status = Status.enabled
    /// When it was started last.
    var startedAt: Timestamp
    /// When it was stopped last.
    var stoppedAt: Timestamp?
    /// What became available while it was stopped: nobody ever gets it.
    var lost: [Range<Timestamp>] = []
    /// Until when a start that came too soon after a stop has no effect.
    var limboUntil: Timestamp?

    /// Whether content is served.
    func isServed(at now: Timestamp) -> Bool {
      status == .enabled && limboUntil.map { $0 <= now } ?? true
    }
  }

  private struct Key: Hashable {
    let tenant: TenantID
    let clientID: String
    let type: ContentType
  }

  private let subscriptions = Mutex<[Key: Subscription]>([:])
  private let clock: any WallClock

  init(clock: any WallClock) {
    self.clock = clock
  }

  /// Enables a subscription; false when it is enabled already.
  ///
  /// - Parameter limbo: for how long after a stop a start has no effect.
  func start(_ type: ContentType, _ grant: TokenBook.Grant, limbo: Duration) -> Bool {
    let now = clock.now()
    return subscriptions.withLock { subscriptions in
      let key = Key(tenant: grant.tenant, clientID: grant.clientID, type: type)
      guard var known = subscriptions[key] else {
        subscriptions[key] = Subscription(startedAt: now)
        return true
      }
      guard known.status != .enabled else { return false }
      known.status = .enabled
      known.startedAt = now
      if let stopped = known.stoppedAt, stopped <= now {
        known.lost.append(stopped..<now)
        if now < stopped + limbo { known.limboUntil = stopped + limbo }
      }
      subscriptions[key] = known
      return true
    }
  }

  /// Disables a subscription; false when there is none.
  func stop(_ type: ContentType, _ grant: TokenBook.Grant) -> Bool {
    let now = clock.now()
    return subscriptions.withLock { subscriptions in
      let key = Key(tenant: grant.tenant, clientID: grant.clientID, type: type)
      guard subscriptions[key] != nil else { return false }
      subscriptions[key]?.status = .disabled
      subscriptions[key]?.stoppedAt = now
      return true
    }
  }

  /// A subscription; nil when there is none.
  func subscription(_ type: ContentType, _ grant: TokenBook.Grant) -> Subscription? {
    subscriptions.withLock {
      $0[Key(tenant: grant.tenant, clientID: grant.clientID, type: type)]
    }
  }
}
