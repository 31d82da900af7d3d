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
    switch failure.kind {
    case .alreadyEnabled:
      return .accept
    case .cancelled:
      return .stop
    case .throttled:
      // Throttling is counted per tenant: every feed of it shares the quota.
      if let asked = failure.retryAfter {
        return .pauseTenant(for: asked + jitterShare(asked, jitter))
      }
      return .pauseTenant(for: wait(.seconds(2), upTo: .seconds(15 * 60)))
    case .tokenRefused:
      return attempt <= 1 ? .renewToken : .pauseTenant(for: wait(.seconds(1), upTo: .seconds(900)))
    case .credentialRefused:
      // Operators replace credentials without a restart, so it is tried again, slowly.
      return .pauseTenant(for: wait(.seconds(60), upTo: .seconds(900)))
    case .misconfigured, .permissionMissing:
      if failure.operation == .token {
        return .pauseTenant(for: wait(.seconds(60), upTo: .seconds(900)))
      }
      return .pauseFeed(for: wait(.seconds(60), upTo: .seconds(900)))
    case .auditingOff:
      return .pauseTenant(for: wait(.seconds(300), upTo: .seconds(3600)))
    case .notSubscribed, .subscriptionDisabled:
      return .resubscribe(pause: wait(.seconds(4), upTo: .seconds(900)))
    case .pageStale:
      return .restartWindow(after: wait(.seconds(1), upTo: .seconds(300)))
    case .contentMissing, .contentExpired:
      return .expire
    case .contentIDRefused, .tooLarge:
      return attempt < 2 ? .retry(after: wait(.seconds(5), upTo: .seconds(60))) : .bury
    case .foreignOrigin:
      // A blob is refused for good; a window is asked for again, as its listing may be mended.
      if failure.operation == .fetchContent { return .bury }
      return .pauseFeed(for: wait(.seconds(60), upTo: .seconds(3600)))
    case .truncated, .malformed, .serviceTrouble, .unreachable, .refused, .windowRefused,
      .pagingLoop:
      let isSlow =
        failure.kind == .serviceTrouble || failure.kind == .malformed
        || failure.kind == .refused
      let ceiling: Duration = isSlow ? .seconds(3600) : .seconds(300)
      let after = failure.retryAfter ?? wait(.seconds(1), upTo: ceiling)
      switch failure.operation {
      case .fetchContent:
        // None of this says that the blob is bad: it is owed until the service lets it expire.
        return .retry(after: after)
      case .listContent:
        return .restartWindow(after: after)
      case .listSubscriptions, .token:
        return .pauseTenant(for: after)
      case .startSubscription, .stopSubscription:
        return .pauseFeed(for: after)
      }
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

  private static func jitterShare(_ duration: Duration, _ jitter: Double) -> Duration {
    duration * (jitter * 0.2)
  }
}
