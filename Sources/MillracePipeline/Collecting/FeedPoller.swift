import MillraceCore
import MillraceRuntime
import MillraceSource
import MillraceStore

/// Lists one feed: everything since the cursor with a little overlap, a trailing span again now and
/// then, and once a day everything still alive. What a page names is in the ledger before the next
/// page is asked for; the cursor moves with the last page of a window, in the same transaction.
struct FeedPoller: Sendable {
  let context: TenantContext
  let subscriptions: SubscriptionManager
  let type: ContentType

  /// How long to go on.
  enum Mode: Sendable {
    /// Until the task is cancelled.
    case forever
    /// Until everything up to now has been listed once.
    case once
  }

  private var feed: Feed { context.feed(type) }

  /// Lists, in the given mode. Returns when it is done or the task is cancelled.
  func run(_ mode: Mode) async {
    var course = PollCourse()
    while !Task.isCancelled {
      course.begin()
      do throws(PollFailure) {
        try await poll(isThorough: mode == .once, course: &course)
        course.succeed()
        context.resolve(type)
        context.activity.resolve("store")
        if !course.hasOddEntries { context.activity.resolve(oddEntries) }
        if !course.hasUnreadable { context.activity.resolve(context.unreadable(type)) }
        if mode == .once { return }
        await context.hints.pause(
          type, for: context.pollInterval * (0.9 + 0.2 * context.jitter()))
      } catch {
        course.fail()
        await recover(from: error, course: course)
      }
    }
  }

  /// The name under which entries of a listing that are not as they should be are reported: one for
  /// all, as an entry that is listed again every minute for a week must not be a problem each time.
  private var oddEntries: String { context.subject(type) + "/listing" }

  private func recover(from failure: PollFailure, course: PollCourse) async {
    switch failure {
    case .store(let error):
      context.activity.report("store", error.description, level: .error)
      await pause(.seconds(5))
    case .service(let failure):
      let consequence = await context.consequence(
        of: failure, type: type, attempt: course.failures, subscriptions: subscriptions)
      if case .after(let wait) = consequence { await pause(wait) }
    case .given(let consequence):
      if case .after(let wait) = consequence { await pause(wait) }
    }
  }

  private func pause(_ duration: Duration) async {
    // A cancelled sleep ends the loop that called this.
    do { try await Task.sleep(for: duration) } catch { return }
  }

  // MARK: One poll

  private func poll(isThorough: Bool, course: inout PollCourse) async throws(PollFailure) {
    try await service { () throws(ServiceFailure) in try await subscriptions.ensure(type) }
    // A listing that fails is another failure than a start that did.
    course.notePage()
    let progress = try await store { () throws(StoreError) in
      try await context.store.progress(of: feed)
    }
    let now = context.serviceNow
    let head = ListingPlan.head(serviceNow: now)
    let horizon = ListingPlan.horizon(serviceNow: now)
    try await reportGap(progress: progress, serviceNow: now)

    let isFirst = progress.listedUntil == nil
    let cursor = min(progress.listedUntil ?? horizon, head)
    let again = relisting(progress, now: now, isThorough: isThorough)
    if let again {
      let start = again == .everything ? horizon : head - context.relist.span
      for window in ListingPlan.windows(from: start, to: cursor, serviceNow: now) {
        try await list(window, movesCursor: false, course: &course)
      }
    }
    let start = isFirst ? horizon : cursor - Limits.listingOverlap
    for window in ListingPlan.windows(from: start, to: head, serviceNow: now) {
      try await list(window, movesCursor: true, course: &course)
    }
    if isFirst || again != nil {
      try await store { () throws(StoreError) in
        try await context.store.recordRelisting(
          of: feed, at: now, wasEverything: isFirst || again == .everything)
      }
    }
  }

  private enum Again {
    case span
    case everything
  }

