import Glibc
import MillraceCore
import MillraceEvents
import MillraceHTTP
import MillraceRuntime
import MillraceSource
import MillraceStore

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

  /// Whether keys are made along with the scan, for telling repeats.
  let withKeys: Bool
  /// Whether the store has room.
  let gauge: StoreGauge

  let inFlight = InFlight()

  init(
    context: TenantContext, subscriptions: SubscriptionManager, workers: WorkerPool, bytes: Budget,
    large: Budget, recent: RecentContent, withKeys: Bool, gauge: StoreGauge,
    committed: Pulse
  ) {
    self.context = context
    self.subscriptions = subscriptions
    self.workers = workers
    self.bytes = bytes
    self.large = large
    self.recent = recent
    self.withKeys = withKeys
    self.gauge = gauge
    self.committed = committed
  }

  /// Fetches until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let seen = context.owed.count
        let excluded = inFlight.rows
        // A full store ends fetching; listing goes on, so that the ledger knows what is owed.
        let room = gauge.isFull ? 0 : Limits.fetchesPerTenantMax - excluded.count
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
            let again = try await fetchAgain(open, room: room - owed.count, &group)
            // When there is no room left, the end of a fetch beats.
            if owed.count + again < room { wait = try await untilNext(open, pauses, after: now) }
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
    let service = context.serviceNow
    let settled = try await context.store.nextSettling(of: context.tenant, after: service)
    if let settled { wait = min(wait, max(settled - service, .milliseconds(10))) }
    for until in pauses.values {
      wait = min(wait, max(until - ContinuousClock.now, .milliseconds(10)))
    }
    return wait
  }

  // MARK: One blob

  /// Asks for a blob, whatever it says of its expiry: only the service's word makes it expired, as
  /// our clock may be wrong and the service may keep content longer than it promised.
  private func fetch(_ content: OwedContent) async {
    do throws(ServiceFailure) {
      guard var fetched = try await download(content.blob, of: content.row) else { return }
      if let file = fetched.spilled {
        await acceptHuge(file, receivedAt: fetched.receivedAt, for: content)
      } else {
        let body = PaddedBytes(fetched.takeBytes())
        await accept(body, receivedAt: fetched.receivedAt, for: content)
      }
    } catch {
      await handle(error, of: content)
    }
  }

  /// Asks for a blob when its turn has come; nil when the task was cancelled.
  func download(
    _ blob: ContentBlob, of row: ContentRow
  ) async throws(ServiceFailure) -> FetchedBody? {
    let inFlight = inFlight
    let activity = context.activity
    return try await context.gate.pass(blob.feed.contentType, for: .backlog) {
      () async throws(ServiceFailure) in
      let spill = BodySpill(
        beyond: Limits.ordinaryBlobBytesMax, folder: context.store.folder
      ) { bytes in
        if inFlight.isFarther(row, bytes) { activity.move() }
      }
      let fetched = try await context.api.fetch(
        blob, bytesMax: Limits.blobBytesMax, spill: spill)
      context.gate.countSuccess()
      return fetched
    }
  }

  private func accept(
    _ body: PaddedBytes, receivedAt: Timestamp, for content: OwedContent
  ) async {
    // What is larger than the whole budget passes alone.
    guard let taken = await bytes.take(max(body.count, 1)) else { return }
    defer { bytes.give(taken) }
    let withKeys = withKeys
    let work = await workers.run {
      let scan = BlobScanner.scan(body)
      let tenant = content.blob.feed.tenant
      let keys = withKeys ? EventKeys.keys(of: scan, in: body, tenant: tenant) : nil
      return (scan, keys, PackedBody(body))
    }
    guard let (scan, keys, packed) = work else { return }
    guard await isAcceptable(scan.doubt, content) else { return }
    guard
      let sequence = await commit([packed], of: content, receivedAt: receivedAt)
    else { return }
    let head = LogHead(sequence: sequence, blob: content.blob, fetchedAt: receivedAt)
    recent.put(
      ScannedEntry(entry: LogEntry(head: head, body: body), scan: scan, keys: keys))
    committed.beat()
  }

  /// Takes a body that was too large for memory: in parts, one such body at a time.
  private func acceptHuge(
    _ file: SpillFile, receivedAt: Timestamp, for content: OwedContent
  ) async {
    guard let turn = await large.take(1) else { return }
    defer { large.give(turn) }
    switch await pack(file) {
    case nil:
      return
    case .failure(let error):
      await storeFailed(
        StoreError(
          kind: error.code == ENOSPC || error.code == EDQUOT ? .full : .inputOutput,
          operation: "keep a blob of \(file.count) bytes", message: error.description,
          hint: "make room on the disk that holds store.path; collection resumes by itself"))
    case .success(let huge):
      guard await isAcceptable(huge.problem, content) else { return }
      guard await commit(huge.parts, of: content, receivedAt: receivedAt) != nil else { return }
      committed.beat()
    }
  }

  /// Cuts a body that is too large for memory into parts; nil when the workers have ended.
  func pack(_ file: SpillFile) async -> Result<HugeBody, SpillFile.Failure>? {
    let folder = context.store.folder
    let activity = context.activity
    return await workers.run { () -> Result<HugeBody, SpillFile.Failure> in
      do throws(SpillFile.Failure) {
        return .success(try HugeBody(file, folder: folder) { activity.move() })
      } catch {
        return .failure(error)
      }
    }
  }

  /// Whether a body is kept: one that is no blob is fetched again once, in case the service served
  /// it badly; the second time it is kept.
  private func isAcceptable(_ problem: BlobProblem?, _ content: OwedContent) async -> Bool {
    guard let problem, inFlight.isFirstPoisoning(content.row) else { return true }
    await handle(
      ServiceFailure(operation: .fetchContent, kind: .malformed, message: problem.reason),
      of: content)
    return false
  }

  /// Commits a body; the number of its first part, nil when it was not to be.
  private func commit(
    _ parts: [PackedBody], of content: OwedContent, receivedAt: Timestamp
  ) async -> Int64? {
    do throws(StoreError) {
      guard
        let sequence = try await context.store.commitFetched(
          content, parts: parts, at: receivedAt,
          settlesAt: settlingTime(of: content.blob, parts: parts.count))
      else { return nil }
      inFlight.forgetTries(content.row)
      context.activity.progress {
        $0.blobsFetched += 1
        $0.bytesFetched += parts.reduce(0) { $0 + $1.byteCount }
      }
      context.resolve(content.blob.feed.contentType)
      context.activity.resolve("store")
      return sequence
    } catch {
      await storeFailed(error)
      return nil
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
      inFlight.forgetTries(content.row)
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
  func storeFailed(_ error: StoreError) async {
    context.activity.report("store", error.description, level: .error)
    do { try await Task.sleep(for: .seconds(2)) } catch { return }
  }
}
