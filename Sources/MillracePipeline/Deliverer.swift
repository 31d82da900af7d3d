import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStore

/// Brings events to one sink at its own pace: reads from the sink's cursor on, delivers, and moves
/// the cursor only after the sink said that everything before it is durable. Sinks share nothing,
/// so none can hold up another.
struct Deliverer: Sendable {
  let delivery: Delivery
  let reader: EventReader
  let store: Store
  let recent: RecentContent
  let activity: Activity
  let clock: any WallClock
  /// Beats when the index step came further.
  let indexed: Pulse

  private var sink: any Sink { delivery.sink }

  /// Delivers until the task is cancelled. What is being delivered then is finished first.
  func run() async {
    guard let position = await opened() else { return }
    // One wave is encoded while the one before is delivered.
    let ahead = BoundedChannel<PositionedBatch>(limit: 2)
    await withTaskGroup { group in
      group.addTask { await read(from: position, into: ahead) }
      group.addTask {
        while let batch = await ahead.receive() {
          guard await deliver(batch) else { break }
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
        let start =
          delivery.startsNow ? LogPosition(sequence: try await store.logExtent().last + 1) : .start
        let position = try await store.registerSink(sink.name, from: start, at: clock.now())
        try await sink.open(ledger: StoreSinkLedger(store: store, sink: sink.name))
        recent.follow(sink.name, at: position.sequence)
        activity.resolve(subject)
        return position
      } catch {
        activity.report(error is StoreError ? "store" : subject, "\(error)", level: .error)
        await pause(attempt)
      }
    }
    return nil
  }

  private func read(from start: LogPosition, into ahead: BoundedChannel<PositionedBatch>) async {
    var position = start
    while !Task.isCancelled {
      let seen = indexed.count
      do throws(StoreError) {
        let wave = try await reader.wave(after: position)
        activity.resolve(readingSubject)
        for batch in wave {
          guard await ahead.send(batch) else { return }
          position = batch.upTo
        }
        if wave.isEmpty { await indexed.wait(beyond: seen, atMost: .seconds(60)) }
      } catch {
        activity.report(readingSubject, error.description, level: .error)
        await pause(3)
      }
    }
    ahead.close()
  }

  /// Delivers one batch, however often it takes, and commits the cursor. False when stopping.
  private func deliver(_ positioned: PositionedBatch) async -> Bool {
    var receipt = SinkReceipt()
    var attempt = 0
    while !positioned.batch.lines.isEmpty {
      attempt += 1
      do throws(SinkError) {
        receipt = try await sink.deliver(positioned.batch)
        break
      } catch {
        activity.report(subject, error.description, level: .error)
        guard await pause(attempt) else { return false }
      }
    }
    attempt = 0
    while true {
      attempt += 1
      do throws(StoreError) {
        try await store.commitDelivery(
          of: sink.name, to: positioned.upTo, events: positioned.batch.lines.count,
          files: receipt.files, retired: receipt.retired,
          at: clock.now())
        activity.resolve("store")
        break
      } catch {
        activity.report("store", error.description, level: .error)
        guard await pause(attempt) else { return false }
      }
    }
    // A batch without events moves the cursor alone; the sink never heard of it.
    if !positioned.batch.lines.isEmpty { await sink.committed(receipt) }
    recent.follow(sink.name, at: positioned.upTo.sequence)
    activity.resolve(subject)
    activity.progress { $0.eventsDelivered[sink.name, default: 0] += positioned.batch.lines.count }
    return !Task.isCancelled
  }

  @discardableResult
  private func pause(_ attempt: Int) async -> Bool {
    let wait = RetryPolicy.backoff(
      base: delivery.retryFirst, ceiling: delivery.retryMost, attempt: attempt,
      jitter: Double.random(in: 0..<1))
    do { try await Task.sleep(for: wait) } catch { return false }
    return !Task.isCancelled
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

  private func failure(_ error: StoreError) -> SinkError {
    SinkError(
      sink: sink, operation: error.operation, subject: store.folder, message: error.message,
      hint: error.hint, kind: error.kind == .full ? .noSpace : .other)
  }
}
