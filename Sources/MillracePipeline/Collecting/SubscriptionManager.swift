import MillraceConfiguration
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
  /// What is enabled and has not the webhook that is configured.
  private var withoutWebhook: Set<ContentType> = []

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
    if try await isEnabled(type) { return await mendWebhook(of: type) }
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
    try await start(type)
    do throws(StoreError) {
      try await context.store.recordStart(of: feed, at: context.clock.now())
    } catch {
      throw storeFailure(error)
    }
    enabled?.insert(type)
    context.log.info("subscription started", ["tenant": context.name, "content_type": "\(type)"])
  }

  // MARK: The webhook

  /// Starts a subscription, with its webhook where that works: polling needs none.
  private func start(_ type: ContentType) async throws(ServiceFailure) {
    guard let webhook = registration(type) else {
      _ = try await passStart(type)
      return
    }
    do throws(ServiceFailure) {
      note(try await passStart(type, webhook: webhook), type)
    } catch {
      guard error.code == "AF20021" else { throw error }
      report(error.description, type)
      _ = try await passStart(type)
    }
  }

  /// Starts a subscription in its turn.
  private func passStart(
    _ type: ContentType, webhook: WebhookRegistration? = nil
  ) async throws(ServiceFailure) -> StartOutcome {
    let outcome = try await context.gate.pass(type, for: .live) {
      () async throws(ServiceFailure) in try await context.api.start(type, webhook: webhook)
    }
    guard let outcome else { throw cancelled() }
    return outcome
  }

  /// Registers the webhook of a subscription that is enabled without; tried once each time that the
  /// subscriptions are looked at.
  private func mendWebhook(of type: ContentType) async {
    guard withoutWebhook.remove(type) != nil, let webhook = registration(type) else { return }
    let feed = context.feed(type)
    let now = context.clock.now()
    do {
      let accepted = try await context.store.progress(of: feed).startAcceptedAt
      if let accepted, accepted <= now, now - accepted < Limits.subscriptionStartInterval {
        return
      }
      let outcome = try await passStart(type, webhook: webhook)
      try await context.store.recordStart(of: feed, at: context.clock.now())
      note(outcome, type)
    } catch {
      report("\(error)", type)
    }
  }

  private func registration(_ type: ContentType) -> WebhookRegistration? {
    guard let webhook = context.webhook else { return nil }
    do throws(ConfigurationError) {
      return WebhookRegistration(address: webhook.address, authID: try webhook.authID.read())
    } catch {
      report(error.description, type)
      return nil
    }
  }

  private func note(_ outcome: StartOutcome, _ type: ContentType) {
    if outcome == .startedWithoutWebhook {
      report("the service took no notice of the webhook", type)
    } else {
      context.activity.resolve(subject(type))
    }
  }

  private func subject(_ type: ContentType) -> String { context.subject(type) + "/webhook" }

  private func report(_ message: String, _ type: ContentType) {
    context.activity.report(
      subject(type), message + "; polling goes on without the webhook", level: .warning)
  }

  private func isEnabled(_ type: ContentType) async throws(ServiceFailure) -> Bool {
    if let enabled { return enabled.contains(type) }
    let active = try await context.gate.pass(type, for: .live) {
      () async throws(ServiceFailure) -> Set<ContentType> in
      // Another feed may have looked while this one waited.
      if let enabled { return enabled }
      let found = try await context.api.subscriptions()
      context.gate.countSuccess()
      let active = Set(found.filter(\.isEnabled).compactMap(\.contentType))
      if let address = context.webhook?.address {
        let hooked = found.filter { $0.webhookAddress == address }.compactMap(\.contentType)
        withoutWebhook = active.subtracting(hooked)
      }
      return active
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
