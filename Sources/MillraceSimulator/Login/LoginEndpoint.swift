import MillraceCore
import MillraceHTTP
import MillraceRuntime

/// The token endpoints (Microsoft identity platform, "OAuth 2.0 client credentials flow"; Get
/// started with Office 365 Management APIs, "Request an access token" for the older one).
struct LoginEndpoint: Sendable {
  let tenants: [SimulatedTenantOptions]
  let book: TokenBook
  let clock: any WallClock
  let lifetime: Duration
  let hasRoles: Bool
  let verifier: AssertionVerifier
  let refusals: LoginRefusalQueue

  private static let resource = "https://manage.office.com"
  private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

  /// Answers a request for a token. The flag says whether one was issued.
  func answer(_ call: SimulatedCall, version: Int) -> (answer: ServerResponse, issued: Bool) {
    do throws(LoginRefusal) {
      if let refusal = refusals.next() { throw refusal }
      let tenant = try tenant(call.tenant)
      let fields = call.request.form
      let field = { (name: String) in fields.first { $0.name == name }?.value ?? "" }
      let assertion = field("client_assertion")
      try check(
        field, tenant: tenant, version: version,
        endpoint: (call.request.header("Host") ?? "") + call.request.rawPath)
      let token = book.issue(
        tenant: tenant.id, clientID: tenant.options.clientID,
        roles: hasRoles
          ? ["ServiceHealth.Read", "ActivityFeed.Read", "ActivityFeed.ReadDlp"] : [],
        lifetime: lifetime, assertion: !assertion.isEmpty)
      return (success(token, version: version), true)
    } catch {
      return (failure(error), false)
    }
  }

  /// The document from which a client can learn the GUID behind a domain.
  func openIDConfiguration(_ call: SimulatedCall) -> ServerResponse {
    do throws(LoginRefusal) {
      let tenant = try tenant(call.tenant)
      let issuer = "https://login.microsoftonline.com/\(tenant.id)/v2.0"
      return Answers.json(#"{"issuer":"\#(issuer)"}"#)
    } catch {
      return failure(error)
    }
  }

  // MARK: - Checks

  private func tenant(
    _ name: String
  ) throws(LoginRefusal) -> (id: TenantID, options: SimulatedTenantOptions) {
    let wanted = name.lowercased()
    guard !["common", "organizations", "consumers"].contains(wanted) else {
      throw LoginRefusal(
        9_001_023, "The grant type is not supported over the /\(wanted) endpoint.")
    }
    let match = tenants.first { $0.tenantID.lowercased() == wanted || $0.domain == wanted }
    guard let match, let id = TenantID(match.tenantID) else {
      throw LoginRefusal(
        90_002,
        "Tenant '\(name)' not found. Check to make sure you have the correct tenant ID and "
          + "are signing into the correct cloud.")
    }
    return (id, match)
  }

  private func check(
    _ field: (String) -> String, tenant: (id: TenantID, options: SimulatedTenantOptions),
    version: Int, endpoint: String
  ) throws(LoginRefusal) {
    for name in ["grant_type", "client_id", version == 2 ? "scope" : "resource"]
    where field(name).isEmpty {
      throw LoginRefusal(
        900_144, "The request body must contain the following parameter: '\(name)'.")
    }
    guard field("grant_type") == "client_credentials" else {
      throw LoginRefusal(
        70_003, "The app requested an unsupported grant type '\(field("grant_type"))'.")
    }
    guard field("client_id").lowercased() == tenant.options.clientID.lowercased() else {
      throw LoginRefusal(
        700_016,
        "Application with identifier '\(field("client_id"))' was not found in the "
          + "directory '\(tenant.id)'.")
    }
    if version == 2, field("scope") != Self.resource + "/.default" {
      throw LoginRefusal(
        70_011,
        "The provided request must include a 'scope' input parameter. The provided value "
          + "for the input parameter 'scope' is not valid.")
    }
    if version == 1, field("resource") != Self.resource {
      throw LoginRefusal(
        500_011, "The resource principal named \(field("resource")) was not found in the tenant.")
    }
    try checkCredential(field, options: tenant.options, endpoint: endpoint)
  }

  private func checkCredential(
    _ field: (String) -> String, options: SimulatedTenantOptions, endpoint: String
  ) throws(LoginRefusal) {
    if field("client_secret").isEmpty {
      guard !field("client_assertion").isEmpty else { throw LoginRefusal(7_000_218) }
      guard field("client_assertion_type") == Self.assertionType else {
        throw LoginRefusal(50_027)
      }
      try verifier.check(field("client_assertion"), options: options, endpoint: endpoint)
      return
    }
    guard field("client_secret") == options.clientSecret else { throw LoginRefusal(7_000_215) }
  }

  // MARK: - Answers

  private func success(_ token: String, version: Int) -> ServerResponse {
    let seconds = lifetime.components.seconds
    if version == 2 {
      return loginJSON(
        #"{"token_type":"Bearer","expires_in":\#(seconds),"ext_expires_in":\#(seconds),"#
          + #""access_token":"\#(token)"}"#)
    }
    let now = clock.now().milliseconds / 1000
    return loginJSON(
      #"{"token_type":"Bearer","expires_in":"\#(seconds)","ext_expires_in":"0","#
        + #""expires_on":"\#(now + seconds)","not_before":"\#(now)","#
        + #""resource":"\#(Self.resource)","access_token":"\#(token)"}"#)
  }

  private func failure(_ refusal: LoginRefusal) -> ServerResponse {
    let now = clock.now()
    let text = now.description
    let time = text.prefix(10) + " " + text.dropFirst(11).prefix(8) + "Z"
    let trace = guidText(UInt64(bitPattern: now.milliseconds))
    let correlation = guidText(UInt64(bitPattern: now.milliseconds) &+ 1)
    let description =
      "AADSTS\(refusal.code): \(refusal.text) Trace ID: \(trace) Correlation ID: \(correlation) "
      + "Timestamp: \(time)"
    return loginJSON(
      #"{"error":"\#(refusal.error)","error_description":\#(Answers.quoted(description)),"#
        + #""error_codes":[\#(refusal.code)],"timestamp":"\#(time)","trace_id":"\#(trace)","#
        + #""correlation_id":"\#(correlation)","#
        + #""error_uri":"https://login.microsoftonline.com/error?code=\#(refusal.code)"}"#,
      status: refusal.status)
  }

  private func loginJSON(_ text: String, status: Int = 200) -> ServerResponse {
    ServerResponse(
      status: status,
      headers: [
        ("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache"),
        ("Content-Type", "application/json; charset=utf-8"), ("Expires", "-1"),
        ("X-Content-Type-Options", "nosniff"),
      ],
      body: .bytes(Array(text.utf8)))
  }
}
