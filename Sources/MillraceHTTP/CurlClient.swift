import CCurl
import MillraceCore
import MillraceRuntime
import Synchronization

/// An HTTP client over libcurl: one thread around one multi handle (libcurl, "libcurl-multi").
///
/// Requests go to the thread through an inbox and a wake-up, and answers come back through
/// continuations, so nothing ever blocks the cooperative pool. Connections are kept and reused;
/// HTTP/2 is spoken over TLS where it is offered, HTTP/1.1 otherwise. Certificates are verified
/// and TLS is 1.2 at least. Unless a request states its route, `HTTPS_PROXY` and `NO_PROXY` of the
/// environment are honoured, and loopback hosts and Unix sockets reached directly. No redirects,
/// cookies, caches or stored credentials.
package final class CurlClient: HTTPClient {
  private let inbox: CurlInbox
  private let name: String
  /// What requests and probes share.
  let settings: CurlSettings
  /// Clients for proxies that are reached through TLS, by what is shown to them and whom they are
  /// trusted by: libcurl 7.88 reuses a tunnel whatever was agreed on with the proxy.
  private let siblings = Mutex<[String: CurlClient]>([:])

  /// Starts the client's thread.
  ///
  /// - Parameters:
  ///   - name: the thread's name, cut to 15 bytes.
  ///   - maxConnectionsPerHost: the most requests under way to one origin or Unix socket at the
  ///     same time, and hence of connections; others wait in order, their timeouts not running.
  ///   - userAgent: the `User-Agent` of every request.
  ///   - certificateAuthorityFile: certificates to trust, in PEM, unless a request's route says
  ///     others.
  package convenience init(
    name: String, maxConnectionsPerHost: Int = Limits.requestsPerHostMax, userAgent: String,
    certificateAuthorityFile: String? = nil
  ) {
    precondition(maxConnectionsPerHost > 0, "a client makes connections")
    self.init(
      name: name,
      settings: CurlSettings(
        requestsPerHostMax: maxConnectionsPerHost, userAgent: userAgent,
        certificateAuthorityFile: certificateAuthorityFile))
  }

  private init(name: String, settings: CurlSettings) {
    let multi = CurlMulti()
    let inbox = CurlInbox(multi)
    self.inbox = inbox
    self.name = name
    self.settings = settings
    startThread(name: name) {
      CurlLoop(multi: multi, inbox: inbox, settings: settings).run()
    }
  }

  deinit {
    inbox.close()
  }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    guard let key = request.route?.securedProxyKey else { return try await perform(request) }
    return try await sibling(key).perform(request)
  }

  private func sibling(_ key: String) -> CurlClient {
    siblings.withLock { siblings in
      if let client = siblings[key] { return client }
      let client = CurlClient(name: name, settings: settings)
      siblings[key] = client
      return client
    }
  }

  private func perform(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let id = inbox.makeID()
    let inbox = inbox
    let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        inbox.start(CurlJob(id: id, request: request, continuation: continuation))
        // A cancellation that came before the line above found nothing to cancel.
        if Task.isCancelled { inbox.cancel(id) }
      }
    } onCancel: {
      inbox.cancel(id)
    }
    return try result.get()
  }

  /// Fails every pending request with `.cancelled`, refuses later ones the same way, and ends the
  /// thread. Returns at once; may be called more than once.
  package func shutdown() {
    inbox.close()
    for client in siblings.withLock({ Array($0.values) }) { client.shutdown() }
  }
}

/// What all transfers of one client share.
struct CurlSettings: Sendable {
  let requestsPerHostMax: Int
  let userAgent: String
  let certificateAuthorityFile: String?
}
