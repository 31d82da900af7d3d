import CMicroHTTPD
import Glibc
import MillraceCore
import Synchronization

/// An HTTP/1.1 server for the console, the metrics and the simulated tenant.
///
/// Requests are handled on libmicrohttpd's own threads, never on the cooperative pool: a handler
/// may block on a lock or a file, and holds up only the connections of its thread. It must not
/// call `stop`, which waits for it.
package final class HTTPServer: Sendable {
  /// Where a server listens.
  package enum Listen: Sendable, CustomStringConvertible {
    /// A TCP port of an address of this machine; 0 for any free port.
    case tcp(host: String, port: Int)
    /// A socket in the file system that only this user can open, from its first moment.
    case unixSocket(path: String)

    /// `host:port`, or the path of the socket.
    package var description: String {
      switch self {
      case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      case .unixSocket(let path): path
      }
    }
  }

  /// What a server proves its name with.
  package struct Certificate: Sendable {
    /// The certificate and those that vouch for it, in PEM, the server's own first.
    package let chain: String
    /// The private key of the first, in PEM, without a password.
    package let key: String

    /// A certificate with its key.
    package init(chain: String, key: String) {
      self.chain = chain
      self.key = key
    }
  }

  /// Answers one request.
  package typealias Handler = @Sendable (ServerRequest) -> ServerResponse

  /// The TCP port that was bound; 0 for a socket in the file system.
  package let port: Int
  private let listen: Listen
  private let service: ServerService
  private let daemon: Mutex<OpaquePointer?>

  /// Binds the address and begins to serve. `bodyBytesMax` bounds the body of a request; with a
  /// certificate the server speaks TLS, else plain HTTP.
  ///
  /// Throws `HTTPServerError`, naming the address and the remedy, when it cannot be bound.
  package init(
    listen: Listen, threads: Int = 2, bodyBytesMax: Int = Limits.serverRequestBytesMax,
    certificate: Certificate? = nil, handler: @escaping Handler
  ) throws(HTTPServerError) {
    precondition((1...64).contains(threads), "a server has 1 to 64 threads")
    let socket = try ListeningSocket(listen)
    let service = ServerService(bodyBytesMax: bodyBytesMax, handler: handler)
    // libmicrohttpd keeps the pointer until MHD_stop_daemon returns, and this object keeps the
    // service until after that.
    let context = Unmanaged.passUnretained(service).toOpaque()
    let daemon = millrace_http_start(
      socket.descriptor, UInt32(threads), UInt32(Limits.serverConnectionsMax),
      UInt32(Limits.serverIdle.components.seconds), answerRequest, beginRequest, endRequest,
      context, certificate?.chain, certificate?.key)
    guard let daemon else {
      if certificate != nil {
        throw HTTPServerError(
          address: "\(listen)", message: "the server could not be started with its certificate",
          hint: "give a certificate and its key in PEM, the key without a password")
      }
      throw HTTPServerError(
        address: "\(listen)", message: "the server's threads could not be started",
        hint: "see the limits on threads and open files of this process")
    }
    port = socket.port
    self.listen = listen
    self.service = service
    self.daemon = Mutex(daemon)
  }

  /// Throws what a server that is to listen there would; nothing listens there afterwards.
  package static func check(_ listen: Listen) throws(HTTPServerError) {
    close(try ListeningSocket(listen).descriptor)
  }

  deinit {
    stop()
  }

  /// Stops listening, ends every connection and joins the threads. A second call does nothing.
  package func stop() {
    daemon.withLock { daemon in
      guard let running = daemon else { return }
      daemon = nil
      service.pauses.stop()
      MHD_stop_daemon(running)
      if case .unixSocket(let path) = listen { unlink(path) }
    }
  }
}
