import CCurl

/// Where a request goes, as libcurl itself reads its URL.
struct CurlTarget {
  /// What the limit of requests counts by: scheme, host and port, or the Unix socket.
  let host: String
  /// The host alone; an IPv6 address is in brackets.
  let name: String
  let port: String
  let isSecure: Bool
  /// Whether no proxy may stand between: Unix sockets and loopback hosts.
  let isLocal: Bool

  /// Reads and checks the URL of a request.
  static func read(_ request: HTTPRequest) -> Result<CurlTarget, HTTPError> {
    func refusal(_ message: String) -> Result<CurlTarget, HTTPError> {
      .failure(HTTPError(kind: .protocol, message: message, url: request.url))
    }
    guard request.url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return refusal("the URL holds blanks, control characters or other than ASCII")
    }
    guard let parsed = curl_url() else { preconditionFailure("libcurl gives a URL handle") }
    defer { curl_url_cleanup(parsed) }
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
    guard curl_url_set(parsed, CURLUPART_URL, request.url, flags) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME, of: parsed), let host = part(CURLUPART_HOST, of: parsed),
      let port = part(CURLUPART_PORT, of: parsed)
    else { return refusal("the URL is not one of http or https") }
    guard scheme == "http" || scheme == "https" else {
      return refusal("only http and https are spoken")
    }
    guard part(CURLUPART_USER, of: parsed) == nil, part(CURLUPART_PASSWORD, of: parsed) == nil
    else { return refusal("the URL holds user information") }
    let key = request.unixSocketPath.map { "unix:" + $0 } ?? "\(scheme)://\(host):\(port)"
    return .success(
      CurlTarget(
        host: key, name: host, port: port, isSecure: scheme == "https",
        isLocal: request.unixSocketPath != nil || isLoopback(host)))
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    let code = curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT))
    guard code == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  /// libcurl spells IPv4 addresses in dotted form and IPv6 ones in brackets.
  private static func isLoopback(_ host: String) -> Bool {
    let name = host.lowercased()
    if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }
}
