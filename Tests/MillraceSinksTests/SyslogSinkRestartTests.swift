import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStreams
import TestChildren
import Testing

/// Events as the encoder spells them, for a syslog receiver.
func syslogBatch(_ ids: [String], text: String = "{}") -> EventBatch {
  batch(ids.map { TestEvent(line: syslogLine($0, text: text)) })
}

func syslogLine(_ id: String, text: String = "{}") -> String {
  "<109>1 2026-03-04T08:15:30.000Z collector.example millrace - FileAccessed "
    + #"[m365@32473 id="\#(id)" ua="a \"b\" \] c"] \#(text)"#
}

/// Delivers as whoever delivers does: again and again, until it works.
func deliverPatiently(_ batch: EventBatch, to sink: SyslogSink) async throws {
  try await eventually("the events are delivered") {
    do throws(SinkError) {
      let receipt = try await sink.deliver(batch)
      #expect(receipt.refused.isEmpty)
      return true
    } catch {
      return false
    }
  }
}

extension SyslogDaemon {
  /// The ids of the events it has written, repeats included.
  var ids: [String] {
    lines.compactMap { $0.firstMatch(of: #/id="([^"]*)"/#).map { String($0.1) } }
  }
}

/// A way to a daemon, with the keys it takes.
struct SyslogRoute {
  let daemon: SyslogDaemon
  var options: SyslogOptions
  /// Keeps the keys.
  let workshop: CertificateWorkshop?

  static func tcp(_ kind: SyslogDaemon.Kind, messageBytesMax: Int? = nil) throws -> SyslogRoute {
    let daemon = try SyslogDaemon(kind, .tcp, messageBytesMax: messageBytesMax)
    let transport = SyslogOptions.Transport.tcp(.host(daemon.host, port: daemon.port))
    return SyslogRoute(
      daemon: daemon, options: SyslogOptions(transport: transport, framing: .octetCounting),
      workshop: nil)
  }

  static func tls(_ kind: SyslogDaemon.Kind) async throws -> SyslogRoute {
    let workshop = try CertificateWorkshop()
    let host = SyslogDaemon.freeAddress()
    let authority = try await workshop.selfSigned("authority")
    let server = try await workshop.signed("server", by: authority, alternativeNames: "IP:\(host)")
    let client = try await workshop.signed("client", by: authority)
    let daemon = try SyslogDaemon(
      kind, .tls(server, clients: authority.certificate), host: host)
    let settings = TLSSettings(
      authorityPath: authority.certificate, certificatePath: client.certificate,
      keyPath: client.key)
    let transport = SyslogOptions.Transport.tls(.host(host, port: daemon.port), settings)
    return SyslogRoute(
      daemon: daemon, options: SyslogOptions(transport: transport, framing: .octetCounting),
      workshop: workshop)
  }
}

@Suite(.timeLimit(.minutes(10))) struct `A receiver of syslog that is restarted` {
  /// Deliveries before, between and after an ordered restart and kills.
  private func check(_ route: SyslogRoute) async throws {
    let daemon = route.daemon
    let sink = SyslogSink(name: "siem", options: route.options, log: .silent)
    try await sink.open(ledger: LedgerDouble())
    var sent: Set<String> = []
    func deliver(_ name: String) async throws {
      let ids = (0..<200).map { "\(name)-\($0)" }
      sent.formUnion(ids)
      try await deliverPatiently(syslogBatch(ids), to: sink)
    }
    func allArrive() async throws {
      let expected = sent
      try await eventually("all events are with the receiver") {
        expected.isSubset(of: daemon.ids)
      }
    }

    try daemon.start()
    try await deliver("first")
    try await allArrive()

    await daemon.stop()
    try daemon.start()
    try await deliver("after a restart")
    try await allArrive()

    // Its kernel takes what it does not read, and goes on to say that all is well.
    try await daemon.freeze()
    try await deliver("never read")
    await daemon.kill()
    #expect(!daemon.ids.contains { $0.hasPrefix("never read") }, "this was lost to the receiver")
    try daemon.start()
    try await deliver("after a kill")
    try await allArrive()

    // Nothing more is to be delivered: the sink sees to it by itself.
    try await daemon.freeze()
    try await deliver("the last")
    await daemon.kill()
    #expect(!daemon.ids.contains { $0.hasPrefix("the last") })
    try daemon.start()
    try await allArrive()
    #expect(await sink.resendCount >= 2)

    await sink.close()
    #expect(Set(daemon.ids) == sent, "nothing else arrived")
    await daemon.stop()
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `gets every event: rsyslog over TCP`() async throws {
    try await check(.tcp(.rsyslog))
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `gets every event: rsyslog over TLS, with certificates on both sides`() async throws {
    try await check(await .tls(.rsyslog))
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.syslogNG), "\(SyslogDaemon.Kind.syslogNG.absence)"))
  func `gets every event: syslog-ng over TCP`() async throws {
    try await check(.tcp(.syslogNG))
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.syslogNG), "\(SyslogDaemon.Kind.syslogNG.absence)"))
  func `gets every event: syslog-ng over TLS, with certificates on both sides`() async throws {
    try await check(await .tls(.syslogNG))
  }
}