  private func relisting(_ progress: FeedProgress, now: Timestamp, isThorough: Bool) -> Again? {
    guard progress.listedUntil != nil else { return nil }
    // A single run promises all there is now, however late it appeared.
    if isThorough { return .everything }
    guard let swept = progress.sweptAt, now - swept < Limits.sweepInterval, swept <= now else {
      return .everything
    }
    guard let relisted = progress.relistedAt, now - relisted < context.relist.every,
      relisted <= now
    else { return .span }
    return nil
  }

  private func reportGap(progress: FeedProgress, serviceNow: Timestamp) async throws(PollFailure) {
    guard let cursor = progress.listedUntil,
      let gap = ListingPlan.lostSpan(from: cursor, serviceNow: serviceNow)
    else { return }
    context.log.error(
      "content of this span left the service's reach before it was listed; it cannot be had any more",
      [
        "tenant": context.name, "content_type": "\(type)", "from": "\(gap.start)",
        "to": "\(gap.end)",
      ])
    try await store { () throws(StoreError) in
      try await context.store.recordGap(
        of: feed, from: gap.start, to: gap.end, at: context.clock.now())
    }
  }

  /// Lists a window; when a page of it is too large to be taken, its halves one by one.
  private func list(
    _ window: TimeWindow, movesCursor: Bool, course: inout PollCourse
  ) async throws(PollFailure) {
    do throws(PollFailure) {
      try await listPatiently(window, movesCursor: movesCursor, course: &course)
    } catch {
      guard case .service(let failure) = error, failure.kind == .tooLarge,
        let halves = window.halves
      else { throw error }
      context.log.debug(
        "a page is too large: the window is listed in halves",
        ["tenant": context.name, "content_type": "\(type)", "window": "\(window)"])
      try await list(halves.first, movesCursor: movesCursor, course: &course)
      try await list(halves.second, movesCursor: movesCursor, course: &course)
    }
  }

  /// Lists a window, a few times if need be: windows that are listed already need not be listed
  /// again because a later one failed.
  private func listPatiently(
    _ window: TimeWindow, movesCursor: Bool, course: inout PollCourse
  ) async throws(PollFailure) {
    var failures = 0
    var failuresMax = 0
    var reached = -1
    while true {
      let before = course
      do throws(PollFailure) {
        return try await listOnce(window, movesCursor: movesCursor, course: &course)
      } catch {
        guard case .service(let failure) = error else { throw error }
        // Asking again gives the same page; a narrower window gives a smaller one.
        if failure.kind == .tooLarge, window.halves != nil { throw error }
        // A try that came further than any before is no reason to wait longer than at first:
        // windows of many pages would never end where each page fails now and then.
        if course.pages - before.pages > reached {
          reached = course.pages - before.pages
          failures = course.failuresHere
          failuresMax = failures + Limits.windowTriesMax
        }
        failures += 1
        let consequence = await context.consequence(
          of: failure, type: type, attempt: failures, subscriptions: subscriptions)
        guard failures < failuresMax else { throw .given(consequence) }
        switch consequence {
        case .after(let wait): await pause(wait)
        // The gate lets nothing through until the pause is over.
        case .afterPause where failure.kind == .throttled: break
        default: throw .given(consequence)
        }
        guard !Task.isCancelled else { throw .service(cancelled()) }
        course = before
      }
    }
  }

  private func listOnce(
    _ window: TimeWindow, movesCursor: Bool, course: inout PollCourse
  ) async throws(PollFailure) {
    var next: String?
    var seen: Set<String> = []
    repeat {
      let page = try await page(next, of: window)
      course.notePage()
      context.gate.countSuccess()
      next = page.nextPage
      if let next, !seen.insert(next).inserted || seen.count > Limits.listingPagesMax {
        throw .service(
          ServiceFailure(
            operation: .listContent, kind: .pagingLoop,
            message: "paging of \(window) does not end: page \(seen.count + 1) was given before"))
      }
      if reportOddEntries(of: page, window) { course.hasOddEntries = true }
      if reportUnreadable(page) { course.hasUnreadable = true }
      let new = try await record(
        page, isLast: next == nil, window: window, movesCursor: movesCursor)
      let isFarther = course.noteEntered()
      if new > 0 || next == nil && isFarther {
        context.activity.progress { $0.blobsListed += new }
      }
      if new > 0 || next == nil { context.owed.beat() }
    } while next != nil
  }

