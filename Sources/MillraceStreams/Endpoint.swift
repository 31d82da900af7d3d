/// Where a peer is.
package enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A host's name or address, and a port.
  case host(String, port: Int)
  /// The path of a unix socket.
  case path(String)

  /// As an address is written.
  package var description: String {
    switch self {
    case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .path(let path): path
    }
  }
}
