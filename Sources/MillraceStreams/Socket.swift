import Glibc
import MillraceCore

/// A socket that never blocks by itself, closed with its last reference. For one thread at a time.
final class Socket {
  let descriptor: Int32

  /// A new socket.
  init(family: Int32, type: __socket_type, subject: String) throws(StreamError) {
    let flags = Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = socket(family, flags, 0)
    guard descriptor >= 0 else {
      throw StreamError(errorNumber: errno, operation: "connect", subject: subject)
    }
  }

  deinit {
    close(descriptor)
  }

  /// Begins to connect. Returns 0 when that is done, else an error number: EINPROGRESS while it
  /// goes on.
  func connect(to address: SocketAddress) -> Int32 {
    while true {
      let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
      if result == 0 { return 0 }
      if errno != EINTR { return errno }
    }
  }

  /// Takes the error that waits on the socket; 0 when there is none.
  func takeError() -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code
  }

  /// Sets a whole number of an option; a kernel that knows it not goes on without.
  func set(_ option: Int32, at level: Int32, to value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Bytes that were written and that the peer's kernel has not acknowledged (TCP), or that the
  /// peer has not read (unix sockets): tcp(7), unix(7).
  var unacknowledged: Int {
    var count: Int32 = 0
    // SIOCOUTQ, which is TIOCOUTQ.
    return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
  }

  /// Whether both ends are this very socket, which happens when a port of this machine that nobody
  /// listens on is also the next to be given to a client.
  var isConnectedToItself: Bool {
    func name(
      _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> [UInt8]? {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let code = withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &length) }
      }
      guard code == 0 else { return nil }
      return withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
    }
    guard let own = name({ getsockname($0, $1, $2) }) else { return false }
    return own == name({ getpeername($0, $1, $2) })
  }

  /// Waits for events of poll(2), at most so long. What came; empty when the time is over.
  ///
  /// A task that is cancelled meanwhile waits only `Limits.streamFarewell` longer.
  func wait(for events: Int32, atMost timeout: Duration) -> Int32 {
    var end = ContinuousClock.now + timeout
    var isHurried = false
    while true {
      let now = ContinuousClock.now
      if !isHurried, Task.isCancelled {
        isHurried = true
        end = min(end, now + Limits.streamFarewell)
      }
      let left = max(end - now, .zero)
      let slice = min(left, Limits.streamGlance)
      var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let result = poll(&waiting, 1, Int32((slice / .milliseconds(1)).rounded(.up)))
      if result > 0 { return Int32(waiting.revents) }
      if left == .zero { return 0 }
    }
  }
}
