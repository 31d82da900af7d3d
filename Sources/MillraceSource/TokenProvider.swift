package import MillraceCore
package import MillraceHTTP
package import MillraceRuntime

/// Gets bearer tokens for one tenant and keeps the current one.
///
/// However many callers ask, one request is under way. A token is replaced a little before its
/// end; should that fail, the old one serves for as long as it lasts. Nobody who waits for a token
/// is tied to the caller who caused the request: cancelling one leaves the others alone.
package actor TokenProvider {
  private typealias Outcome = Result<AccessToken, ServiceFailure>

  private let tenant: TenantID?
  private let issuer: any TokenIssuer
  private let clock: any WallClock
  private let warn: @Sendable (ServiceFailure, Timestamp) -> Void
  private let isForActivity: Bool

  private var current: AccessToken?
  /// The request under way. Its number tells it from those that were given up.
  private var flight: (number: UInt64, task: Task<Void, Never>)?
  private var flightCount: UInt64 = 0
  private var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
  private var waiterCount: UInt64 = 0
  /// How many wait for the request under way.
  var waitingCount: Int { waiters.count }
  /// While the current token still serves: when to try again to replace it.
  private var nextEarlyTry: Timestamp?

  /// Why the latest try to replace a token failed while the old one still served; nil when it did
  /// not fail. Worth a warning: when the old one ends, the tenant stands still.
  package private(set) var earlyRefreshFailure: ServiceFailure?

  /// A provider that has no token yet and asks for none until the first is needed.
  ///
  /// - Parameters:
  ///   - issuer: who gives out the tokens.
  ///   - tenant: the tenant the token must be for; nil when only a domain is known so far.
  ///   - warn: told once of each new reason why a token cannot be replaced while the old one still
  ///     serves, and until when it does.
  ///   - isForActivity: whether the token is for the Activity API, whose permission is looked for
  ///     in it.
  package init(
    issuer: any TokenIssuer, tenant: TenantID? = nil, clock: any WallClock,
    isForActivity: Bool = true,
    warn: @escaping @Sendable (ServiceFailure, Timestamp) -> Void = { _, _ in }
  ) {
    self.issuer = issuer
    self.tenant = tenant
    self.clock = clock
    self.isForActivity = isForActivity
    self.warn = warn
  }

  /// A provider that asks the login service.
  ///
  /// - Parameters:
  ///   - loginTenant: the tenant in the login URL: its GUID or one of its domains.
  ///   - clientID: the application that asks.
  ///   - tenant: the tenant the token must be for; nil when only a domain is known so far.
  ///   - credential: what proves the application.
  package init(
    loginTenant: String, clientID: String, tenant: TenantID? = nil,
    credential: any TokenCredential, endpoints: ServiceEndpoints, http: any HTTPClient,
    clock: any WallClock
  ) {
    self.init(
      issuer: LoginService(
        loginTenant: loginTenant, clientID: clientID, credential: credential,
        endpoints: endpoints, http: http, clock: clock),
      tenant: tenant, clock: clock)
  }

  /// A token that is good for a while yet.
  ///
  /// Throws `ServiceFailure` of operation `.token`: what the login service refused, or
  /// `.permissionMissing` and `.misconfigured` when the token says itself that the API will refuse
  /// it. A cancelled caller gets `.cancelled`.
  package func token() async throws(ServiceFailure) -> AccessToken {
    let now = clock.now()
    if let current {
      if current.isFresh(at: now) { return current }
      if current.isUsable(at: now), let nextEarlyTry, now < nextEarlyTry { return current }
    }
    waiterCount += 1
    let id = waiterCount
    let outcome: Outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Still on the actor, without a suspension since the call: `abandon` comes after this.
        if Task.isCancelled {
          continuation.resume(returning: .failure(TokenProvider.cancelled))
        } else {
          waiters[id] = continuation
          startFlight()
        }
      }
    } onCancel: {
      Task { await self.abandon(id) }
    }
    return try outcome.get()
  }

  /// Drops a token that the API refused, unless it has been replaced already.
  package func discard(_ token: AccessToken) {
    discard(value: token.value)
  }

  /// Drops the token of this value, unless it has been replaced already.
  package func discard(value: String) {
    if current?.value == value { current = nil }
  }

  // MARK: One request for all

  private func startFlight() {
    guard flight == nil else { return }
    flightCount += 1
    let number = flightCount
    flight = (
      number,
      Task {
        let outcome: Outcome
        do throws(ServiceFailure) {
          outcome = .success(try await requestToken())
        } catch {
          outcome = .failure(error)
        }
        land(number, outcome)
      }
    )
  }

  private func land(_ number: UInt64, _ outcome: Outcome) {
    guard let flight, flight.number == number else { return }
    self.flight = nil
    var outcome = outcome
    switch outcome {
    case .success(let token):
      current = token
      nextEarlyTry = nil
      earlyRefreshFailure = nil
    case .failure(let failure):
      let now = clock.now()
      guard let current, current.isUsable(at: now) else { break }
      nextEarlyTry = now + Limits.tokenRefreshInterval
      if failure.code != earlyRefreshFailure?.code || failure.kind != earlyRefreshFailure?.kind {
        warn(failure, current.expires)
      }
      earlyRefreshFailure = failure
      outcome = .success(current)
    }
    let waiting = waiters.values
    waiters = [:]
    for waiter in waiting { waiter.resume(returning: outcome) }
  }

  /// Lets a cancelled caller go; a request nobody waits for is given up.
  private func abandon(_ id: UInt64) {
    guard let waiter = waiters.removeValue(forKey: id) else { return }
    waiter.resume(returning: .failure(TokenProvider.cancelled))
    guard waiters.isEmpty, let flight else { return }
    flight.task.cancel()
    self.flight = nil
  }

  private static let cancelled = ServiceFailure(
    operation: .token, kind: .cancelled, message: "the caller gave up")

  // MARK: The request

  private func requestToken() async throws(ServiceFailure) -> AccessToken {
    let token = try await issuer.issue()
    try inspect(token)
    return token
  }

  /// Finds what the API would refuse anyway, where it can still be said plainly.
  private func inspect(_ token: AccessToken) throws(ServiceFailure) {
    guard let claims = token.claims else { return }
    if let tenant, let issuedFor = claims.tenant, issuedFor.lowercased() != tenant.description {
      throw ServiceFailure(
        operation: .token, kind: .misconfigured,
        message: "the token is for tenant \(AnswerExcerpt.make(issuedFor, redacting: [])),"
          + " not for \(tenant)",
        hint: "check the tenant's GUID and the domain it signs in with")
    }
    guard !isForActivity || claims.canReadActivity else {
      let roles = claims.roles.isEmpty ? "none" : claims.roles.joined(separator: ", ")
      throw ServiceFailure(
        operation: .token, kind: .permissionMissing,
        message: "the token carries no ActivityFeed.Read; its application permissions: "
          + AnswerExcerpt.make(roles, redacting: []),
        hint: "grant the application permission ActivityFeed.Read of Office 365 Management APIs,"
          + " not the delegated one, with admin consent")
    }
  }
}
