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
  let recent: RecentContent
  /// Beats when a body was committed.
  let committed: Pulse

  private let inFlight = InFlight()

  init(
    context: TenantContext, subscriptions: SubscriptionManager, workers: WorkerPool, bytes: Budget,
    recent: RecentContent, committed: Pulse
  ) {
    self.context = context
    self.subscriptions = subscriptions
    self.workers = workers
    self.bytes = bytes
    self.recent = recent
    self.committed = committed
  }

  /// Fetches until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let seen = context.owed.count
        let room = Limits.fetchesPerTenantMax - inFlight.count
        var wait: Duration? = .seconds(60)
        if room > 0 {
          do throws(StoreError) {
            let owed = try await context.store.owedContent(
              of: context.tenant, types: open, now: context.clock.now(), limit: room,
              excluding: inFlight.rows)
            for content in owed {
              inFlight.insert(content.row)
              group.addTask {
                await fetch(content)
                inFlight.remove(content.row)
                context.owed.beat()
              }
            }
            wait = try await untilNext()
          } catch {
            context.activity.report("store", error.description, level: .error)
            wait = .seconds(5)
          }
        }
        await context.owed.wait(beyond: seen, atMost: wait)
      }
    }
  }

  /// The content types whose feed is not paused.
  private var open: [ContentType] {
    context.types.filter { context.gate.pausedUntil($0) == nil }
  }

  /// How long until there may be something to do that no beat will tell of.
  private func untilNext() async throws(StoreError) -> Duration {
    var wait: Duration = .seconds(60)
    if let retry = try await context.store.nextRetry(of: context.tenant) {
      wait = min(wait, max(retry - context.clock.now(), .milliseconds(10)))
    }
    for type in context.types {
      if let until = context.gate.pausedUntil(type) {
        wait = min(wait, max(until - ContinuousClock.now, .milliseconds(10)))
      }
    }
    return wait
  }

  // MARK: One blob

  private func fetch(_ content: OwedContent) async {
    let blob = content.blob
    let type = blob.feed.contentType
    if blob.expires <= context.serviceNow {
      await lose(
        content, as: .expired, reason: "expired at \(blob.expires), before it could be fetched")
      return
    }
    guard await context.gate.pass(type) else { return }
    do throws(ServiceFailure) {
      let fetched = try await context.api.fetch(blob)
      context.gate.countSuccess()
      await accept(fetched, for: content)
    } catch {
      await handle(error, of: content)
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
  var count: Int { state.withLock { $0.rows.count } }

  func insert(_ row: ContentRow) {
    state.withLock { _ = $0.rows.insert(row) }
  }

  func remove(_ row: ContentRow) {
    state.withLock { _ = $0.rows.remove(row) }
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
