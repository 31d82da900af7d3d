import MillraceCrypto

/// How often each of many records occurs; a record is known by its digest, so that a million of
/// them fit into memory.
struct RecordTally {
  /// The first half of a SHA-256.
  private struct Digest: Hashable {
    let high: UInt64
    let low: UInt64

    init(_ bytes: UnsafeRawBufferPointer) {
      let digest = SHA256.digest(of: bytes)
      (high, low) = digest.withUnsafeBytes { raw in
        (raw.loadUnaligned(as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
    }
  }

  private var counts: [Digest: Int] = [:]

  /// Records counted, repeats included.
  private(set) var count = 0

  /// Counts a record.
  mutating func add(_ record: UnsafeRawBufferPointer) {
    counts[Digest(record), default: 0] += 1
    count += 1
  }

  /// How this differs from what should be there.
  func difference(from expected: RecordTally) -> Difference {
    var difference = Difference()
    for (digest, wanted) in expected.counts {
      let found = counts[digest] ?? 0
      if found < wanted { difference.lost += wanted - found }
      if found > wanted { difference.doubled += found - wanted }
    }
    for (digest, found) in counts where expected.counts[digest] == nil {
      difference.foreign += found
    }
    return difference
  }

  /// What is wrong with a tally.
  struct Difference: Equatable {
    /// Occurrences that are missing.
    var lost = 0
    /// Occurrences too many.
    var doubled = 0
    /// Records that should not be there at all.
    var foreign = 0
  }
}
