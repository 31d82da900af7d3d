/// What it takes to trust a peer, and to be trusted. Peers are always verified.
package struct TLSSettings: Hashable, Sendable {
  /// A PEM file of authorities to trust instead of the system's.
  package var authorityPath: String?
  /// A PEM file of the certificate shown to the peer, and of those between it and its authority.
  package var certificatePath: String?
  /// A PEM file of its private key, not encrypted.
  package var keyPath: String?
  /// The name or address the peer's certificate must bear; the host's unless one is given.
  package var serverName: String?

  /// Settings; the system's authorities and no certificate unless more is given.
  package init(
    authorityPath: String? = nil, certificatePath: String? = nil, keyPath: String? = nil,
    serverName: String? = nil
  ) {
    self.authorityPath = authorityPath
    self.certificatePath = certificatePath
    self.keyPath = keyPath
    self.serverName = serverName
  }
}

/// What a connection is secured with.
package struct TLSFacts: Hashable, Sendable {
  /// Such as `TLSv1.3`.
  package let version: String
  /// Such as `TLS_AES_256_GCM_SHA384`.
  package let cipher: String
  /// Whole days until the peer's certificate ends.
  package let daysLeft: Int
}
