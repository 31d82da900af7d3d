import Glibc
import MillraceCore

extension Socket {
  /// Has the kernel notice a peer that is gone without a word, and send what is written at once.
  func prepareForPeer() {
    let tcp = Int32(IPPROTO_TCP)
    set(SO_KEEPALIVE, at: SOL_SOCKET, to: 1)
    set(TCP_KEEPIDLE, at: tcp, to: Limits.streamKeepalive.idle)
    set(TCP_KEEPINTVL, at: tcp, to: Limits.streamKeepalive.interval)
    set(TCP_KEEPCNT, at: tcp, to: Limits.streamKeepalive.tries)
    set(TCP_USER_TIMEOUT, at: tcp, to: Int32(Limits.streamStallTime / .milliseconds(1)))
    // Messages are put together before they are written, so waiting for more gains nothing.
    set(TCP_NODELAY, at: tcp, to: 1)
  }

  /// A socket connected to a path. A listener whose queue is full is waited for.
  static func connected(to path: String, type: __socket_type) throws(StreamError) -> Socket {
    let address = try SocketAddress(path: path)
    let socket = try Socket(family: AF_UNIX, type: type, subject: path)
    let deadline = ContinuousClock.now + Limits.streamConnectTime
    while true {
      let code = socket.connect(to: address)
      if code == 0 { return socket }
      // EAGAIN: the listener's queue is full (unix(7)); nothing tells when it is not.
      guard code == EAGAIN, .now < deadline, !Task.isCancelled else {
        throw StreamError(errorNumber: code, operation: "connect", subject: path)
      }
      usleep(20_000)
    }
  }
}
