import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStore

/// Brings events to one sink at its own pace: reads from the sink's cursor on, delivers, and moves
/// the cursor only after the sink said that everything before it is durable. Sinks share nothing,
/// so none can hold up another.
struct Deliverer: Sendable {
  let shared: SharedSink
  let reader: EventReader
  /// Runs the replays to this sink, beside what is delivered live.
  let replayer: Replayer
  let store: Store
  let recent: RecentContent
  let activity: Activity
  let clock: any WallClock
  let log: Log
  /// Beats when the index step came further, and when the end is near.
  let indexed: Pulse
  /// Whether nothing more is to be waited for: the run has an end, or was asked to stop.
  let isHurried: @Sendable () -> Bool

  private var delivery: Delivery { shared.delivery }
  private var sink: any Sink { delivery.sink }

  /// Delivers until the task is cancelled. What is being delivered then is finished first.
  func run() async {
    guard let position = await opened() else { return }
    // One wave is encoded while the one before is delivered.
    let ahead = BoundedChannel<PositionedBatch>(limit: 1)
    await withTaskGroup { group in
      group.addTask { await replayer.run() }
      group.addTask { await read(from: position, into: ahead) }
      group.addTask {
        while var batch = await ahead.receive() {
          guard await deliver(batch) else { break }
          reader.shelf.give(batch.batch.takeBytes())
        }
        ahead.close()
      }
      await group.waitForAll()
    }
    await sink.close()
  }

  private var subject: String { "sink \(sink.name)" }
  /// Apart from the above: what is delivered meanwhile does not mend what cannot be read.
  private var readingSubject: String { Deliverer.readingSubject(sink.name) }

  /// The name under which a sink's trouble with reading the log is reported.
  static func readingSubject(_ sink: String) -> String { "sink \(sink)/log" }

  /// Opens the sink against what was committed, trying until it works.
  private func opened() async -> LogPosition? {
    var attempt = 0
    while !Task.isCancelled {
      attempt += 1
      do {
        let start = try await delivery.start(in: store)
        let position = try await store.registerSink(sink.name, from: start, at: clock.now())
        try await sink.open(ledger: StoreSinkLedger(store: store, sink: sink.name))
        recent.follow(sink.name, at: position.sequence)
        activity.resolve(subject)
        return position
      } catch {
        let message = (error as? SinkError)?.reason ?? "\(error)"
        activity.report(error is StoreError ? "store" : subject, message, level: .error)
        await shared.pause(attempt)
      }
    }
    return nil
  }

  private func read(from start: LogPosition, into ahead: BoundedChannel<PositionedBatch>) async {
    var position = start
    while !Task.isCancelled {
      let seen = indexed.count
      do throws(StoreError) {
        // The last one first: each leaves the wave as it is sent, and has one owner.
        var wave = Array(try await reader.wave(after: position).reversed())
        activity.resolve(readingSubject)
        let isEmpty = wave.isEmpty
        let isSmall = wave.count == 1 && !delivery.isFull(wave[0].batch)
        while let batch = wave.popLast() {
          position = batch.upTo
          guard await ahead.send(batch) else { return }
        }
        if isEmpty {
          await indexed.wait(beyond: seen, atMost: .seconds(60))
        } else if isSmall {
          try await gather(from: position)
        }
      } catch {
        activity.report(readingSubject, error.description, level: .error)
        await shared.pause(3)
      }
    }
    ahead.close()
  }

  /// Lets events gather behind a batch that was not full: until there are enough for a full one,
  /// or the first of them may wait no longer. Single events go out at once.
  private func gather(from position: LogPosition) async throws(StoreError) {
    let end = ContinuousClock.now + delivery.linger
    while !Task.isCancelled, !isHurried() {
      let seen = indexed.count
      let left = end - .now
      guard left > .zero else { return }
      let waiting = try await store.waiting(from: position, atMost: delivery.batchEventsMax)
      if waiting.events >= delivery.batchEventsMax || waiting.bytes >= delivery.batchBytesMax {
        return
      }
      await indexed.wait(beyond: seen, atMost: left)
    }
  }

  /// Delivers one batch, however often it takes, and commits the cursor. False when stopping.
  private func deliver(_ positioned: PositionedBatch) async -> Bool {
    let isDelivered = await shared.deliver(positioned) { error in
      activity.report(subject, error.reason, level: .error)
    } commit: { delivered in
      await commit(delivered, of: positioned)
    }
    guard isDelivered else { return false }
    recent.follow(sink.name, at: positioned.upTo.sequence)
    activity.resolve(subject)
    return !Task.isCancelled
  }

  private func commit(
    _ delivered: DeliveredBatch, of positioned: PositionedBatch
  ) async -> Bool {
    var attempt = 0
    while true {
      attempt += 1
      do throws(StoreError) {
        try await store.commitDelivery(
          of: sink.name, to: positioned.upTo, delivered, at: clock.now())
        break
      } catch {
        activity.report("store", error.description, level: .error)
        guard await shared.pause(attempt) else { return false }
      }
    }
    activity.resolve("store")
    delivered.tell(log, sink: sink.name)
    activity.progress {
      $0.eventsDelivered[sink.name, default: 0] += delivered.events
      $0.eventsProcessed[sink.name, default: 0] += positioned.examined
      $0.eventsRefused[sink.name, default: 0] += delivered.refused.count
    }
    return true
  }
}

/// Keeps what a sink must remember in the store, under the sink's name.
struct StoreSinkLedger: SinkLedger {
  let store: Store
  let sink: String

  func files() async throws(SinkError) -> [SinkFile] {
    do throws(StoreError) {
      return try await store.files(of: sink)
    } catch {
      throw failure(error)
    }
  }

  func enter(_ file: SinkFile) async throws(SinkError) {
    do throws(StoreError) {
      try await store.enterFile(file, of: sink)
    } catch {
      throw failure(error)
    }
  }

  func finishedFiles(
    beyond retention: FileRetention, at moment: Timestamp, limit: Int
  ) async throws(SinkError) -> [FinishedFile] {
    do throws(StoreError) {
      return try await store.finishedFiles(of: sink, beyond: retention, at: moment, limit: limit)
    } catch {
      throw failure(error)
    }
  }

  func forgetFinished(_ files: [FinishedFile]) async throws(SinkError) {
    do throws(StoreError) {
      try await store.forgetFinished(files, of: sink)
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: StoreError) -> SinkError {
    SinkError(
      sink: sink, operation: error.operation, subject: store.folder, message: error.message,
      hint: error.hint, kind: error.kind == .full ? .noSpace : .other)
  }
}
