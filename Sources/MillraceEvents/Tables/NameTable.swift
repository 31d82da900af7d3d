/// Finds a value by name, byte for byte, without hashing text: names are told apart by their
/// length, their first and their last eight bytes, then compared.
struct NameTable<Value: Sendable>: Sendable {
  private let entries: [(name: StaticString, value: Value)]
  /// Indexes into `entries`, -1 where a bucket is free; open addressing.
  private let buckets: [Int32]
  private let mask: Int

  /// A table; of a name that occurs twice the first value counts.
  init(_ entries: [(name: StaticString, value: Value)]) {
    self.entries = entries
    var size = 16
    while size < entries.count * 3 { size *= 2 }
    mask = size - 1
    var buckets = [Int32](repeating: -1, count: size)
    for (index, entry) in entries.enumerated() {
      var bucket = NameTable.hash(ByteView(entry.name)) & (size - 1)
      while buckets[bucket] >= 0 { bucket = (bucket + 1) & (size - 1) }
      buckets[bucket] = Int32(index)
    }
    self.buckets = buckets
  }

  /// The value called `name`; nil when there is none.
  @inline(__always)
  subscript(name: ByteView) -> Value? {
    var bucket = NameTable.hash(name) & mask
    while buckets[bucket] >= 0 {
      let entry = entries[Int(buckets[bucket])]
      if name == entry.name { return entry.value }
      bucket = (bucket + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private static func hash(_ name: ByteView) -> Int {
    var first: UInt64 = 0
    var last: UInt64 = 0
    if name.count >= 8 {
      first = UnsafeRawPointer(name.start).loadUnaligned(as: UInt64.self)
      last = UnsafeRawPointer(name.end - 8).loadUnaligned(as: UInt64.self)
    } else {
      for byte in name.buffer { first = first << 8 | UInt64(byte) }
    }
    var mixed = (first ^ UInt64(name.count)) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 32 ^ last) &* 0xC2B2_AE3D_27D4_EB4F
    return Int(truncatingIfNeeded: mixed >> 33)
  }
}
