import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSource
import MillraceStore
import Synchronization

/// What the parts that serve one tenant share.
final class TenantContext: Sendable {
  let tenant: TenantID
  /// What the configuration says of it that events tell.
  let facts: TenantFacts
  let types: [ContentType]
  let pollInterval: Duration
  let relist: Relisting
  let api: ActivityAPI
  let gate: TenantGate
  let store: Store
  let activity: Activity
  let clock: any WallClock
  let log: Log
  /// Where the service tells of new content; nil when it does not.
  let webhook: WebhookConfiguration?
  /// What it told, for the pollers.
  let hints: FeedHints
  /// Beats when there may be something new to fetch.
  let owed = Pulse()
  private let random: Mutex<SeededGenerator>

  /// Which trailing span is listed again, and how often.
  struct Relisting: Sendable {
    let span: Duration
    let every: Duration
  }

  init(
    tenant: TenantID, facts: TenantFacts, types: [ContentType], pollInterval: Duration,
    relist: Relisting, api: ActivityAPI, requestsPerMinute: Int, store: Store, activity: Activity,
    clock: any WallClock, log: Log, seed: UInt64,
    turns: FairShare = FairShare(Limits.requestsAtOnceMax),
    webhook: WebhookConfiguration? = nil, hints: FeedHints = FeedHints()
  ) {
    self.tenant = tenant
    self.facts = facts
    self.types = types
    self.pollInterval = pollInterval
    self.relist = relist
    self.api = api
    gate = TenantGate(requestsPerMinute: requestsPerMinute, turns: turns)
    self.store = store
    self.activity = activity
    self.clock = clock
    self.log = log
    self.webhook = webhook
    self.hints = hints
    random = Mutex(SeededGenerator(seed: seed))
  }

  /// The configured name, for logs, paths and metrics.
  var name: String { facts.name }

  /// What the tenant's requests are allowed now, for `status`.
  var budget: StatusReport.BudgetReport {
    let standing = gate.standing
    return StatusReport.BudgetReport(
      tenant: name, requestsPerMinute: standing.limit, requestsLastMinute: standing.sent,
      throttled: standing.throttled,
      pausedSeconds: standing.pause.map { Double($0.milliseconds) / 1000 })
  }

  func feed(_ type: ContentType) -> Feed { Feed(tenant: tenant, contentType: type) }

  /// The time as the service sees it; windows are made from it.
  var serviceNow: Timestamp { api.serviceNow ?? clock.now() }

  /// A random number in 0..<1.
  func jitter() -> Double { random.withLock { Double.random(in: 0..<1, using: &$0) } }

  /// What comes of a failure for whoever met it.
  enum Consequence {
    /// Try again when the gate lets through.
    case afterPause
    /// Try again after this wait; the gate is open for others.
    case after(Duration)
    /// The content is gone.
    case expired
    /// The content is given up.
    case buried
    /// It was a success.
    case accepted
    /// We are stopping.
    case stop
  }

  /// Decides about a failure, pauses what has to pause, and reports it.
  ///
  /// - Parameter attempt: how often this very request has failed, this time included.
  func consequence(
    of failure: ServiceFailure, type: ContentType, attempt: Int, subscriptions: SubscriptionManager
  ) async -> Consequence {
    let isTenantWide =
      failure.kind == .throttled || failure.operation == .token
      || failure.operation == .listSubscriptions || failure.kind == .tokenRefused
    if failure.kind == .throttled { gate.noteThrottling() }
    let jitter = jitter()
    func decide(_ count: Int) -> Disposition {
      // A fresh token was tried inside the client already: the first refusal seen here is final.
      let tries = failure.kind == .tokenRefused ? count + 1 : count
      return RetryPolicy.disposition(of: failure, attempt: tries, jitter: jitter)
    }
    var count = attempt
    if isTenantWide {
      count = gate.countFailure { count in
        if case .pauseTenant(let wait) = decide(count) { wait } else { nil }
      }
    }
    let disposition = decide(count)
    switch disposition {
    case .expire, .bury, .accept, .stop:
      // A loss is told once, by whoever records it; it is no trouble that lasts.
      break
    default:
      report(failure, type: type)
    }
    switch disposition {
    case .accept: return .accepted
    case .stop: return .stop
    case .expire: return .expired
    case .bury: return .buried
    case .renewToken: return .after(.zero)
    case .retry(let wait), .restartWindow(let wait): return .after(wait)
    case .pauseFeed(let wait):
      gate.pauseFeed(type, for: wait)
      return .afterPause
    case .pauseTenant(let wait):
      gate.pauseTenant(for: wait)
      return .afterPause
    case .resubscribe(let wait):
      await subscriptions.forget()
      gate.pauseFeed(type, for: wait)
      return .afterPause
    }
  }

  /// The name under which a feed's listing trouble is reported.
  func subject(_ type: ContentType) -> String { "\(name)/\(type)" }

  /// The name under which entries of a feed's listings that name no blob are reported.
  func unreadable(_ type: ContentType) -> String { subject(type) + "/unreadable" }

  /// Without a token no feed of the tenant gets anywhere: that is one trouble, not one for each.
  private func report(_ failure: ServiceFailure, type: ContentType) {
    let subject = failure.operation == .token ? name : subject(type)
    switch failure.kind {
    case .cancelled:
      return
    case .throttled:
      activity.note { $0.throttled += 1 }
      activity.report(subject, failure.description, kind: failure.kind)
    case .credentialRefused, .misconfigured, .permissionMissing, .auditingOff, .foreignOrigin:
      activity.report(subject, failure.description, kind: failure.kind, level: .error)
    default:
      activity.report(subject, failure.description, kind: failure.kind)
    }
  }

  /// The feed works again, and with it the tenant's token.
  func resolve(_ type: ContentType) {
    activity.resolve(subject(type))
    activity.resolve(name)
  }
}
