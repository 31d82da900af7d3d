import Glibc
import MillraceCore

/// Connects to the first of several addresses that answers (RFC 8305): each gets a head start over
/// the next, and the first connection wins.
struct Connector {
  let endpoint: Endpoint
  let timeout: Duration

  private struct Attempt {
    let socket: Socket
    let address: SocketAddress
  }

  /// A connected TCP socket, and the address it is connected to. Blocks.
  func connect() throws(StreamError) -> (Socket, SocketAddress) {
    guard case .host(let host, let port) = endpoint else {
      preconditionFailure("a path is no host")
    }
    let stream = Int32(SOCK_STREAM.rawValue)
    let addresses = try SocketAddress.resolve(host, port: port, type: stream)
    let end = ContinuousClock.now + timeout
    var waiting = addresses[...]
    var nextStart = ContinuousClock.now
    var attempts: [Attempt] = []
    var failure: StreamError?
    while true {
      let now = ContinuousClock.now
      if let address = waiting.first, attempts.isEmpty || now >= nextStart {
        waiting.removeFirst()
        nextStart = now + Limits.streamHeadStart
        let socket = try Socket(
          family: address.family, type: SOCK_STREAM, subject: endpoint.description)
        let code = socket.connect(to: address)
        let attempt = Attempt(socket: socket, address: address)
        if code == EINPROGRESS {
          attempts.append(attempt)
        } else if let error = outcome(attempt, code) {
          failure = error
        } else {
          return (socket, address)
        }
        continue
      }
      guard !attempts.isEmpty else { throw failure ?? self.failure(ETIMEDOUT, nil) }
      if now >= end { throw self.failure(ETIMEDOUT, attempts.first?.address) }
      if Task.isCancelled {
        throw StreamError(
          .other, operation: "connect", subject: endpoint.description, "given up to stop")
      }
      let wake = waiting.isEmpty ? end : min(end, nextStart)
      for index in ready(attempts, within: min(wake - now, Limits.streamGlance)).reversed() {
        let attempt = attempts.remove(at: index)
        guard let error = outcome(attempt, attempt.socket.takeError()) else {
          return (attempt.socket, attempt.address)
        }
        failure = error
      }
    }
  }

  /// The attempts that are decided, by index.
  private func ready(_ attempts: [Attempt], within wait: Duration) -> [Int] {
    var waiting = attempts.map {
      pollfd(fd: $0.socket.descriptor, events: Int16(POLLOUT), revents: 0)
    }
    let patience = Int32((max(wait, .zero) / .milliseconds(1)).rounded(.up))
    guard poll(&waiting, nfds_t(waiting.count), patience) > 0 else { return [] }
    return waiting.indices.filter { waiting[$0].revents != 0 }
  }

  private func outcome(_ attempt: Attempt, _ code: Int32) -> StreamError? {
    if code != 0 { return failure(code, attempt.address) }
    return attempt.socket.isConnectedToItself ? failure(ECONNREFUSED, attempt.address) : nil
  }

  private func failure(_ code: Int32, _ address: SocketAddress?) -> StreamError {
    var subject = endpoint.description
    if let text = address?.text, !text.isEmpty, !subject.contains(text) { subject += " (\(text))" }
    return StreamError(errorNumber: code, operation: "connect", subject: subject)
  }
}
