import CZstd

/// Decompresses a stream of Zstandard frames (RFC 8878), those to be skipped included.
package final class ZstdStream: DecompressionStream {
  /// The first four bytes of a frame.
  package static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  private let context: OpaquePointer
  /// How much input the next step of the library takes. It gets no more at a time, as a step that
  /// fails forgets what it has decoded.
  private var wanted: Int

  /// A stream that stands at its beginning.
  ///
  /// - Parameter windowLogMax: the largest window a frame may ask for, as a power of two; it is
  ///   held in memory.
  package init(windowLogMax: Int) {
    guard let context = ZSTD_createDCtx() else { preconditionFailure("libzstd gives a context") }
    self.context = context
    let code = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(windowLogMax))
    precondition(ZSTD_isError(code) == 0, "a window of 2^\(windowLogMax) bytes is possible")
    wanted = ZSTD_initDStream(context)
  }

  deinit {
    ZSTD_freeDCtx(context)
  }

  /// Whether bytes begin a frame to be skipped, of which there are sixteen kinds.
  package static func isSkippable(_ bytes: some Collection<UInt8>) -> Bool {
    guard let first = bytes.first, first & 0xF0 == 0x50 else { return false }
    return bytes.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
  }

  /// Decodes some of `input` into `output`, which must have room.
  package func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionFailure) -> DecompressionStep {
    precondition(output.count > 0, "the output has room")
    var source = ZSTD_inBuffer(src: input.baseAddress, size: min(input.count, wanted), pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let rest = ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(rest) == 0 else {
      let isTooLarge = ZSTD_getErrorCode(rest) == ZSTD_error_frameParameter_windowTooLarge
      throw DecompressionFailure(
        kind: isTooLarge ? .windowTooLarge : .damaged,
        message: String(cString: ZSTD_getErrorName(rest)), offset: source.pos, produced: 0)
    }
    wanted = rest == 0 ? ZSTD_initDStream(context) : max(rest, 1)
    return DecompressionStep(consumed: source.pos, produced: target.pos, endsMember: rest == 0)
  }
}
