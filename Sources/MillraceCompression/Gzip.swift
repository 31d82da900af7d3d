import CZlib

/// Whole buffers in the gzip format (RFC 1952).
package enum Gzip {
  /// The first two bytes of every member.
  package static let magic: [UInt8] = [0x1F, 0x8B]

  /// One member that holds `bytes`.
  ///
  /// - Parameter level: 1, quickly, to 9, tightly.
  package static func compress(_ bytes: UnsafeRawBufferPointer, level: Int32 = 1) -> [UInt8] {
    let bound = millrace_gzip_bound(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = millrace_gzip(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, buffer.baseAddress,
        bound, level)
      precondition(count > 0, "a buffer of the bound's size is large enough")
    }
  }

  /// The version of the library in use.
  package static var libraryVersion: String { String(cString: zlibVersion()) }
}

/// Decompresses a stream in the gzip format (RFC 1952), its checksums included.
package final class GzipStream: DecompressionStream {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var isBetweenMembers = false

  /// A stream that stands at its beginning.
  package init() {
    stream.initialize(to: z_stream())
    let code = millrace_zlib_gzip_inflate_init(stream)
    precondition(code == Z_OK, "zlib starts with the default allocator")
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Decodes some of `input` into `output`, which must have room.
  package func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionFailure) -> DecompressionStep {
    precondition(output.count > 0, "the output has room")
    if isBetweenMembers, input.count > 0 {
      inflateReset(stream)
      isBetweenMembers = false
    }
    // zlib does not write to its input; the missing const is historical.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(clamping: input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: output.count)
    let offered = (input: stream.pointee.avail_in, output: stream.pointee.avail_out)
    let code = inflate(stream, Z_NO_FLUSH)
    let consumed = Int(offered.input - stream.pointee.avail_in)
    let produced = Int(offered.output - stream.pointee.avail_out)
    switch code {
    // A buffer error is no progress for want of input.
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isBetweenMembers = true
    default:
      let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
      throw DecompressionFailure(
        kind: .damaged, message: message, offset: consumed, produced: produced)
    }
    return DecompressionStep(
      consumed: consumed, produced: produced, endsMember: code == Z_STREAM_END)
  }
}
