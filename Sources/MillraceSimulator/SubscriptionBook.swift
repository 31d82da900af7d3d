import MillraceCore
import Synchronization

/// The subscriptions of all applications. One belongs to an application of a tenant and a content
/// type (Activity API reference, "Start a subscription").
final class SubscriptionBook: Sendable {
  enum Status: String, Sendable {
    case enabled
    case disabled
  }

  private struct Key: Hashable {
    let tenant: TenantID
    let clientID: String
    let type: ContentType
  }

  private let subscriptions = Mutex<[Key: Status]>([:])

  /// Enables a subscription; false when it is enabled already.
  func start(_ type: ContentType, _ grant: TokenBook.Grant) -> Bool {
    subscriptions.withLock { subscriptions in
      let key = Key(tenant: grant.tenant, clientID: grant.clientID, type: type)
      return subscriptions.updateValue(.enabled, forKey: key) != .enabled
    }
  }

  /// Disables a subscription; false when there is none.
  func stop(_ type: ContentType, _ grant: TokenBook.Grant) -> Bool {
    subscriptions.withLock { subscriptions in
      let key = Key(tenant: grant.tenant, clientID: grant.clientID, type: type)
      guard subscriptions[key] != nil else { return false }
      subscriptions[key] = .disabled
      return true
    }
  }

  /// The status of a subscription; nil when there is none.
  func status(_ type: ContentType, _ grant: TokenBook.Grant) -> Status? {
    subscriptions.withLock {
      $0[Key(tenant: grant.tenant, clientID: grant.clientID, type: type)]
    }
  }
}
