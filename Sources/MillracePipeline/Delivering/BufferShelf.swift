import MillraceCore
import Synchronization

/// Large buffers that are used again. A new one costs the kernel a page fault for every 4 KiB that
/// is written to it, which is a tenth of all processor time when events come by the thousand.
///
/// Shared by all sinks, so that what lies here is bounded whatever their number.
final class BufferShelf: Sendable {
  private let idle = Mutex<[[UInt8]]>([])
  private let bytesEach: Int

  /// - Parameter bytesEach: the capacity of a buffer.
  init(bytesEach: Int) {
    self.bytesEach = bytesEach
  }

  /// An empty buffer with room.
  func take() -> [UInt8] {
    if let buffer = idle.withLock({ $0.popLast() }) { return buffer }
    var buffer: [UInt8] = []
    buffer.reserveCapacity(bytesEach)
    return buffer
  }

  /// Gives a buffer back, whoever made it; what it holds is over. Without effect for small ones,
  /// and when enough lie here. Nobody else may hold it: then it would be copied.
  func give(_ buffer: consuming [UInt8]) {
    guard buffer.capacity >= bytesEach else { return }
    buffer.removeAll(keepingCapacity: true)
    let kept = consume buffer
    idle.withLock { idle in
      if idle.count < Limits.idleBuffersMax { idle.append(kept) }
    }
  }
}
