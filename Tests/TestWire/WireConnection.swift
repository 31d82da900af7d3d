import Glibc

/// One connection of a plain HTTP/1.1 client, which shows what went over the wire.
package final class WireConnection {
  package struct Answer {
    package var status = 0
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8] = []
    /// Whether the body ended where its length or its last chunk said.
    package var isWhole = false

    package func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Whether the server ended the connection, orderly or by a reset. What did not come although it
  /// stands was waited for in vain.
  package private(set) var hasEnded = false

  package init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(code == 0, "nobody listens on port \(port)")
    limitWaiting()
  }

  package init(path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let code = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(code == 0, "nobody listens on \(path)")
    limitWaiting()
  }

  deinit { close(descriptor) }

  /// A server that never answers fails the test instead of holding it.
  private func limitWaiting() {
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// Sends a request and reads its answer; nil when there is none, be it that the connection ended
  /// or that nothing came.
  package func request(
    _ method: String = "GET", _ target: String, headers: [String] = [], body: String? = nil
  ) -> Answer? {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
    for header in headers { text += header + "\r\n" }
    if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
    send(text + "\r\n" + (body ?? ""))
    return answer()
  }

  package func answer() -> Answer? {
    guard let head = read(until: Array("\r\n\r\n".utf8)) else { return nil }
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    var answer = Answer()
    answer.status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
    answer.headers = lines.map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }
    if let length = answer.header("Content-Length").flatMap({ Int($0) }) {
      while buffer.count < length, fill() {}
      answer.body = Array(buffer.prefix(length))
      answer.isWhole = buffer.count >= length
      buffer.removeFirst(answer.body.count)
    } else if answer.header("Transfer-Encoding") == "chunked" {
      answer.isWhole = readChunks(into: &answer.body)
    }
    return answer
  }

  /// Whether anything comes, an end of the connection included, before a while has passed.
  package func isAnswered(within milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, milliseconds) > 0
  }

  private func readChunks(into body: inout [UInt8]) -> Bool {
    while let line = read(until: Array("\r\n".utf8)) {
      let size = Int(String(decoding: line, as: UTF8.self), radix: 16) ?? 0
      while buffer.count < size + 2, fill() {}
      guard buffer.count >= size + 2 else { return false }
      body += buffer.prefix(size)
      buffer.removeFirst(size + 2)
      if size == 0 { return true }
    }
    return false
  }

  private func read(until end: [UInt8]) -> [UInt8]? {
    while true {
      if buffer.count >= end.count {
        for index in 0...buffer.count - end.count
        where buffer[index] == end[0] && Array(buffer[index..<index + end.count]) == end {
          let part = Array(buffer[..<index])
          buffer.removeFirst(index + end.count)
          return part
        }
      }
      if !fill() { return nil }
    }
  }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    var count = 0
    repeat { count = recv(descriptor, &piece, piece.count, 0) } while count < 0 && errno == EINTR
    if count > 0 { buffer += piece[..<count] }
    if count == 0 || (count < 0 && errno == ECONNRESET) { hasEnded = true }
    return count > 0
  }
}
