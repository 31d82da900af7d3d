import CCurl
import MillraceCore

/// Sets the options of an easy handle and remembers the first that libcurl refused.
struct CurlOptions {
  let easy: UnsafeMutableRawPointer
  /// Belongs to the caller, who frees it after the transfer.
  private(set) var headerList: UnsafeMutablePointer<curl_slist>?
  /// Belongs to the caller, too.
  private(set) var connectionList: UnsafeMutablePointer<curl_slist>?
  /// Why the request cannot be sent; nil when it can.
  private(set) var problem: String?

  init(easy: UnsafeMutableRawPointer) {
    self.easy = easy
  }

  /// Keeps the first refusal.
  mutating func note(_ code: CURLcode) {
    guard code != CURLE_OK, problem == nil else { return }
    problem = "libcurl refuses an option: " + String(cString: curl_easy_strerror(code))
  }

  /// Sets everything a request and its client ask for.
  mutating func setRequest(_ request: HTTPRequest, target: CurlTarget, settings: CurlSettings) {
    setConnection(request, target: target, settings: settings)
    setTimeouts(request.timeouts)
    setAddress(request, target)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_USERAGENT, settings.userAgent)
    setMethod(request)
    setHeaders(request)
  }

  private mutating func setConnection(
    _ request: HTTPRequest, target: CurlTarget, settings: CurlSettings
  ) {
    set(CURLOPT_NOSIGNAL, 1)
    // Leaving a transfer must not wait for the resolver's thread: all others would wait too.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    // A connection that may turn out to carry many requests at once is worth waiting for.
    if target.isSecure { set(CURLOPT_PIPEWAIT, 1) }
    setRoute(
      request.unixSocketPath == nil ? request.route ?? HTTPRoute() : .direct, target: target,
      settings: settings)
    if let signature = request.signature { setSignature(signature) }
    if let path = request.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
  }

  /// Sets the URL. A server that has another name than its address is asked under that name, at
  /// that address.
  private mutating func setAddress(_ request: HTTPRequest, _ target: CurlTarget) {
    guard let name = request.route?.peer?.serverName else { return set(CURLOPT_URL, request.url) }
    let url = request.url
    let start = url.firstIndex(of: ":").map { url.index($0, offsetBy: 3) } ?? url.startIndex
    let rest = url[start...].drop { !"/?#".contains($0) }
    set(CURLOPT_URL, "\(url[..<start])\(name):\(target.port)\(rest)")
    connectionList = curl_slist_append(
      nil, "\(name):\(target.port):\(target.name):\(target.port)")
    note(millrace_curl_set_connections(easy, connectionList))
  }

  private mutating func setTimeouts(_ timeouts: HTTPTimeouts) {
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timeouts.connect.milliseconds)))
    set(CURLOPT_TIMEOUT_MS, max(1, Int(timeouts.total.milliseconds)))
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, max(1, Int((timeouts.idle.milliseconds + 999) / 1000)))
  }

  private mutating func setMethod(_ request: HTTPRequest) {
    guard !request.method.isEmpty,
      request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
    else {
      problem = problem ?? "the method is not a word in capitals"
      return
    }
    let body = request.body ?? []
    switch request.method {
    case "GET" where body.isEmpty: set(CURLOPT_HTTPGET, 1)
    case "HEAD" where body.isEmpty: set(CURLOPT_NOBODY, 1)
    default:
      if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
        set(CURLOPT_POST, 1)
        let code = body.withUnsafeBytes { bytes in
          // libcurl takes a null pointer for "no body given" and would read one from a callback.
          millrace_curl_set_body(easy, bytes.baseAddress ?? UnsafeRawPointer(easy), bytes.count)
        }
        note(code)
      }
      if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
    }
  }

  private mutating func setHeaders(_ request: HTTPRequest) {
    for (name, value) in request.headers {
      guard isToken(name), value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) })
      else {
        problem = problem ?? "a header field holds what HTTP does not allow"
        return
      }
      // Without a value libcurl would drop the field, with a semicolon it sends it empty.
      append(value.isEmpty ? name + ";" : name + ": " + value)
    }
    append("Accept-Encoding: gzip")
    // Waiting for "100 Continue" costs a second at servers that do not know it.
    append("Expect:")
    if !request.headers.contains(where: { equalsIgnoringCase($0.name, "content-type") }) {
      // libcurl would call every body a form.
      append("Content-Type:")
    }
    note(millrace_curl_set_headers(easy, headerList))
  }

  private mutating func append(_ line: String) {
    guard let list = curl_slist_append(headerList, line) else {
      preconditionFailure("libcurl copies a header line")
    }
    headerList = list
  }

  /// Whether a text is a token (RFC 9110, 5.6.2), as names of fields are.
  private func isToken(_ name: String) -> Bool {
    let marks = Set("!#$%&'*+-.^_`|~".utf8)
    return !name.isEmpty
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || marks.contains($0)
      }
  }

  mutating func set(_ option: CURLoption, _ value: Int) {
    note(millrace_curl_set_long(easy, option, value))
  }

  mutating func set(_ option: CURLoption, _ value: String) {
    note(millrace_curl_set_string(easy, option, value))
  }
}
