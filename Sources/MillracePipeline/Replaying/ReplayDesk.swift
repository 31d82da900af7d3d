import MillraceCore
import MillraceRuntime
package import MillraceStore

/// Where replays are asked for and about, in a collector and in a process that does nothing else.
struct ReplayDesk: Sendable {
  let store: Store
  let board: ReplayBoard
  let activity: Activity
  let clock: any WallClock

  /// Starts a replay; the same one, when it is running already, goes on in its place.
  func start(_ request: ReplayRequest) async throws(StoreError) -> ReplayReport {
    guard let turn = await board.starting.take(1) else {
      throw StoreError(kind: .closed, operation: "start a replay", message: "stopping")
    }
    defer { board.starting.give(turn) }
    for job in try await store.runningReplays() where job.sink == request.sink {
      guard ReplayDocument(job)?.request == request else { continue }
      var report = report(job)
      report.wasRunning = true
      return report
    }
    // Where the log ends now, as far as it is decided: what comes later is delivered live.
    let end = try await store.logExtent().firstUnindexed
    let extent = try await store.replayExtent(request.selection, before: end)
    let document = ReplayDocument(request: request, extent: extent)
    let job = try await store.createReplay(
      to: request.sink, selection: ReportJSON.text(document), from: extent.first, end: end,
      at: clock.now())
    board.changed.beat()
    return report(job)
  }

  /// What is known of one replay; nil when there is none of this number.
  func report(of id: Int64) async throws(StoreError) -> ReplayReport? {
    try await store.replay(id).map(report)
  }

  /// Ends a replay; false when it was over.
  func cancel(_ id: Int64) async throws(StoreError) -> Bool {
    let isCancelled = try await store.cancelReplay(id, at: clock.now())
    board.cancel(id)
    return isCancelled
  }

  private func report(_ job: ReplayJob) -> ReplayReport {
    var report = ReplayReport(job)
    let progress = board.progress(job.id)
    if job.state == .done {
      report.examined = report.events
    } else if let progress {
      report.examined = min(progress.examined, report.events)
    }
    report.damagedBlobs = progress?.damaged ?? 0
    if job.state == .running {
      report.problem = activity.problems[Replayer.subject(job.id)]?.message
    }
    return report
  }
}

extension ReplayReport {
  /// What the store knows of a replay.
  package init(_ job: ReplayJob) {
    let document =
      ReplayDocument(job)
      ?? ReplayDocument(request: ReplayRequest(sink: job.sink), extent: ReplayExtent())
    self.init(
      id: job.id, state: job.state, request: document.request, blobs: document.extent.blobs,
      events: document.extent.events, examined: nil, delivered: job.deliveredEvents,
      goneBlobs: document.extent.goneBlobs, goneEvents: document.extent.goneEvents,
      damagedBlobs: 0, wasRunning: false, createdAt: job.createdAt.description,
      updatedAt: job.updatedAt.description, problem: nil)
  }
}
