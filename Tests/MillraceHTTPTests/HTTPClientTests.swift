import Foundation
import MillraceHTTP
import Synchronization
import TestWire
import Testing

/// Calls the client in one place.
func send(
  _ request: HTTPRequest, with client: CurlClient = testClient
) async -> Result<HTTPResponse, HTTPError> {
  do throws(HTTPError) {
    return .success(try await client.send(request))
  } catch {
    return .failure(error)
  }
}

let testClient = CurlClient(name: "test http", userAgent: "millrace-test")

extension Result<HTTPResponse, HTTPError> {
  var errorKind: HTTPError.Kind? {
    guard case .failure(let error) = self else { return nil }
    return error.kind
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `An answer` {
  @Test func `comes with status, headers in any letter case, body and version`() async throws {
    let server = ScriptedServer { _ in
      reply(status: 201, headers: ["X-One:  a b \t", "x-ONE: c"], "body")
    }
    let response = try await send(HTTPRequest(url: server.url)).get()
    #expect(response.status == 201)
    #expect(response.header("X-oNe") == "a b")
    #expect(
      response.headers.filter { $0.name.lowercased() == "x-one" }.map(\.value) == ["a b", "c"])
    #expect(response.header("X-Two") == nil)
    #expect(response.body == Array("body".utf8))
    #expect(response.httpVersion == "1.1")
    server.stop()
  }

  @Test(arguments: [0, 1, 5000, 300_000])
  func `leaves room for padding behind its body`(size: Int) async throws {
    let body = [UInt8](repeating: 7, count: size)
    let server = ScriptedServer { _ in reply(body) }
    let response = try await send(HTTPRequest(url: server.url)).get()
    #expect(response.body == body)
    #expect(response.body.capacity - response.body.count >= 64)
    server.stop()
  }

  @Test func `is the last one when interim answers come first`() async throws {
    let server = ScriptedServer { _ in
      [.text("HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")]
        + reply(headers: ["X-Late: yes"], "b")
    }
    let response = try await send(HTTPRequest(url: server.url)).get()
    #expect(response.header("X-Early") == nil)
    #expect(response.header("X-Late") == "yes")
    server.stop()
  }

  @Test func `that redirects is not followed`() async throws {
    let server = ScriptedServer { _ in reply(status: 302, headers: ["Location: /elsewhere"], "") }
    let response = try await send(HTTPRequest(url: server.url + "/here")).get()
    #expect(response.status == 302)
    #expect(server.received.map(\.target) == ["/here"])
    server.stop()
  }

  @Test func `in chunks is put together and its trailer left alone`() async throws {
    let server = ScriptedServer { _ in
      [
        .text(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
        ), .keepAlive,
      ]
    }
    let response = try await send(HTTPRequest(url: server.url)).get()
    #expect(response.body == Array("abcde".utf8))
    #expect(response.header("X-T") == nil)
    server.stop()
  }

  @Test func `that has nothing of HTTP is refused`() async {
    let server = ScriptedServer { _ in [.text("hello\r\n\r\nhello")] }
    #expect(await send(HTTPRequest(url: server.url)).errorKind != nil)
    server.stop()
  }

  @Test func `with an endless head is refused`() async {
    let field = "X-Field: " + String(repeating: "x", count: 8000) + "\r\n"
    let server = ScriptedServer { _ in
      [.text("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 40) + "\r\n")]
    }
    #expect(await send(HTTPRequest(url: server.url)).errorKind == .protocol)
    server.stop()
  }

  @Test func `with two lengths is refused`() async {
    let server = ScriptedServer { _ in
      [.text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nabc")]
    }
    #expect(await send(HTTPRequest(url: server.url)).errorKind != nil)
    server.stop()
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A body` {
  @Test(arguments: [
    [ScriptedServer.Step.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")],
    [.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .reset],
    [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")],
    [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")],
    [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), .reset],
  ])
  func `that ends early is truncated`(steps: [ScriptedServer.Step]) async {
    let server = ScriptedServer { _ in steps }
    #expect(await send(HTTPRequest(url: server.url)).errorKind == .truncated)
    server.stop()
  }

  @Test func `of exactly the allowed size is accepted`() async throws {
    let server = ScriptedServer { _ in reply("12345") }
    let request = HTTPRequest(url: server.url, bodyBytesMax: 5)
    #expect(try await send(request).get().body.count == 5)
    server.stop()
  }

  @Test(arguments: [
    "Content-Length: 6\r\n\r\n123456", "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n",
    "\r\n123456", "Content-Length: 99999999999\r\n\r\n123",
  ])
  func `larger than allowed is refused`(rest: String) async {
    let server = ScriptedServer { _ in [.text("HTTP/1.1 200 OK\r\n" + rest)] }
    let request = HTTPRequest(url: server.url, bodyBytesMax: 5)
    #expect(await send(request).errorKind == .tooLarge)
    server.stop()
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A compressed body` {
  static let text =
    #"[{"Id":"one"},{"Id":"two"},{"Id":"three, with some text so that the stream has a body"}]"#
  static let stream = bytes(
    "H4sIAAAAAAACA4uuVvJMUbJSys9LVarVgXJKyvOROBlFqak6CuWZJRkKxfm5qQolqRUlQJZCSUZiCZBIVSguKUpN"
      + "zFXISCxWSFRIyk+pVKqNBQDp0GTrWAAAAA==")
  /// 64 KiB of blanks.
  static let blanks = bytes(
    "H4sIAAAAAAACA+3BgQAAAACAIJX9KRepCgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGqUGSy0AAABAA==")

  static func bytes(_ base64: String) -> [UInt8] {
    Array(Data(base64Encoded: base64) ?? Data())
  }

  private func fetch(
    _ body: [UInt8], encoding: String = "gzip", status: Int = 200, bytesMax: Int = 1 << 20
  ) async -> Result<HTTPResponse, HTTPError> {
    let server = ScriptedServer { _ in
      reply(status: status, headers: ["Content-Encoding: \(encoding)"], body)
    }
    defer { server.stop() }
    return await send(HTTPRequest(url: server.url, bodyBytesMax: bytesMax))
  }

  @Test(arguments: ["gzip", "GZIP", "x-gzip"])
  func `is decoded`(encoding: String) async throws {
    let response = try await fetch(Self.stream, encoding: encoding).get()
    #expect(String(decoding: response.body, as: UTF8.self) == Self.text)
    #expect(response.body.capacity - response.body.count >= 64)
  }

  @Test func `is asked for`() async {
    let server = ScriptedServer { _ in reply("") }
    _ = await send(HTTPRequest(url: server.url))
    #expect(server.received.first?.header("Accept-Encoding") == "gzip")
    server.stop()
  }

  @Test func `may have several members`() async throws {
    let response = try await fetch(Self.stream + Self.blanks + Self.stream).get()
    #expect(response.body.count == 2 * Self.text.utf8.count + 65_536)
  }

  @Test func `cut anywhere is truncated although its length agrees`() async {
    for count in 1..<Self.stream.count {
      #expect(await fetch(Array(Self.stream[..<count])).errorKind == .truncated, "\(count) bytes")
    }
  }

  @Test func `cut in its second member is truncated`() async {
    #expect(await fetch(Self.stream + Self.blanks.dropLast()).errorKind == .truncated)
  }

  @Test func `that is empty is truncated, unless it is a refusal's`() async throws {
    #expect(await fetch([]).errorKind == .truncated)
    #expect(try await fetch([], status: 401).get().status == 401)
  }

  @Test func `with a wrong checksum is refused`() async {
    var stream = Self.stream
    stream[stream.count - 6] ^= 1
    #expect(await fetch(stream).errorKind == .encoding)
  }

  @Test func `followed by garbage is refused`() async {
    #expect(await fetch(Self.stream + Array("garbage".utf8)).errorKind == .encoding)
  }

  @Test func `that is none is refused`() async {
    #expect(await fetch(Array(Self.text.utf8)).errorKind == .encoding)
  }

  @Test func `in an encoding not offered is refused`() async {
    #expect(await fetch([1, 2, 3], encoding: "br").errorKind == .encoding)
  }

  @Test func `is measured after decompression`() async throws {
    let bomb = [[UInt8]](repeating: Self.blanks, count: 100).flatMap { $0 }
    #expect(await fetch(bomb, bytesMax: 100 << 16).errorKind == nil)
    #expect(await fetch(bomb, bytesMax: 100 << 16 - 1).errorKind == .tooLarge)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A connection` {
  @Test func `is used again`() async {
    let server = ScriptedServer { _ in reply("x") }
    for _ in 1...3 { _ = await send(HTTPRequest(url: server.url)) }
    #expect(server.received.map(\.connection) == [1, 1, 1])
    server.stop()
  }

  @Test func `that breaks before an answer is no truncated body`() async {
    for steps in [[ScriptedServer.Step.reset], []] {
      let server = ScriptedServer { _ in steps }
      #expect(await send(HTTPRequest(url: server.url)).errorKind == .connect)
      server.stop()
    }
  }

  @Test func `that nobody takes fails with advice`() async {
    let server = ScriptedServer { _ in [] }
    server.stop()
    guard case .failure(let error) = await send(HTTPRequest(url: server.url)) else {
      Issue.record("an answer from nobody")
      return
    }
    #expect(error.kind == .connect)
    #expect(!error.hint.isEmpty)
  }

  @Test func `goes over a Unix socket`() async throws {
    let path = "/tmp/millrace-\(UUID().uuidString.prefix(8)).socket"
    let server = ScriptedServer(unixPath: path) { reply($0.target) }
    defer { unlink(path) }
    let request = HTTPRequest(url: "http://localhost/status", unixSocketPath: path)
    #expect(try await send(request).get().body == Array("/status".utf8))
    server.stop()
  }

  @Test func `to a loopback host never goes through a proxy`() async {
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        setenv(name, "http://127.0.0.1:1", 1)
      }
      let server = ScriptedServer { _ in reply("direct") }
      let client = CurlClient(name: "test proxy", userAgent: "test")
      let direct = await send(HTTPRequest(url: server.url), with: client)
      let named = await send(HTTPRequest(url: "http://localhost:\(server.port)"), with: client)
      exit(direct.errorKind == nil && named.errorKind == nil ? 0 : 1)
    }
  }

  @Test func `to another host goes through the environment's proxy`() async {
    await #expect(processExitsWith: .success) {
      let proxy = ScriptedServer { reply($0.target) }
      setenv("http_proxy", proxy.url, 1)
      let client = CurlClient(name: "test proxy", userAgent: "test")
      let answer = await send(HTTPRequest(url: "http://api.example.com/x"), with: client)
      guard case .success(let response) = answer else { exit(1) }
      exit(response.body == Array("http://api.example.com/x".utf8) ? 0 : 1)
    }
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A request` {
  @Test func `goes out byte for byte`() async {
    let server = ScriptedServer { _ in reply("") }
    let target = "/a/../b$c/%24?q=$x&startTime=2026-03-04T08:15:30#"
    _ = await send(
      HTTPRequest(
        url: server.url + target, headers: [("Authorization", "Bearer x"), ("X-Empty", "")]))
    let received = server.received.first
    #expect(received?.method == "GET")
    #expect(received?.target == String(target.dropLast()))
    #expect(received?.header("Authorization") == "Bearer x")
    #expect(received?.header("X-Empty")?.isEmpty == true)
    #expect(received?.header("User-Agent") == "millrace-test")
    server.stop()
  }

  @Test(arguments: [nil, ""])
  func `to post nothing announces a length of zero`(body: String?) async {
    let server = ScriptedServer { _ in reply("") }
    _ = await send(HTTPRequest(method: "POST", url: server.url, body: body.map { Array($0.utf8) }))
    #expect(server.received.first?.method == "POST")
    #expect(server.received.first?.header("Content-Length") == "0")
    #expect(server.received.first?.header("Content-Type") == nil)
    server.stop()
  }

  @Test(arguments: ["POST", "PUT", "DELETE"])
  func `carries its body`(method: String) async {
    let server = ScriptedServer { _ in reply("") }
    let body = String(repeating: "x", count: 2_000_000)
    _ = await send(
      HTTPRequest(
        method: method, url: server.url, headers: [("Content-Type", "text/x")],
        body: Array(body.utf8)))
    #expect(server.received.first?.method == method)
    #expect(server.received.first?.body.count == body.count)
    #expect(server.received.first?.header("Content-Type") == "text/x")
    #expect(server.received.first?.header("Expect") == nil)
    server.stop()
  }

  @Test func `for a head gets no body`() async throws {
    let server = ScriptedServer { _ in
      [.text("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), .keepAlive]
    }
    let response = try await send(HTTPRequest(method: "HEAD", url: server.url)).get()
    #expect(response.body.isEmpty)
    server.stop()
  }

  @Test(arguments: [
    "ftp://example.com/", "file:///etc/passwd", "example.com", "", "http://", "https://a b/",
    "http://127.0.0.1/\r\nX: y", "http://user:pass@127.0.0.1/", "http://user@127.0.0.1/",
  ])
  func `with an odd URL is not sent`(url: String) async {
    #expect(await send(HTTPRequest(url: url)).errorKind == .protocol)
  }

  @Test(arguments: [("X-A", "b\r\nX-Evil: 1"), ("X A", "b"), ("", "b"), ("X\n", "b"), ("X", "\0")])
  func `with an odd header is not sent`(name: String, value: String) async {
    let server = ScriptedServer { _ in reply("") }
    let request = HTTPRequest(url: server.url, headers: [(name, value)])
    #expect(await send(request).errorKind == .protocol)
    #expect(server.received.isEmpty)
    server.stop()
  }

  @Test(arguments: [
    "http://127.0.0.1:1/path?token=hunter2#hunter2", "http://hunter2:x@127.0.0.1:1/path",
    "https://x@y:hunter2@127.0.0.1:1/path?hunter2", "hunter3://?hunter2",
  ])
  func `leaves no secret in its error`(url: String) async {
    let request = HTTPRequest(url: url, headers: [("Authorization", "hunter2")])
    guard case .failure(let error) = await send(request) else {
      Issue.record("an answer from nobody")
      return
    }
    #expect(!"\(error)".contains("hunter2"))
    #expect(!error.url.contains("@"))
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `Waiting` {
  @Test func `ends with the total timeout`() async {
    let server = ScriptedServer { _ in
      [.text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), .hold]
    }
    let timeouts = HTTPTimeouts(total: .milliseconds(100))
    #expect(await send(HTTPRequest(url: server.url, timeouts: timeouts)).errorKind == .timeout)
    server.stop()
  }

  @Test func `for the first byte ends with the idle timeout`() async {
    let server = ScriptedServer { _ in [.hold] }
    let timeouts = HTTPTimeouts(idle: .milliseconds(500))
    #expect(await send(HTTPRequest(url: server.url, timeouts: timeouts)).errorKind == .timeout)
    server.stop()
  }

  @Test func `ends with a cancellation, and so does the connection`() async {
    let server = ScriptedServer { _ in [.hold] }
    let task = Task { await send(HTTPRequest(url: server.url)) }
    await server.wait { $0.requests == 1 }
    task.cancel()
    #expect(await task.value.errorKind == .cancelled)
    await server.wait { $0.closedByPeer >= 1 }
    server.stop()
  }

  @Test func `does not begin for a task that is cancelled already`() async {
    let server = ScriptedServer { _ in [.hold] }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await send(HTTPRequest(url: server.url))
    }
    #expect(await task.value.errorKind == .cancelled)
    server.stop()
  }

  @Test func `for a busy host can be cancelled too`() async {
    let client = CurlClient(name: "test narrow", maxConnectionsPerHost: 1, userAgent: "test")
    let server = ScriptedServer { $0.target == "/first" ? [.hold] : reply("") }
    let first = Task { await send(HTTPRequest(url: server.url + "/first"), with: client) }
    await server.wait { $0.requests == 1 }
    let second = Task { await send(HTTPRequest(url: server.url + "/second"), with: client) }
    second.cancel()
    #expect(await second.value.errorKind == .cancelled)
    let third = Task { await send(HTTPRequest(url: server.url + "/third"), with: client) }
    first.cancel()
    #expect(await first.value.errorKind == .cancelled)
    #expect(await third.value.errorKind == nil)
    #expect(server.received.map(\.target) == ["/first", "/third"])
    server.stop()
  }

  @Test func `ends with the client`() async {
    let client = CurlClient(name: "test ending", maxConnectionsPerHost: 2, userAgent: "test")
    let server = ScriptedServer { _ in [.hold] }
    let tasks = (1...5).map { _ in
      Task { await send(HTTPRequest(url: server.url), with: client) }
    }
    await server.wait { $0.requests == 2 }
    client.shutdown()
    for task in tasks { #expect(await task.value.errorKind == .cancelled) }
    client.shutdown()
    #expect(await send(HTTPRequest(url: server.url), with: client).errorKind == .cancelled)
    server.stop()
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `Many requests` {
  @Test func `all get their own answers over a bounded number of connections`() async {
    let client = CurlClient(name: "test many", maxConnectionsPerHost: 8, userAgent: "test")
    let server = ScriptedServer { reply($0.target) }
    let right = await withTaskGroup(of: Bool.self) { group in
      for number in 1...200 {
        group.addTask {
          let answer = await send(HTTPRequest(url: server.url + "/\(number)"), with: client)
          guard case .success(let response) = answer else { return false }
          return response.body == Array("/\(number)".utf8)
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(right == 200)
    #expect(server.openPeak <= 8)
    client.shutdown()
    server.stop()
  }

  @Test func `cancelled at random still end, each once`() async {
    let client = CurlClient(name: "test chaos", maxConnectionsPerHost: 4, userAgent: "test")
    let server = ScriptedServer { reply($0.target) }
    var generator = SystemRandomNumberGenerator()
    let tasks = (1...200).map { number in
      Task { await send(HTTPRequest(url: server.url + "/\(number)"), with: client) }
    }
    for task in tasks where Bool.random(using: &generator) { task.cancel() }
    for task in tasks {
      let kind = await task.value.errorKind
      #expect(kind == nil || kind == .cancelled)
    }
    client.shutdown()
    server.stop()
  }
}
