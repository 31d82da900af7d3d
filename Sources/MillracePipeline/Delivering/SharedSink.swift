import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSinks
import MillraceStore

/// A sink for all who deliver to it, live delivery and replays: its calls never overlap, so each
/// batch takes its turn, from delivery to commit. Turns are given in order of asking: between two
/// batches of a replay there is always room for a live one.
final class SharedSink: Sendable {
  let delivery: Delivery
  private let turns = Budget(1)

  init(_ delivery: Delivery) {
    self.delivery = delivery
  }

  private enum Turn {
    case delivered
    case failed(SinkError)
    case stopped
  }

  /// Delivers a batch, however often it takes, and has it committed. False when stopping first.
  ///
  /// - Parameters:
  ///   - trouble: told of each failure of the sink.
  ///   - commit: enters what was delivered durably, together with a cursor, trying until it works;
  ///     false when stopping first.
  func deliver(
    _ positioned: PositionedBatch, trouble: (SinkError) -> Void,
    commit: (DeliveredBatch) async -> Bool
  ) async -> Bool {
    // A batch without events moves the cursor alone; the sink never hears of it.
    if positioned.batch.lines.isEmpty { return await commit(DeliveredBatch(events: 0)) }
    var attempt = 0
    let begun = ContinuousClock.now
    while true {
      attempt += 1
      switch await turn(positioned, commit) {
      case .delivered: return true
      case .stopped: return false
      case .failed(let error):
        trouble(error)
        if let patience = delivery.giveUpAfter, begun.duration(to: .now) >= patience {
          return await commit(positioned.givenUp(after: patience, error))
        }
        guard await pause(attempt, atLeast: error.retryAfter) else { return false }
      }
    }
  }

  private func turn(
    _ positioned: PositionedBatch, _ commit: (DeliveredBatch) async -> Bool
  ) async -> Turn {
    guard let turn = await turns.take(1) else { return .stopped }
    defer { turns.give(turn) }
    let receipt: SinkReceipt
    do throws(SinkError) {
      receipt = try await delivery.sink.deliver(positioned.batch)
    } catch {
      return .failed(error)
    }
    let refused = receipt.refused.map { positioned.record(of: $0) }
    let delivered = DeliveredBatch(
      events: positioned.batch.lines.count - refused.count, refused: refused,
      files: receipt.files, retired: receipt.retired, finished: receipt.finished)
    // What was delivered and not committed is settled by the sink with its next delivery.
    guard await commit(delivered) else { return .stopped }
    await delivery.sink.committed(receipt)
    return .delivered
  }

  /// Waits before attempt `attempt + 1`, and as long as the receiver asks for; false when stopping.
  @discardableResult
  func pause(_ attempt: Int, atLeast asked: Duration? = nil) async -> Bool {
    let wait = delivery.wait(
      beforeRetry: attempt, atLeast: asked, jitter: Double.random(in: 0..<1))
    do { try await Task.sleep(for: wait) } catch { return false }
    return !Task.isCancelled
  }
}

extension PositionedBatch {
  /// What to commit when nobody takes the batch: each of its events as a dead letter.
  fileprivate func givenUp(after patience: Duration, _ error: SinkError) -> DeliveredBatch {
    DeliveredBatch(
      events: 0,
      refused: batch.lines.map { line in
        record(
          of: RefusedEvent(
            position: line.position,
            reason: "given up after \(patience.components.seconds) s: \(error)"))
      })
  }

  /// A refused event with its record as the service wrote it.
  fileprivate func record(of refused: RefusedEvent) -> RefusedRecord {
    guard let source = sources[refused.position.sequence],
      source.scan.records.indices.contains(refused.position.record)
    else { preconditionFailure("a sink refuses events of the batch it was given") }
    let range = source.scan.records[refused.position.record].range
    return RefusedRecord(
      position: refused.position, reason: refused.reason,
      bytes: source.entry.body.bytes(in: range))
  }
}

extension DeliveredBatch {
  /// Says in the log what was refused, once for a batch.
  func tell(_ log: Log, sink: String) {
    guard let first = refused.first else { return }
    log.warning(
      "a sink refused events for good: they are dead letters (millrace dead-letters list)",
      ["sink": sink, "count": "\(refused.count)", "first": first.reason])
  }
}
