package import MillraceCore

/// A run: keys of many bodies, sorted, in pages, never changed once it is complete.
///
/// Keys are digests and so spread evenly: a key's page follows from its leading bits, without an
/// index, and all pages hold about the same number.
package struct KeyRun: Hashable, Sendable {
  /// Its number.
  package let id: Int64
  /// How often its keys were merged: 0 for what came from memory.
  package let level: Int
  /// How many keys it was made of; merged ones that were the same are counted twice.
  package let keyCount: Int
  /// Into how many pages the keys are spread.
  package let pageCount: Int
  /// When the oldest of its bodies was committed.
  package let oldest: Timestamp
  /// When the newest of its bodies was committed.
  package let newest: Timestamp

  /// Keys of a page, on average: with their places a little under half a page of the database.
  static let keysPerPage = 280

  /// How many pages so many keys take.
  package static func pageCount(keyCount: Int) -> Int {
    max((keyCount + keysPerPage - 1) / keysPerPage, 1)
  }

  /// The page of a run with `pageCount` pages that a key is in, if it is in the run.
  package static func page(of key: EventKey, pageCount: Int) -> Int {
    Int(key.high.multipliedFullWidth(by: UInt64(pageCount)).high)
  }
}

/// The entries of one page of a run, as stored: 24 bytes each, sorted by key.
package struct KeyPage: Sendable {
  private let bytes: [UInt8]

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// How many entries there are.
  package var count: Int { bytes.count / 24 }

  /// The entry at a place.
  package subscript(index: Int) -> KeyEntry {
    bytes.withUnsafeBytes { raw in
      func word(_ offset: Int) -> UInt64 {
        UInt64(
          littleEndian: raw.loadUnaligned(fromByteOffset: 24 * index + offset, as: UInt64.self))
      }
      return KeyEntry(
        key: EventKey(high: word(0), low: word(8)), location: KeyLocation(bits: word(16)))
    }
  }

  /// The place of a key; nil when it is not in the page.
  package func find(_ key: EventKey) -> KeyLocation? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].key < key { low = middle + 1 } else { high = middle }
    }
    guard low < count else { return nil }
    let entry = self[low]
    return entry.key == key ? entry.location : nil
  }

  static func bytes(of entries: some Collection<KeyEntry>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24 * entries.count)
    for entry in entries {
      withUnsafeBytes(of: entry.key.high.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: entry.key.low.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: entry.location.bits.littleEndian) { bytes += $0 }
    }
    return bytes
  }
}
