import Glibc
import Synchronization

/// A proxy that tunnels (RFC 9110, 9.3.6) and nothing else. Whatever host it is asked for, it
/// connects to that port of 127.0.0.1, so that names nobody can resolve lead somewhere through it
/// alone. One thread for each connection.
package final class ConnectProxy: Sendable {
  /// A request as it arrived: the line and the fields, as spelled.
  package typealias Head = [String]

  /// The port it listens on.
  package let port: Int
  private let listener: Int32
  private let credentials: Mutex<String?>
  private let heads = Mutex<[Head]>([])

  /// Starts it.
  ///
  /// - Parameter credentials: what `Proxy-Authorization` must say, such as `Basic dTpw`; nil asks
  ///   for nothing.
  package init(credentials: String? = nil) {
    self.credentials = Mutex(credentials)
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, type, 0)
    var address = Self.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound =
      Self.withAddress(&address) { bind(descriptor, $0, length) == 0 }
      && listen(descriptor, 64) == 0
      && withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          getsockname(descriptor, $0, &length) == 0
        }
      }
    precondition(isBound, "a loopback port is free")
    port = Int(UInt16(bigEndian: address.sin_port))
    listener = descriptor
    startThread(name: "test proxy") { [weak self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { break }
        guard let proxy = self else {
          close(client)
          break
        }
        startThread(name: "test tunnel") { proxy.serve(client) }
      }
      close(descriptor)
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// Its URL.
  package var url: String { "http://127.0.0.1:\(port)" }
  /// The heads of all requests so far.
  package var requests: [Head] { heads.withLock { $0 } }

  /// Asks for other credentials from now on.
  package func require(_ credentials: String?) {
    self.credentials.withLock { $0 = credentials }
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    while let head = Self.readHead(client) {
      heads.withLock { $0.append(head) }
      let words = (head.first ?? "").split(separator: " ")
      guard words.first == "CONNECT", words.count == 3,
        let port = words[1].split(separator: ":").last.flatMap({ UInt16($0) })
      else {
        return Self.send("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n", client)
      }
      if let wanted = credentials.withLock({ $0 }),
        !head.contains("Proxy-Authorization: \(wanted)")
      {
        Self.send(
          "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
            + "Content-Length: 0\r\n\r\n", client)
        continue
      }
      let target = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      defer { close(target) }
      var address = Self.loopback(port: port)
      let isConnected = Self.withAddress(&address) {
        connect(target, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
      guard isConnected else {
        return Self.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", client)
      }
      Self.send("HTTP/1.1 200 Connection established\r\n\r\n", client)
      return Self.relay(client, target)
    }
  }

  /// Hands bytes on in both directions until one side ends.
  private static func relay(_ client: Int32, _ target: Int32) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      var both = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: target, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&both, 2, -1) >= 0 else { return }
      for (index, other) in [(0, target), (1, client)] where both[index].revents != 0 {
        let count = recv(both[index].fd, &buffer, buffer.count, 0)
        guard count > 0, sendAll(buffer[..<count], other) else { return }
      }
    }
  }

  /// The lines of one head, read byte by byte so that nothing behind it is taken.
  private static func readHead(_ client: Int32) -> Head? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard recv(client, &byte, 1, 0) == 1, bytes.count < 64 << 10 else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
  }

  private static func send(_ text: String, _ target: Int32) {
    _ = sendAll(Array(text.utf8)[...], target)
  }

  private static func sendAll(_ bytes: ArraySlice<UInt8>, _ target: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func withAddress<Outcome>(
    _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> Outcome
  ) -> Outcome {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }
}
