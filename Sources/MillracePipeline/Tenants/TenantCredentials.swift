package import MillraceConfiguration
import MillraceCore
import MillraceCrypto
package import MillraceHTTP
import MillraceRuntime
import MillraceSource

extension TenantConfiguration {
  /// Who issues this tenant's tokens. Nothing is read and nobody is asked yet.
  ///
  /// Throws `SetupError` when the credential cannot be used as configured.
  func issuer(
    endpoints: ServiceEndpoints, http: any HTTPClient, clock: any WallClock
  ) throws(SetupError) -> any TokenIssuer {
    try credential.issuer(
      of: "tenant \(name)", loginTenant: identifier, clientID: clientID, endpoints: endpoints,
      http: http, clock: clock)
  }
}

extension CredentialConfiguration {
  /// Who issues the tokens of `owner`, such as `tenant contoso`. Nothing is read and nobody is
  /// asked yet.
  ///
  /// Throws `SetupError` when the credential cannot be used as configured.
  func issuer(
    of owner: String, loginTenant: String, clientID: String?, endpoints: ServiceEndpoints,
    http: any HTTPClient, clock: any WallClock
  ) throws(SetupError) -> any TokenIssuer {
    if case .managedIdentity(let identity) = self {
      return ManagedIdentityIssuer(
        ManagedIdentity(
          identity.selection, environment: identity.environment.variables, http: http,
          clock: clock), resource: endpoints.resource)
    }
    guard let clientID else { throw SetupError("\(owner): client_id is missing") }
    let proof: any TokenCredential
    do throws(CredentialError) {
      proof = try self.proof(http: http, clock: clock)
    } catch {
      throw SetupError(
        "\(owner): \(error)",
        failure: ServiceFailure(operation: .token, kind: error.kind, message: "\(error)"))
    }
    return LoginService(
      loginTenant: loginTenant, clientID: clientID, credential: proof, endpoints: endpoints,
      http: http, clock: clock)
  }
}

extension CredentialConfiguration {
  /// What proves the application to the login service.
  fileprivate func proof(
    http: any HTTPClient, clock: any WallClock
  ) throws(CredentialError) -> any TokenCredential {
    switch self {
    case .clientSecret(let secret, _):
      return Credential.clientSecret(reader(secret, "client secret"))
    case .certificate(let certificate):
      return CertificateCredential(
        files: certificate.files, algorithm: certificate.algorithm.signature)
    case .federatedTokenFile(let path):
      return FederatedCredential(source: TokenFile(path: path), audience: "")
    case .workloadIdentity(let identity):
      return FederatedCredential(
        source: try identity.source(http: http, clock: clock), audience: identity.audience)
    case .managedIdentity:
      preconditionFailure("a managed identity issues tokens itself")
    }
  }
}

extension CertificateConfiguration {
  /// Its files, for whoever reads them.
  var files: CertificateFiles {
    CertificateFiles(
      path: path, keyPath: keyPath,
      password: password.map { reader($0, "certificate password") })
  }
}

extension CertificateConfiguration.Algorithm {
  fileprivate var signature: SignatureAlgorithm {
    switch self {
    case .ps256: .ps256
    case .rs256: .rs256
    }
  }
}

extension ManagedIdentityConfiguration {
  fileprivate var selection: ManagedIdentity.Selection {
    if let clientID { return .clientID(clientID) }
    if let objectID { return .objectID(objectID) }
    return resourceID.map { .resourceID($0) } ?? .system
  }
}

extension WorkloadIdentityConfiguration {
  fileprivate func source(
    http: any HTTPClient, clock: any WallClock
  ) throws(CredentialError) -> any IdentityTokenSource {
    let variables = environment.variables
    switch provider {
    case .kubernetes:
      guard let tokenFile else { preconditionFailure("the configuration names a token file") }
      return TokenFile(path: tokenFile)
    case .github:
      return try GitHubActionsIdentity(environment: variables, http: http)
    case .google:
      return GoogleIdentity(environment: variables, http: http)
    case .aws:
      guard let region else { preconditionFailure("the configuration names a region") }
      let issuer =
        identityPool.map {
          AWSIdentity.Issuer.identityPool(id: $0.id, provider: $0.provider, user: $0.user)
        } ?? .account
      return AWSIdentity(issuer, region: region, environment: variables, http: http)
    case .azure:
      return ManagedIdentity(
        managedIdentityClientID.map { .clientID($0) } ?? .system, environment: variables,
        http: http, clock: clock)
    }
  }
}

/// Reads a secret of the configuration at each use.
private func reader(
  _ secret: Secret, _ subject: String
) -> @Sendable () throws(CredentialError) -> String {
  { () throws(CredentialError) in
    do throws(ConfigurationError) { return try secret.read() } catch {
      throw CredentialError(subject: subject, message: error.description)
    }
  }
}

extension NetworkConfiguration {
  /// The route of each request, with the proxy's secrets as they are now.
  package var route: @Sendable () throws(HTTPError) -> HTTPRoute {
    let network = self
    return { () throws(HTTPError) in try network.currentRoute() }
  }

  private func currentRoute() throws(HTTPError) -> HTTPRoute {
    switch proxy {
    case .environment:
      return HTTPRoute(certificateAuthorityFile: caFile)
    case .off:
      return HTTPRoute(proxy: .direct, certificateAuthorityFile: caFile)
    case .through(let proxy):
      do throws(ConfigurationError) {
        return HTTPRoute(
          proxy: .through(
            HTTPProxy(
              url: proxy.url, username: proxy.username, password: try proxy.password?.read(),
              certificateAuthorityFile: proxy.caFile, certificateFile: proxy.certificatePath,
              keyFile: proxy.keyPath, keyPassword: try proxy.keyPassword?.read())),
          certificateAuthorityFile: caFile)
      } catch {
        throw HTTPError(
          kind: .other, message: "the proxy's password cannot be had: \(error)", url: proxy.url)
      }
    }
  }
}
