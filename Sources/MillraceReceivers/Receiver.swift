package import MillraceHTTP
import Synchronization

/// What answers the requests to one receiver: a vendor's protocol.
package protocol ReceiverProtocol: Sendable {
  /// Answers one request. Called on a server's own threads, several at a time.
  func answer(_ request: ServerRequest) -> ServerResponse

  /// Forgets what such a receiver keeps in memory alone: its process ended.
  func forget()
}

/// A receiver on a port of loopback. It can go away and come back at the same port, as a service
/// does that is restarted; what it took for good is kept by its protocol.
package final class Receiver: Sendable {
  /// The largest body that is read at all; protocols have smaller bounds of their own.
  package static let bodyBytesMax = 64 << 20

  private let speaker: any ReceiverProtocol
  private let certificate: HTTPServer.Certificate?
  private let server: Mutex<HTTPServer?>
  private let reserved: ReservedPort
  /// Where it listens, now and after each restart.
  package var port: Int { reserved.number }

  /// Begins to listen at `port`, or at any free one. With a certificate it speaks TLS.
  ///
  /// Throws `HTTPServerError` when it cannot listen.
  package init(
    _ speaker: any ReceiverProtocol, port: Int = 0, certificate: HTTPServer.Certificate? = nil
  ) throws(HTTPServerError) {
    self.speaker = speaker
    self.certificate = certificate
    reserved = try ReservedPort(port)
    server = Mutex(try Self.listen(speaker, port: reserved.number, certificate))
  }

  deinit {
    stop()
  }

  /// `http://127.0.0.1:PORT`, with `https` where it speaks TLS.
  package var url: String { "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)" }

  /// Goes away: connections end, nobody listens, and what was in memory alone is gone.
  package func stop() {
    let running = server.withLock { server in
      defer { server = nil }
      return server
    }
    running?.stop()
    speaker.forget()
  }

  /// Comes back at the same port.
  ///
  /// Throws `HTTPServerError` when it cannot listen.
  package func start() throws(HTTPServerError) {
    guard server.withLock({ $0 == nil }) else { return }
    let started = try Self.listen(speaker, port: port, certificate)
    server.withLock { $0 = started }
  }

  private static func listen(
    _ speaker: any ReceiverProtocol, port: Int, _ certificate: HTTPServer.Certificate?
  ) throws(HTTPServerError) -> HTTPServer {
    try HTTPServer(
      listen: .tcp(host: "127.0.0.1", port: port), threads: 2, bodyBytesMax: bodyBytesMax,
      certificate: certificate
    ) { speaker.answer($0) }
  }
}
