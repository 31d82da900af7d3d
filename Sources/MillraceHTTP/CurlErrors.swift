import CCurl

extension HTTPError {
  /// What a result code of libcurl (libcurl-errors(3)) means.
  ///
  /// - Parameters:
  ///   - code: the code; not `CURLE_OK`.
  ///   - text: libcurl's words for it.
  ///   - hasHead: whether the answer's head had arrived: a break after it cuts a body.
  ///   - url: the URL asked for.
  init(curl code: CURLcode, text: String, hasHead: Bool, url: String) {
    let kind = HTTPError.kind(code, hasHead: hasHead)
    let words = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    self.init(kind: kind, message: words, hint: HTTPError.hint(kind), url: url)
  }

  /// What the refusal of a proxy to connect means.
  init(proxyStatus status: Int, url: String) {
    self.init(
      kind: .connect, message: "the proxy refuses to connect: HTTP \(status)",
      hint: status == 407
        ? "configure the proxy's username and password" : "have the proxy allow this host", url: url
    )
  }

  private static func kind(_ code: CURLcode, hasHead: Bool) -> Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY:
      .connect
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
      hasHead ? .truncated : .connect
    case CURLE_PARTIAL_FILE:
      .truncated
    case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY:
      hasHead ? .truncated : .protocol
    case CURLE_OPERATION_TIMEDOUT:
      .timeout
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
      .tls
    case CURLE_FILESIZE_EXCEEDED:
      .tooLarge
    case CURLE_BAD_CONTENT_ENCODING:
      .encoding
    case CURLE_ABORTED_BY_CALLBACK:
      .cancelled
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_TOO_MANY_REDIRECTS:
      .protocol
    default:
      .other
    }
  }

  private static func hint(_ kind: Kind) -> String {
    switch kind {
    case .resolve: "check the host's name, DNS, and the proxy"
    case .connect: "check that the host can be reached from here, and the proxy"
    case .tls:
      "check the clock and the system's CA certificates; name the authority of a proxy that opens"
        + " TLS as ca_file"
    default: ""
    }
  }
}
