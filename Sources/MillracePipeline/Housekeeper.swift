import MillraceCore
import MillraceRuntime
import MillraceStore

/// Keeps the store within its size and its age: deletes what was delivered and is old enough, gives
/// free space and free memory back, merges and retires keys, and has fetching wait while the store
/// is full. All in small steps beside everything else.
///
/// When the store is full, what every sink has goes before its time: collecting comes before
/// replaying. What a sink still needs goes only if the operator chose `drop_oldest`.
struct Housekeeper: Sendable {
  /// What the operator allows.
  struct Policy: Sendable {
    let retention: Duration
    let maxSize: Int64
    let dropsUndelivered: Bool
  }

  let store: Store
  let policy: Policy
  let sinks: [String]
  let deduplicator: Deduplicator?
  let gauge: StoreGauge
  let activity: Activity
  let clock: any WallClock
  let log: Log
  /// Beats when a body was committed.
  let committed: Pulse
  /// Beat when fetching may go on.
  let fetchers: [Pulse]

  /// The name under which a full store is reported.
  static let subject = "store size"

  /// Keeps house until the task is cancelled.
  func run() async {
    var trimmedAt = ContinuousClock.now
    while !Task.isCancelled {
      let seen = committed.count
      if ContinuousClock.now - trimmedAt >= Limits.memoryTrimInterval {
        ProcessUsage.trimMemory()
        trimmedAt = .now
      }
      do throws(StoreError) {
        let isBusy = try await round()
        activity.resolve("store/housekeeping")
        if isBusy {
          // Between two steps others write.
          await Task.yield()
          continue
        }
      } catch {
        activity.report("store/housekeeping", error.description, level: .error)
        await pause(.seconds(5))
      }
      await committed.wait(beyond: seen, atMost: Limits.housekeepingInterval)
      await pause(Limits.housekeepingPause)
    }
  }

  private func pause(_ duration: Duration) async {
    // A cancelled sleep ends the loop that called this.
    do { try await Task.sleep(for: duration) } catch { return }
  }

  /// One step of each kind; true when there is more to do at once.
  func round() async throws(StoreError) -> Bool {
    let isFreeing = try await keepSize()
    let isAging = try await dropOld()
    let isVacuuming = try await giveBack()
    let isMerging = try await deduplicator?.maintain(now: clock.now()) ?? false
    return isFreeing || isAging || isVacuuming || isMerging
  }

  // MARK: Size

  private func keepSize() async throws(StoreError) -> Bool {
    let used = Int64(try await store.size().used)
    let resumeAt = policy.maxSize - policy.maxSize / 20
    guard used >= (gauge.isFull ? resumeAt : policy.maxSize) else {
      if gauge.set(full: false) {
        activity.resolve(Housekeeper.subject)
        for fetcher in fetchers { fetcher.beat() }
      }
      return false
    }
    let freed = try await store.dropDelivered(
      to: sinks, before: nil, limit: Limits.bodiesPerDrop, at: clock.now())
    if freed.bodies > 0 { return true }
    if policy.dropsUndelivered {
      let dropped = try await store.dropOldest(
        sinks: sinks, limit: Limits.bodiesPerDrop, at: clock.now())
      if dropped.bodies > 0 {
        tell(dropped)
        return true
      }
    }
    activity.report(Housekeeper.subject, try await fullness(), level: .error)
    gauge.set(full: true)
    return false
  }

  private func tell(_ dropped: DropOutcome) {
    guard let range = dropped.undeliveredRange else { return }
    activity.progress { $0.eventsDropped += dropped.undeliveredEvents }
    log.error(
      "the store is full: content was dropped before every sink had it (when_full: drop_oldest)",
      [
        "bodies": "\(dropped.undelivered)", "events": "\(dropped.undeliveredEvents)",
        "first": "\(range.lowerBound)", "last": "\(range.upperBound)",
      ])
  }

  /// What is said of a full store: how full, what waits, and until when waiting loses nothing.
  private func fullness() async throws(StoreError) -> String {
    var text =
      "the store has reached max_size (\(ByteSize.text(Int(policy.maxSize)))): fetching pauses until "
      + (policy.dropsUndelivered
        ? "there is something to drop (when_full: drop_oldest)"
        : "sinks have taken what they are owed")
    // Without numbers that change from moment to moment: what says the same is logged once.
    if let expiry = try await store.firstExpiry() {
      text += "; the first blob that waits at the service expires at \(expiry)"
    }
    return text + "; raise store.max_size, or see why a sink does not take its events"
  }

  // MARK: Age

  private func dropOld() async throws(StoreError) -> Bool {
    let dropped = try await store.dropDelivered(
      to: sinks, before: try await now() - policy.retention, limit: Limits.bodiesPerDrop,
      at: clock.now())
    return dropped.bodies == Limits.bodiesPerDrop
  }

  /// The local clock, but never far past where the service is known to be: a clock that jumped
  /// ahead must not age everything at once.
  private func now() async throws(StoreError) -> Timestamp {
    let local = clock.now()
    guard let service = try await store.listedUntil() else { return local }
    return min(local, service + Limits.housekeepingClockTrust)
  }

  private func giveBack() async throws(StoreError) -> Bool {
    let free = try await store.size().free
    guard free > Limits.freeBytesKept else { return false }
    try await store.vacuumStep(pages: Limits.pagesPerVacuum)
    return true
  }
}
