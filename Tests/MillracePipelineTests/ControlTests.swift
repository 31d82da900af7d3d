import Foundation
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import Testing

@testable import MillracePipeline

/// What commands may ask of a running collector, and where.
struct ControlTests {
  private func send(
    _ method: String, _ path: String, body: String = "", socket: String? = nil, port: Int? = nil
  ) async throws -> (status: Int, text: String) {
    let client = CurlClient(name: "test", userAgent: "test")
    defer { client.shutdown() }
    var request = HTTPRequest(
      method: method, url: "http://127.0.0.1:\(port ?? 80)\(path)", body: Array(body.utf8))
    request.unixSocketPath = socket
    let response = try await client.send(request)
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func `what changes something is asked on the socket alone, and a stranger's is refused`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 0))
    let collector = try await Collector.open(bench.configuration(), workers: 1, log: .silent)
    defer { collector.close() }
    let socket = Console.socketPath(folder: bench.storePath)
    let control = try Console(collector: collector, on: .unixSocket(path: socket))
    defer { control.stop() }
    let console = try Console(collector: collector, on: .tcp(host: "127.0.0.1", port: 0))
    defer { console.stop() }

    var mode = stat()
    #expect(stat(socket, &mode) == 0 && mode.st_mode & 0o777 == 0o600)
    let unknown = try await send("POST", "/no-such-thing", socket: socket)
    #expect(unknown.status == 404)
    #expect(unknown.text.contains("\"error\":"), "\(unknown.text)")
    for path in ControlRoute.all.map(\.path) + ["/no-such-thing"] {
      #expect(try await send("POST", path, port: console.port).status == 405, "\(path)")
      #expect(try await send("GET", path, port: console.port).status == 404, "\(path)")
      #expect(try await send("GET", path, socket: socket).status == 404, "\(path)")
    }
    #expect(try await send("GET", "/status.json", socket: socket).status == 200)
    #expect(try await send("PUT", "/", socket: socket).status == 405)
  }
}
