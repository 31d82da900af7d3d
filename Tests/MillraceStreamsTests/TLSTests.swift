import MillraceRuntime
import MillraceStreams
import TestChildren
import Testing

/// `openssl s_server`, another implementation's server end, on an address of its own.
private struct TLSServer {
  let host = SyslogDaemon.freeAddress()
  let workshop: CertificateWorkshop
  let authority: CertificateWorkshop.Pair
  let child: ChildProcess

  /// - Parameter names: what the certificate is for; the server's address unless given.
  init(names: String? = nil, days: String = "30", options: [String] = []) async throws {
    workshop = try CertificateWorkshop()
    authority = try await workshop.selfSigned("authority")
    let pair = try await workshop.signed(
      "server", by: authority, alternativeNames: names ?? "IP:\(host)")
    let program = try #require(CertificateWorkshop.openssl)
    child = try ChildProcess(
      program,
      [
        "s_server", "-accept", "\(host):6514", "-cert", pair.certificate, "-key", pair.key,
        "-CAfile", authority.certificate, "-www",
      ] + options,
      environment: [:], folder: workshop.folder, input: "/dev/null")
  }

  /// How a connection goes, once somebody listens.
  func connect(
    _ settings: TLSSettings, watching time: Duration = .zero
  ) async throws -> (kind: StreamError.Kind?, version: String) {
    let host = host
    let result = ConditionLock<(StreamError.Kind?, String)>((nil, ""))
    try await eventually("somebody listens") {
      let outcome = await blocking { () -> (StreamError.Kind?, String) in
        do throws(StreamError) {
          let connection = try StreamConnection.open(
            .host(host, port: 6514), tls: try TLSContext(settings), timeout: .seconds(60))
          let end = time > .zero ? connection.watch(for: time) : nil
          return (end?.error.kind, connection.security?.version ?? "")
        } catch {
          return (error.kind, "")
        }
      }
      result.withLock { $0 = outcome }
      return outcome.0 != .unreachable
    }
    return result.withLock { $0 }
  }

  func trusting(name: String? = nil) -> TLSSettings {
    TLSSettings(authorityPath: authority.certificate, serverName: name)
  }
}

@Suite(
  .timeLimit(.minutes(10)),
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the other side"))
struct `A connection through TLS` {
  @Test func `is made when a known authority vouches for the address`() async throws {
    let server = try await TLSServer()
    let outcome = try await server.connect(server.trusting())
    #expect(outcome.kind == nil)
    #expect(outcome.version == "TLSv1.3")
    // An authority of the system's knows nothing of this server.
    #expect(try await server.connect(TLSSettings()).kind == .untrusted)
    #expect(try await server.connect(server.trusting(name: "siem.example")).kind == .untrusted)
  }

  @Test func `is made by a name of the certificate, and by no other`() async throws {
    let server = try await TLSServer(names: "DNS:siem.example")
    #expect(try await server.connect(server.trusting(name: "siem.example")).kind == nil)
    #expect(try await server.connect(server.trusting(name: "other.example")).kind == .untrusted)
    #expect(try await server.connect(server.trusting()).kind == .untrusted)
  }

  @Test func `is never older than version 1,2`() async throws {
    let new = try await TLSServer(options: ["-tls1_2"])
    #expect(try await new.connect(new.trusting()).version == "TLSv1.2")
    let old = try await TLSServer(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    #expect(try await old.connect(old.trusting()).kind == .handshake)
  }

  @Test func `ends when the server wants a certificate and gets none`() async throws {
    let server = try await TLSServer(options: ["-Verify", "1", "-verify_return_error"])
    let none = try await server.connect(server.trusting(), watching: .seconds(120))
    #expect(none.kind == .refused)
    let pair = try await server.workshop.signed("client", by: server.authority)
    var settings = server.trusting()
    (settings.certificatePath, settings.keyPath) = (pair.certificate, pair.key)
    #expect(try await server.connect(settings, watching: .milliseconds(300)).kind == nil)
  }

  @Test func `does not begin with files that are of no use`() async throws {
    let workshop = try CertificateWorkshop()
    let pair = try await workshop.selfSigned("one")
    let other = try await workshop.selfSigned("other")
    let nonsense = try workshop.write("nonsense", to: "nonsense.pem")
    let locked = workshop.path("locked.key")
    try await workshop.run(
      "pkey", "-in", pair.key, "-aes256", "-passout", "pass:secret", "-out", locked)
    let broken = [
      TLSSettings(authorityPath: nonsense), TLSSettings(authorityPath: "/nonexistent"),
      TLSSettings(certificatePath: nonsense, keyPath: pair.key),
      TLSSettings(certificatePath: pair.certificate, keyPath: other.key),
      TLSSettings(certificatePath: pair.certificate, keyPath: locked),
    ]
    for settings in broken {
      let error = #expect(throws: StreamError.self) { try TLSContext(settings) }
      #expect(error?.kind == .unusableFile)
      #expect(error?.hint.isEmpty == false)
    }
    #expect(throws: Never.self) {
      try TLSContext(TLSSettings(certificatePath: pair.certificate, keyPath: pair.key))
    }
  }
}
