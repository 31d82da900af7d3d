import Foundation
import MillraceRuntime
import Synchronization

/// A receiver of lines over TCP that counts them and keeps nothing: the fastest there is.
final class LineReceiver: Sendable {
  private let counted = Mutex(0)
  private let listener: Int32
  /// Where it listens.
  let port: Int

  /// Listens at a port of loopback, or at any free one.
  init(port wanted: Int = 0) throws {
    let port = try wanted == 0 ? LineReceiver.freePort() : wanted
    self.port = port
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = LineReceiver.address(port)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, listen(listener, 16) == 0 else {
      let reason = String(cString: strerror(errno))
      close(listener)
      throw ChildFailure(description: "port \(port) cannot be listened at: \(reason)")
    }
    startThread(name: "line-receiver") { [self] in accept() }
  }

  /// A port that nobody listens at now.
  static func freePort() throws -> Int {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = LineReceiver.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(probe, pointer, length) == 0 && getsockname(probe, pointer, &length) == 0
      }
    }
    guard port else { throw ChildFailure(description: "there is no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// Lines received so far.
  var lines: Int { counted.withLock { $0 } }

  /// Forgets what was received.
  func reset() { counted.withLock { $0 = 0 } }

  /// Ends listening; connections that are open go on.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else { break }
      startThread(name: "line-connection") { [self] in read(connection) }
    }
    close(listener)
  }

  private func read(_ connection: Int32) {
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      let lines = chunk.withUnsafeBytes { LineCount.count(in: $0[..<count]) }
      counted.withLock { $0 += lines }
    }
    close(connection)
  }
}
