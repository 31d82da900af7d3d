import Glibc

/// Ports of 127.0.0.1, for choosing one before a configuration names it.
enum LoopbackPort {
  /// Whether nobody listens on a port now.
  static func isFree(_ port: Int) -> Bool { bound(port) != nil }

  /// A port that is free now; nil when there is none.
  static func anyFree() -> Int? { bound(0) }

  /// Binds a port for a moment and returns its number; nil when that fails.
  private static func bound(_ port: Int) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    return result ? Int(in_port_t(bigEndian: address.sin_port)) : nil
  }
}
