/// What tells one event from all others, in 16 bytes: the leading half of a SHA-256 digest. The
/// store does not know of what.
package struct EventKey: Hashable, Comparable, Sendable {
  /// The leading eight bytes.
  package let high: UInt64
  /// The trailing eight bytes.
  package let low: UInt64

  /// A key of two halves.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Stands for a record that has no key.
  package static let none = EventKey(high: 0, low: 0)

  package static func < (left: EventKey, right: EventKey) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// The keys of all records of one body, in order; `EventKey.none` where a record is no event of its
/// own or has nothing to tell it by.
package struct KeyBlock: Sendable {
  /// The keys; the place in it is the record's ordinal.
  package var keys: [EventKey]

  /// A block.
  package init(keys: [EventKey]) {
    self.keys = keys
  }

  init(bytes: [UInt8]) {
    keys = bytes.withUnsafeBytes { raw in
      (0..<raw.count / 16).map { index in
        EventKey(
          high: UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: 16 * index, as: UInt64.self)),
          low: UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: 16 * index + 8, as: UInt64.self)))
      }
    }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 * keys.count)
    for key in keys {
      withUnsafeBytes(of: key.high.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: key.low.littleEndian) { bytes += $0 }
    }
    return bytes
  }
}

/// A place in the log in 64 bits.
package struct KeyLocation: Hashable, Comparable, Sendable {
  /// The sequence number above, the record's ordinal in the lowest 20 bits.
  package let bits: UInt64

  /// The place of a record.
  package init(sequence: Int64, record: Int) {
    precondition(record < 1 << 20 && sequence < 1 << 43, "a place fits into 64 bits")
    bits = UInt64(sequence) << 20 | UInt64(record)
  }

  init(bits: UInt64) {
    self.bits = bits
  }

  /// The body's number in the log.
  package var sequence: Int64 { Int64(bits >> 20) }
  /// The record's ordinal in the body.
  package var record: Int { Int(bits & (1 << 20 - 1)) }

  package static func < (left: KeyLocation, right: KeyLocation) -> Bool { left.bits < right.bits }
}

/// A key with the place where it was first seen.
package struct KeyEntry: Hashable, Sendable {
  /// What the event is known by.
  package let key: EventKey
  /// Where it was seen.
  package let location: KeyLocation

  /// An entry.
  package init(key: EventKey, location: KeyLocation) {
    self.key = key
    self.location = location
  }
}
