package import MillraceCore
package import MillraceHTTP

/// What the login service publishes about a tenant (Microsoft identity platform, "OpenID Connect
/// on the Microsoft identity platform", configuration document).
package enum TenantDirectory {
  /// The GUID behind a verified domain; nil when the document does not name one.
  ///
  /// Throws `ServiceFailure` of operation `.token` when the tenant is not found or nobody answers.
  package static func identity(
    of domain: String, endpoints: ServiceEndpoints, http: any HTTPClient
  ) async throws(ServiceFailure) -> TenantID? {
    let url =
      "\(endpoints.login)/\(URLText.encoded(domain))/v2.0/.well-known/openid-configuration"
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(
        HTTPRequest(
          url: url, headers: [("Accept", "application/json")],
          timeouts: HTTPTimeouts(total: Limits.tokenRequestTimeout),
          bodyBytesMax: Limits.errorBodyBytesMax))
    } catch {
      throw ServiceFailure(.token, error)
    }
    guard response.status == 200, let issuer = JSONValue(response.body)?["issuer"]?.string else {
      let failure = LoginError.failure(
        response, now: Timestamp(milliseconds: 0), redacting: [])
      // Whoever does not publish the document may issue tokens all the same.
      if failure.code == nil, failure.kind != .serviceTrouble, failure.kind != .throttled {
        return nil
      }
      throw failure
    }
    return issuer.split(separator: "/").lazy.compactMap { TenantID(String($0)) }.first
  }
}
