import CZlib

/// Undoes the content coding `gzip` (RFC 9110, 8.4.1.3; RFC 1952) as bytes arrive.
///
/// libcurl could do it too, but takes a stream that ends in its middle for complete as long as
/// the Content-Length agrees. Here the end of a stream is known: `isComplete`.
final class GzipDecoder {
  /// Why decoding cannot go on.
  enum Failure: Error {
    /// The bytes are no gzip stream.
    case corrupt
    /// The output would exceed its limit.
    case tooLarge
  }

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let chunk: UnsafeMutableRawBufferPointer
  /// Whether a member has ended and no other has begun: a stream may be cut here and nowhere else.
  private(set) var isComplete = false

  init() {
    stream.initialize(to: z_stream())
    chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    let code = millrace_zlib_gzip_inflate_init(stream)
    precondition(code == Z_OK, "zlib starts with the default allocator")
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
    chunk.deallocate()
  }

  /// Decodes `input` and appends to `output`, which never grows beyond `bytesMax`.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: inout [UInt8], bytesMax: Int
  ) throws(Failure) {
    guard let base = input.baseAddress, !input.isEmpty else { return }
    // zlib does not write to its input; the missing const is historical.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    repeat {
      if isComplete {
        // Another member follows (RFC 1952, 2.2).
        guard inflateReset(stream) == Z_OK else { throw .corrupt }
        isComplete = false
      }
      stream.pointee.next_out = chunk.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(chunk.count)
      let code = inflate(stream, Z_NO_FLUSH)
      let produced = chunk.count - Int(stream.pointee.avail_out)
      guard produced <= bytesMax - output.count else { throw .tooLarge }
      output.append(contentsOf: UnsafeRawBufferPointer(chunk)[..<produced])
      switch code {
      case Z_OK: break
      case Z_STREAM_END: isComplete = true
      // No progress without more input; not an error.
      case Z_BUF_ERROR where stream.pointee.avail_in == 0: return
      default: throw .corrupt
      }
      // A full chunk may leave output inside zlib after the input is used up.
    } while stream.pointee.avail_in > 0 || (stream.pointee.avail_out == 0 && !isComplete)
  }
}
