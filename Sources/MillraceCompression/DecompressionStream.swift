/// Decompresses as bytes arrive, in memory that does not grow with them.
///
/// A stream is a row of members, each complete in itself: it may end behind one of them, and
/// nowhere else.
package protocol DecompressionStream: AnyObject {
  /// Decodes some of `input` into `output`, which must have room. The first bytes behind the end
  /// of a member have to be those of another.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecompressionFailure) -> DecompressionStep
}

/// What one step of a decompression did.
package struct DecompressionStep: Hashable, Sendable {
  /// Bytes of the input that are done with.
  package let consumed: Int
  /// Bytes that were written to the output. When there are none, more input is needed.
  package let produced: Int
  /// Whether a member ended; nothing behind it was consumed.
  package let endsMember: Bool
}

/// Bytes that cannot be decompressed.
package struct DecompressionFailure: Error, Hashable, Sendable {
  /// Why not.
  package enum Kind: Hashable, Sendable {
    /// They are damaged, or something else.
    case damaged
    /// They ask for more memory than the stream may take.
    case windowTooLarge
  }

  /// Why not.
  package let kind: Kind
  /// What the library says of it.
  package let message: String
  /// How many bytes of the step's input lie before the fault.
  package let offset: Int
  /// How many bytes were written to the output before it showed.
  package let produced: Int
}
