import MillraceCore
import MillraceHTTP

/// Turns an answer of the token endpoint that is no token into a failure (Microsoft identity
/// platform, "OAuth 2.0 client credentials flow", error response; RFC 6749, 5.2).
///
/// Branches on `error_codes` and `error`, as the description may change.
enum LoginError {
  /// What the answer means. `secrets` are texts that may have been echoed.
  static func failure(
    _ response: HTTPResponse, now: Timestamp, redacting secrets: [String]
  ) -> ServiceFailure {
    let body = JSONValue(response.body.prefix(Limits.errorBodyBytesMax))
    let error = body?["error"]?.string
    let number = number(body)
    let known = number.flatMap { LoginCode.find($0) }
    let isPage = AnswerShape(response.body) == .page
    let kind = known?.kind ?? kind(status: response.status, error: error, isPage: isPage)
    return ServiceFailure(
      operation: .token, kind: kind,
      code: number.map { "AADSTS\($0)" }
        ?? error.map { String($0.prefix(64)) }
        .flatMap { isPlain($0) ? $0 : nil },
      status: response.status,
      retryAfter: HTTPDate.retryAfter(
        response.header("Retry-After"), date: response.header("Date"), now: now),
      message: message(body, response, redacting: secrets),
      hint: clockHint(known, response, now: now)
        ?? known?.hint ?? hint(kind, status: response.status, isPage: isPage))
  }

  /// What a refusal for its time says of our clock, when the answer's own date says otherwise.
  private static func clockHint(
    _ code: LoginCode?, _ response: HTTPResponse, now: Timestamp
  ) -> String? {
    guard let code, LoginCode.isAboutTime(code.name),
      let date = response.header("Date").flatMap(HTTPDate.parse)
    else { return nil }
    let seconds = (date - now).components.seconds
    guard abs(seconds) >= Limits.assertionHeadStart.components.seconds else { return nil }
    return "this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead of") the"
      + " login service's: set it right"
  }

  private static func number(_ body: JSONValue?) -> Int? {
    if let number = body?["error_codes"]?.array?.first?.integer, number > 0 { return number }
    // The list is optional; the description begins with the same number.
    guard let description = body?["error_description"]?.string,
      description.hasPrefix("AADSTS")
    else { return nil }
    return Int(
      description.utf8.dropFirst(6).prefix { (0x30...0x39).contains($0) }
        .map { String(Unicode.Scalar($0)) }.joined())
  }

  private static func kind(status: Int, error: String?, isPage: Bool) -> ServiceFailure.Kind {
    if status == 429 { return .throttled }
    if status >= 500 || status == 408 || error == "temporarily_unavailable" {
      return .serviceTrouble
    }
    // A redirect, or a page with a status of success, was not sent by the login service.
    if (300..<400).contains(status) || (isPage && (200..<300).contains(status)) {
      return .serviceTrouble
    }
    if (200..<300).contains(status), error == nil { return .malformed }
    return error == "invalid_client" ? .credentialRefused : .misconfigured
  }

  private static func hint(
    _ kind: ServiceFailure.Kind, status: Int, isPage: Bool
  ) -> String {
    if isPage || (300..<400).contains(status) {
      return "a proxy or another host answered in place of the login service: check the login URL"
    }
    return switch kind {
    case .misconfigured: "check tenant, client id, cloud and login URL"
    case .credentialRefused: "check the credential and the client id"
    default: ""
    }
  }

  /// The description, and the three values that Microsoft's support asks for.
  private static func message(
    _ body: JSONValue?, _ response: HTTPResponse, redacting secrets: [String]
  ) -> String {
    guard let description = body?["error_description"]?.string ?? body?["error"]?.string else {
      let excerpt = AnswerExcerpt.make(response.body, redacting: secrets)
      return excerpt.isEmpty ? "an empty answer" : "no token but: " + excerpt
    }
    var text = description
    for name in ["correlation_id", "trace_id", "timestamp"] {
      guard let value = body?[name]?.string, !description.contains(value) else { continue }
      text += " \(name)=\(value)"
    }
    return AnswerExcerpt.make(text, redacting: secrets)
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
  }
}
