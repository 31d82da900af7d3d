import MillraceCore
import MillraceRuntime
import MillraceSource
import MillraceStore

/// Keeps the subscriptions of one tenant alive: looks first, starts only what is not enabled, and
/// never starts one twice within 15 minutes, restarts included (Activity API reference, "Start a
/// subscription").
actor SubscriptionManager {
  private let context: TenantContext
  private var enabled: Set<ContentType>?

  init(context: TenantContext) {
    self.context = context
  }

  /// Drops what is known, so that the next `ensure` looks again.
  func forget() {
    enabled = nil
  }

  /// Makes sure that `type` is subscribed.
  ///
  /// - Throws: `ServiceFailure`: what the service said, or `.subscriptionDisabled` while a start
  ///   that was accepted has not taken effect.
  func ensure(_ type: ContentType) async throws(ServiceFailure) {
    if try await isEnabled(type) { return }
    let feed = context.feed(type)
    let progress: FeedProgress
    do throws(StoreError) {
      progress = try await context.store.progress(of: feed)
    } catch {
      throw storeFailure(error)
    }
    if let accepted = progress.startAcceptedAt,
      context.clock.now() - accepted < Limits.subscriptionStartInterval,
      // A clock that was set back must not stop subscriptions for longer than the rule does.
      accepted <= context.clock.now()
    {
      throw ServiceFailure(
        operation: .startSubscription, kind: .subscriptionDisabled,
        message: "\(type) was started at \(accepted) and is not enabled yet",
        hint: "the service allows a start every 15 minutes; this resolves by itself")
    }
    let started = try await context.gate.pass(type, for: .live) {
      () async throws(ServiceFailure) in try await context.api.start(type)
    }
    guard started != nil else { throw cancelled() }
    do throws(StoreError) {
      try await context.store.recordStart(of: feed, at: context.clock.now())
    } catch {
      throw storeFailure(error)
    }
    enabled?.insert(type)
    context.log.info("subscription started", ["tenant": context.name, "content_type": "\(type)"])
  }

  private func isEnabled(_ type: ContentType) async throws(ServiceFailure) -> Bool {
    if let enabled { return enabled.contains(type) }
    let active = try await context.gate.pass(type, for: .live) {
      () async throws(ServiceFailure) -> Set<ContentType> in
      // Another feed may have looked while this one waited.
      if let enabled { return enabled }
      let found = try await context.api.subscriptions()
      context.gate.countSuccess()
      return Set(found.filter(\.isEnabled).compactMap(\.contentType))
    }
    guard let active else { throw cancelled() }
    enabled = active
    return active.contains(type)
  }

  private func cancelled() -> ServiceFailure {
    ServiceFailure(operation: .listSubscriptions, kind: .cancelled, message: "stopping")
  }

  private func storeFailure(_ error: StoreError) -> ServiceFailure {
    ServiceFailure(
      operation: .startSubscription, kind: .serviceTrouble, message: error.description)
  }
}
