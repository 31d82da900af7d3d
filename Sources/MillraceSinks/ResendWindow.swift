/// The last bytes that were delivered over a stream, kept for when the receiver turns out not to
/// have read them. Whole messages, oldest first.
struct ResendWindow {
  private struct Chunk {
    let bytes: [UInt8]
    let sent: ContinuousClock.Instant
  }

  private let bytesMax: Int
  private let timeMax: Duration
  private var chunks: [Chunk] = []
  /// How many bytes are kept.
  private(set) var byteCount = 0

  init(bytesMax: Int, timeMax: Duration) {
    self.bytesMax = bytesMax
    self.timeMax = timeMax
  }

  var isEmpty: Bool { chunks.isEmpty }

  /// What is kept, in the order in which it was sent.
  var all: [[UInt8]] { chunks.map(\.bytes) }

  /// Adds what was sent just now, and lets go of what is too much.
  mutating func add(_ sent: [[UInt8]], at time: ContinuousClock.Instant = .now) {
    for bytes in sent where bytes.count <= bytesMax {
      chunks.append(Chunk(bytes: bytes, sent: time))
      byteCount += bytes.count
    }
    var excess = byteCount - bytesMax
    let kept = chunks.firstIndex { chunk in
      defer { excess -= chunk.bytes.count }
      return excess <= 0
    }
    drop(kept ?? chunks.count)
  }

  /// Lets go of what was sent long ago over a connection that is still there.
  mutating func expire(at time: ContinuousClock.Instant = .now) {
    drop(chunks.firstIndex { time - $0.sent <= timeMax } ?? chunks.count)
  }

  /// Everything was sent again just now.
  mutating func renew(at time: ContinuousClock.Instant = .now) {
    chunks = chunks.map { Chunk(bytes: $0.bytes, sent: time) }
  }

  /// Lets go of everything.
  mutating func clear() {
    drop(chunks.count)
  }

  private mutating func drop(_ count: Int) {
    for chunk in chunks.prefix(count) { byteCount -= chunk.bytes.count }
    chunks.removeFirst(count)
  }
}
