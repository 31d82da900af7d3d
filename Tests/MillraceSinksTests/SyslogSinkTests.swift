import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStreams
import TestChildren
import Testing

@Suite(.timeLimit(.minutes(10))) struct `The syslog sink` {
  private static let text = #"{"name":"Zoë","path":"C:\\Users"}"#

  /// What a daemon writes of `syslogLine`.
  private func expected(_ id: String, mark: String = "") -> String {
    #"5|13|collector.example|millrace|FileAccessed|[m365@32473 id="\#(id)" ua="a \"b\" \] c"]|"#
      + mark + Self.text
  }

  /// Delivers until the daemon has written it: datagrams may be lost while it starts.
  private func lines(
    of daemon: SyslogDaemon, over transport: SyslogOptions.Transport
  ) async throws -> Set<String> {
    let options = SyslogOptions(transport: transport, framing: .newline)
    let sink = SyslogSink(name: "siem", options: options, log: .silent)
    try await sink.open(ledger: LedgerDouble())
    try daemon.start()
    try await eventually("the daemon has written something") {
      do throws(SinkError) {
        _ = try await sink.deliver(syslogBatch(["x"], text: Self.text))
      } catch {
        #expect(error.kind == .unreachable, "\(error)")
      }
      return !daemon.lines.isEmpty
    }
    await sink.close()
    await daemon.stop()
    // syslog-ng numbers what comes over a socket of its machine.
    return Set(
      daemon.lines.map { line in
        String(line.unicodeScalars.filter { $0 != "\u{FEFF}" })
          .replacing(#/\[meta sequenceId="\d+"\]/#, with: "")
      })
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `is understood by rsyslog over UDP and its local socket`() async throws {
    let udp = try SyslogDaemon(.rsyslog, .udp)
    let endpoint = Endpoint.host(udp.host, port: udp.port)
    #expect(try await lines(of: udp, over: .udp(endpoint)) == [expected("x")])
    let local = try SyslogDaemon(.rsyslog, .local)
    let path = local.folder + "/socket"
    #expect(try await !lines(of: local, over: .unix(path: path)).isEmpty)
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.syslogNG), "\(SyslogDaemon.Kind.syslogNG.absence)"))
  func `is understood by syslog-ng over UDP and local sockets of both types`() async throws {
    let udp = try SyslogDaemon(.syslogNG, .udp)
    let endpoint = Endpoint.host(udp.host, port: udp.port)
    #expect(try await lines(of: udp, over: .udp(endpoint)) == [expected("x")])
    for way in [SyslogDaemon.Way.local, .localStream] {
      let local = try SyslogDaemon(.syslogNG, way)
      let path = local.folder + "/socket"
      #expect(try await lines(of: local, over: .unix(path: path)) == [expected("x")])
    }
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `is understood by rsyslog over TCP, with lines and with lengths`() async throws {
    for framing in [SyslogOptions.Framing.octetCounting, .newline] {
      var route = try SyslogRoute.tcp(.rsyslog)
      route.options.framing = framing
      let sink = SyslogSink(name: "siem", options: route.options, log: .silent)
      try await sink.open(ledger: LedgerDouble())
      try route.daemon.start()
      let ids = (0..<50).map { "\($0)" }
      let daemon = route.daemon
      try await deliverPatiently(syslogBatch(ids, text: Self.text), to: sink)
      try await eventually("all of it arrived") { daemon.ids.count >= 50 }
      await sink.close()
      await daemon.stop()
      // rsyslog leaves the mark in the text.
      #expect(Set(daemon.lines) == Set(ids.map { expected($0, mark: "\u{FEFF}") }))
    }
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.syslogNG), "\(SyslogDaemon.Kind.syslogNG.absence)"))
  func `is understood by syslog-ng over TCP, and by its own limit on sizes`() async throws {
    let route = try SyslogRoute.tcp(.syslogNG)
    let sink = SyslogSink(name: "siem", options: route.options, log: .silent)
    try await sink.open(ledger: LedgerDouble())
    let daemon = route.daemon
    try daemon.start()
    try await deliverPatiently(syslogBatch(["one"], text: Self.text), to: sink)
    try await eventually("it arrived") { daemon.ids == ["one"] }
    #expect(daemon.lines == [expected("one")])
    await sink.close()
    await daemon.stop()
  }

  @Test func `sends again what a receiver that went away may not have read`() async throws {
    // Reads the first connection for a while, and all others to their ends.
    let brought = Brought()
    let first = ConditionLock(true)
    let mayLeave = ConditionLock(false)
    let listener = Listener { connection in
      let isFirst = first.withLock { isFirst in
        defer { isFirst = false }
        return isFirst
      }
      guard isFirst else { return brought.read(connection) }
      mayLeave.wait({ $0 }, then: { _ in })
    }
    var options = SyslogOptions(
      transport: .tcp(.host("127.0.0.1", port: listener.port)), framing: .newline)
    options.resendBytes = 64 << 10
    let sink = SyslogSink(name: "siem", options: options, log: .silent)
    try await sink.open(ledger: LedgerDouble())
    for id in ["1", "2", "3"] { _ = try await sink.deliver(syslogBatch([id])) }
    mayLeave.withLock { $0 = true }
    mayLeave.signal()
    try await eventually("the sink saw that it left") { await sink.resendCount == 1 }
    await sink.close()
    let ids = ["1", "2", "3"].map { syslogLine($0) + "\n" }.joined()
    try await eventually("the second connection ended") { brought.all.count == 1 }
    #expect(String(decoding: brought.all[0], as: UTF8.self) == ids)
  }

  @Test func `keeps no more for sending again than it may`() async throws {
    let brought = Brought()
    let listener = Listener { brought.read($0) }
    var options = SyslogOptions(
      transport: .tcp(.host("127.0.0.1", port: listener.port)), framing: .newline)
    options.resendBytes = 64 << 10
    let sink = SyslogSink(name: "siem", options: options, log: .silent)
    try await sink.open(ledger: LedgerDouble())
    for round in 0..<50 {
      _ = try await sink.deliver(syslogBatch((0..<100).map { "\(round)-\($0)" }))
      let kept = await sink.windowByteCount
      #expect(kept <= 64 << 10)
      #expect(kept > 8 << 10)
    }
    await sink.close()
  }

  @Test(.enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the keys"))
  func `does not take a receiver that refuses its certificate for one that listens`() async throws {
    let workshop = try CertificateWorkshop()
    let host = SyslogDaemon.freeAddress()
    let (authority, server) = try await workshop.serve(at: host) { authority in
      ["-CAfile", authority.certificate, "-Verify", "1", "-verify_return_error"]
    }
    let transport = SyslogOptions.Transport.tls(
      .host(host, port: 6514), TLSSettings(authorityPath: authority.certificate))
    let sink = SyslogSink(
      name: "siem", options: SyslogOptions(transport: transport, framing: .octetCounting),
      log: .silent)
    try await sink.open(ledger: LedgerDouble())
    try await eventually("the refusal is told") {
      do throws(SinkError) {
        _ = try await sink.deliver(syslogBatch(["x"]))
        return false
      } catch {
        return error.kind == .rejected
      }
    }
    server.signal(SIGKILL)
    await sink.close()
  }
}
