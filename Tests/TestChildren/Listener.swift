import Glibc
import MillraceRuntime
import Synchronization

/// A server of a test: takes one connection after the other and does with each what it is told.
package final class Listener: Sendable {
  /// Its port on the loopback address of its family.
  package let port: Int
  private let descriptor: Int32

  /// Starts to listen.
  ///
  /// - Parameter serve: gets each connection, on a thread of its own; it is closed behind it.
  package init(
    family: Int32 = AF_INET, backlog: Int32 = 16, _ serve: @escaping @Sendable (Int32) -> Void
  ) {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var port: in_port_t = 0
    if family == AF_INET {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
      bindAndName(descriptor, &address)
      port = address.sin_port
    } else {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_addr = in6addr_loopback
      bindAndName(descriptor, &address)
      port = address.sin6_port
    }
    self.port = Int(UInt16(bigEndian: port))
    self.descriptor = descriptor
    listen(descriptor, backlog)
    startThread(name: "test listener") {
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { break }
        startThread(name: "test server") {
          serve(connection)
          close(connection)
        }
      }
      close(descriptor)
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}

private func bindAndName<Address>(_ descriptor: Int32, _ address: inout Address) {
  var length = socklen_t(MemoryLayout<Address>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, length)
      getsockname(descriptor, $0, &length)
    }
  }
}

/// What connections brought, put together in the order of their ends.
package final class Brought: Sendable {
  private let state = Mutex<[[UInt8]]>([])

  /// Nothing yet.
  package init() {}

  /// What each connection that ended brought.
  package var all: [[UInt8]] { state.withLock { $0 } }

  /// Reads a connection to its end.
  package func read(_ connection: Int32) {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = recv(connection, &chunk, chunk.count, 0), count > 0 {
      content += chunk[..<count]
    }
    state.withLock { $0.append(content) }
  }
}

/// Runs what blocks on a thread of its own.
package func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    startThread(name: "test blocking") { continuation.resume(returning: body()) }
  }
}
