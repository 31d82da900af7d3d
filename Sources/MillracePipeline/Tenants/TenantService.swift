package import MillraceConfiguration
package import MillraceCore
package import MillraceHTTP
package import MillraceRuntime
package import MillraceSource

/// The service as one configured tenant sees it.
package struct TenantService: Sendable {
  /// The tenant's GUID, found out where only a domain was configured.
  package let tenant: TenantID
  /// Its API, with its token.
  package let api: ActivityAPI

  /// Prepares the API of a tenant. No request is made, unless the tenant is configured by a domain:
  /// its GUID then comes from a token.
  ///
  /// - Parameter log: is told when a token cannot be renewed while the old one still serves.
  /// - Throws: `SetupError`.
  package static func connect(
    _ tenant: TenantConfiguration, http: any HTTPClient, clock: any WallClock, log: Log = .silent
  ) async throws(SetupError) -> TenantService {
    let http = RoutedClient(http, route: tenant.network.route)
    let endpoints: ServiceEndpoints
    do throws(ServiceFailure) {
      endpoints = try ServiceEndpoints(
        login: tenant.cloud.login, api: tenant.cloud.api, resource: tenant.cloud.resource)
    } catch {
      throw SetupError("tenant \(tenant.name): \(error)", failure: error)
    }
    let tokens = TokenProvider(
      issuer: try tenant.issuer(endpoints: endpoints, http: http, clock: clock), tenant: tenant.id,
      clock: clock,
      warn: { failure, end in
        log.warning(
          "the token could not be renewed; the old one serves until \(end): \(failure)",
          ["tenant": tenant.name])
      })
    let id = try await identity(of: tenant, endpoints: endpoints, http: http, tokens: tokens)
    let api = ActivityAPI(
      tenant: id, endpoints: endpoints, tokens: tokens, http: http,
      publisherID: tenant.publisherID ?? id.description, clock: clock)
    return TenantService(tenant: id, api: api)
  }

  /// The tenant's GUID: as configured, or behind its domain as the login service publishes it,
  /// which takes no credential; failing that, as a token says it.
  private static func identity(
    of tenant: TenantConfiguration, endpoints: ServiceEndpoints, http: any HTTPClient,
    tokens: TokenProvider
  ) async throws(SetupError) -> TenantID {
    if let id = tenant.id { return id }
    do throws(ServiceFailure) {
      if let id = try await TenantDirectory.identity(
        of: tenant.identifier, endpoints: endpoints, http: http)
      {
        return id
      }
      if let text = try await tokens.token().claims?.tenant, let id = TenantID(text) { return id }
    } catch {
      throw SetupError("tenant \(tenant.name): \(error)", failure: error)
    }
    throw SetupError(
      "tenant \(tenant.name): the token does not name the GUID of \(tenant.identifier); "
        + "configure the GUID as id")
  }
}
