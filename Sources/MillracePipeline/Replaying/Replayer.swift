import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStore

/// Runs the replays to one sink, one after the other, each with its own cursor: a batch is
/// delivered in a turn of the shared sink and committed with the replay's cursor and the sink's
/// files, so that a replay is as exact as live delivery, whatever is killed when.
struct Replayer: Sendable {
  let shared: SharedSink
  let store: Store
  let workers: WorkerPool
  let recent: RecentContent
  let tenants: [TenantID: TenantFacts]
  let board: ReplayBoard
  let activity: Activity
  let clock: any WallClock
  let log: Log

  private var name: String { shared.delivery.sink.name }

  /// The name under which a replay's trouble is reported.
  static func subject(_ id: Int64) -> String { "replay \(id)" }

  /// Runs what is to be run, until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let seen = board.changed.count
      do throws(StoreError) {
        let jobs = try await store.runningReplays().filter { $0.sink == name && isReadable($0) }
        if let job = jobs.first {
          log.info("replaying", ["replay": "\(job.id)", "sink": name, "from": "\(job.position)"])
          await board.running(job.id) { await run(job) }
          if let state = try await store.replay(job.id)?.state, state != .running {
            log.info("replay is over", ["replay": "\(job.id)", "state": state.rawValue])
          }
        } else {
          await board.changed.wait(beyond: seen)
        }
      } catch {
        activity.report("store", error.description, level: .error)
        await shared.pause(3)
      }
    }
  }

  private func isReadable(_ job: ReplayJob) -> Bool {
    if ReplayDocument(job) != nil { return true }
    activity.report(
      Replayer.subject(job.id),
      "it was started by another version and cannot be read; end it with \"millrace replay --cancel"
        + " \(job.id)\" and start it again")
    return false
  }

  /// Runs one replay to its end, or until it is cancelled. The sink is open.
  func run(_ job: ReplayJob) async {
    guard let document = ReplayDocument(job) else { return }
    let request = document.request
    let route = ReplayRoute(
      store: store, selection: request.selection, operations: request.operations, end: job.end)
    let reader = EventReader(
      store: store, workers: workers, recent: recent, sink: name,
      shape: request.shape(shared.delivery.shape), tenants: tenants, route: route)
    await noteBeginning(job, document)
    let ahead = BoundedChannel<PositionedBatch>(limit: 2)
    await withTaskGroup { group in
      group.addTask { await read(job, with: reader, along: route, into: ahead) }
      group.addTask {
        var pace = Pace(rate: request.rate)
        while let batch = await ahead.receive() {
          guard await pace.wait(), await deliver(batch, of: job) else { break }
          pace.passed(batch.batch.lines.count)
        }
        ahead.close()
      }
      await group.waitForAll()
    }
    activity.resolve(Replayer.subject(job.id))
  }

  /// How much lies before the cursor of a replay that goes on.
  private func noteBeginning(_ job: ReplayJob, _ document: ReplayDocument) async {
    var examined = 0
    do throws(StoreError) {
      if job.position.sequence != document.extent.first || job.position.record > 0 {
        let passed = try await store.replayExtent(
          document.request.selection, before: job.position.sequence)
        // What retention took since it was started, the replay had passed.
        examined = passed.events + passed.goneEvents - document.extent.goneEvents
      }
    } catch {
      // The progress that is shown begins at zero; whatever the store has will be said soon.
      log.warning("the progress of a replay is not known", ["reason": error.description])
    }
    board.note(job.id) { $0.examined = max(examined, 0) + job.position.record }
  }

  private func read(
    _ job: ReplayJob, with reader: EventReader, along route: ReplayRoute,
    into ahead: BoundedChannel<PositionedBatch>
  ) async {
    var position = job.position
    var sent = job.position
    while !Task.isCancelled && sent < route.endPosition {
      do throws(StoreError) {
        for batch in try await reader.wave(after: position) {
          guard await ahead.send(batch) else { return }
          position = batch.upTo
          sent = batch.upTo
        }
      } catch {
        if let next = await skip(error, at: position, along: route) {
          board.note(job.id) { $0.damaged += 1 }
          position = next
        } else {
          activity.report(Replayer.subject(job.id), error.description, level: .error)
          await shared.pause(3)
        }
      }
    }
    ahead.close()
  }

  /// Where to go on behind a body that is damaged; nil when something else is the matter.
  private func skip(
    _ error: StoreError, at position: LogPosition, along route: ReplayRoute
  ) async -> LogPosition? {
    guard error.kind == .damaged else { return nil }
    do throws(StoreError) {
      guard let damaged = try await route.next(from: position) else { return nil }
      log.error("a damaged body is left out of a replay", ["reason": error.description])
      return LogPosition(sequence: damaged.sequence + 1)
    } catch {
      return nil
    }
  }

  /// Delivers one batch and commits the cursor. False at the end, and when stopping.
  private func deliver(_ positioned: PositionedBatch, of job: ReplayJob) async -> Bool {
    let subject = Replayer.subject(job.id)
    var state = ReplayJob.State.running
    let isDelivered = await shared.deliver(positioned) { error in
      activity.report(subject, error.description, level: .error)
    } commit: { delivered in
      guard let committed = await commit(delivered, of: job, upTo: positioned.upTo) else {
        return false
      }
      state = committed
      return true
    }
    guard isDelivered else { return false }
    board.note(job.id) { $0.examined += positioned.examined }
    activity.resolve(subject)
    return state == .running && !Task.isCancelled
  }

  private func commit(
    _ delivered: DeliveredBatch, of job: ReplayJob, upTo position: LogPosition
  ) async -> ReplayJob.State? {
    var attempt = 0
    while true {
      attempt += 1
      do throws(StoreError) {
        let state = try await store.commitReplay(job.id, to: position, delivered, at: clock.now())
        activity.resolve("store")
        delivered.tell(log, sink: name)
        // No progress in the sense of a run that waits for what is owed.
        activity.note {
          $0.eventsReplayed[name, default: 0] += delivered.events
          $0.eventsRefused[name, default: 0] += delivered.refused.count
        }
        return state
      } catch {
        activity.report("store", error.description, level: .error)
        guard await shared.pause(attempt) else { return nil }
      }
    }
  }
}

/// Keeps a replay at its rate.
struct Pace {
  private let rate: Int?
  private var due = ContinuousClock.now

  /// - Parameter rate: events a second; nil for as many as go.
  init(rate: Int?) {
    self.rate = rate
  }

  /// Waits until the next batch may go; false when the task was cancelled.
  func wait() async -> Bool {
    guard rate != nil, due > .now else { return !Task.isCancelled }
    do { try await Task.sleep(until: due, clock: .continuous) } catch { return false }
    return true
  }

  /// Counts what has gone. More than a second in which nothing could go is not made up for.
  mutating func passed(_ events: Int) {
    guard let rate else { return }
    due = max(due, .now - .seconds(1)) + .nanoseconds(Int64(events) * 1_000_000_000 / Int64(rate))
  }
}
