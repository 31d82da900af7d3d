import CCurl

extension CurlOptions {
  /// Sets the proxy and whom to trust.
  mutating func setRoute(_ route: HTTPRoute, target: CurlTarget, settings: CurlSettings) {
    if let file = route.certificateAuthorityFile ?? settings.certificateAuthorityFile {
      set(CURLOPT_CAINFO, file)
    }
    if let peer = route.peer { setPeer(peer) }
    // Without this a request to an http URL would be handed to the proxy, token and all.
    set(CURLOPT_HTTPPROXYTUNNEL, route.isExplicit ? 1 : 0)
    switch route.proxy {
    case .environment:
      if target.isLocal { set(CURLOPT_PROXY, "") }
    case .direct:
      set(CURLOPT_PROXY, "")
    case .through(let proxy):
      setProxy(proxy)
    }
  }

  private mutating func setProxy(_ proxy: HTTPProxy) {
    set(CURLOPT_PROXY, proxy.url)
    // What is configured counts, and NO_PROXY does not.
    set(CURLOPT_NOPROXY, "")
    if let username = proxy.username {
      set(CURLOPT_PROXYUSERNAME, username)
      set(CURLOPT_PROXYPASSWORD, proxy.password ?? "")
      // The proxy says which way it wants, and the strongest is taken: Basic (1), Digest (2) or
      // NTLM (8); libcurl's names for them are macros that Swift does not see.
      set(CURLOPT_PROXYAUTH, 1 | 2 | 8)
    }
    set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_PROXY_SSL_VERIFYPEER, 1)
    set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
    if let file = proxy.certificateAuthorityFile { set(CURLOPT_PROXY_CAINFO, file) }
    if let file = proxy.certificateFile {
      set(CURLOPT_PROXY_SSLCERT, file)
      set(CURLOPT_PROXY_SSLKEY, proxy.keyFile ?? file)
      if let password = proxy.keyPassword { set(CURLOPT_PROXY_KEYPASSWD, password) }
    }
  }

  /// Sets whom to trust and what to show at the end of the route.
  private mutating func setPeer(_ peer: HTTPPeer) {
    if let file = peer.authorityFile {
      set(CURLOPT_CAINFO, file)
      // Without this the folder of the system's authorities would count beside it.
      note(millrace_curl_set_string(easy, CURLOPT_CAPATH, nil))
    }
    if let file = peer.certificateFile {
      set(CURLOPT_SSLCERT, file)
      set(CURLOPT_SSLKEY, peer.keyFile ?? file)
    }
  }

  /// Signs the request as Amazon's services want it (Signature Version 4).
  mutating func setSignature(_ signature: AWSSignature) {
    set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
    set(CURLOPT_USERNAME, signature.accessKeyID)
    set(CURLOPT_PASSWORD, signature.secretAccessKey)
  }
}

extension HTTPRoute {
  fileprivate var isExplicit: Bool {
    if case .through = proxy { true } else { false }
  }
}
