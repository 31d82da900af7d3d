/// A server that could not be set up.
package struct HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the server was to listen: `127.0.0.1:8365`, or the path of a socket.
  package let address: String
  /// What went wrong, in words for an operator.
  package let message: String
  /// What the operator can do about it.
  package let hint: String

  /// A failure to listen at `address`.
  package init(address: String, message: String, hint: String) {
    self.address = address
    self.message = message
    self.hint = hint
  }

  /// One line: address, message, hint.
  package var description: String { "cannot listen on \(address): \(message); \(hint)" }
}
