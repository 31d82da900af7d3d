import Glibc
import MillraceCore

/// A connection to a peer that listens and does not speak: TCP, with TLS or without, or a unix
/// stream socket. Every call blocks, within bounds: for a thread of its own, one at a time.
package final class StreamConnection {
  /// What it leads to, and over which address, for operators.
  package let subject: String
  /// When it was there, TLS included.
  package let opened = ContinuousClock.now
  /// What it is secured with; nil in the clear.
  package var security: TLSFacts? { session?.facts }

  private let socket: Socket
  private let session: TLSSession?
  /// Bytes of the peer's since the connection began are read in here, and thrown away.
  private var heard = [UInt8](repeating: 0, count: 16 << 10)
  /// How it ended; nil while it has not.
  private var end: StreamEnd?

  /// Connects; through TLS when there is a context for it.
  ///
  /// Throws `StreamError`: nobody there, not trusted, not in `timeout`.
  package static func open(
    _ endpoint: Endpoint, tls: TLSContext? = nil, timeout: Duration = Limits.streamConnectTime
  ) throws(StreamError) -> StreamConnection {
    let deadline = ContinuousClock.now + timeout
    switch endpoint {
    case .path(let path):
      return StreamConnection(
        try Socket.connected(to: path, type: SOCK_STREAM), session: nil, subject: path)
    case .host(let host, _):
      let (socket, address) = try Connector(endpoint: endpoint, timeout: timeout).connect()
      socket.prepareForPeer()
      var subject = endpoint.description
      if address.text != host, !address.text.isEmpty { subject += " (\(address.text))" }
      guard let tls else {
        return StreamConnection(socket, session: nil, subject: subject)
      }
      let session = try TLSSession(tls, host: host, subject: subject)
      let connection = StreamConnection(socket, session: session, subject: subject)
      try connection.secure(until: deadline)
      return connection
    }
  }

  private init(_ socket: Socket, session: TLSSession?, subject: String) {
    self.socket = socket
    self.session = session
    self.subject = subject
  }

  // MARK: Securing

  private func secure(until deadline: ContinuousClock.Instant) throws(StreamError) {
    guard let session else { return }
    while true {
      let progress: TLSSession.Progress
      do throws(StreamError) {
        progress = try session.shakeHands()
      } catch {
        // The peer is told why, as far as it listens.
        _ = try? send(session.takeOutgoing(), stallTime: .zero)
        throw error
      }
      try send(session.takeOutgoing(), stallTime: max(deadline - .now, .zero))
      if case .done = progress { return }
      guard socket.wait(for: POLLIN, atMost: max(deadline - .now, .zero)) != 0 else {
        throw StreamError(
          .handshake, operation: "secure", subject: subject, "no answer comes",
          hint: "see that the receiver speaks TLS on this port")
      }
      switch receive() {
      case .bytes(let count):
        heard.withUnsafeBytes { session.feed(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      case .nothing: continue
      case .end:
        throw StreamError(
          .handshake, operation: "secure", subject: subject,
          "the receiver ended the connection during the handshake",
          hint: "see that it speaks TLS on this port, and what its own log says")
      case .error(let code):
        throw StreamError(errorNumber: code, operation: "secure", subject: subject)
      }
    }
  }

  // MARK: Writing

  /// Writes all bytes into the kernel's hands. Throws `StreamError`: the peer went, or took nothing
  /// for `stallTime`.
  package func write(
    _ bytes: [UInt8], stallTime: Duration = Limits.streamStallTime
  ) throws(StreamError) {
    guard let session else { return try send(bytes, stallTime: stallTime) }
    do throws(StreamError) {
      try session.write(bytes)
    } catch {
      throw look()?.error ?? error
    }
    try send(session.takeOutgoing(), stallTime: stallTime)
  }

  private func send(_ bytes: [UInt8], stallTime: Duration) throws(StreamError) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Glibc.send(
          socket.descriptor, raw.baseAddress.map { $0 + start }, raw.count - start,
          Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        start += count
        continue
      }
      let code = errno
      if code == EINTR { continue }
      guard code == EAGAIN else {
        // What the peer said before it went tells more than that it went.
        throw look()?.error
          ?? StreamError(errorNumber: code, operation: "write to", subject: subject)
      }
      try waitForRoom(stallTime)
    }
  }

  /// Waits until the kernel takes more, or the peer speaks.
  private func waitForRoom(_ stallTime: Duration) throws(StreamError) {
    let events = socket.wait(for: POLLOUT | POLLIN, atMost: stallTime)
    if events == 0 { throw stalled("it took nothing for \(stallTime)") }
    if events & ~POLLOUT != 0, let end = look() { throw end.error }
  }

  private func stalled(_ message: String) -> StreamError {
    StreamError(
      .stalled, operation: "write to", subject: subject, message,
      hint: "look whether the receiver keeps up: its queue, its disk, its own log")
  }

  // MARK: Knowing

  /// Waits until the peer's kernel has acknowledged everything (TCP), or the peer has read it (unix
  /// sockets). Throws `StreamError` when the peer goes, or nothing happens for `stallTime`.
  ///
  /// What a kernel acknowledged its program need not have read.
  package func awaitAcknowledgement(
    stallTime: Duration = Limits.streamStallTime
  ) throws(StreamError) {
    var left = socket.unacknowledged
    var lastProgress = ContinuousClock.now
    var (pause, longest) = Limits.streamAcknowledgementGlance
    while left > 0 {
      if let end = look() { throw end.error }
      let stall = Task.isCancelled ? min(stallTime, Limits.streamFarewell) : stallTime
      if .now - lastProgress > stall {
        throw stalled("\(left) bytes were not acknowledged for \(stall)")
      }
      usleep(UInt32(pause / .microseconds(1)))
      pause = min(pause * 2, longest)
      let now = socket.unacknowledged
      if now < left { lastProgress = .now }
      left = now
    }
    if let end = look() { throw end.error }
  }

  /// Looks whether the peer has gone, without waiting; nil while it is there.
  package func look() -> StreamEnd? {
    if let end { return end }
    var heardBytes = 0
    while heardBytes < Limits.streamChatterMax {
      switch receive() {
      case .bytes(let count):
        heardBytes += count
        guard let session else { continue }
        heard.withUnsafeBytes { session.feed(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        switch session.read() {
        case .silent: continue
        case .closed: end = StreamEnd(ended("the receiver closed the connection"), isClean: true)
        case .failed(let error): end = StreamEnd(error, isClean: false)
        }
      case .nothing: return nil
      case .end:
        end = StreamEnd(ended("the receiver closed the connection"), isClean: session == nil)
      case .error(let code):
        end = StreamEnd(
          StreamError(errorNumber: code, operation: "write to", subject: subject), isClean: false)
      }
      if let end { return end }
    }
    return nil
  }

  /// Waits for the peer to go, at most so long; nil when it stayed.
  package func watch(for time: Duration) -> StreamEnd? {
    let deadline = ContinuousClock.now + time
    while true {
      if let end = look() { return end }
      let left = deadline - .now
      if left <= .zero || Task.isCancelled { return nil }
      _ = socket.wait(for: POLLIN, atMost: left)
    }
  }

  /// Ends it from this side: says so (close_notify, FIN) and waits for the peer to end it from the
  /// other. True when the peer did so in order: then its program has read all that was written.
  package func finish(within time: Duration) -> Bool {
    if let session, end == nil {
      session.sayGoodbye()
      // Whether the peer still hears it shows below.
      _ = try? send(session.takeOutgoing(), stallTime: time)
    }
    shutdown(socket.descriptor, Int32(SHUT_WR))
    let deadline = ContinuousClock.now + time
    while true {
      switch receive() {
      case .bytes: continue
      case .end: return true
      case .error: return false
      case .nothing:
        let left = deadline - .now
        guard left > .zero, socket.wait(for: POLLIN, atMost: left) != 0 else { return false }
      }
    }
  }

  // MARK: Receiving

  private enum Received {
    /// So many bytes, in `heard`.
    case bytes(Int)
    case nothing
    case end
    case error(Int32)
  }

  private func receive() -> Received {
    while true {
      let count = recv(socket.descriptor, &heard, heard.count, Int32(MSG_DONTWAIT))
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .nothing
      case let code: return .error(code)
      }
    }
  }

  private func ended(_ message: String) -> StreamError {
    StreamError(.ended, operation: "write to", subject: subject, message)
  }
}

/// How a connection ended from the other side.
package struct StreamEnd: Hashable, Sendable {
  /// The end in words for an operator.
  package let error: StreamError
  /// Whether the peer ended it in order (FIN, and close_notify through TLS).
  package let isClean: Bool

  init(_ error: StreamError, isClean: Bool) {
    self.error = error
    self.isClean = isClean
  }
}
