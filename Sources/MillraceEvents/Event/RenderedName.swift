/// The name of a member as it is written, from its comma to the quote that a text begins with:
/// `,"name":"`. The names of one writer stand one after the other in one array, so that each is
/// copied in a few moves, whatever its length.
struct RenderedName: Sendable {
  private let start: UInt16
  private let count: UInt16

  /// Renders a name behind those in `names`; it must not be longer than `longest` bytes then.
  init(_ name: Substring, into names: inout [UInt8], longest: Int) {
    let first = names.count
    names += Array(",\"\(name)\":\"".utf8)
    precondition(names.count - first <= longest, "a name is copied at once")
    start = UInt16(first)
    count = UInt16(names.count - first)
  }

  /// Copies the name but for its first `skipped` bytes, `longest` bytes at once, for which there
  /// must be room and slack behind the names; returns where the name ends.
  @inline(__always)
  func put(
    from names: UnsafePointer<UInt8>, skipping skipped: Int, longest: Int,
    at end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let source = UnsafeRawPointer(names + Int(start) + skipped)
    let target = UnsafeMutableRawPointer(end)
    for block in 0..<longest / 16 {
      let bytes = source.loadUnaligned(fromByteOffset: 16 * block, as: SIMD16<UInt8>.self)
      target.storeBytes(of: bytes, toByteOffset: 16 * block, as: SIMD16<UInt8>.self)
    }
    return end + (Int(count) &- skipped)
  }
}
