/// The way a request takes through the network, and whom it trusts at the end.
package struct HTTPRoute: Sendable {
  /// Who stands between.
  package enum Proxy: Sendable {
    /// Whom `HTTPS_PROXY` and `NO_PROXY` name; loopback hosts are reached directly.
    case environment
    /// Nobody, whatever the environment says.
    case direct
    /// This proxy, for every host.
    case through(HTTPProxy)
  }

  /// Who stands between.
  package var proxy: Proxy
  /// A PEM file of authorities to trust; the folder of the system's authorities is trusted beside
  /// it. It is read for each connection.
  package var certificateAuthorityFile: String?
  /// What is agreed on with the host at the end; nil for what all hosts have in common.
  package var peer: HTTPPeer?

  /// A route.
  package init(
    proxy: Proxy = .environment, certificateAuthorityFile: String? = nil, peer: HTTPPeer? = nil
  ) {
    self.proxy = proxy
    self.certificateAuthorityFile = certificateAuthorityFile
    self.peer = peer
  }

  /// What connections through a proxy behind TLS must have in common to be reused; nil for other
  /// routes, whose connections libcurl tells apart itself.
  var securedProxyKey: String? {
    guard case .through(let proxy) = proxy, proxy.url.lowercased().hasPrefix("https:") else {
      return nil
    }
    return [
      proxy.url, proxy.certificateAuthorityFile, proxy.certificateFile, proxy.keyFile,
    ].map { $0 ?? "" }.joined(separator: "\n")
  }

  /// To the host itself.
  package static let direct = HTTPRoute(proxy: .direct)
}

/// A host with an authority of its own: whom it is vouched for by, and who we are to it. The files
/// are read for each connection.
package struct HTTPPeer: Hashable, Sendable {
  /// A PEM file of the authorities that count, and no others do; nil for the system's.
  package var authorityFile: String?
  /// The PEM file of the certificate shown to it (mutual TLS); nil shows none.
  package var certificateFile: String?
  /// The PEM file of its key, without a password.
  package var keyFile: String?
  /// The name its certificate bears and requests are addressed to; nil for that of the URL.
  package var serverName: String?

  /// A host.
  package init(
    authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
    serverName: String? = nil
  ) {
    self.authorityFile = authorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.serverName = serverName
  }
}

/// A proxy that tunnels (RFC 9110, 9.3.6: CONNECT). Whatever prints it shows no secret.
package struct HTTPProxy: Sendable, CustomStringConvertible, CustomReflectable {
  /// `http://host:port`, or `https://host:port` for a proxy that is itself reached through TLS.
  package var url: String
  /// Who asks, and the password; both nil for a proxy that does not ask.
  package var username: String?
  /// The password of `username`.
  package var password: String?
  /// A PEM file of authorities to trust for the proxy's own certificate.
  package var certificateAuthorityFile: String?
  /// The PEM file of the certificate shown to the proxy (mutual TLS).
  package var certificateFile: String?
  /// The PEM file of its key; nil when the certificate's file has it.
  package var keyFile: String?
  /// What opens the key.
  package var keyPassword: String?

  /// A proxy.
  package init(
    url: String, username: String? = nil, password: String? = nil,
    certificateAuthorityFile: String? = nil, certificateFile: String? = nil,
    keyFile: String? = nil, keyPassword: String? = nil
  ) {
    self.url = url
    self.username = username
    self.password = password
    self.certificateAuthorityFile = certificateAuthorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.keyPassword = keyPassword
  }

  /// The proxy's URL.
  package var description: String { url }
  package var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}

/// A client whose requests take a way of their own, over the connections of another client.
package struct RoutedClient: HTTPClient {
  private let base: any HTTPClient
  private let route: @Sendable () throws(HTTPError) -> HTTPRoute

  /// Sends through `base`. The route is asked for at each request, so that a new password of a
  /// proxy needs no restart. A request that states a route keeps it.
  package init(
    _ base: any HTTPClient, route: @escaping @Sendable () throws(HTTPError) -> HTTPRoute
  ) {
    self.base = base
    self.route = route
  }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    guard request.route == nil else { return try await base.send(request) }
    var routed = request
    routed.route = try route()
    return try await base.send(routed)
  }
}
