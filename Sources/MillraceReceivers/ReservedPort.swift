import Glibc
import MillraceHTTP

/// A port of 127.0.0.1 that is this receiver's while it is away, too: bound, and not listened at,
/// so that whoever connects is refused and nobody else is given it.
final class ReservedPort: Sendable {
  let number: Int
  private let descriptor: Int32

  /// Reserves `port`, or any free one for 0.
  init(_ port: Int) throws(HTTPServerError) {
    func refusal() -> HTTPServerError {
      HTTPServerError(
        address: "127.0.0.1:\(port)", message: String(cString: strerror(errno)),
        hint: "choose another port, or 0 for any")
    }
    guard (0...65_535).contains(port) else {
      throw HTTPServerError(
        address: "127.0.0.1:\(port)", message: "\(port) is not a port",
        hint: "choose one from 1 to 65535, or 0 for any")
    }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { throw refusal() }
    // A server with the same option may bind the port beside this socket.
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else {
      let error = refusal()
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    number = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit {
    close(descriptor)
  }
}
