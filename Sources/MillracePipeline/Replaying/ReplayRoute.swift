import MillraceCore
import MillraceEvents
import MillraceStore
import Synchronization

/// Which way a replay takes through the log: from one selected entry to the next, looked up ahead
/// in stretches of bounded length, and which records of an entry it sends.
final class ReplayRoute: Sendable {
  private struct Ahead {
    /// Selected entries of the stretch that was looked up last.
    var entries: [Int64] = []
    /// The stretch.
    var stretch: Range<Int64> = 0..<0
  }

  private let store: Store
  private let selection: ReplaySelection
  private let operations: [String]
  /// The entry before which it ends.
  let end: Int64
  private let ahead = Mutex(Ahead())

  /// - Parameter operations: only records that name one of these; all when it is empty.
  init(store: Store, selection: ReplaySelection, operations: [String], end: Int64) {
    self.store = store
    self.selection = selection
    self.operations = operations
    self.end = end
  }

  /// The position that makes a replay done.
  var endPosition: LogPosition { LogPosition(sequence: end) }

  /// `position`, if it is in a selected entry, else the beginning of the next one; nil when there
  /// is none before the end.
  func next(from position: LogPosition) async throws(StoreError) -> LogPosition? {
    var sequence = position.sequence
    while sequence < end {
      let known = ahead.withLock { ahead in
        ahead.stretch.contains(sequence)
          ? (entry: ahead.entries.first { $0 >= sequence }, end: ahead.stretch.upperBound) : nil
      }
      if let known {
        if let entry = known.entry {
          return entry == position.sequence ? position : LogPosition(sequence: entry)
        }
        sequence = known.end
        continue
      }
      let stretch = sequence..<min(sequence + Int64(Limits.replayRowsPerRead), end)
      let entries = try await store.replayEntries(selection, in: stretch)
      ahead.withLock { $0 = Ahead(entries: entries, stretch: stretch) }
    }
    return nil
  }

  /// A filter for records, for one worker at a time; nil when whole entries are sent.
  func recordFilter() -> RecordFilter? {
    let isTimed = selection.basis == .event && (selection.from ?? selection.to) != nil
    guard isTimed || !operations.isEmpty else { return nil }
    return RecordFilter(selection: isTimed ? selection : nil, operations: operations)
  }
}

/// Which records of a selected entry a replay sends.
struct RecordFilter: ~Copyable {
  private let selection: ReplaySelection?
  private var operations: OperationFilter?

  init(selection: ReplaySelection?, operations: [String]) {
    self.selection = selection
    self.operations = operations.isEmpty ? nil : OperationFilter(operations)
  }

  mutating func includes(_ record: ScannedRecord, of entry: LogEntry) -> Bool {
    if let selection, !selection.contains(record.time ?? entry.blob.created) { return false }
    return operations?.includes(record, of: entry.body) ?? true
  }
}
