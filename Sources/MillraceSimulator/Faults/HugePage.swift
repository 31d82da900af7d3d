import MillraceHTTP

/// A page of a listing that is larger than any client should have to keep.
enum HugePage {
  /// How many blanks stand behind the entries, which JSON allows (RFC 8259, section 2).
  private static let blankPieces = 68
  private static let pieceBytes = 256 << 10

  /// An answer of that text, made while it is sent.
  static func answer(_ text: String) -> ServerResponse {
    let pieces: @Sendable () -> () throws -> [UInt8]? = {
      var rest = blankPieces + 1
      return {
        rest -= 1
        if rest == blankPieces { return Array(text.utf8) }
        return rest >= 0 ? [UInt8](repeating: UInt8(ascii: " "), count: pieceBytes) : nil
      }
    }
    return ServerResponse(headers: Answers.headers, body: .streamed(pieces))
  }
}
