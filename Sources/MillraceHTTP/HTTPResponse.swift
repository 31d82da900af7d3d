package import MillraceRuntime

/// A complete answer of HTTP (RFC 9110): every announced byte arrived and was decoded.
package struct HTTPResponse: Sendable {
  /// The HTTP status code.
  package let status: Int
  /// Header fields in the order they arrived, names as spelled by the server, values trimmed.
  package let headers: [(name: String, value: String)]
  /// The body after decompression. Made by the client it has room for 64 bytes more, so that
  /// `PaddedBytes` takes it over without a copy.
  package let body: [UInt8]
  /// The body, when it was too large for memory; `body` is empty then.
  package let spilled: SpillFile?
  /// `1.0`, `1.1` or `2`.
  package let httpVersion: String

  /// An answer.
  package init(
    status: Int, headers: [(name: String, value: String)], body: [UInt8],
    spilled: SpillFile? = nil, httpVersion: String = "1.1"
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.spilled = spilled
    self.httpVersion = httpVersion
  }

  /// The value of the first header field of that name, whatever its letter case; nil when there
  /// is none.
  package func header(_ name: String) -> String? {
    headers.first { equalsIgnoringCase($0.name, name) }?.value
  }
}

/// Whether two ASCII texts are the same but for the case of letters.
func equalsIgnoringCase(_ left: String, _ right: String) -> Bool {
  func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
  return left.utf8.elementsEqual(right.utf8) { lowered($0) == lowered($1) }
}
