/// What to do about a failure.
package enum Disposition: Hashable, Sendable {
  /// It is a success after all.
  case accept
  /// Drop the token, take a new one, and try the same request once more.
  case renewToken
  /// Try this request again after a while; others go on.
  case retry(after: Duration)
  /// Leave this feed alone for a while; the tenant's other feeds go on.
  case pauseFeed(for: Duration)
  /// Leave this tenant alone for a while; other tenants go on.
  case pauseTenant(for: Duration)
  /// Look at the subscription, start it if need be, and leave the feed alone for a while.
  case resubscribe(pause: Duration)
  /// List the window again from its first page, after a while.
  case restartWindow(after: Duration)
  /// The content can never be had: record the loss, loudly.
  case expire
  /// Give up on this content: a dead letter with its reason.
  case bury
  /// We were told to stop.
  case stop
}

/// The one place that decides what a failure means for what comes next.
///
/// Waits grow exponentially from a base to a ceiling and are spread by jitter (full jitter between
/// half and the whole), so that a thousand feeds that failed together do not come back together.
package enum RetryPolicy {
  /// Decides.
  ///
  /// - Parameters:
  ///   - failure: what happened.
  ///   - attempt: how often this has been tried, this time included; 1 is the first.
  ///   - jitter: a random number in 0..<1 from the caller's generator.
  /// - Returns: what to do. Pure: the same arguments give the same answer.
  package static func disposition(
    of failure: ServiceFailure, attempt: Int, jitter: Double
  ) -> Disposition {
    func wait(_ base: Duration, upTo ceiling: Duration) -> Duration {
      backoff(base: base, ceiling: ceiling, attempt: attempt, jitter: jitter)
    }
    // A wait the service asked for is honoured within reason: never none at all, never forever.
    let asked = failure.retryAfter.map { asked in
      let bounded = min(max(asked, Limits.retryAfterMin), Limits.retryAfterMax)
      return bounded + bounded * (jitter * 0.2)
    }
    let operation = failure.operation
    switch (failure.kind, operation) {
    case (.alreadyEnabled, .startSubscription), (.notSubscribed, .stopSubscription):
      return .accept
    case (.cancelled, _):
      return .stop
    case (.throttled, _):
      // Throttling is counted per tenant: every feed of it shares the quota.
      return .pauseTenant(for: asked ?? wait(.seconds(2), upTo: .seconds(900)))
    case (.tokenRefused, _):
      return attempt <= 1 ? .renewToken : .pauseTenant(for: wait(.seconds(1), upTo: .seconds(900)))
    case (.credentialRefused, _):
      // Operators replace credentials without a restart, so it is tried again, slowly.
      return .pauseTenant(for: wait(.seconds(60), upTo: .seconds(900)))
    case (.misconfigured, _), (.permissionMissing, _):
      return pause(after: operation, for: wait(.seconds(60), upTo: .seconds(900)))
    case (.auditingOff, _):
      return .pauseTenant(for: wait(.seconds(300), upTo: .seconds(3600)))
    case (.notSubscribed, .listContent), (.notSubscribed, .fetchContent),
      (.notSubscribed, .startSubscription), (.subscriptionDisabled, .listContent),
      (.subscriptionDisabled, .fetchContent), (.subscriptionDisabled, .startSubscription):
      return .resubscribe(pause: wait(.seconds(4), upTo: .seconds(900)))
    case (.contentMissing, .fetchContent), (.contentExpired, .fetchContent):
      return .expire
    case (.contentIDRefused, .fetchContent), (.tooLarge, .fetchContent):
      return attempt < 2 ? .retry(after: wait(.seconds(5), upTo: .seconds(60))) : .bury
    case (.foreignOrigin, .fetchContent):
      // A blob is refused for good; a window is asked for again, as its listing may be mended.
      return .bury
    case (.foreignOrigin, _):
      return pause(after: operation, for: wait(.seconds(60), upTo: .seconds(3600)))
    case (.truncated, _), (.malformed, _), (.serviceTrouble, _), (.unreachable, _), (.refused, _),
      (.windowRefused, _), (.pagingLoop, _), (.pageStale, _),
      // What is said of one blob, or of a subscription, decides nothing about anything else.
      (.contentMissing, _), (.contentExpired, _), (.contentIDRefused, _), (.tooLarge, _),
      (.alreadyEnabled, _), (.notSubscribed, _), (.subscriptionDisabled, _):
      let after = asked ?? wait(.seconds(1), upTo: ceiling(of: failure.kind))
      switch operation {
      case .fetchContent:
        // None of this says that the blob is bad: it is owed until the service lets it expire.
        return .retry(after: after)
      case .listContent: return .restartWindow(after: after)
      default: return pause(after: operation, for: after)
      }
    }
  }

  /// A pause of what the failed operation was for: one feed, or the whole tenant.
  private static func pause(
    after operation: ServiceFailure.Operation, for duration: Duration
  ) -> Disposition {
    switch operation {
    case .token, .listSubscriptions: .pauseTenant(for: duration)
    case .startSubscription, .stopSubscription, .listContent, .fetchContent:
      .pauseFeed(for: duration)
    }
  }

  private static func ceiling(of kind: ServiceFailure.Kind) -> Duration {
    switch kind {
    case .serviceTrouble, .malformed, .refused: .seconds(3600)
    default: .seconds(300)
    }
  }

  /// The wait before try `attempt + 1`: `base` doubled for each attempt, at most `ceiling`, of
  /// which a random part between half and the whole is taken.
  package static func backoff(
    base: Duration, ceiling: Duration, attempt: Int, jitter: Double
  ) -> Duration {
    precondition(attempt >= 1, "attempts count from 1")
    precondition((0..<1).contains(jitter), "jitter is a fraction")
    let doubled = base * (1 << min(attempt - 1, 30))
    let whole = min(doubled, ceiling)
    return whole / 2 + whole / 2 * jitter
  }
}
