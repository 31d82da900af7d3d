package import MillraceConfiguration
package import MillraceCore
import MillraceEvents
import MillraceHTTP
package import MillraceRuntime
import MillraceSinks
import MillraceSource
import MillraceStore

/// A configuration that is right by itself, and that this collector cannot serve.
package struct SetupError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and what to do.
  package let description: String
  /// The service's refusal, when it is one.
  package let failure: ServiceFailure?

  init(_ description: String, failure: ServiceFailure? = nil) {
    self.description = description
    self.failure = failure
  }

  /// What the configuration says and only whoever uses it can find wrong.
  init(_ error: ConfigurationError) {
    self.init(error.description)
  }
}

extension Collector {
  /// Opens the store and puts everything the configuration names together. Nothing runs yet.
  ///
  /// - Parameters:
  ///   - workers: how many workers parse and encode.
  ///   - seed: determines the jitter of polls and waits; random unless a test repeats a run.
  ///   - hintDelay: how long a poll waits after a webhook's hint.
  /// - Throws: `StoreError` when the store cannot be used, `SetupError` when a tenant or a sink
  ///   cannot.
  package static func open(
    _ configuration: Configuration, workers: Int, log: Log,
    clock: any WallClock = SystemWallClock(), seed: UInt64 = .random(in: 0...UInt64.max),
    hintDelay: Duration = Limits.hintDelay
  ) async throws -> Collector {
    let places = configuration.location?.open(log: log)
    let factory = SinkFactory(
      places: places, labels: EventLabels(configuration.labels), log: log)
    let deliveries = try configuration.sinks.map { sink throws(SetupError) in
      try factory.delivery(sink)
    }
    let store = try Store(folder: configuration.store.path)
    let activity = Activity(log: log, clock: clock)
    // Who may have requests under way is decided before they come here.
    let http = CurlClient(
      name: "http", maxConnectionsPerHost: Limits.requestsAtOnceMax, userAgent: Version.userAgent)
    let turns = FairShare(Limits.requestsAtOnceMax)
    var seeds = SeededGenerator(seed: seed)
    var contexts: [TenantContext] = []
    for tenant in configuration.tenants {
      let api = try await TenantService.connect(tenant, http: http, clock: clock, log: log)
      if let other = contexts.first(where: { $0.tenant == api.tenant }) {
        throw SetupError(
          "tenant \(tenant.name): it is the same tenant as \(other.name) (\(api.tenant)); remove one"
        )
      }
      if tenant.id == nil { await remember(api.tenant, of: tenant, in: store, log) }
      contexts.append(
        TenantContext(
          tenant: api.tenant, facts: TenantFacts(tenant), types: tenant.contentTypes,
          pollInterval: tenant.pollInterval,
          relist: .init(span: tenant.relist.span, every: tenant.relist.every), api: api.api,
          requestsPerMinute: tenant.requestsPerMinute, store: store, activity: activity,
          clock: clock, log: log, seed: seeds.next(), turns: turns, webhook: tenant.webhook,
          hints: FeedHints(delay: hintDelay)))
    }
    return Collector(
      store: store, contexts: contexts, deliveries: deliveries, activity: activity,
      workers: workers, window: configuration.deduplicate,
      policy: Housekeeper.Policy(
        retention: configuration.store.retention, maxSize: configuration.store.maxSize,
        dropsUndelivered: configuration.store.whenFull == .dropOldest),
      clock: clock, log: log,
      credentials: CredentialWatch(tenants: configuration.tenants, clock: clock, log: log))
  }

  /// Keeps what the service gave for a domain. A disk that is full now is no reason not to collect.
  private static func remember(
    _ id: TenantID, of tenant: TenantConfiguration, in store: Store, _ log: Log
  ) async {
    do throws(StoreError) {
      try await store.remember(id, behind: tenant.identifier)
    } catch {
      log.warning(
        "commands cannot tell yet whose the content of \(tenant.identifier) is: \(error)",
        ["tenant": tenant.name])
    }
  }
}
