import MillraceCore
import MillraceEvents
import MillraceStore

/// A blob that was fetched once more is compared with what was fetched of it first, with
/// deduplication or without: what is in both is a repeat, and counted as changed where it says
/// something else. What is left are the events that the first lacked.
extension Indexer {
  /// The records of each body that its blob's first body has as well, by their place in the group;
  /// nothing for bodies that complete no other.
  func ownRepeats(in bodies: [ScannedEntry]) async throws(StoreError) -> [Int: [Repeat]] {
    var found: [Int: [Repeat]] = [:]
    for (index, body) in bodies.enumerated() {
      guard let first = body.entry.head.completes else { continue }
      guard let earlier = try await earlierBody(first, among: bodies) else { continue }
      found[index] = await workers.run { body.repeats(of: earlier) } ?? []
    }
    return found
  }

  /// The body with this number; nil when it is not there any more: then only deduplication, if it
  /// is on, can tell what is new.
  private func earlierBody(
    _ sequence: Int64, among bodies: [ScannedEntry]
  ) async throws(StoreError) -> ScannedEntry? {
    if let own = bodies.first(where: { $0.entry.sequence == sequence }) { return own }
    if let known = recent.entry(sequence) { return known }
    guard let stored = try await store.storedEntry(sequence) else { return nil }
    do throws(StoreError) {
      return try await workers.scan(stored, withKeys: false)
    } catch {
      // A damaged first body must not hold up what comes after it; verification tells of it.
      guard error.kind == .damaged else { throw error }
      return nil
    }
  }

  /// What deduplication found and what the comparison found, as one: rising, each record once. Nil
  /// when nobody looked.
  static func merged(_ found: [Repeat]?, _ own: [Repeat]?) -> [Repeat]? {
    guard let own else { return found }
    let known = Set(own.map(\.record))
    let others = (found ?? []).filter { !known.contains($0.record) }
    return (own + others).sorted { $0.record < $1.record }
  }

  /// A record that repeats an earlier one.
  typealias Repeat = Deduplicator.Repeat
}

extension ScannedEntry {
  /// The records that an earlier body of the same blob has as well: by what they name where they
  /// name something, else byte for byte, as often as they are there.
  fileprivate func repeats(of earlier: ScannedEntry) -> [Deduplicator.Repeat] {
    var named: [[UInt8]: Int] = [:]
    var unnamed: [[UInt8]: [Int]] = [:]
    var identities = EventIdentities()
    for (ordinal, record) in earlier.scan.records.enumerated() {
      var name: [UInt8] = []
      if identities.append(record, of: earlier.entry.body, to: &name) {
        if named[name] == nil { named[name] = ordinal }
      } else {
        unnamed[earlier.entry.body.bytes(in: record.range), default: []].append(ordinal)
      }
    }
    var repeats: [Deduplicator.Repeat] = []
    for (ordinal, record) in scan.records.enumerated() {
      var name: [UInt8] = []
      let first: Int
      var isChanged = false
      if identities.append(record, of: entry.body, to: &name) {
        guard let known = named[name] else { continue }
        first = known
        isChanged = !EventIdentities.haveSameContent(
          earlier.scan.records[known], of: earlier.entry.body, record, of: entry.body)
      } else {
        let bytes = entry.body.bytes(in: record.range)
        guard let known = unnamed[bytes]?.first else { continue }
        unnamed[bytes]?.removeFirst()
        first = known
      }
      let place = LogPosition(sequence: earlier.entry.sequence, record: first)
      repeats.append(
        Deduplicator.Repeat(record: ordinal, first: place, isChanged: isChanged))
    }
    return repeats
  }
}
