import MillraceCore
package import MillraceHTTP

/// The identity of a role of Amazon Web Services, as a token that outside issuers can be trusted
/// for.
package struct AWSIdentity: IdentityTokenSource {
  /// Which of Amazon's issuers gives the token.
  package enum Issuer: Sendable, Hashable {
    /// The account's own, for the role this runs with (AWS STS, `GetWebIdentityToken`).
    case account
    /// A Cognito identity pool (`GetOpenIdTokenForDeveloperIdentity`): the pool, the name of the
    /// developer provider, and the user name within it. The token's audience is the pool.
    case identityPool(id: String, provider: String, user: String)
  }

  private let issuer: Issuer
  private let region: String
  private let keys: AWSKeys
  private let url: String
  private let endpoint: IdentityEndpoint

  /// An identity.
  ///
  /// - Parameters:
  ///   - region: such as `eu-central-1`.
  ///   - environment: where keys are looked for, and `AWS_ENDPOINT_URL_STS` and
  ///     `AWS_ENDPOINT_URL_COGNITO_IDENTITY`, as with Amazon's own libraries.
  package init(
    _ issuer: Issuer, region: String, environment: [String: String], http: any HTTPClient
  ) {
    self.issuer = issuer
    self.region = region
    keys = AWSKeys(environment: environment, http: http)
    let (host, variable) =
      switch issuer {
      case .account: ("sts", "AWS_ENDPOINT_URL_STS")
      case .identityPool: ("cognito-identity", "AWS_ENDPOINT_URL_COGNITO_IDENTITY")
      }
    let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    let stated = environment[variable].map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    url = (stated ?? "https://\(host).\(region).\(suffix)") + "/"
    endpoint = IdentityEndpoint(
      name: "AWS \(host)",
      hint: "let the role call \(AWSIdentity.action(of: issuer)), and check the region", http: http)
  }

  package func identityToken(audience: String) async throws(CredentialError) -> String {
    let keys = try await keys.current()
    let token =
      switch issuer {
      case .account:
        try await accountToken(audience: audience, keys)
      case .identityPool(let id, let provider, let user):
        try await poolToken(pool: id, provider: provider, user: user, keys)
      }
    return try IdentityToken.checked(token, from: endpoint.name)
  }

  private func accountToken(
    audience: String, _ keys: AWSKeys.Keys
  ) async throws(CredentialError) -> String {
    let form =
      "Action=GetWebIdentityToken&Version=2011-06-15&SigningAlgorithm=RS256&DurationSeconds=300"
      + "&Audience.member.1=" + URLText.encoded(audience)
    let response = try await endpoint.ask(
      "POST", url,
      headers: [("Content-Type", "application/x-www-form-urlencoded")] + keys.headers,
      body: Array(form.utf8), signature: keys.signature(region: region, service: "sts"),
      isLocal: false)
    let text = String(decoding: response.body, as: UTF8.self)
    guard let start = text.firstRange(of: "<WebIdentityToken>"),
      let end = text.firstRange(of: "</WebIdentityToken>"), start.upperBound <= end.lowerBound
    else { throw endpoint.malformed("WebIdentityToken") }
    return String(text[start.upperBound..<end.lowerBound])
  }

  private func poolToken(
    pool: String, provider: String, user: String, _ keys: AWSKeys.Keys
  ) async throws(CredentialError) -> String {
    let body = JSONText.object([
      ("IdentityPoolId", JSONText.string(pool)),
      ("Logins", JSONText.object([(provider, JSONText.string(user))])),
      ("TokenDuration", "300"),
    ])
    let response = try await endpoint.ask(
      "POST", url,
      headers: [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "AWSCognitoIdentityService.GetOpenIdTokenForDeveloperIdentity"),
      ] + keys.headers,
      body: Array(body.utf8),
      signature: keys.signature(region: region, service: "cognito-identity"), isLocal: false)
    return try endpoint.member("Token", of: response)
  }

  private static func action(of issuer: Issuer) -> String {
    switch issuer {
    case .account: "sts:GetWebIdentityToken"
    case .identityPool: "cognito-identity:GetOpenIdTokenForDeveloperIdentity"
    }
  }
}
