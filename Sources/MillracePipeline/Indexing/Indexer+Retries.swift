import MillraceCore
import MillraceEvents
import MillraceStore

/// What a dead letter's retry entered again, and how the index step decides about it.
///
/// An event that a sink refused is for that sink alone: it is looked up by nobody, as the other
/// sinks have it, and repeats nothing, as this one has not. Of a body that could not be parsed to
/// its end, the records before that were decided about when it first came; only what is found
/// behind them is new.
extension Indexer {
  /// What bodies go back to that a retry entered, by their place in the group.
  func origins(of bodies: [ScannedEntry]) async throws(StoreError) -> [Int: RetryOrigin] {
    var origins: [Int: RetryOrigin] = [:]
    for (index, body) in bodies.enumerated() where body.entry.head.attempt > 1 {
      origins[index] = try await store.retryOrigin(of: body.entry.sequence)
    }
    return origins
  }

  /// The decisions about a record that was entered again, alone in its body, and again is no event:
  /// one dead letter with the bytes it had, however the damage reads in its new place. Nil for
  /// everything else.
  static func decisionsAboutLoneRecord(
    _ scanned: ScannedEntry, _ origin: RetryOrigin?
  ) -> IndexedEntry? {
    guard let origin, origin.kind != .blob else { return nil }
    let records = scanned.scan.records
    var reason = scanned.scan.problem?.reason ?? "no record"
    for record in records {
      guard case .dead(let own) = record.verdict else { return nil }
      if record == records.first { reason = own }
    }
    let body = scanned.entry.body
    let letter = DeadLetter(
      record: 0, reason: reason, bytes: body.bytes(in: 1..<max(body.count - 1, 1)))
    return IndexedEntry(
      sequence: scanned.entry.sequence,
      decisions: Decisions(
        recordCount: records.count, skipped: records.indices.map { UInt32($0) }, eventSpan: nil),
      deadLetters: [letter])
  }
}

extension ScannedEntry {
  /// The entry with those keys alone by which it may repeat others, and others may repeat it.
  func entered(again origin: RetryOrigin) -> ScannedEntry {
    guard let keys, entry.head.onlySink == nil else {
      return ScannedEntry(entry: entry, scan: scan)
    }
    guard origin.kind == .blob else { return self }
    let decided = min(origin.recordCount, keys.count)
    return ScannedEntry(
      entry: entry, scan: scan,
      keys: [EventKey](repeating: .none, count: decided) + keys[decided...])
  }
}
