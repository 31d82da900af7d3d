package import MillraceCore
import MillraceRuntime
package import MillraceStore

/// What a command that starts and stops subscriptions asks about one feed. The moment of its last
/// start is in the store, as the service takes a start every 15 minutes (Activity API reference,
/// "Start a subscription").
package struct StartOrder: Codable, Hashable, Sendable {
  /// What is asked, or told.
  package enum Matter: String, Codable, Sendable {
    /// When it was last started.
    case lastStart
    /// It was started just now.
    case started
    /// It was stopped on purpose, and may be started again at once.
    case stopped
  }

  /// The tenant's GUID.
  package var tenant: String
  /// The content type, as the service spells it.
  package var contentType: String
  /// What is asked, or told.
  package var matter: Matter

  /// What `matter` says of a feed.
  package init(_ matter: Matter, _ feed: Feed) {
    tenant = feed.tenant.description
    contentType = feed.contentType.rawValue
    self.matter = matter
  }

  fileprivate var feed: Feed? {
    guard let tenant = TenantID(tenant), let type = ContentType(rawValue: contentType) else {
      return nil
    }
    return Feed(tenant: tenant, contentType: type)
  }
}

/// The answer.
package struct StartAnswer: Codable, Hashable, Sendable {
  /// When the feed was last started, in RFC 3339; nil when it never was, or was stopped since.
  package var startedAt: String?
  /// Whether a collector runs that wants the feed, and starts it again when it is stopped.
  package var isCollected = false

  /// Nothing is known.
  package init() {}
}

/// Keeps when subscriptions were last started, in a collector and in a process that does nothing
/// else.
package struct StartDesk: Sendable {
  private let store: Store
  private let now: @Sendable () -> Timestamp

  /// - Parameter store: opened to collect.
  package init(store: Store, now: @escaping @Sendable () -> Timestamp) {
    self.store = store
    self.now = now
  }

  /// Answers an order, and remembers what it tells.
  ///
  /// - Throws: `ControlError` of status 400 for a feed that cannot be.
  package func settle(_ order: StartOrder) async throws(ControlError) -> StartAnswer {
    guard let feed = order.feed else {
      throw ControlError(400, "\(order.tenant) has no feed \(order.contentType)")
    }
    var answer = StartAnswer()
    do throws(StoreError) {
      switch order.matter {
      case .lastStart: break
      case .started: try await store.recordStart(of: feed, at: now())
      case .stopped: try await store.forgetStart(of: feed)
      }
      answer.startedAt = try await store.progress(of: feed).startAcceptedAt?.description
    } catch {
      throw ControlError(error)
    }
    return answer
  }
}

extension ControlRoute {
  /// `subscriptions start` and `stop`.
  static let starts = ControlRoute("/subscriptions") { (request, collector) throws(ControlError) in
    let order = try request.read(StartOrder.self)
    let desk = StartDesk(store: collector.store) { [clock = collector.clock] in clock.now() }
    var answer = try await desk.settle(order)
    for context in collector.contexts where context.tenant == order.feed?.tenant {
      for type in context.types where type == order.feed?.contentType {
        answer.isCollected = true
        // Whatever the collector waits for was before that.
        if order.matter == .started { context.gate.endPause(of: type) }
      }
    }
    return answer
  }
}
