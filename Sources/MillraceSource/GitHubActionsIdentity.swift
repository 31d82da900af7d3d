import MillraceCore
package import MillraceHTTP

/// The identity of a GitHub Actions workflow (GitHub, "OpenID Connect reference").
package struct GitHubActionsIdentity: IdentityTokenSource {
  private let url: String
  private let bearer: String
  private let endpoint: IdentityEndpoint

  /// The identity that the environment of a workflow describes. Throws `CredentialError` when it
  /// does not, or when it leads to a host that may not see the workflow's token.
  package init(
    environment: [String: String], http: any HTTPClient
  ) throws(CredentialError) {
    let hint = "run it in a workflow with \"permissions: id-token: write\""
    guard let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"], !url.isEmpty,
      let bearer = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"], !bearer.isEmpty
    else {
      throw CredentialError(
        subject: "GitHub Actions",
        message: "ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not both set",
        hint: hint)
    }
    guard Origin(url: url) != nil else {
      throw CredentialError(
        subject: "GitHub Actions", message: "ACTIONS_ID_TOKEN_REQUEST_URL is not an https URL",
        hint: hint)
    }
    self.url = url
    self.bearer = bearer
    endpoint = IdentityEndpoint(name: "GitHub Actions", hint: hint, http: http)
  }

  package func identityToken(audience: String) async throws(CredentialError) -> String {
    let response = try await endpoint.ask(
      "GET", URLText.adding("audience", audience, to: url),
      headers: [("Authorization", "Bearer \(bearer)"), ("Accept", "application/json")],
      isLocal: false)
    return try IdentityToken.checked(
      endpoint.member("value", of: response), from: "GitHub Actions")
  }
}
