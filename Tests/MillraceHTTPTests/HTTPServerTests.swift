import Glibc
import MillraceCore
import MillraceHTTP
import Synchronization
import TestChildren
import TestWire
import Testing

@Suite(.timeLimit(.minutes(10)))
struct HTTPServerTests {
  private func server(
    threads: Int = 2, bodyBytesMax: Int = 1 << 20, _ handler: @escaping HTTPServer.Handler
  ) throws -> HTTPServer {
    try HTTPServer(
      listen: .tcp(host: "127.0.0.1", port: 0), threads: threads, bodyBytesMax: bodyBytesMax,
      handler: handler)
  }

  private func temporaryPath() -> String {
    "/tmp/millrace-server-\(UInt64.random(in: 0...UInt64.max)).sock"
  }

  /// Checks that a connection ends without an answer. That none comes is not enough: a server that
  /// waits for ever sends none either.
  private func expectEnd(
    of connection: WireConnection, _ sent: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    connection.send(sent)
    #expect(
      connection.answer() == nil && connection.hasEnded, sourceLocation: sourceLocation)
  }

  @Test func `a request arrives with path, query, headers and body taken apart`() throws {
    let server = try server { request in
      let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
      return ServerResponse(
        text: [
          request.method, request.path, request.rawPath, request.rawQuery ?? "none", query,
          request.queryValue("CONTENTTYPE") ?? "none", request.header("x-thing") ?? "none",
          String(decoding: request.body, as: UTF8.self),
        ].joined(separator: "\n"))
    }
    defer { server.stop() }
    let answer = WireConnection(port: server.port).request(
      "POST", "/a%20b/$c%24?contentType=Audit.General&x=1+2%2B3&flag&bad=%zz",
      headers: ["X-Thing: yes"], body: "hällo")
    #expect(
      answer?.text == """
        POST
        /a b/$c$
        /a%20b/$c%24
        contentType=Audit.General&x=1+2%2B3&flag&bad=%zz
        contentType=Audit.General;x=1 2+3;flag=;bad=%zz
        Audit.General
        yes
        hällo
        """)
    #expect(answer?.status == 200)
  }

  @Test func `a connection serves one request after the other`() throws {
    let count = Mutex(0)
    let server = try server { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return ServerResponse(text: "\(number)")
    }
    defer { server.stop() }
    let connection = WireConnection(port: server.port)
    for expected in 1...5 { #expect(connection.request("GET", "/")?.text == "\(expected)") }
  }

  @Test func `header names keep their spelling`() throws {
    let server = try server { _ in
      ServerResponse(headers: [("NEXTpageURI", "http://x/$y")], body: .bytes([]))
    }
    defer { server.stop() }
    let answer = WireConnection(port: server.port).request("GET", "/")
    #expect(
      answer?.headers.contains { $0.name == "NEXTpageURI" && $0.value == "http://x/$y" } == true)
  }

  @Test func `a header that would split the answer is not sent`() throws {
    let server = try server { _ in
      ServerResponse(headers: [("X", "a\r\nY: b")], body: .bytes([]))
    }
    defer { server.stop() }
    expectEnd(of: WireConnection(port: server.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
  }

  @Test func `a body beyond the bound is refused, announced or not`() throws {
    let server = try server(bodyBytesMax: 100) { request in
      ServerResponse(text: "\(request.body.count)")
    }
    defer { server.stop() }
    let fits = String(repeating: "x", count: 100)
    #expect(WireConnection(port: server.port).request("POST", "/", body: fits)?.text == "100")
    #expect(WireConnection(port: server.port).request("POST", "/", body: fits + "x")?.status == 413)
    let chunked = WireConnection(port: server.port)
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunked.send("65\r\n" + fits + "x\r\n0\r\n\r\n")
    #expect(chunked.answer()?.status == 413)
  }

  @Test func `a body beyond the bound is read before it is refused, unless its client waits`()
    throws
  {
    let server = try server(bodyBytesMax: 100) { _ in ServerResponse(text: "never") }
    defer { server.stop() }
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n"
    // Half of it, a pause in which an early answer would close the connection, and the rest.
    let sending = WireConnection(port: server.port)
    sending.send(head + "\r\n" + String(repeating: "x", count: 250))
    #expect(!sending.isAnswered(within: 100))
    sending.send(String(repeating: "x", count: 250))
    #expect(sending.answer()?.status == 413)
    let waiting = WireConnection(port: server.port)
    waiting.send(head + "Expect: 100-continue\r\n\r\n")
    #expect(waiting.answer()?.status == 413)
    let huge = WireConnection(port: server.port)
    huge.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    #expect(huge.answer()?.status == 413)
  }

  @Test func `an endless body is cut off`() throws {
    let server = try server(bodyBytesMax: 100) { _ in ServerResponse(text: "never") }
    defer { server.stop() }
    let endless = WireConnection(port: server.port)
    endless.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    expectEnd(of: endless, "1000\r\n" + String(repeating: "x", count: 4096))
  }

  @Test func `a body without a length comes in chunks`() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
    let server = try server { _ in ServerResponse(body: .unannounced(bytes)) }
    defer { server.stop() }
    let answer = WireConnection(port: server.port).request("GET", "/")
    #expect(answer?.header("Content-Length") == nil)
    #expect(answer?.isWhole == true)
    #expect(answer?.body == bytes)
  }

  @Test func `a cut body ends before its announced length`() throws {
    let server = try server { _ in
      ServerResponse(body: .cut(Array("half".utf8), announced: 8))
    }
    defer { server.stop() }
    let connection = WireConnection(port: server.port)
    let answer = connection.request("GET", "/")
    #expect(answer?.header("Content-Length") == "8")
    #expect(answer?.text == "half")
    #expect(answer?.isWhole == false && connection.hasEnded)
  }

  @Test func `a reset gives no answer at all`() throws {
    let server = try server { _ in ServerResponse(body: .reset) }
    defer { server.stop() }
    expectEnd(of: WireConnection(port: server.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
  }

  @Test func `a slow body arrives whole`() throws {
    let bytes = Array("abcdefghij".utf8)
    let server = try server { _ in
      ServerResponse(body: .slow(bytes, piece: 3, pause: .milliseconds(5)))
    }
    defer { server.stop() }
    let answer = WireConnection(port: server.port).request("GET", "/")
    #expect(answer?.body == bytes)
    #expect(answer?.isWhole == true)
  }

  @Test func `a delayed answer holds up nobody else on its thread`() throws {
    let server = try server(threads: 1) { request in
      var answer = ServerResponse(text: request.path)
      switch request.path {
      case "/late": answer.delay = .milliseconds(20)
      case "/never": answer.delay = .seconds(600)
      default: break
      }
      return answer
    }
    defer { server.stop() }
    let late = WireConnection(port: server.port)
    late.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
    let never = WireConnection(port: server.port)
    never.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    let quick = WireConnection(port: server.port)
    for _ in 1...3 { #expect(quick.request("GET", "/now")?.text == "/now") }
    #expect(late.answer()?.text == "/late")
  }

  @Test func `stopping ends a connection that waits, and stopping twice is harmless`() async throws
  {
    let asked = Mutex(false)
    let server = try server { _ in
      asked.withLock { $0 = true }
      return ServerResponse(body: .bytes([]), delay: .seconds(600))
    }
    let connection = WireConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try await eventually("the server is asked") { asked.withLock { $0 } }
    server.stop()
    server.stop()
    expectEnd(of: connection)
  }

  @Test func `many connections are served at once`() async throws {
    let server = try server { ServerResponse(text: $0.path) }
    defer { server.stop() }
    let port = server.port
    let right = await withTaskGroup(of: Int.self) { group in
      for client in 0..<8 {
        group.addTask {
          let connection = WireConnection(port: port)
          return (0..<25).filter {
            connection.request("GET", "/\(client)/\($0)")?.text == "/\(client)/\($0)"
          }.count
        }
      }
      return await group.reduce(0, +)
    }
    #expect(right == 200)
  }

  @Test func `a port that is taken is named together with the remedy`() throws {
    let first = try server { _ in ServerResponse(text: "") }
    defer { first.stop() }
    let error = #expect(throws: HTTPServerError.self) {
      try HTTPServer(listen: .tcp(host: "127.0.0.1", port: first.port)) { _ in
        ServerResponse(text: "")
      }
    }
    #expect(error?.address == "127.0.0.1:\(first.port)")
    #expect(error?.description.contains("another program listens on 127.0.0.1") == true)
  }

  @Test func `an address of another machine and an impossible port are refused`() {
    for listen in [
      HTTPServer.Listen.tcp(host: "192.0.2.1", port: 0), .tcp(host: "127.0.0.1", port: 70_000),
    ] {
      #expect(throws: HTTPServerError.self) {
        try HTTPServer(listen: listen) { _ in ServerResponse(text: "") }
      }
    }
  }

  @Test func `a socket in the file system is private and leaves nothing behind`() throws {
    let path = temporaryPath()
    let server = try HTTPServer(listen: .unixSocket(path: path)) { ServerResponse(text: $0.path) }
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(WireConnection(path: path).request("GET", "/there")?.text == "/there")
    #expect(throws: HTTPServerError.self) {
      try HTTPServer(listen: .unixSocket(path: path)) { _ in ServerResponse(text: "") }
    }
    server.stop()
    #expect(lstat(path, &status) != 0)
  }

  @Test func `the socket of a killed process is replaced, another file never`() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let code = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
    close(descriptor)
    try HTTPServer(listen: .unixSocket(path: path)) { _ in ServerResponse(text: "") }.stop()

    close(open(path, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: HTTPServerError.self) {
      try HTTPServer(listen: .unixSocket(path: path)) { _ in ServerResponse(text: "") }
    }
    var status = stat()
    #expect(lstat(path, &status) == 0)
  }
}
