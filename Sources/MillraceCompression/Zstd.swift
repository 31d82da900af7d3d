import CZstd
import Synchronization

/// Whole buffers through Zstandard (RFC 8878), one frame each.
///
/// Contexts are kept and used again: making one costs more than compressing a small body.
package enum Zstd {
  /// Bytes that are not a frame of the size that was promised.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What libzstd says.
    package let description: String
  }

  /// One frame that holds `bytes`, with their size in its head.
  ///
  /// - Parameter level: 1 is what content is stored with: higher ones buy little for much time.
  package static func compress(_ bytes: UnsafeRawBufferPointer, level: Int32 = 1) -> [UInt8] {
    let context = compressors.take()
    defer { compressors.give(context) }
    let bound = ZSTD_compressBound(bytes.count)
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      let written = ZSTD_compressCCtx(
        context.handle, target.baseAddress, bound, bytes.baseAddress, bytes.count, level)
      precondition(ZSTD_isError(written) == 0, "a buffer of the bound's size is large enough")
      count = written
    }
    // The bound is larger than the input: what is kept in memory should be as small as the frame.
    return frame.count * 2 < bound ? Array(frame[...]) : frame
  }

  /// One frame that holds `bytes`, with their size in its head and their checksum at its end: for
  /// what others keep, whose damage must not pass unnoticed.
  package static func compressForKeeping(
    _ bytes: UnsafeRawBufferPointer, level: Int32
  ) -> [UInt8] {
    let context = compressors.take()
    defer {
      // Whoever takes it next means the defaults.
      ZSTD_CCtx_reset(context.handle, ZSTD_reset_session_and_parameters)
      compressors.give(context)
    }
    ZSTD_CCtx_setParameter(context.handle, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(context.handle, ZSTD_c_checksumFlag, 1)
    let bound = ZSTD_compressBound(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      let written = ZSTD_compress2(
        context.handle, target.baseAddress, bound, bytes.baseAddress, bytes.count)
      precondition(ZSTD_isError(written) == 0, "a buffer of the bound's size is large enough")
      count = written
    }
  }

  /// Appends what a frame holds to `output`; exactly `count` bytes.
  package static func decompress(
    _ frame: UnsafeRawBufferPointer, count: Int, into output: inout [UInt8]
  ) throws(Failure) {
    let context = decompressors.take()
    defer { decompressors.give(context) }
    let start = output.count
    var written = 0
    output.append(contentsOf: repeatElement(0, count: count))
    output.withUnsafeMutableBytes { all in
      let target = UnsafeMutableRawBufferPointer(rebasing: all[start...])
      written = ZSTD_decompressDCtx(
        context.handle, target.baseAddress, count, frame.baseAddress, frame.count)
    }
    if ZSTD_isError(written) == 0, written == count { return }
    output.removeLast(count)
    throw Failure(
      description: ZSTD_isError(written) == 0
        ? "the frame holds \(written) bytes instead of \(count)"
        : String(cString: ZSTD_getErrorName(written)))
  }

  /// The version of the library in use.
  package static var libraryVersion: String { String(cString: ZSTD_versionString()) }

  private static let compressors = ContextPool {
    ZSTD_createCCtx()
  } free: {
    ZSTD_freeCCtx($0)
  }
  private static let decompressors = ContextPool {
    ZSTD_createDCtx()
  } free: {
    ZSTD_freeDCtx($0)
  }
}

/// A context of libzstd.
///
/// Sound as `@unchecked Sendable`: whoever took it from the pool is its only user until it is given
/// back, and the pool hands each out once.
private struct ContextHandle: @unchecked Sendable {
  let handle: OpaquePointer
}

/// Contexts that wait for their next use: at most a few, as many as there are workers.
private final class ContextPool: Sendable {
  private let idle = Mutex<[ContextHandle]>([])
  private let make: @Sendable () -> OpaquePointer?
  private let free: @Sendable (OpaquePointer) -> Int
  private static let idleMax = 4

  init(
    make: @escaping @Sendable () -> OpaquePointer?,
    free: @escaping @Sendable (OpaquePointer) -> Int
  ) {
    self.make = make
    self.free = free
  }

  func take() -> ContextHandle {
    if let context = idle.withLock({ $0.popLast() }) { return context }
    guard let handle = make() else { preconditionFailure("libzstd gives a context") }
    return ContextHandle(handle: handle)
  }

  func give(_ context: ContextHandle) {
    let isKept = idle.withLock { contexts in
      if contexts.count == Self.idleMax { return false }
      contexts.append(context)
      return true
    }
    if !isKept { _ = free(context.handle) }
  }
}
