import MillraceEvents
package import MillraceHTTP
import Synchronization

/// The Logs Ingestion API of Azure Monitor with the login service in front of it, as their
/// references describe them ("Logs Ingestion API in Azure Monitor", "Azure Monitor service limits",
/// "Microsoft identity platform: client credentials flow").
package final class SentinelReceiver: ReceiverProtocol {
  /// How it is set up.
  package struct Rules: Sendable {
    /// The rule's immutable id.
    package var rule = "dcr-00000000000000000000000000000000"
    /// The stream it declares.
    package var stream = "Custom-MillraceAudit"
    /// The directory tokens are issued for.
    package var tenant = "41463f53-8812-40f4-890f-865bf6e35190"
    /// The application's id.
    package var clientID = "9b2c1d7e-0000-4000-8000-000000000001"
    /// Its secret.
    package var clientSecret = "tell-nobody"
    /// The scope tokens are asked for.
    package var scope = "https://monitor.azure.com//.default"
    /// Whether the application has the role on the rule.
    package var hasRole = true
    /// The most bytes of a body, before compression: 1 MB.
    package var bytesMax = 1 << 20

    /// One rule with one stream, and one application that may write.
    package init() {}
  }

  /// What was taken.
  package let received = ReceivedEvents()
  /// How it misbehaves.
  package let faults = ReceiverFaults()
  private let rules: Rules
  private let tokens = Mutex<(issued: Int, valid: Set<String>)>((0, []))

  /// A data collection endpoint.
  package init(_ rules: Rules = Rules()) {
    self.rules = rules
  }

  /// What was answered is durable.
  package func forget() {}

  /// How many tokens were issued.
  package var tokensIssued: Int { tokens.withLock { $0.issued } }

  /// Ends the life of every token.
  package func revokeTokens() {
    tokens.withLock { $0.valid = [] }
  }

  /// Answers one request.
  package func answer(_ request: ServerRequest) -> ServerResponse {
    if request.path == "/\(rules.tenant)/oauth2/v2.0/token" { return login(request) }
    return delivery(request)
  }

  // MARK: Tokens

  private func login(_ request: ServerRequest) -> ServerResponse {
    let form = Dictionary(
      request.form.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard request.method == "POST", form["grant_type"] == "client_credentials" else {
      return JSONAnswer.make(
        #"{"error":"unsupported_grant_type","error_description":"AADSTS70003"}"#, status: 400)
    }
    guard form["scope"] == rules.scope else {
      received.complain("a token for \(form["scope"] ?? "nothing") was asked for")
      return JSONAnswer.make(
        #"{"error":"invalid_scope","error_description":"AADSTS70011","error_codes":[70011]}"#,
        status: 400)
    }
    guard form["client_id"] == rules.clientID, form["client_secret"] == rules.clientSecret else {
      return JSONAnswer.make(
        #"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret","#
          + #""error_codes":[7000215]}"#, status: 401)
    }
    return JSONAnswer.make(
      "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"\(issueToken())\"}")
  }

  /// A token that counts until tokens are revoked.
  package func issueToken() -> String {
    tokens.withLock { tokens in
      tokens.issued += 1
      let token = "opaque-token-\(tokens.issued)"
      tokens.valid.insert(token)
      return token
    }
  }

  // MARK: Deliveries

  private static func error(_ status: Int, _ code: String, _ message: String) -> ServerResponse {
    JSONAnswer.make(
      "{\"error\":{\"code\":\"\(code)\",\"message\":\(JSONAnswer.string(message))}}",
      status: status)
  }

  private func delivery(_ request: ServerRequest) -> ServerResponse {
    received.note(request.headers)
    if let refusal = refusal(of: request) { return refusal }
    let fault = faults.next()
    let tooLarge = Self.error(
      413, "ContentLengthLimitExceeded",
      "Maximum allowed content length: 1048576 bytes (1 MB).")
    if let answer = ReceiverFaults.answerBefore(
      fault,
      busy: { seconds in
        var answer = Self.error(429, "RateLimitExceeded", "Too many requests")
        answer.headers.append(("Retry-After", "\(seconds)"))
        return answer
      }, tooLarge: { tooLarge }, success: 204)
    {
      return answer
    }
    do throws(BodyFault) {
      guard request.header("Content-Type") == "application/json" else {
        throw BodyFault(message: "the content type is not application/json")
      }
      let coding = request.header("Content-Encoding")
      guard coding == nil || coding == "gzip" else {
        throw BodyFault(message: "the content coding is not gzip")
      }
      let body = try ReceivedBody.decoded(request, bytesMax: rules.bytesMax)
      guard let document = JSONDocument(body), document.root.isArray,
        case let elements = document.root.elements, elements.allSatisfy(\.isObject)
      else { throw BodyFault(message: "the body is not an array of objects") }
      let events = elements.map {
        ReceivedEvent(id: ReceivedEvent.id(of: $0), bytes: $0.bytes)
      }
      if events.contains(where: { faults.refuses($0.id) }) {
        return Self.error(400, "InvalidPayload", "an element cannot be processed")
      }
      received.take(events)
      return ReceiverFaults.spoiled(ServerResponse(status: 204, body: .bytes([])), by: fault)
    } catch {
      if error.isTooLarge { return tooLarge }
      received.complain(error.message)
      return Self.error(400, "InvalidPayload", error.message)
    }
  }

  private func refusal(of request: ServerRequest) -> ServerResponse? {
    let bearer = request.header("Authorization").map { $0.dropFirst("Bearer ".count) } ?? ""
    guard request.header("Authorization")?.hasPrefix("Bearer ") == true,
      tokens.withLock({ $0.valid.contains(String(bearer)) })
    else { return Self.error(401, "InvalidToken", "The access token is missing or invalid") }
    let parts = request.path.split(separator: "/").map(String.init)
    guard request.method == "POST", parts.count == 4, parts[0] == "dataCollectionRules",
      parts[2] == "streams"
    else {
      received.complain("\(request.method) \(request.path)")
      return Self.error(404, "NotFound", "no such resource")
    }
    guard request.queryValue("api-version") == "2023-01-01" else {
      received.complain("the api-version is missing or unknown")
      return Self.error(400, "UnsupportedApiVersion", "the api-version is not supported")
    }
    guard parts[1] == rules.rule else {
      return Self.error(
        404, "NotFound", "Data collection rule with immutable Id '\(parts[1])' not found")
    }
    guard rules.hasRole else {
      return Self.error(
        403, "OperationFailed",
        "The authentication token provided does not have access to ingest data for the data"
          + " collection rule with immutable Id '\(parts[1])'")
    }
    guard parts[3] == rules.stream else {
      return Self.error(
        400, "InvalidStream", "Stream name '\(parts[3])' is not declared by the rule")
    }
    return nil
  }
}
