import Glibc

/// A connection that did not come about, or that ended. It never holds what was sent.
package struct StreamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, as far as callers branch on it.
  package enum Kind: String, CaseIterable, Sendable {
    /// The name of the host has no address.
    case unresolved
    /// Nobody answers there: refused, no route, no answer in time, no such socket.
    case unreachable
    /// The peer ended the connection, or it broke.
    case ended
    /// The peer is there and takes nothing.
    case stalled
    /// The peer is not whom its certificate should show.
    case untrusted
    /// The peer refuses the certificate it was shown, or wants one.
    case refused
    /// No common version or cipher, or what came is no TLS.
    case handshake
    /// A file of ours (authority, certificate, key) cannot be used.
    case unusableFile
    /// The message is larger than a datagram may be.
    case tooLarge
    /// The socket is one of streams and datagrams were meant, or the other way around.
    case wrongType
    /// Millrace may not connect there (EACCES, EPERM).
    case permission
    /// Anything else.
    case other
  }

  /// What is wrong.
  package let kind: Kind
  /// What was being done, such as `connect`.
  package let operation: String
  /// What it was done to: an address or a file.
  package let subject: String
  /// What happened, in words for an operator.
  package let message: String
  /// What the operator can do about it; empty when nothing comes to mind.
  package let hint: String

  /// A failure.
  package init(
    _ kind: Kind, operation: String, subject: String, _ message: String, hint: String = ""
  ) {
    self.kind = kind
    self.operation = operation
    self.subject = subject
    self.message = message
    self.hint = hint
  }

  /// A system call that failed with an error number.
  init(errorNumber code: Int32, operation: String, subject: String) {
    let (kind, hint) = StreamError.explanation(of: code)
    self.init(
      kind, operation: operation, subject: subject, String(cString: strerror(code)), hint: hint)
  }

  /// Operation, subject, message, hint.
  package var description: String {
    "\(operation) \(subject): \(message)" + (hint.isEmpty ? "" : " (\(hint))")
  }

  private static func explanation(of code: Int32) -> (Kind, String) {
    switch code {
    case ECONNREFUSED:
      (.unreachable, "nothing listens there: start the receiver, or correct the address")
    case ENOENT, ENOTDIR:
      (.unreachable, "there is no such socket: start the receiver, or correct the path")
    case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL:
      (.unreachable, "look at the routes to that network")
    case ETIMEDOUT:
      (.unreachable, "no answer comes: look at firewalls between here and there")
    case ECONNRESET, EPIPE, ENOTCONN, ECONNABORTED: (.ended, "")
    case EACCES, EPERM:
      (.permission, "let the user Millrace runs as write to the socket; look at firewalls here")
    case EPROTOTYPE: (.wrongType, "")
    case EMSGSIZE: (.tooLarge, "lower max_message_size, or use tcp:// or tls://")
    case EMFILE, ENFILE: (.other, "raise the limit of open files")
    default: (.other, "")
    }
  }
}
