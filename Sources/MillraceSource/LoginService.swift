package import MillraceCore
package import MillraceHTTP
package import MillraceRuntime
import Synchronization

/// The token endpoint of Microsoft's login service, as one application in one tenant asks it
/// (Microsoft identity platform, "OAuth 2.0 client credentials flow", v2.0 endpoint).
package final class LoginService: TokenIssuer {
  private let loginTenant: String
  private let clientID: String
  private let credential: any TokenCredential
  private let endpoints: ServiceEndpoints
  private let http: any HTTPClient
  private let clock: any WallClock
  /// How far the service's clock is ahead of ours, once that has mattered.
  private let clockOffset = Mutex(Duration.zero)

  /// The endpoint.
  ///
  /// - Parameters:
  ///   - loginTenant: the tenant in the login URL: its GUID or one of its domains.
  ///   - clientID: the application that asks.
  ///   - credential: what proves the application.
  package init(
    loginTenant: String, clientID: String, credential: any TokenCredential,
    endpoints: ServiceEndpoints, http: any HTTPClient, clock: any WallClock
  ) {
    self.loginTenant = loginTenant
    self.clientID = clientID
    self.credential = credential
    self.endpoints = endpoints
    self.http = http
    self.clock = clock
  }

  /// Asks for a token; twice, if the first was refused for its time and our clock is to blame.
  package func issue() async throws(ServiceFailure) -> AccessToken {
    let offset = clockOffset.withLock { $0 }
    let (failure, seen): (ServiceFailure, Duration?)
    switch try await ask(offset: offset) {
    case .token(let token): return token
    case .refusal(let refused, let serviceOffset): (failure, seen) = (refused, serviceOffset)
    }
    guard LoginCode.isAboutTime(failure.code), let seen,
      abs((seen - offset).milliseconds) >= Limits.assertionHeadStart.milliseconds
    else { throw failure }
    clockOffset.withLock { $0 = seen }
    switch try await ask(offset: seen) {
    case .token(let token): return token
    case .refusal(let refused, _): throw refused
    }
  }

  private enum Answer {
    case token(AccessToken)
    /// With what the answer's date says of our clock.
    case refusal(ServiceFailure, Duration?)
  }

  private func ask(offset: Duration) async throws(ServiceFailure) -> Answer {
    let url = "\(endpoints.login)/\(URLText.encoded(loginTenant))/oauth2/v2.0/token"
    let proof: [FormField]
    do throws(CredentialError) {
      proof = try await credential.formFields(
        ProofOrder(clientID: clientID, tokenEndpoint: url, now: clock.now() + offset))
    } catch {
      throw ServiceFailure(error)
    }
    let fields =
      [
        FormField(name: "grant_type", value: "client_credentials", isSecret: false),
        FormField(name: "client_id", value: clientID, isSecret: false),
        FormField(name: "scope", value: endpoints.scope, isSecret: false),
      ] + proof
    // Both spellings, as an echo may be of the form as sent.
    let secrets = proof.filter(\.isSecret).flatMap { [$0.value, URLText.encoded($0.value)] }
    let form = fields.map { "\(URLText.encoded($0.name))=\(URLText.encoded($0.value))" }
    let request = HTTPRequest(
      method: "POST", url: url,
      headers: [
        ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
      ],
      body: Array(form.joined(separator: "&").utf8),
      timeouts: HTTPTimeouts(total: Limits.tokenRequestTimeout))
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(request)
    } catch {
      throw ServiceFailure(.token, error)
    }
    return try read(response, redacting: secrets)
  }

  private func read(
    _ response: HTTPResponse, redacting secrets: [String]
  ) throws(ServiceFailure) -> Answer {
    let now = clock.now()
    guard response.status == 200, let body = JSONValue(response.body),
      let value = body["access_token"]?.string
    else {
      return .refusal(
        LoginError.failure(response, now: now, redacting: secrets),
        response.header("Date").flatMap(HTTPDate.parse).map { $0 - now })
    }
    guard TokenAnswer.isUsable(value) else {
      throw ServiceFailure(
        operation: .token, kind: .malformed, status: response.status,
        message: "the token holds characters that no token has")
    }
    if let type = body["token_type"]?.string, type.lowercased() != "bearer" {
      throw ServiceFailure(
        operation: .token, kind: .malformed, status: response.status,
        message: "the token is not a bearer token")
    }
    return .token(
      AccessToken(
        value: value, received: now, life: TokenAnswer.life(body, response, now: now)))
  }
}
