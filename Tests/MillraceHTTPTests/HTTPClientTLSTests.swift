import Foundation
import MillraceHTTP
import MillraceRuntime
import TestWire
import Testing

/// `openssl s_server` with a certificate of our own for 127.0.0.1, in a temporary folder.
private struct TLSServer: Sendable {
  static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  let certificate: String
  let port: Int

  /// Runs a server while `body` runs. What blocks does so on a thread of its own, as the pool has
  /// no thread to spare.
  static func run(
    options: [String] = [], _ body: (TLSServer) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let key = folder.appendingPathComponent("key.pem").path
    let certificate = folder.appendingPathComponent("certificate.pem").path
    let making = try Child(arguments: [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
      "-addext", "subjectAltName=IP:127.0.0.1",
    ])
    _ = await making.output { _ in false }
    let serving = try Child(
      arguments: [
        "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        "-naccept", "1",
      ] + options)
    let text = await serving.output { $0.contains("ACCEPT") && $0.hasSuffix("\n") }
    let line = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
    let port = line?.split(separator: ":").last.flatMap { Int($0) }
    defer {
      // It inherited a mask that blocks what `terminate` sends.
      kill(serving.process.processIdentifier, SIGKILL)
      #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) }
    }
    try await body(TLSServer(certificate: certificate, port: #require(port, "a port is named")))
  }

  /// An openssl command under way. Sound as `@unchecked Sendable`: one thread reads the output,
  /// and the process is only told to end.
  private final class Child: @unchecked Sendable {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(arguments: [String]) throws {
      process.executableURL = URL(fileURLWithPath: try #require(TLSServer.openssl))
      process.arguments = arguments
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    /// What the command prints, until that is enough or all.
    func output(until isEnough: @escaping @Sendable (String) -> Bool) async -> String {
      await withCheckedContinuation { continuation in
        startThread(name: "test openssl") {
          var text = ""
          while !isEnough(text) {
            let data = self.output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
          }
          continuation.resume(returning: text)
        }
      }
    }
  }
}

@Suite(
  .enabled(if: TLSServer.openssl != nil, "the openssl command makes the other side"),
  .timeLimit(.minutes(10)))
struct `A secure connection` {
  private func fetch(
    from host: String = "127.0.0.1", trusting: Bool = true, options: [String] = []
  ) async throws -> HTTPError.Kind? {
    var kind: HTTPError.Kind?
    try await TLSServer.run(options: options) { server in
      let client = CurlClient(
        name: "test tls", userAgent: "test",
        certificateAuthorityFile: trusting ? server.certificate : nil)
      let request = HTTPRequest(url: "https://\(host):\(server.port)/")
      kind = await send(request, with: client).errorKind
    }
    return kind
  }

  @Test func `is made when the configured authority vouches for the certificate`() async throws {
    #expect(try await fetch() == nil)
  }

  @Test func `is refused when nobody vouches for the certificate`() async throws {
    #expect(try await fetch(trusting: false) == .tls)
  }

  @Test func `is refused when the certificate is for another host`() async throws {
    #expect(try await fetch(from: "localhost") == .tls)
  }

  @Test func `is refused when it would be older than version 1,2`() async throws {
    #expect(try await fetch(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) == .tls)
  }

  @Test func `that never comes about is given up in time`() async {
    // This server waits for a request in the clear, and the client for a handshake.
    let server = ScriptedServer { _ in reply("") }
    let request = HTTPRequest(
      url: "https://127.0.0.1:\(server.port)/",
      timeouts: HTTPTimeouts(connect: .milliseconds(100)))
    #expect(await send(request).errorKind == .timeout)
    server.stop()
  }
}
