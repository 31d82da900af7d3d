import Foundation
import Glibc
import TestChildren
import Testing

/// Syslog sinks, as `check` and `run` have them.
@Suite(.timeLimit(.minutes(10))) struct SyslogCommandTests {
  @Test(.enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the keys"))
  func `check connects to each receiver and says what is wrong, with the fix`() async throws {
    let workshop = try CertificateWorkshop()
    let host = SyslogDaemon.freeAddress()
    let (authority, server) = try await workshop.serve(at: host)
    let listener = Listener { Brought().read($0) }
    let place = try Workplace(events: 10)
    let secure = "{type: syslog, address: 'tls://\(host)'"
    try place.configure(sinks: [
      "clear: {type: syslog, address: 'tcp://127.0.0.1:\(listener.port)'}",
      "datagrams: {type: syslog, address: 'udp://127.0.0.1'}",
      "trusted: \(secure), tls: {ca: '\(authority.certificate)'}}",
      "unknown: \(secure)}",
      "nobody: {type: syslog, address: 'tcp://\(SyslogDaemon.freeAddress()):601'}",
      "nowhere: {type: syslog, address: 'tcp://no-such-host.invalid:601'}",
      "broken: \(secure), tls: {ca: missing.pem}}",
      "local: {type: syslog, address: 'unix:/nonexistent/log'}",
    ])
    try await eventually("the server listens") {
      let (findings, exitCode) = try await place.check()
      let sinks = Dictionary(grouping: findings.about("sink")) { $0.subject }
      guard let trusted = sinks["sink trusted"]?.last, trusted.level == "ok" else { return false }
      #expect(exitCode != 0)
      #expect(trusted.message.contains("TLSv1.3") && trusted.message.contains("29 days"))
      #expect(sinks["sink clear"]?.last?.message.contains("answers, in the clear") == true)
      #expect(sinks["sink datagrams"]?.last?.level == "ok")
      func failure(_ name: String, _ message: String, _ fix: String, _ cause: String) {
        let finding = sinks["sink \(name)"]?.last
        #expect(finding?.level == "failure", "\(name)")
        #expect(finding?.message.contains(message) == true, "\(String(describing: finding))")
        #expect(finding?.fix.contains(fix) == true, "\(String(describing: finding))")
        #expect(finding?.cause == cause, "\(name)")
      }
      failure("unknown", "certificate is not trusted", "tls.ca", "refused")
      failure("nobody", "refused", "start the receiver", "unreachable")
      failure("nowhere", "resolve no-such-host.invalid", "correct the name", "unreachable")
      failure("broken", "missing.pem", "correct its path", "configuration")
      failure("local", "/nonexistent/log", "start the receiver", "unreachable")
      return true
    }
    server.signal(SIGKILL)
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `run delivers every event to rsyslog, with its header`() async throws {
    let daemon = try SyslogDaemon(.rsyslog, .tcp)
    try daemon.start()
    let place = try Workplace(events: 300)
    try place.configure(sinks: [
      "siem: {type: syslog, address: 'tcp://\(daemon.host):\(daemon.port)', facility: local1,"
        + " app_name: audit, hostname: collector, retry: {initial: 50ms}}"
    ])
    let result = try await place.run("run", "--once")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.complaintText.contains("events delivered: siem: 300"))
    try await eventually("rsyslog has written them") { daemon.lines.count >= 300 }
    await daemon.stop()
    let lines = daemon.lines
    #expect(lines.count == 300)
    let ids = Set(lines.compactMap { $0.firstMatch(of: #/\[m365@32473 id="([^"]+)"/#)?.1 })
    #expect(ids.count == 300)
    #expect(lines.allSatisfy { $0.dropFirst().hasPrefix("|17|collector|audit|") })
    for line in lines {
      let text = try #require(line.firstMatch(of: #/\]\|\x{FEFF}?(\{.*\})/#)?.1)
      let event = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(event["id"] != nil)
    }
  }
}
