import CCurl
import MillraceCore
import MillraceRuntime

/// What came of connecting to a host without asking it anything: how far it got, and the
/// certificates it showed.
package struct ConnectionProbe: Sendable {
  /// Why there is no connection; nil when there is one.
  package let failure: HTTPError?
  /// The address that was talked to, a proxy's if there is one; empty when it came to none.
  package let address: String
  /// The port that was talked to.
  package let port: Int
  /// The certificates the server showed, its own first; empty without TLS.
  package let chain: [ServerCertificate]
}

extension CurlClient {
  /// Connects as a request would: through the same proxy, with the same trust. Nothing is sent.
  ///
  /// - Parameter isVerifying: whether a certificate that is not trusted ends it, as it ends every
  ///   request. Without this, all that is learnt is what the server shows, so that an operator can
  ///   be told what is wrong with it; the connection is closed without a byte of ours.
  package func probe(
    _ request: HTTPRequest, isVerifying: Bool = true
  ) async -> ConnectionProbe {
    let settings = settings
    return await withCheckedContinuation { continuation in
      // libcurl waits on this thread, which is nobody else's.
      startThread(name: "probe") {
        continuation.resume(
          returning: CurlClient.connect(request, settings, isVerifying: isVerifying))
      }
    }
  }

  private static func connect(
    _ request: HTTPRequest, _ settings: CurlSettings, isVerifying: Bool
  ) -> ConnectionProbe {
    func refusal(_ error: HTTPError) -> ConnectionProbe {
      ConnectionProbe(failure: error, address: "", port: 0, chain: [])
    }
    let target: CurlTarget
    switch CurlTarget.read(request) {
    case .success(let read): target = read
    case .failure(let error): return refusal(error)
    }
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl gives an easy handle") }
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    var options = CurlOptions(easy: easy)
    defer {
      curl_easy_cleanup(easy)
      curl_slist_free_all(options.headerList)
      curl_slist_free_all(options.connectionList)
      errorText.deallocate()
    }
    options.setRequest(request, target: target, settings: settings)
    options.note(millrace_curl_set_long(easy, CURLOPT_CONNECT_ONLY, 1))
    options.note(millrace_curl_set_long(easy, CURLOPT_CERTINFO, 1))
    options.note(millrace_curl_set_error_buffer(easy, errorText))
    if !isVerifying {
      options.note(millrace_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0))
      options.note(millrace_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0))
    }
    if let problem = options.problem {
      return refusal(HTTPError(kind: .protocol, message: problem, url: request.url))
    }
    let code = curl_easy_perform(easy)
    var failure: HTTPError?
    if code != CURLE_OK {
      let text = String(cString: errorText)
      failure = HTTPError(
        curl: code, text: text.isEmpty ? String(cString: curl_easy_strerror(code)) : text,
        hasHead: false, url: request.url)
    }
    return ConnectionProbe(
      failure: failure,
      address: millrace_curl_get_string(easy, CURLINFO_PRIMARY_IP).map { String(cString: $0) }
        ?? "",
      port: millrace_curl_get_long(easy, CURLINFO_PRIMARY_PORT),
      chain: ServerCertificate.chain(of: easy))
  }
}
