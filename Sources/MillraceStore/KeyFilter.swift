import MillraceCore

/// Says of a key whether it may be in a run: never no when it is, seldom yes when it is not. What
/// it says yes to is looked up, so that its errors cost time and nothing else.
///
/// A Bloom filter cut into blocks of a cache line (Putze, Sanders, Singler, "Cache-, Hash- and
/// Space-Efficient Bloom Filters", 2007): 12 bits a key, six of them set.
package struct KeyFilter: Sendable {
  private static let bitsPerKey = 12
  private static let probes = 6
  /// Eight words of 64 bits are a block.
  private var words: [UInt64]

  /// A filter for so many keys, empty.
  package init(keyCount: Int) {
    words = [UInt64](repeating: 0, count: KeyFilter.blockCount(keyCount) * 8)
  }

  /// What it takes in memory, in bytes.
  package static func byteCount(keyCount: Int) -> Int { blockCount(keyCount) * 64 }

  private static func blockCount(_ keyCount: Int) -> Int {
    max((keyCount * bitsPerKey + 511) / 512, 1)
  }

  /// The filter that `bytes` wrote; nil when they are no whole blocks.
  init?(bytes: [UInt8]) {
    guard !bytes.isEmpty, bytes.count % 64 == 0 else { return nil }
    words = bytes.withUnsafeBytes { raw in
      (0..<raw.count / 8).map {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
      }
    }
  }

  /// How many chunks it is written in.
  var chunkCount: Int {
    (words.count + KeyFilter.wordsPerChunk - 1) / KeyFilter.wordsPerChunk
  }

  private static let wordsPerChunk = Limits.bodyChunkBytes / 8

  /// One chunk of what `init(bytes:)` takes.
  func bytes(ofChunk chunk: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    let part = words.dropFirst(chunk * KeyFilter.wordsPerChunk).prefix(KeyFilter.wordsPerChunk)
    bytes.reserveCapacity(8 * part.count)
    for word in part { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    return bytes
  }

  /// Notes a key.
  package mutating func insert(_ key: EventKey) {
    let block = block(of: key)
    var bits = key.high
    for _ in 0..<KeyFilter.probes {
      words[block + Int(bits >> 6 & 7)] |= 1 << (bits & 63)
      bits >>= 9
    }
  }

  /// Whether the key may be among those noted.
  package func mayContain(_ key: EventKey) -> Bool {
    let block = block(of: key)
    var bits = key.high
    for _ in 0..<KeyFilter.probes {
      if words[block + Int(bits >> 6 & 7)] & (1 << (bits & 63)) == 0 { return false }
      bits >>= 9
    }
    return true
  }

  /// The first word of the key's block; by the low half, as the high one tells pages and bits.
  private func block(of key: EventKey) -> Int {
    Int(key.low.multipliedFullWidth(by: UInt64(words.count / 8)).high) * 8
  }
}
