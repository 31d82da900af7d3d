import MillraceCore
import MillraceHTTP

extension ServiceFailure {
  /// A call that got no complete answer.
  init(_ operation: Operation, _ error: HTTPError) {
    let kind: Kind =
      switch error.kind {
      case .resolve, .connect, .tls, .timeout, .protocol, .other: .unreachable
      // Nothing of it was kept, for whatever reason: asked for again.
      case .truncated, .encoding, .storage: .truncated
      case .tooLarge: .tooLarge
      case .cancelled: .cancelled
      }
    self.init(operation: operation, kind: kind, message: error.message, hint: error.hint)
  }
}
