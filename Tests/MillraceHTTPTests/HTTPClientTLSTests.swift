import Foundation
import MillraceHTTP
import Testing

/// `openssl s_server` with a certificate of our own for 127.0.0.1, in a temporary folder.
private final class TLSServer {
  static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  let folder: URL
  let port: Int
  var certificate: String { folder.appendingPathComponent("certificate.pem").path }
  private let process = Process()
  private let input = Pipe()

  init(options: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let openssl = try #require(TLSServer.openssl)
    let key = folder.appendingPathComponent("key.pem").path
    let certificate = folder.appendingPathComponent("certificate.pem").path
    let making = Process()
    making.executableURL = URL(fileURLWithPath: openssl)
    making.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
      "-addext", "subjectAltName=IP:127.0.0.1",
    ]
    making.standardError = FileHandle.nullDevice
    try making.run()
    making.waitUntilExit()

    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments =
      ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"] + options
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var text = ""
    var found: Int?
    while found == nil {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      text += String(decoding: data, as: UTF8.self)
      if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }),
        text.hasSuffix("\n")
      {
        found = line.split(separator: ":").last.flatMap { Int($0) }
      }
    }
    port = try #require(found, "openssl names its port")
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      Issue.record("the temporary folder stays: \(error)")
    }
  }
}

@Suite(.enabled(if: TLSServer.openssl != nil, "the openssl command makes the other side"))
struct `A secure connection` {
  @Test func `is refused when nobody vouches for the certificate`() async throws {
    let server = try TLSServer()
    let answer = await send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
    #expect(answer.errorKind == .tls)
  }

  @Test func `is made when the configured authority vouches for it`() async throws {
    let server = try TLSServer()
    let client = CurlClient(
      name: "test tls", userAgent: "test", certificateAuthorityFile: server.certificate)
    let request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/")
    #expect(try await send(request, with: client).get().status == 200)
  }

  @Test func `is refused when the certificate is for another host`() async throws {
    let server = try TLSServer()
    let client = CurlClient(
      name: "test tls", userAgent: "test", certificateAuthorityFile: server.certificate)
    let request = HTTPRequest(url: "https://localhost:\(server.port)/")
    #expect(await send(request, with: client).errorKind == .tls)
  }

  @Test func `is refused when it would be older than TLS 1,2`() async throws {
    let server = try TLSServer(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    let client = CurlClient(
      name: "test tls", userAgent: "test", certificateAuthorityFile: server.certificate)
    let request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/")
    #expect(await send(request, with: client).errorKind == .tls)
  }

  @Test func `is not made with a server that speaks in the clear`() async {
    let server = ScriptedServer { _ in reply("") }
    let answer = await send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
    #expect(answer.errorKind == .tls)
    server.stop()
  }
}
