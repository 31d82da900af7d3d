import CMicroHTTPD

/// An answer whose body is made while it is sent.
func streaming(_ next: @escaping () throws -> [UInt8]?) -> OpaquePointer? {
  let context = Unmanaged.passRetained(PieceReader(next)).toOpaque()
  let response = MHD_create_response_from_callback(
    millrace_http_size_unknown, 32 << 10, readPiece, context, releasePieces)
  if response == nil { releasePieces(context) }
  return response
}

/// Hands out pieces as they fit; touched by its connection's thread alone.
private final class PieceReader {
  private let next: () throws -> [UInt8]?
  private var piece: ArraySlice<UInt8> = []

  init(_ next: @escaping () throws -> [UInt8]?) {
    self.next = next
  }

  /// Copies what comes next; nil at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    while piece.isEmpty {
      guard let more = try next() else { return nil }
      piece = more[...]
    }
    let count = min(buffer.count, piece.count)
    buffer.copyBytes(from: piece.prefix(count))
    piece = piece.dropFirst(count)
    return count
  }
}

private func readPiece(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int {
  guard let context else { return millrace_http_end_with_error }
  let reader = Unmanaged<PieceReader>.fromOpaque(context).takeUnretainedValue()
  do {
    return try reader.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
      ?? millrace_http_end_of_stream
  } catch {
    // A broken connection says that the body is not whole.
    return millrace_http_end_with_error
  }
}

private func releasePieces(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<PieceReader>.fromOpaque(context).release()
}
