import Glibc
import MillraceCore

/// A way to a peer that takes datagrams: UDP, or a unix datagram socket. Every call blocks, within
/// bounds: for a thread of its own, one at a time.
package final class DatagramConnection {
  /// What it leads to, for operators.
  package let subject: String
  private let socket: Socket
  private let isLocal: Bool

  /// Finds the way. Over UDP that a peer is there does not show; over a unix socket it must be.
  package init(_ endpoint: Endpoint) throws(StreamError) {
    switch endpoint {
    case .path(let path):
      socket = try Socket.connected(to: path, type: SOCK_DGRAM)
      subject = path
      isLocal = true
    case .host(let host, let port):
      let datagram = Int32(SOCK_DGRAM.rawValue)
      var found: Socket?
      var code = EADDRNOTAVAIL
      // The first address that there is a route to.
      for address in try SocketAddress.resolve(host, port: port, type: datagram) {
        let socket = try Socket(
          family: address.family, type: SOCK_DGRAM, subject: endpoint.description)
        code = socket.connect(to: address)
        if code == 0 {
          found = socket
          break
        }
      }
      guard let found else {
        throw StreamError(
          errorNumber: code, operation: "connect", subject: endpoint.description)
      }
      socket = found
      subject = endpoint.description
      isLocal = false
    }
  }

  /// Sends one datagram, waiting for room at most `stallTime`.
  ///
  /// Throws `StreamError`: too large, nobody there as far as that shows, or no room.
  package func send(
    _ bytes: [UInt8], stallTime: Duration = Limits.streamStallTime
  ) throws(StreamError) {
    let deadline = ContinuousClock.now + stallTime
    while true {
      let count = Glibc.send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return }
      switch errno {
      case EINTR: continue
      case EAGAIN, ENOBUFS:
        guard .now < deadline, socket.wait(for: POLLOUT, atMost: deadline - .now) != 0 else {
          throw StreamError(
            .stalled, operation: "write to", subject: subject,
            "it took nothing for \(stallTime)",
            hint: "look whether the receiver keeps up: its queue, its disk, its own log")
        }
      case let code:
        throw StreamError(errorNumber: code, operation: "write to", subject: subject)
      }
    }
  }

  /// Looks whether the network has said that nobody takes what was sent; over a unix socket, waits
  /// until the peer has read it, at most `stallTime`.
  package func settle(stallTime: Duration = Limits.streamStallTime) throws(StreamError) {
    var lastProgress = ContinuousClock.now
    var (pause, longest) = Limits.streamAcknowledgementGlance
    var left = isLocal ? socket.unacknowledged : 0
    while left > 0 {
      let stall = Task.isCancelled ? min(stallTime, Limits.streamFarewell) : stallTime
      if .now - lastProgress > stall {
        throw StreamError(
          .stalled, operation: "write to", subject: subject,
          "\(left) bytes were not read for \(stall)",
          hint: "look whether the receiver keeps up: its queue, its disk, its own log")
      }
      usleep(UInt32(pause / .microseconds(1)))
      pause = min(pause * 2, longest)
      let now = socket.unacknowledged
      if now < left { lastProgress = .now }
      left = now
    }
    let code = socket.takeError()
    if code != 0 {
      throw StreamError(errorNumber: code, operation: "write to", subject: subject)
    }
  }
}
