import MillraceCrypto
import MillraceHTTP
import MillraceRuntime
import MillraceSource
import Synchronization

/// Waits on loopback for the browser that comes back from the login service.
///
/// Any page and any process of this machine can knock there: what does not carry the state that was
/// asked with is turned away, and the waiting goes on.
final class ConsentListener: Sendable {
  private let server: HTTPServer
  private let found: Found

  /// What handlers leave for whoever waits.
  private final class Found: Sendable {
    let answer = Mutex<ConsentAnswer?>(nil)
    let changed = Pulse()
  }

  init(port: Int, state: String) throws(CommandFailure) {
    let found = Found()
    self.found = found
    do throws(HTTPServerError) {
      server = try HTTPServer(
        listen: .tcp(host: "127.0.0.1", port: port), threads: 1, bodyBytesMax: 0
      ) { ConsentListener.receive($0, state: state, found) }
    } catch {
      throw CommandFailure("\(error); or choose another with --port", .failed)
    }
  }

  var port: Int { server.port }

  /// What came; nil when nothing did in time.
  func answer(within timeout: Duration) async -> ConsentAnswer? {
    await found.changed.wait(beyond: 0, atMost: timeout)
    let answer = found.answer.withLock { $0 }
    // The browser is still being told.
    if answer != nil { _ = try? await Task.sleep(for: .milliseconds(500)) }
    return answer
  }

  func stop() {
    server.stop()
  }

  private static func receive(
    _ request: ServerRequest, state: String, _ found: Found
  ) -> ServerResponse {
    guard request.method == "GET", request.path == "/", !request.query.isEmpty else {
      return page(404, "Nothing is here: Millrace waits for an answer of the login service.")
    }
    guard SecretWord.areSame(request.queryValue("state") ?? "", state) else {
      return page(
        403,
        "This answers another question than was asked here. Nothing was accepted; "
          + "open the address that Millrace printed last.")
    }
    guard let answer = ConsentAnswer(query: request.query) else {
      return page(400, "This answer says neither yes nor no.")
    }
    found.answer.withLock { $0 = $0 ?? answer }
    found.changed.beat()
    switch answer {
    case .granted: return page(200, "Consent was given. You can close this window.")
    case .refused: return page(200, "Consent was not given; Millrace says what to do about it.")
    }
  }

  /// Nothing of a request stands in it, so that there is nothing to escape.
  private static func page(_ status: Int, _ text: String) -> ServerResponse {
    ServerResponse(
      status: status,
      headers: [
        ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
      ], body: .bytes(Array((text + "\n").utf8)))
  }
}
