import Foundation
import MillraceRuntime
import Synchronization

/// Reads what comes over TCP to a port of 127.0.0.1, and counts its lines.
final class CountingReceiver: Sendable {
  let port: Int
  private let count = Mutex(0)

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isBound else { throw ChildFailure(description: "no port is free on 127.0.0.1") }
    port = Int(in_port_t(bigEndian: address.sin_port))
    startThread(name: "receiver") { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { continue }
        startThread(name: "connection") { self.read(connection) }
      }
    }
  }

  var lines: Int { count.withLock { $0 } }

  func reset() { count.withLock { $0 = 0 } }

  private func read(_ connection: Int32) {
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while case let size = recv(connection, &chunk, chunk.count, 0), size > 0 {
      let lines = chunk.withUnsafeBytes { LineCount.count(in: $0[..<size]) }
      count.withLock { $0 += lines }
    }
    close(connection)
  }
}
