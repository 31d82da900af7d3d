package import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceHTTP
package import MillraceRuntime
import MillraceSinks
package import MillraceStore
import Synchronization

/// Replays in a process of their own, where no collector runs: takes the store's lock and opens one
/// sink.
package final class StandaloneReplay: Sendable {
  private let store: Store
  private let configuration: Configuration
  private let desk: ReplayDesk
  private let workers: WorkerPool
  private let activity: Activity
  private let clock: any WallClock
  private let log: Log
  private let running = Mutex(Running())

  private struct Running: Sendable {
    var task: Task<Void, Never>?
    var isStopped = false
  }

  /// Takes the store's lock. Nothing runs yet.
  ///
  /// - Parameter workers: how many workers parse and encode.
  /// - Throws: as opening a store does.
  package init(
    _ configuration: Configuration, workers: Int, log: Log,
    clock: any WallClock = SystemWallClock()
  ) throws(StoreError) {
    store = try Store(folder: configuration.store.path)
    self.configuration = configuration
    self.workers = WorkerPool(width: workers)
    activity = Activity(log: log, clock: clock)
    desk = ReplayDesk(store: store, board: ReplayBoard(), activity: activity, clock: clock)
    self.clock = clock
    self.log = log
  }

  /// Starts a replay, or finds the same one that was interrupted.
  package func start(_ request: ReplayRequest) async throws(StoreError) -> ReplayReport {
    try await desk.start(request)
  }

  /// What is known of one replay; nil when there is none of this number.
  package func report(of id: Int64) async throws(StoreError) -> ReplayReport? {
    try await desk.report(of: id)
  }

  /// Ends a replay; false when it was over.
  package func cancel(_ id: Int64) async throws(StoreError) -> Bool {
    try await desk.cancel(id)
  }

  /// Runs a replay to its end, or until `stop`.
  ///
  /// - Throws: `SetupError` when its sink cannot be used, `SinkError` or `StoreError` when it
  ///   cannot be opened.
  package func run(_ id: Int64) async throws {
    guard let job = try await store.replay(id), job.state == .running else { return }
    guard let sink = configuration.sinks.first(where: { $0.name == job.sink }) else {
      throw SetupError(
        "replay \(id) goes to sink \(job.sink), which is not configured any more; configure it, or"
          + " end the replay with \"millrace replay --cancel \(id)\"")
    }
    let factory = SinkFactory(
      places: configuration.location?.open(log: log), labels: EventLabels(configuration.labels),
      log: log)
    let delivery = try factory.delivery(sink)
    let shared = SharedSink(delivery)
    let replayer = Replayer(
      shared: shared, store: store, workers: workers, recent: RecentContent(bytesMax: 0),
      tenants: try await tenants(), board: desk.board, activity: activity, clock: clock,
      log: log)
    let start = try await delivery.start(in: store)
    _ = try await store.registerSink(sink.name, from: start, at: clock.now())
    try await delivery.sink.open(ledger: StoreSinkLedger(store: store, sink: sink.name))
    let task = running.withLock { running in
      let task = Task { await replayer.run(job) }
      if running.isStopped { task.cancel() }
      running.task = task
      return task
    }
    await task.value
    await delivery.sink.close()
  }

  /// Ends what runs, behind the batch that is being delivered; the replay can go on later.
  package func stop() {
    running.withLock { running in
      running.isStopped = true
      running.task?.cancel()
    }
  }

  /// Closes the store.
  package func close() {
    store.close()
  }

  /// What paths and events are made with, the same as the collector's: a tenant whose GUID is not
  /// known, as it is configured by a domain that no collector has resolved, is asked for.
  private func tenants() async throws -> [TenantID: TenantFacts] {
    var tenants: [TenantID: TenantFacts] = [:]
    let http = CurlClient(name: "http", userAgent: Version.userAgent)
    defer { http.shutdown() }
    for tenant in configuration.tenants {
      let id =
        if let id = tenant.id { id } else {
          try await TenantService.connect(tenant, http: http, clock: clock).tenant
        }
      tenants[id] = tenants[id] ?? TenantFacts(tenant)
    }
    return tenants
  }
}
