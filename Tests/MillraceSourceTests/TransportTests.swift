import Foundation
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import MillraceSource
import Testing

/// Certificates made by the openssl command, in a folder of their own that goes with the last
/// reference.
private final class Certificates: Sendable {
  static let openssl = tool("openssl")

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("millrace-certificates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    // In the system's temporary folder: one that stays costs room, nothing else.
    try? FileManager.default.removeItem(at: folder)
  }

  static func tool(_ name: String) -> String? {
    ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + name }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// An authority, and a certificate for 127.0.0.1 or another name that it vouches for.
  func issue(days: Int = 2, name: String = "IP:127.0.0.1") async throws -> HTTPServer.Certificate {
    try "subjectAltName=\(name)\n".write(
      toFile: path("names.cnf"), atomically: true, encoding: .utf8)
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try await run(
      ["req", "-x509", "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "2", "-subj"]
        + ["/CN=authority"] + ec)
    try await run(
      ["req", "-new", "-keyout", path("key.pem"), "-out", path("request.pem"), "-subj"]
        + ["/CN=service"] + ec)
    try await run([
      "x509", "-req", "-in", path("request.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
      "-days", "\(days)", "-extfile", path("names.cnf"), "-out", path("chain.pem"),
    ])
    return HTTPServer.Certificate(
      chain: try String(contentsOfFile: path("chain.pem"), encoding: .utf8),
      key: try String(contentsOfFile: path("key.pem"), encoding: .utf8))
  }

  private func run(_ words: [String]) async throws {
    let openssl = try #require(Self.openssl)
    let child = try ChildProcess(openssl, words, environment: [:], folder: folder.path)
    let result = await child.end()
    try #require(result.exitCode == 0, "\(words): \(result.complaintText)")
  }
}

/// Sends everything through a socket in the file system, as to a proxy in front of the service.
private struct Tunnel: HTTPClient {
  let client: CurlClient
  let socket: String

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var request = request
    request.unixSocketPath = socket
    return try await client.send(request)
  }
}

/// The simulated tenant over the transports that a service may have.
@Suite(
  .enabled(if: Certificates.openssl != nil, "the openssl command makes the certificates"),
  .timeLimit(.minutes(10)))
struct TransportTests {
  private func api(_ origin: String, _ http: any HTTPClient) throws -> ActivityAPI {
    let tenant = SimulatedTenantOptions()
    let clock = SystemWallClock()
    let endpoints = try ServiceEndpoints(
      login: origin, api: origin, resource: "https://manage.office.com")
    let id = try #require(TenantID(tenant.tenantID))
    let tokens = TokenProvider(
      loginTenant: tenant.tenantID, clientID: tenant.clientID, tenant: id,
      credential: Credential.clientSecret { () throws(CredentialError) in tenant.clientSecret },
      endpoints: endpoints, http: http, clock: clock)
    return ActivityAPI(
      tenant: id, endpoints: endpoints, tokens: tokens, http: http,
      publisherID: tenant.tenantID, clock: clock)
  }

  /// What comes of asking a simulated tenant with that certificate.
  private func failure(
    days: Int = 2, name: String = "IP:127.0.0.1", trusting: Bool = true
  ) async throws -> ServiceFailure? {
    let certificates = try Certificates()
    let simulator = try Simulator(
      SimulatorOptions(
        content: .generated(events: 10, seed: 1),
        certificate: try await certificates.issue(days: days, name: name)))
    try simulator.start()
    defer { simulator.stop() }
    #expect(simulator.baseURL.hasPrefix("https://"))
    let client = CurlClient(
      name: "test", userAgent: "test",
      certificateAuthorityFile: trusting ? certificates.path("ca.pem") : nil)
    let api = try api(simulator.baseURL, client)
    do throws(ServiceFailure) {
      _ = try await api.subscriptions()
      return nil
    } catch {
      #expect(simulator.statistics.requestCount == 0, "nothing was sent")
      return error
    }
  }

  @Test func `a certificate that is good and vouched for is accepted`() async throws {
    #expect(try await failure() == nil)
  }

  @Test func `one that has expired is refused, and that is said`() async throws {
    let failure = try #require(await failure(days: -1))
    #expect(failure.kind == .unreachable)
    #expect(failure.description.contains("expired"), "\(failure)")
  }

  @Test func `one of another name is refused, and that is said`() async throws {
    let failure = try #require(await failure(name: "DNS:manage.example.com"))
    #expect(failure.kind == .unreachable)
    #expect(failure.description.contains("127.0.0.1"), "\(failure)")
  }

  @Test func `one that nobody vouches for is refused, and that is said`() async throws {
    let failure = try #require(await failure(trusting: false))
    #expect(failure.kind == .unreachable)
    #expect(failure.description.contains("certificate"), "\(failure)")
  }

  private static let nghttpx = Certificates.tool("nghttpx")

  @Test(
    .enabled(if: nghttpx != nil, "nghttpx of the package nghttp2-proxy is not installed"))
  func `everything works over HTTP version 2, where names of headers are in small letters`()
    async throws
  {
    let certificates = try Certificates()
    _ = try await certificates.issue()
    let origin = "https://127.0.0.1:8443"
    let simulator = try Simulator(
      SimulatorOptions(
        content: .generated(events: 400, seed: 1), eventsPerBlob: 5,
        faults: FaultPlan([.smallPages, .oddNextPage], rate: 0), publicOrigin: origin))
    try simulator.start()
    defer { simulator.stop() }
    let proxy = try ChildProcess(
      #require(Self.nghttpx),
      [
        "--conf=/dev/null", "--single-process", "--no-ocsp", "--errorlog-file=/dev/stderr",
        "--frontend=unix:\(certificates.path("proxy"))",
        "--backend=127.0.0.1,\(simulator.port)", certificates.path("key.pem"),
        certificates.path("chain.pem"),
      ], environment: [:], folder: certificates.folder.path, killedAfter: .seconds(240),
      keeping: certificates)
    #expect(await proxy.complains("Listening on UNIX domain socket"))
    let tunnel = Tunnel(
      client: CurlClient(
        name: "test", userAgent: "test", certificateAuthorityFile: certificates.path("ca.pem")),
      socket: certificates.path("proxy"))
    let api = try api(origin, tunnel)
    let type = ContentType.sharePoint
    _ = try await api.start(type)
    let now = SystemWallClock().now().wholeSeconds
    let window = TimeWindow(start: now - .seconds(80_000), end: now - .seconds(60))
    var page = try await api.listPage(of: type, window: window)
    var blobs = page.blobs
    while let next = page.nextPage {
      page = try await api.nextPage(next, of: type, window: window)
      blobs += page.blobs
    }
    let expected = simulator.oracle.blobs.filter {
      $0.feed.contentType == type && (window.start..<window.end).contains($0.created)
    }
    #expect(expected.count > 2, "several pages")
    #expect(Set(blobs.map { $0.id }) == Set(expected.map { $0.id }))
    for blob in blobs {
      let body = try await api.fetch(blob)
      #expect(body.httpVersion == "2")
      #expect(body.bytes.first == UInt8(ascii: "["))
    }
    proxy.signal(SIGKILL)
    _ = await proxy.end()
  }
}
