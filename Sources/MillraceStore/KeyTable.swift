/// The keys that are in no run yet, in memory: a hash table with open addressing, as a dictionary
/// would hash the keys, which are digests, once more.
package struct KeyTable: Sendable {
  private var keys: [EventKey]
  private var locations: [UInt64]
  /// How many keys there are.
  package private(set) var count = 0

  /// An empty table.
  package init() {
    keys = [EventKey](repeating: .none, count: 1 << 10)
    locations = [UInt64](repeating: 0, count: 1 << 10)
  }

  /// The place that is kept for `key`; nil when it is not in the table.
  package func find(_ key: EventKey) -> KeyLocation? {
    let slot = slot(of: key)
    return keys[slot] == .none ? nil : KeyLocation(bits: locations[slot])
  }

  /// Keeps `location` for `key`, in place of another.
  package mutating func set(_ key: EventKey, _ location: KeyLocation) {
    precondition(key != .none, "what has no key is not in the table")
    var slot = slot(of: key)
    if keys[slot] == .none {
      if 2 * (count + 1) > keys.count {
        grow()
        slot = self.slot(of: key)
      }
      keys[slot] = key
      count += 1
    }
    locations[slot] = location.bits
  }

  /// All entries in the order of their keys.
  package var sorted: [KeyEntry] {
    var entries: [KeyEntry] = []
    entries.reserveCapacity(count)
    for slot in keys.indices where keys[slot] != .none {
      entries.append(KeyEntry(key: keys[slot], location: KeyLocation(bits: locations[slot])))
    }
    entries.sort { $0.key < $1.key }
    return entries
  }

  /// Where `key` is, or the free slot where it belongs.
  private func slot(of key: EventKey) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: key.low) & mask
    while keys[slot] != .none && keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let (oldKeys, oldLocations) = (keys, locations)
    keys = [EventKey](repeating: .none, count: 2 * oldKeys.count)
    locations = [UInt64](repeating: 0, count: 2 * oldKeys.count)
    for old in oldKeys.indices where oldKeys[old] != .none {
      let new = slot(of: oldKeys[old])
      keys[new] = oldKeys[old]
      locations[new] = oldLocations[old]
    }
  }
}
