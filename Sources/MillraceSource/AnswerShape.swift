/// What a body looks like by its first bytes, byte order mark and blanks aside.
enum AnswerShape: Equatable {
  /// Nothing but blanks.
  case empty
  /// `[`: what listings and blobs are.
  case array
  /// `{`: what errors are.
  case object
  /// `<`: a page of HTML or XML, by a proxy or a front end.
  case page
  /// Anything else.
  case other

  /// Looks at a body.
  init(_ body: [UInt8]) {
    let first = withoutByteOrderMark(body).first {
      $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D
    }
    self =
      switch first {
      case nil: .empty
      case UInt8(ascii: "["): .array
      case UInt8(ascii: "{"): .object
      case UInt8(ascii: "<"): .page
      default: .other
      }
  }
}
