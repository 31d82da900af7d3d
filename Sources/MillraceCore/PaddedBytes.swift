/// Immutable bytes followed by slack, so that a scanner may load 16 bytes at a time at any offset.
///
/// The slack begins with a quote and a zero: a scanner looking for the end of a string always
/// stops, and then sees that it is past the end.
package struct PaddedBytes: Sendable {
  /// The bytes, then `slackBytes` more, then perhaps what nobody looks at.
  private let storage: [UInt8]
  /// How many bytes there are, slack not counted.
  package let count: Int
  /// How far past `count` it is safe to read.
  package static let slackBytes = 64

  /// Takes over an array; appends the slack in place when the array has capacity for it.
  package init(_ bytes: consuming [UInt8]) {
    count = bytes.count
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: repeatElement(0, count: PaddedBytes.slackBytes - 1))
    storage = bytes
  }

  /// Takes over an array whose first `count` bytes count, and writes the slack behind them, so that
  /// one array can serve again and again.
  package init(_ bytes: consuming [UInt8], count: Int) {
    precondition(
      count >= 0 && bytes.count - PaddedBytes.slackBytes >= count, "the slack has room")
    self.count = count
    bytes[count] = UInt8(ascii: "\"")
    for offset in 1..<PaddedBytes.slackBytes { bytes[count + offset] = 0 }
    storage = bytes
  }

  /// Gives back the array that was taken over, slack and all.
  package consuming func takeStorage() -> [UInt8] { storage }

  /// Calls `body` with the bytes. Reading up to `slackBytes` past the end of the buffer is sound.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // `withUnsafeBytes` of Array does not carry typed errors; this one does.
    try storage.withUnsafeBufferPointer { (all) throws(Failure) -> Result in
      try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[..<count])))
    }
  }

  /// A copy of the bytes in `range`, without slack.
  package func bytes(in range: Range<Int>) -> [UInt8] {
    precondition(range.upperBound <= count, "a range inside the bytes")
    return Array(storage[range])
  }

  /// A copy of all bytes, without slack.
  package var bytes: [UInt8] { bytes(in: 0..<count) }
}
