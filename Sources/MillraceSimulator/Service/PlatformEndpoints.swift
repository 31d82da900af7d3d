import MillraceCore
import MillraceHTTP
import MillraceRuntime

/// The identity endpoints of platforms, as a program on them sees them: Azure's metadata service
/// and App Service, GitHub Actions, Google's metadata server, AWS.
struct PlatformEndpoints: Sendable {
  let tenants: [SimulatedTenantOptions]
  let book: TokenBook
  let issuer: SimulatedIssuer
  let clock: any WallClock
  let lifetime: Duration

  /// Answers a request that is for one of them; nil for others.
  func answer(_ request: ServerRequest) -> ServerResponse? {
    switch request.path {
    case "/metadata/identity/oauth2/token":
      return machineIdentity(request)
    case "/msi/token":
      return appIdentity(request)
    case "/github/token":
      return github(request)
    case "/computeMetadata/v1/instance/service-accounts/default/identity":
      return google(request)
    case "/latest/api/token" where request.method == "PUT":
      return ServerResponse(text: "simulated-session")
    case _ where request.path.hasPrefix("/latest/meta-data/iam/security-credentials/"):
      return amazonMachine(request)
    case "/" where request.method == "POST":
      return amazon(request)
    default:
      return nil
    }
  }

  // MARK: Azure

  private func machineIdentity(_ request: ServerRequest) -> ServerResponse {
    guard request.header("Metadata") == "true", request.header("X-Forwarded-For") == nil else {
      return failure("bad_request_102", "Required metadata header not specified")
    }
    return identity(request) { token, seconds, now in
      #"{"access_token":"\#(token)","refresh_token":"","expires_in":"\#(seconds)","#
        + #""expires_on":"\#(now + seconds)","not_before":"\#(now)","#
        + #""resource":"https://manage.office.com/","token_type":"Bearer"}"#
    }
  }

  private func appIdentity(_ request: ServerRequest) -> ServerResponse {
    guard request.header("X-IDENTITY-HEADER") == SimulatedPlatform.appServiceHeader,
      request.queryValue("api-version") == "2019-08-01"
    else { return failure("unauthorized", "The identity header is wrong.", status: 401) }
    return identity(request) { token, seconds, now in
      #"{"access_token":"\#(token)","expires_on":"\#(now + seconds)","#
        + #""resource":"https://manage.office.com","token_type":"Bearer","#
        + #""client_id":"\#(SimulatedPlatform.managedIdentityClientID)"}"#
    }
  }

  private func identity(
    _ request: ServerRequest, _ body: (String, Int64, Int64) -> String
  ) -> ServerResponse {
    let wanted = request.queryValue("client_id")?.lowercased()
    guard [nil, SimulatedPlatform.managedIdentityClientID].contains(wanted) else {
      return failure("invalid_request", "Identity not found")
    }
    let seconds = lifetime.components.seconds
    let now = clock.now().milliseconds / 1000
    switch request.queryValue("resource") {
    case "https://manage.office.com", "https://manage.office.com/":
      guard let tenant = tenants.first, let id = TenantID(tenant.tenantID) else { break }
      let token = book.issue(
        tenant: id, clientID: SimulatedPlatform.managedIdentityClientID,
        roles: ["ActivityFeed.Read", "ActivityFeed.ReadDlp"], lifetime: lifetime, assertion: true)
      return json(body(token, seconds, now))
    case SimulatedFederation.azure.audience:
      return json(body(issuer.token(.azure, life: lifetime), seconds, now))
    default:
      break
    }
    return failure("invalid_resource", "AADSTS500011: The resource principal was not found.")
  }

  // MARK: GitHub and Google

  private func github(_ request: ServerRequest) -> ServerResponse {
    guard request.header("Authorization") == "Bearer \(SimulatedPlatform.githubToken)" else {
      return failure("unauthorized", "The request token is wrong.", status: 401)
    }
    var identity = SimulatedFederation.github
    identity.audience = request.queryValue("audience") ?? "https://github.com/contoso"
    return json(#"{"count":1,"value":"\#(issuer.token(identity))"}"#)
  }

  private func google(_ request: ServerRequest) -> ServerResponse {
    guard request.header("Metadata-Flavor") == "Google",
      let audience = request.queryValue("audience")
    else { return ServerResponse(status: 403, text: "Missing Metadata-Flavor:Google header.") }
    var identity = SimulatedFederation.google
    identity.audience = audience
    var answer = ServerResponse(text: issuer.token(identity), type: "text/html")
    answer.headers.append(("Metadata-Flavor", "Google"))
    return answer
  }

  // MARK: AWS

  private func amazonMachine(_ request: ServerRequest) -> ServerResponse {
    guard request.header("X-aws-ec2-metadata-token") == "simulated-session" else {
      return ServerResponse(status: 401, text: "")
    }
    guard request.path.hasSuffix("/millrace") else { return ServerResponse(text: "millrace") }
    return json(
      #"{"Code":"Success","AccessKeyId":"\#(SimulatedPlatform.awsAccessKeyID)","#
        + #""SecretAccessKey":"\#(SimulatedPlatform.awsSecretAccessKey)","#
        + #""Token":"\#(SimulatedPlatform.awsSessionToken)"}"#)
  }

  private func amazon(_ request: ServerRequest) -> ServerResponse? {
    let isPool =
      request.header("X-Amz-Target")
      == "AWSCognitoIdentityService.GetOpenIdTokenForDeveloperIdentity"
    let field = { (name: String) in request.form.first { $0.name == name }?.value }
    guard isPool || field("Action") == "GetWebIdentityToken" else { return nil }
    let session = request.header("X-Amz-Security-Token")
    guard AmazonSignature.accepts(request, service: isPool ? "cognito-identity" : "sts"),
      [nil, SimulatedPlatform.awsSessionToken].contains(session)
    else {
      return failure("InvalidSignatureException", "The signature does not match.", status: 403)
    }
    if isPool {
      let pool = SimulatedFederation.awsIdentityPool
      guard String(decoding: request.body, as: UTF8.self).contains(Answers.quoted(pool.audience))
      else { return failure("ResourceNotFoundException", "IdentityPool not found.") }
      return json(#"{"IdentityId":"\#(pool.subject)","Token":"\#(issuer.token(pool))"}"#)
    }
    guard let audience = field("Audience.member.1"), field("SigningAlgorithm") == "RS256" else {
      return failure("ValidationError", "Audience and SigningAlgorithm are required.")
    }
    var identity = SimulatedFederation.awsAccount
    identity.audience = audience
    return ServerResponse(
      text: "<GetWebIdentityTokenResponse><GetWebIdentityTokenResult><WebIdentityToken>"
        + issuer.token(identity)
        + "</WebIdentityToken></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>",
      type: "text/xml")
  }

  // MARK: Answers

  private func json(_ text: String, status: Int = 200) -> ServerResponse {
    ServerResponse(status: status, text: text, type: "application/json; charset=utf-8")
  }

  private func failure(_ error: String, _ text: String, status: Int = 400) -> ServerResponse {
    json(
      #"{"error":"\#(error)","error_description":\#(Answers.quoted(text))}"#, status: status)
  }
}
