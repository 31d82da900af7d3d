import Foundation
import MillraceHTTP
import Synchronization
import TestChildren
import TestWire
import Testing

/// `user:p@ss` as `Proxy-Authorization` says it.
private let basic = "Basic " + Data("user:p@ss".utf8).base64EncodedString()

private func fetch(
  _ url: String, through proxy: HTTPProxy, trusting authority: String? = nil,
  headers: [(name: String, value: String)] = []
) async -> Result<HTTPResponse, HTTPError> {
  await send(
    HTTPRequest(
      url: url, headers: headers,
      route: HTTPRoute(proxy: .through(proxy), certificateAuthorityFile: authority)))
}

@Suite(.timeLimit(.minutes(10)))
struct `A proxy` {
  let server = ScriptedServer { reply($0.header("Authorization") ?? "nothing") }

  @Test func `tunnels to hosts that only it can find, and sees no token`() async throws {
    let proxy = ConnectProxy()
    let answer = await fetch(
      "http://manage.office.invalid:\(server.port)/x", through: HTTPProxy(url: proxy.url),
      headers: [("Authorization", "Bearer hunter2")])
    #expect(try answer.get().body == Array("Bearer hunter2".utf8))
    let head = try #require(proxy.requests.first)
    #expect(head.first == "CONNECT manage.office.invalid:\(server.port) HTTP/1.1")
    #expect(!head.joined().contains("hunter2"))
    server.stop()
  }

  @Test func `is taken for loopback hosts, too, when it is configured`() async throws {
    let proxy = ConnectProxy()
    _ = try await fetch(server.url, through: HTTPProxy(url: proxy.url)).get()
    #expect(proxy.requests.count == 1)
    server.stop()
  }

  @Test func `is told who asks`() async throws {
    let proxy = ConnectProxy(credentials: basic)
    let known = HTTPProxy(url: proxy.url, username: "user", password: "p@ss")
    _ = try await fetch(server.url, through: known).get()
    for stranger in [
      HTTPProxy(url: proxy.url), HTTPProxy(url: proxy.url, username: "user", password: "hunter2"),
    ] {
      guard case .failure(let error) = await fetch(server.url, through: stranger) else {
        Issue.record("a stranger got through")
        continue
      }
      #expect(error.kind == .connect)
      #expect(error.message == "the proxy refuses to connect: HTTP 407")
      #expect(error.hint.contains("password") && !error.description.contains("hunter2"))
    }
    server.stop()
  }

  @Test func `that cannot reach the host says so`() async {
    let proxy = ConnectProxy()
    guard
      case .failure(let error) = await fetch(
        "http://127.0.0.1:1/", through: HTTPProxy(url: proxy.url))
    else {
      Issue.record("nobody is there")
      return
    }
    #expect(error.message == "the proxy refuses to connect: HTTP 502")
    server.stop()
  }

  @Test func `that is not there is unreachable`() async {
    let error = await fetch(server.url, through: HTTPProxy(url: "http://127.0.0.1:1")).errorKind
    #expect(error == .connect)
    server.stop()
  }

  @Test func `gets its password anew for each request`() async throws {
    let proxy = ConnectProxy(credentials: basic)
    let password = Mutex("old")
    let url = proxy.url
    let client = RoutedClient(testClient) { () throws(HTTPError) in
      HTTPRoute(
        proxy: .through(
          HTTPProxy(url: url, username: "user", password: password.withLock { $0 })))
    }
    let request = HTTPRequest(url: server.url)
    await #expect(throws: HTTPError.self) { try await client.send(request) }
    password.withLock { $0 = "p@ss" }
    _ = try await client.send(request)
    // What states its own way keeps it.
    var direct = request
    direct.route = .direct
    let before = proxy.requests.count
    _ = try await client.send(direct)
    #expect(proxy.requests.count == before)
    server.stop()
  }

  @Test func `never shows its secrets`() {
    let proxy = HTTPProxy(url: "http://a:1", username: "u", password: "hunter2")
    var dumped = ""
    dump(HTTPRoute(proxy: .through(proxy)), to: &dumped)
    let signature = AWSSignature(
      region: "r", service: "s", accessKeyID: "k", secretAccessKey: "hunter2")
    dump(signature, to: &dumped)
    for text in [dumped, "\(proxy)", "\(signature)"] { #expect(!text.contains("hunter2")) }
    server.stop()
  }
}

@Suite(
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the certificates"),
  .timeLimit(.minutes(10)))
struct `A proxy behind TLS` {
  let workshop: CertificateWorkshop
  let server = ScriptedServer { _ in reply("through") }

  init() throws {
    workshop = try CertificateWorkshop()
  }

  @Test func `is verified, and shown a certificate where it asks for one`() async throws {
    let authority = try await workshop.selfSigned("authority")
    let own = try await workshop.signed(
      "proxy", by: authority, alternativeNames: "IP:127.0.0.1")
    let client = try await workshop.signed("client", by: authority)
    let stranger = try await workshop.selfSigned("stranger")
    let encrypted = workshop.path("encrypted.key")
    try await workshop.run(
      "pkcs8", "-topk8", "-in", client.key, "-out", encrypted, "-passout", "pass:open")
    let proxy = ConnectProxy()
    let front = try TLSFront(own, clientAuthority: authority.certificate, target: proxy.port)
    let url = "https://127.0.0.1:\(front.port)"
    func through(
      _ pair: CertificateWorkshop.Pair?, key: String? = nil, password: String? = nil,
      trusting: String? = nil
    ) async -> Result<HTTPResponse, HTTPError> {
      await fetch(
        server.url,
        through: HTTPProxy(
          url: url, certificateAuthorityFile: trusting ?? authority.certificate,
          certificateFile: pair?.certificate, keyFile: key ?? pair?.key, keyPassword: password))
    }
    #expect(try await through(client).get().body == Array("through".utf8))
    #expect(
      try await through(client, key: encrypted, password: "open").get().body
        == Array("through".utf8))
    let count = proxy.requests.count
    #expect(await through(nil).errorKind != nil, "without a certificate")
    #expect(await through(stranger).errorKind != nil, "with one that nobody vouches for")
    #expect(
      await through(client, trusting: stranger.certificate).errorKind == .tls,
      "a proxy that nobody vouches for")
    #expect(proxy.requests.count == count, "none of them got as far as the proxy")
    server.stop()
  }

  @Test func `and the host behind it are each trusted by their own authority`() async throws {
    let outer = try await workshop.selfSigned("outer")
    let inner = try await workshop.selfSigned("inner")
    let own = try await workshop.signed("proxy", by: outer, alternativeNames: "IP:127.0.0.1")
    let host = try await workshop.signed(
      "host", by: inner, alternativeNames: "DNS:manage.office.invalid")
    let secured = try TLSFront(host, target: server.port)
    let proxy = ConnectProxy()
    let front = try TLSFront(own, target: proxy.port)
    let target = "https://manage.office.invalid:\(secured.port)/"
    let known = HTTPProxy(
      url: "https://127.0.0.1:\(front.port)", certificateAuthorityFile: outer.certificate)
    let answer = await fetch(target, through: known, trusting: inner.certificate)
    #expect(try answer.get().body == Array("through".utf8))
    #expect(await fetch(target, through: known, trusting: outer.certificate).errorKind == .tls)
    #expect(await fetch(target, through: known).errorKind == .tls)
    #expect(front.handshakes > 0 && secured.handshakes > 0)
    server.stop()
  }
}
