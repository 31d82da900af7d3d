import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSinks
package import MillraceStore
import Synchronization

/// The whole way, wired: pollers and fetchers of every tenant fill the store, the index step
/// decides, and a deliverer for each sink empties it. Data flows one way: service, store, events,
/// sinks.
package final class Collector: Sendable {
  /// How a collector runs.
  package enum Mode: Sendable {
    /// Until it is told to stop.
    case continuous
    /// Until all there is now was delivered, or nothing has moved for `patience`.
    case once(patience: Duration)
  }

  let store: Store
  let contexts: [TenantContext]
  let deliveries: [Delivery]
  let activity: Activity
  let clock: any WallClock
  let log: Log
  let workers: WorkerPool
  let deduplicator: Deduplicator?
  let policy: Housekeeper.Policy
  let credentials: CredentialWatch?
  let gauge = StoreGauge()
  let replayBoard = ReplayBoard()
  let recent = RecentContent(bytesMax: Limits.recentBytesMax)
  /// Beats when a body was committed.
  let committed = Pulse()
  private let startedAt: Timestamp
  private let stopping = Mutex(false)
  private let started = ContinuousClock.now
  private let ended = Mutex<ContinuousClock.Instant?>(nil)

  /// How long a stop may take to deliver what is fetched already.
  private static let drainDeadline: Duration = .seconds(20)

  /// - Parameters:
  ///   - window: how long an event is remembered to tell its repeats; nil for not at all.
  ///   - policy: how much the store may hold, and how long.
  init(
    store: Store, contexts: [TenantContext], deliveries: [Delivery], activity: Activity,
    workers: Int, window: Duration?, policy: Housekeeper.Policy, clock: any WallClock, log: Log,
    credentials: CredentialWatch? = nil
  ) {
    self.store = store
    self.contexts = contexts
    self.deliveries = deliveries
    self.activity = activity
    let pool = WorkerPool(width: workers)
    self.workers = pool
    self.policy = policy
    self.credentials = credentials
    deduplicator = window.map { Deduplicator(store: store, workers: pool, window: $0) }
    self.clock = clock
    self.log = log
    startedAt = clock.now()
  }

  /// What the configuration says of tenants that events tell.
  private var tenants: [TenantID: TenantFacts] {
    Dictionary(contexts.map { ($0.tenant, $0.facts) }, uniquingKeysWith: { first, _ in first })
  }

  /// Names of the tenants as configured.
  var tenantNames: [TenantID: String] {
    Dictionary(contexts.map { ($0.tenant, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  /// Asks for the end: no more listing or fetching, what is fetched is still delivered.
  package func stop() {
    stopping.withLock { $0 = true }
    activity.changed.beat()
  }

  /// Whether the end was asked for.
  var isStopping: Bool { stopping.withLock { $0 } }

  /// Collects. Returns when a run with `once` is over, or after `stop`.
  package func run(_ mode: Mode) async -> RunOutcome {
    tellOfLoss()
    await warnOfUnclaimed()
    let indexed = Pulse()
    var watch: OnceWatch?
    if case .once(let patience) = mode {
      watch = OnceWatch(
        contexts: contexts, sinks: deliveries.map(\.sink.name), store: store, activity: activity,
        patience: patience)
    }
    // Two tasks of ours, cancelled and awaited below: collecting ends before processing does.
    let collecting = Task { [watch] in
      await collect(watch: watch)
    }
    let hasEnd = watch != nil
    let processing = Task {
      await process(indexed: indexed) { [self] in hasEnd || isStopping }
    }
    let outcome = await ending(watch)
    collecting.cancel()
    await collecting.value
    if outcome.ending == .stopped {
      indexed.beat()
      await drain()
    }
    processing.cancel()
    await processing.value
    ended.withLock { $0 = .now }
    return outcome
  }

  /// Says what the store has lost since it was last open, if it has.
  private func tellOfLoss() {
    guard let missing = store.missingEntries else { return }
    log.error(
      "the store has lost what it had committed: its write-ahead log (millrace.db-wal) was damaged"
        + " or removed, or an older database was put in its place. What the service still keeps is"
        + " listed, fetched and delivered again, so that sinks may get events twice; look for disk"
        + " errors in the kernel's log, and see \"millrace verify\"",
      ["first_entry": "\(missing.lowerBound)", "last_entry": "\(missing.upperBound)"])
    store.acknowledgeLoss()
  }

  /// Says what the store owes for feeds that are not configured any more: nobody fetches it.
  private func warnOfUnclaimed() async {
    let configured = Set(contexts.flatMap { context in context.types.map(context.feed) })
    do throws(StoreError) {
      for (feed, count) in try await store.owedCounts() where !configured.contains(feed) {
        log.warning(
          "blobs of a feed that is not configured any more stay unfetched until they expire",
          ["feed": "\(feed)", "blobs": "\(count)"])
      }
    } catch {
      activity.report("store", error.description, level: .error)
    }
  }

  /// Has sinks let go of files that were renamed or removed: SIGHUP asks for it.
  package func reopenSinks() async {
    for delivery in deliveries { await (delivery.sink as? any ReopeningSink)?.reopen() }
  }

  /// Closes the store. The collector is of no use afterwards.
  package func close() {
    store.close()
  }

  private func ending(_ watch: OnceWatch?) async -> RunOutcome {
    await withTaskGroup(of: RunOutcome?.self) { group in
      group.addTask { await self.stopAsked() }
      if let watch { group.addTask { await watch.end() } }
      var outcome = RunOutcome(ending: .stopped)
      for await ended in group {
        guard let ended else { continue }
        outcome = ended
        break
      }
      group.cancelAll()
      return outcome
    }
  }

  private func stopAsked() async -> RunOutcome? {
    while !Task.isCancelled {
      let seen = activity.changed.count
      if stopping.withLock({ $0 }) { return RunOutcome(ending: .stopped) }
      await activity.changed.wait(beyond: seen)
    }
    return nil
  }

  // MARK: Parts

  private func collect(watch: OnceWatch?) async {
    let bytes = Budget(Limits.fetchedBytesInFlightMax)
    let large = Budget(1)
    await withDiscardingTaskGroup { group in
      for context in contexts {
        let subscriptions = SubscriptionManager(context: context)
        for type in context.types {
          let poller = FeedPoller(context: context, subscriptions: subscriptions, type: type)
          group.addTask {
            await poller.run(watch == nil ? .forever : .once)
            if !Task.isCancelled { watch?.noteListed(context.feed(type)) }
          }
        }
        let fetcher = Fetcher(
          context: context, subscriptions: subscriptions, workers: workers, bytes: bytes,
          large: large, recent: recent, withKeys: deduplicator != nil, gauge: gauge,
          committed: committed)
        group.addTask { await fetcher.run() }
      }
    }
  }

  private func process(indexed: Pulse, isHurried: @escaping @Sendable () -> Bool) async {
    let indexer = Indexer(
      store: store, workers: workers, recent: recent, deduplicator: deduplicator,
      activity: activity, clock: clock, log: log, committed: committed, indexed: indexed)
    let shelf = BufferShelf(bytesEach: Limits.batchBytesMax)
    let housekeeper = Housekeeper(
      store: store, policy: policy, sinks: deliveries.map(\.sink.name),
      deduplicator: deduplicator, gauge: gauge, activity: activity, clock: clock, log: log,
      committed: committed, fetchers: contexts.map(\.owed))
    await withDiscardingTaskGroup { group in
      group.addTask { await indexer.run() }
      group.addTask { await housekeeper.run() }
      if let credentials { group.addTask { await credentials.run() } }
      for delivery in deliveries {
        let shared = SharedSink(delivery)
        let reader = EventReader(
          store: store, workers: workers, recent: recent, sink: delivery.sink.name,
          shape: delivery.shape, tenants: tenants, shelf: shelf)
        let replayer = Replayer(
          shared: shared, store: store, workers: workers, recent: recent,
          tenants: tenants, board: replayBoard, activity: activity, clock: clock, log: log)
        let deliverer = Deliverer(
          shared: shared, reader: reader, replayer: replayer, store: store, recent: recent,
          activity: activity, clock: clock, log: log, indexed: indexed, isHurried: isHurried)
        group.addTask { await deliverer.run() }
      }
    }
  }

  /// Waits until every sink stands at the end of the log, at most until the deadline. What is not
  /// delivered then is delivered after the next start.
  private func drain() async {
    let deadline = ContinuousClock.now + Collector.drainDeadline
    while ContinuousClock.now < deadline {
      let seen = activity.changed.count
      do throws(StoreError) {
        let extent = try await store.logExtent()
        let positions = try await store.sinkPositions()
        let end = LogPosition(sequence: extent.last + 1)
        let isDone = deliveries.allSatisfy { (positions[$0.sink.name] ?? .start) >= end }
        if extent.firstUnindexed > extent.last && isDone { return }
      } catch {
        log.error("the store cannot be read while stopping", ["error": error.description])
        return
      }
      await activity.changed.wait(beyond: seen, atMost: .milliseconds(500))
    }
    log.warning("stopping before everything was delivered; the rest follows after the next start")
  }

  // MARK: Status

  /// What `status` shows of a running collector.
  package func status() async throws(StoreError) -> StatusReport {
    var report = StatusReport(
      try await store.status(), at: clock.now(), tenantNames: tenantNames)
    report.storeIsFull = gauge.isFull
    report.storeBytesMax = Int(policy.maxSize)
    let counters = activity.counters
    let end = ended.withLock { $0 } ?? .now
    let seconds = Double((end - started).milliseconds) / 1000
    let events = counters.eventsDelivered.values.max() ?? 0
    let problems = activity.problems.sorted { $0.key < $1.key }.map { subject, problem in
      StatusReport.ProblemReport(
        subject: subject, message: problem.message, since: problem.since.description,
        count: problem.count)
    }
    report.run = StatusReport.RunReport(
      startedAt: startedAt.description, collectingSeconds: seconds,
      eventsPerSecond: seconds > 0 ? (Double(events) / seconds * 10).rounded() / 10 : 0,
      blobsFetched: counters.blobsFetched, bytesFetched: counters.bytesFetched,
      requestsThrottled: counters.throttled, blobsSettled: counters.blobsSettled,
      blobsCompleted: counters.blobsCompleted, budgets: contexts.map(\.budget),
      residentBytesPeak: ProcessUsage.residentBytesPeak,
      problems: problems + [report.deadLetterProblem].compactMap { $0 })
    return report
  }

  /// How far the run has come, for a progress line: events the slowest sink is done with (what its
  /// filter keeps out is), events known so far.
  package var progress: (processed: Int, indexed: Int) {
    let counters = activity.counters
    let processed = deliveries.map { counters.eventsProcessed[$0.sink.name] ?? 0 }.min() ?? 0
    return (processed, counters.recordsIndexed - counters.skipped)
  }
}
