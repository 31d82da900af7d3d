import MillraceCore
import MillraceCrypto
import MillraceEvents
import MillraceRuntime
import MillraceSource
import MillraceStore
import Synchronization

/// Fetches what a tenant owes: several blobs at once, each on its own, so that one bad blob never
/// holds up the others. A body and its change of state are committed in one transaction.
struct Fetcher: Sendable {
  let context: TenantContext
  let subscriptions: SubscriptionManager
  let workers: WorkerPool
  /// Bytes of bodies in flight, over all tenants.
  let bytes: Budget
  /// One large body at a time, over all tenants.
  let large: Budget
  let recent: RecentContent
  /// Beats when a body was committed.
  let committed: Pulse

  private let inFlight = InFlight()

  init(
    context: TenantContext, subscriptions: SubscriptionManager, workers: WorkerPool, bytes: Budget,
    large: Budget, recent: RecentContent, committed: Pulse
  ) {
    self.context = context
    self.subscriptions = subscriptions
    self.workers = workers
    self.bytes = bytes
    self.large = large
    self.recent = recent
    self.committed = committed
  }

  /// Fetches until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let seen = context.owed.count
        let excluded = inFlight.rows
        let room = Limits.fetchesPerTenantMax - excluded.count
        var wait: Duration? = .seconds(60)
        if room > 0 {
          // Read once: a pause that ends while the store is asked must still end the wait below.
          let pauses = pausesNow
          let open = context.types.filter { pauses[$0] == nil }
          do throws(StoreError) {
            let now = context.clock.now()
            let owed = try await context.store.owedContent(
              of: context.tenant, types: open, now: now, limit: room, excluding: excluded)
            for content in owed {
              inFlight.insert(content.row)
              group.addTask {
                await fetch(content)
                inFlight.remove(content.row)
                context.owed.beat()
              }
            }
            // When there is no room left, the end of a fetch beats.
            if owed.count < room { wait = try await untilNext(open, pauses, after: now) }
          } catch {
            context.activity.report("store", error.description, level: .error)
            wait = .seconds(5)
          }
        }
        await context.owed.wait(beyond: seen, atMost: wait)
      }
    }
  }

  /// When the pauses of the feeds that are paused end.
  private var pausesNow: [ContentType: ContinuousClock.Instant] {
    var pauses: [ContentType: ContinuousClock.Instant] = [:]
    for type in context.types { pauses[type] = context.gate.pausedUntil(type) }
    return pauses
  }

  /// How long until there may be something to do that no beat will tell of.
  private func untilNext(
    _ open: [ContentType], _ pauses: [ContentType: ContinuousClock.Instant], after now: Timestamp
  ) async throws(StoreError) -> Duration {
    var wait: Duration = .seconds(60)
    let retry = try await context.store.nextRetry(of: context.tenant, types: open, after: now)
    if let retry { wait = min(wait, max(retry - context.clock.now(), .milliseconds(10))) }
    for until in pauses.values {
      wait = min(wait, max(until - ContinuousClock.now, .milliseconds(10)))
    }
    return wait
  }

  // MARK: One blob

  private func fetch(_ content: OwedContent) async {
    await fetch(content, bytesMax: Limits.ordinaryBlobBytesMax) { failure in
      guard failure.kind == .tooLarge else { return await handle(failure, of: content) }
      guard let turn = await large.take(1) else { return }
      await fetch(content, bytesMax: Limits.blobBytesMax) { await handle($0, of: content) }
      large.give(turn)
    }
  }

  /// Asks for a blob, whatever it says of its expiry: only the service's word makes it expired, as
  /// our clock may be wrong and the service may keep content longer than it promised.
  private func fetch(
    _ content: OwedContent, bytesMax: Int, orElse fail: (ServiceFailure) async -> Void
  ) async {
    guard await context.gate.pass(content.blob.feed.contentType) else { return }
    do throws(ServiceFailure) {
      let fetched = try await context.api.fetch(content.blob, bytesMax: bytesMax)
      context.gate.countSuccess()
      await accept(fetched, for: content)
    } catch {
      await fail(error)
    }
  }

  private func accept(_ fetched: FetchedBody, for content: OwedContent) async {
    // What is larger than the whole budget passes alone.
    guard let taken = await bytes.take(max(fetched.bytes.count, 1)) else { return }
    defer { bytes.give(taken) }
    let body = PaddedBytes(fetched.bytes)
    let work = await workers.run {
      (BlobScanner.scan(body), body.withUnsafeBytes { SHA256.digest(of: $0) })
    }
    guard let (scan, digest) = work else { return }
    if let problem = scan.problem, inFlight.isFirstPoisoning(content.row) {
      // Fetched again once, in case the service served it badly; the second time it is kept.
      await handle(
        ServiceFailure(operation: .fetchContent, kind: .malformed, message: problem.reason),
        of: content)
      return
    }
    do throws(StoreError) {
      let now = fetched.receivedAt
      guard
        let sequence = try await context.store.commitFetched(
          content, body: body, sha256: digest, at: now)
      else { return }
      inFlight.forgetPoisoning(content.row)
      let entry = LogEntry(sequence: sequence, blob: content.blob, fetchedAt: now, body: body)
      recent.put(ScannedEntry(entry: entry, scan: scan))
      context.activity.progress {
        $0.blobsFetched += 1
        $0.bytesFetched += body.count
      }
      context.resolve(content.blob.feed.contentType)
      context.activity.resolve("store")
      committed.beat()
    } catch {
      await storeFailed(error)
    }
  }

  private func handle(_ failure: ServiceFailure, of content: OwedContent) async {
    let type = content.blob.feed.contentType
    let consequence = await context.consequence(
      of: failure, type: type, attempt: content.attempts + 1, subscriptions: subscriptions)
    switch consequence {
    case .after(let wait):
      // An answer that carries the service's time, after the blob's end: waiting gives no more.
      if failure.status != nil, let now = context.api.serviceNow, content.blob.expires <= now {
        await lose(
          content, as: .expired,
          reason: "expired at \(content.blob.expires); the last answer: \(failure.description)")
        return
      }
      do throws(StoreError) {
        try await context.store.postpone(
          content, until: context.clock.now() + wait, reason: failure.description)
      } catch {
        await storeFailed(error)
      }
    case .expired:
      await lose(content, as: .expired, reason: failure.description)
    case .buried:
      await lose(content, as: .dead, reason: failure.description)
    case .afterPause, .accepted, .stop:
      return
    }
  }

  private func lose(_ content: OwedContent, as state: ContentState, reason: String) async {
    do throws(StoreError) {
      guard
        try await context.store.lose(content, as: state, reason: reason, at: context.clock.now())
      else { return }
      context.activity.progress { $0.blobsLost += 1 }
      context.log.error(
        "content lost",
        [
          "tenant": context.name, "content_type": "\(content.blob.feed.contentType)",
          "content_id": "\(content.blob.id)", "state": state.rawValue, "reason": reason,
        ])
    } catch {
      await storeFailed(error)
    }
  }

  /// The blob stays owed; trying again at once would only fail again.
  private func storeFailed(_ error: StoreError) async {
    context.activity.report("store", error.description, level: .error)
    do { try await Task.sleep(for: .seconds(2)) } catch { return }
  }
}

/// The rows being fetched now, and those whose body once did not parse.
private final class InFlight: Sendable {
  private struct State {
    var rows: Set<ContentRow> = []
    var poisoned: Set<ContentRow> = []
  }

  private let state = Mutex(State())

  var rows: Set<ContentRow> { state.withLock { $0.rows } }

  func insert(_ row: ContentRow) {
    state.withLock { _ = $0.rows.insert(row) }
  }

  func remove(_ row: ContentRow) {
    state.withLock { _ = $0.rows.remove(row) }
  }

  /// The row came well after all.
  func forgetPoisoning(_ row: ContentRow) {
    state.withLock { _ = $0.poisoned.remove(row) }
  }

  /// True the first time it is asked about a row; forgets it the second time.
  func isFirstPoisoning(_ row: ContentRow) -> Bool {
    state.withLock { state in
      if state.poisoned.remove(row) != nil { return false }
      state.poisoned.insert(row)
      return true
    }
  }
}