  private func page(_ next: String?, of window: TimeWindow) async throws(PollFailure) -> ListingPage
  {
    let page = try await service { () throws(ServiceFailure) in
      try await context.gate.pass(type, for: .live) { () async throws(ServiceFailure) in
        if let next {
          try await context.api.nextPage(next, of: type, window: window)
        } else {
          try await context.api.listPage(of: type, window: window)
        }
      }
    }
    guard let page else { throw .service(cancelled()) }
    context.activity.note { $0.listings += 1 }
    return page
  }

  /// Enters what a page names; returns how many blobs of it are new.
  private func record(
    _ page: ListingPage, isLast: Bool, window: TimeWindow, movesCursor: Bool
  ) async throws(PollFailure) -> Int {
    let refused = page.refused.map { refused in
      RefusedContent(
        blob: ContentBlob(
          feed: feed, id: refused.id, uri: refused.origin?.description ?? "",
          created: refused.created, expires: refused.expires),
        reason: refused.reason)
    }
    // By the answer at hand the service's time may be earlier than was thought when the window was
    // made (`Date` of a cache, a clock that jumped): the cursor never passes it.
    let head = ListingPlan.head(serviceNow: context.serviceNow)
    let outcome = try await store { () throws(StoreError) in
      try await context.store.recordListing(
        of: feed, blobs: page.blobs, refused: refused, at: context.clock.now(),
        listedUntil: isLast && movesCursor ? min(window.end, head) : nil,
        listedFrom: window.start)
    }
    return outcome.new
  }

  /// Reports what of a page is not as it should be; false when all is well.
  private func reportOddEntries(of page: ListingPage, _ window: TimeWindow) -> Bool {
    var found: [String] = []
    if let refused = page.refused.first {
      // Each is in the ledger as dead, by its id.
      found.append("\(page.refused.count) entries refused: \(refused.reason)")
    }
    if let mended = page.mended.first {
      found.append("\(page.mended.count) entries are incomplete and used all the same: \(mended)")
    }
    if page.outsideWindow > 0 {
      found.append("the service ignored the window asked for")
    }
    guard !found.isEmpty else { return false }
    context.activity.report(oddEntries, found.joined(separator: "; "), level: .error)
    return true
  }

  /// Reports entries that name no blob; false when there are none. There is no id to enter them
  /// under: the window is listed again later, and a run that must account for all is not complete.
  private func reportUnreadable(_ page: ListingPage) -> Bool {
    guard let malformed = page.malformed.first else { return false }
    context.activity.report(
      context.unreadable(type), "\(page.malformed.count) entries cannot be read: \(malformed)",
      level: .error)
    return true
  }

  // MARK: Errors

  /// A poll fails at the service or at our own store; the two are handled apart.
  private enum PollFailure: Error {
    case service(ServiceFailure)
    case store(StoreError)
    /// A failure of the service of which is decided already what comes of it.
    case given(TenantContext.Consequence)
  }

  private func service<Value>(
    _ body: () async throws(ServiceFailure) -> Value
  ) async throws(PollFailure) -> Value {
    do throws(ServiceFailure) { return try await body() } catch { throw .service(error) }
  }

  private func store<Value>(
    _ body: () async throws(StoreError) -> Value
  ) async throws(PollFailure) -> Value {
    do throws(StoreError) { return try await body() } catch { throw .store(error) }
  }

  private func cancelled() -> ServiceFailure {
    ServiceFailure(operation: .listContent, kind: .cancelled, message: "stopping")
  }
}
