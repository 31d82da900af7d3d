import MillraceCompression

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

  private let stream = GzipStream()
  private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  /// Whether a member has ended and no other has begun: a stream may be cut here and nowhere else.
  private(set) var isComplete = false

  deinit {
    chunk.deallocate()
  }

  /// Decodes `input` and appends to `output`, which never grows beyond `bytesMax`.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: inout [UInt8], bytesMax: Int
  ) throws(Failure) {
    var rest = input[...]
    var isFull = false
    // A full chunk may leave output inside zlib after the input is used up.
    while !rest.isEmpty || (isFull && !isComplete) {
      let step: DecompressionStep
      do throws(DecompressionFailure) {
        step = try stream.decode(UnsafeRawBufferPointer(rebasing: rest), into: chunk)
      } catch {
        throw .corrupt
      }
      guard step.produced <= bytesMax - output.count else { throw .tooLarge }
      output.append(contentsOf: UnsafeRawBufferPointer(chunk)[..<step.produced])
      rest = rest.dropFirst(step.consumed)
      isFull = step.produced == chunk.count
      isComplete = step.endsMember
      if step.consumed == 0, step.produced == 0, !step.endsMember { break }
    }
  }
}
