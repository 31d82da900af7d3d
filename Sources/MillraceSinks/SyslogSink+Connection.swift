import MillraceCore
import MillraceRuntime
import MillraceStreams

// How a syslog sink comes to a connection, notices that it is gone, and sends the window again.

extension SyslogSink {
  /// Sees to a connection on which nothing is owed.
  func makeReady() throws(StreamError) {
    if let end = stream?.look() { lose(end.error) }
    if stream == nil, datagrams == nil { try connect() }
    guard owesWindow, let stream else { return }
    let chunks = window.all
    for chunk in chunks { try stream.write(chunk, stallTime: options.stallTime) }
    try stream.awaitAcknowledgement(stallTime: options.stallTime)
    try outliveTrial(stream)
    owesWindow = false
    window.renew()
    guard !chunks.isEmpty else { return }
    resendCount += 1
    log.warning(
      "the last deliveries were sent again, as the receiver may have lost them",
      ["sink": name, "bytes": "\(window.byteCount)", "receiver": stream.subject])
  }

  private func connect() throws(StreamError) {
    switch options.transport {
    case .tcp(let endpoint):
      stream = try StreamConnection.open(endpoint, timeout: options.connectTime)
    case .tls(let endpoint, _):
      guard let tls else { preconditionFailure("a sink is opened before it delivers") }
      stream = try StreamConnection.open(endpoint, tls: tls, timeout: options.connectTime)
    case .udp(let endpoint):
      datagrams = try DatagramConnection(endpoint)
    case .unix(let path):
      try connect(toLocal: .path(path))
    }
    log.info(
      "connected to the receiver",
      ["sink": name, "receiver": stream?.subject ?? datagrams?.subject ?? ""])
  }

  /// Datagrams first, as syslog(3) does; a socket of streams says that it is the wrong type.
  private func connect(toLocal endpoint: Endpoint) throws(StreamError) {
    do throws(StreamError) {
      datagrams = try DatagramConnection(endpoint)
      writer.framing = .none
    } catch {
      guard error.kind == .wrongType else { throw error }
      stream = try StreamConnection.open(endpoint, timeout: options.connectTime)
      writer.framing = .init(options.framing)
    }
  }

  /// The connection is gone: what went over it last goes again over the next.
  func lose(_ error: StreamError) {
    guard let lost = stream else { return }
    stream = nil
    owesWindow = true
    let age = ContinuousClock.now - lost.opened
    if age < Swift.max(Limits.syslogYouth, trial * 2) {
      trial = min(Swift.max(trial * 2, Limits.syslogTrial), Limits.syslogTrialMax)
    } else {
      trial = options.firstTrial
    }
    log.warning(
      "the connection to the receiver ended", ["sink": name, "reason": error.description])
  }

  /// Waits until a connection is so old that an early refusal would have come.
  func outliveTrial(_ stream: StreamConnection) throws(StreamError) {
    let left = stream.opened + trial - .now
    guard left > .zero else { return }
    if let end = stream.watch(for: left) { throw end.error }
  }

  // MARK: Looking after it

  /// Looks again after a while, as long as there is something to send again should it be gone.
  func lookLater(_ wait: Duration) {
    guard alarm == nil, !isClosed, !window.isEmpty else { return }
    alarm = AlarmClock.shared.set(at: .now + wait) { [weak self] in
      guard let self else { return }
      Task { await self.lookAfter() }
    }
  }

  private func lookAfter() {
    alarm = nil
    guard !isClosed else { return }
    do throws(StreamError) {
      try makeReady()
      failedLooks = 0
      window.expire()
    } catch {
      if stream != nil { lose(error) }
      failedLooks += 1
      if failedLooks == 1 {
        log.error(
          "the last deliveries cannot be sent again yet",
          ["sink": name, "reason": error.description])
      }
    }
    lookLater(min(Limits.syslogLookInterval * (1 << min(failedLooks, 5)), .seconds(30)))
  }

  // MARK: Leaving

  /// Ends the connection so that the receiver has read everything; one that cannot be ended so gets
  /// the window once more.
  func leave() {
    for attempt in 0..<2 {
      if let stream, stream.look() == nil, !owesWindow {
        self.stream = nil
        if stream.finish(within: Limits.syslogFarewell) { return }
        owesWindow = true
      }
      if attempt > 0 || window.isEmpty { break }
      do throws(StreamError) { try makeReady() } catch { lose(error) }
    }
    stream = nil
    guard owesWindow, !window.isEmpty else { return }
    log.warning(
      "whether the receiver has read the last deliveries is not known; millrace replay sends them"
        + " once more", ["sink": name, "bytes": "\(window.byteCount)"])
  }

  // MARK: Errors

  /// A trouble of the network in the words of sinks.
  func failure(_ error: StreamError) -> SinkError {
    let kind: SinkError.Kind =
      switch error.kind {
      case .unresolved, .unreachable, .ended, .stalled: .unreachable
      case .untrusted, .refused, .handshake, .unusableFile: .rejected
      case .permission: .permission
      case .tooLarge, .wrongType, .other: .other
      }
    return SinkError(
      sink: name, operation: error.operation, subject: error.subject, message: error.message,
      hint: error.hint, kind: kind)
  }
}

extension SyslogOptions {
  /// How long a first connection is watched. In the clear there is nothing that could be refused
  /// after it is there.
  var firstTrial: Duration {
    if case .tls = transport { return Limits.syslogTrial }
    return .zero
  }
}
