import MillraceCore

/// What became of events of batches that did not get through as a whole: when they come again, only
/// the rest is sent. It is forgotten with the process; then those events are sent twice.
struct SettledLines {
  /// What became of an event.
  enum Fate: Hashable, Sendable {
    case accepted
    case refused(String)
  }

  private var fates: [LogPosition: Fate] = [:]

  /// What is known of a batch's lines, by their index.
  func known(of batch: EventBatch) -> [Int: Fate] {
    guard !fates.isEmpty else { return [:] }
    var known: [Int: Fate] = [:]
    for (index, line) in batch.lines.enumerated() {
      if let fate = fates[line.position] { known[index] = fate }
    }
    return known
  }

  /// Remembers what became of a batch's lines. The batches that can be under way are one delivered
  /// live and one replayed; what is beyond those is of batches that never came again.
  mutating func remember(_ settled: [Int: Fate], of batch: EventBatch) {
    if fates.count > 4 * Limits.batchEventsMax { fates = [:] }
    for (index, fate) in settled { fates[batch.lines[index].position] = fate }
  }

  /// Forgets a batch that is done.
  mutating func forget(_ batch: EventBatch) {
    guard !fates.isEmpty else { return }
    for line in batch.lines { fates[line.position] = nil }
  }
}
