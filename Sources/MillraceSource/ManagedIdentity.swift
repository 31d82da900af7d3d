package import MillraceCore
package import MillraceHTTP
package import MillraceRuntime

/// The identity that Azure gives to a machine (Azure Instance Metadata Service) or to an app (App
/// Service, Functions, Container Apps). It gives tokens for its own tenant without a request to
/// the login service, or stands as an outside issuer for an application.
package struct ManagedIdentity: Sendable {
  /// Which identity, where there are several.
  package enum Selection: Sendable, Hashable {
    /// The one of the machine itself.
    case system
    /// By the client id of its application.
    case clientID(String)
    /// By the object id of its service principal.
    case objectID(String)
    /// By the path of the Azure resource.
    case resourceID(String)
  }

  private enum Place: Sendable {
    case machine(base: String)
    case app(url: String, secret: String)
  }

  private let selection: Selection
  private let place: Place
  private let endpoint: IdentityEndpoint
  private let clock: any WallClock

  /// An identity.
  ///
  /// - Parameter environment: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` of App Service;
  ///   `AZURE_POD_IDENTITY_AUTHORITY_HOST` for another metadata service than Azure's.
  package init(
    _ selection: Selection, environment: [String: String], http: any HTTPClient,
    clock: any WallClock
  ) {
    self.selection = selection
    self.clock = clock
    let name: String
    if let url = environment["IDENTITY_ENDPOINT"], let secret = environment["IDENTITY_HEADER"],
      !url.isEmpty, !secret.isEmpty
    {
      place = .app(url: url, secret: secret)
      name = "managed identity (App Service)"
    } else {
      let host = environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "http://169.254.169.254"
      place = .machine(base: host.hasSuffix("/") ? String(host.dropLast()) : host)
      name = "managed identity (IMDS)"
    }
    endpoint = IdentityEndpoint(
      name: name,
      hint: "run it on Azure with a managed identity assigned; client_id chooses among several",
      http: http)
  }

  /// A token for `resource`, such as `https://manage.office.com`.
  func token(for resource: String) async throws(CredentialError) -> AccessToken {
    let response: HTTPResponse
    switch place {
    case .machine(let base):
      response = try await endpoint.ask(
        "GET",
        base + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
          + URLText.encoded(resource) + parameter(resourceName: "msi_res_id"),
        headers: [("Metadata", "true")])
    case .app(let url, let secret):
      response = try await endpoint.ask(
        "GET",
        URLText.adding("api-version", "2019-08-01", to: url) + "&resource="
          + URLText.encoded(resource) + parameter(resourceName: "mi_res_id"),
        headers: [("X-IDENTITY-HEADER", secret)])
    }
    let received = clock.now()
    let value = try endpoint.member("access_token", of: response)
    guard TokenAnswer.isUsable(value) else { throw endpoint.malformed("usable access_token") }
    return AccessToken(
      value: value, received: received,
      life: TokenAnswer.life(JSONValue(response.body), response, now: received))
  }

  private func parameter(resourceName: String) -> String {
    switch selection {
    case .system: ""
    case .clientID(let id): "&client_id=" + URLText.encoded(id)
    case .objectID(let id): "&object_id=" + URLText.encoded(id)
    case .resourceID(let path): "&\(resourceName)=" + URLText.encoded(path)
    }
  }
}

extension ManagedIdentity: IdentityTokenSource {
  package func identityToken(audience: String) async throws(CredentialError) -> String {
    try await token(for: audience).value
  }
}

/// Tokens of a managed identity for one API.
package struct ManagedIdentityIssuer: TokenIssuer {
  private let identity: ManagedIdentity
  private let resource: String

  /// Tokens of `identity` for `resource`.
  package init(_ identity: ManagedIdentity, resource: String) {
    self.identity = identity
    self.resource = resource
  }

  package func issue() async throws(ServiceFailure) -> AccessToken {
    do throws(CredentialError) {
      return try await identity.token(for: resource)
    } catch {
      throw ServiceFailure(error)
    }
  }
}
