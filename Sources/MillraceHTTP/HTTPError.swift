/// A request that got no complete answer.
///
/// It never holds header values or the query of the URL, as both may be secrets.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  package enum Kind: String, CaseIterable, Sendable {
    /// The host's name has no address.
    case resolve
    /// No connection, or it broke before the answer began.
    case connect
    /// No secure connection, or a certificate that is not trusted.
    case tls
    /// One of the request's timeouts passed.
    case timeout
    /// The body ended before its announced end.
    case truncated
    /// The body is larger than the request allows.
    case tooLarge
    /// The body is too large for memory, and no file would take it.
    case storage
    /// The body is not encoded as its header says, or in a way that was not offered.
    case encoding
    /// The caller gave up, or the client was shut down.
    case cancelled
    /// The request cannot be sent as it is, or the answer is not HTTP.
    case `protocol`
    /// Anything else.
    case other
  }

  /// What went wrong, as far as callers branch on it.
  package let kind: Kind
  /// What happened, in words for an operator.
  package let message: String
  /// What the operator can do about it; empty when nothing comes to mind.
  package let hint: String
  /// The URL asked for, without user information, query and fragment.
  package let url: String

  /// A failed request to `url`, which is stripped of what may be secret.
  package init(kind: Kind, message: String, hint: String = "", url: String) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.url = HTTPError.stripped(url)
  }

  /// One line: kind, URL, message, hint.
  package var description: String {
    "\(kind.rawValue): \(url): \(message)" + (hint.isEmpty ? "" : " (\(hint))")
  }

  /// The URL without user information, query, fragment and unprintable bytes.
  private static func stripped(_ url: String) -> String {
    let printable = url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
      .filter { (0x21...0x7E).contains($0) }
    let text = String(decoding: printable, as: UTF8.self)
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
      return text
    }
    let start = text.index(colon, offsetBy: 3)
    let end = text[start...].firstIndex { $0 == "/" || $0 == "\\" } ?? text.endIndex
    guard let at = text[start..<end].lastIndex(of: "@") else { return text }
    return String(text[..<start] + text[text.index(after: at)...])
  }
}
