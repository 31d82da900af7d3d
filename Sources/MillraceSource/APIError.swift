import MillraceCore
import MillraceHTTP

/// Turns an answer of the Activity API that is not what was asked for into a failure.
///
/// The code decides wherever there is one, then well-known texts of bodies that have none, then
/// the status: a status says little here, as throttling is 403 and "already enabled" is 400.
/// Bodies are JSON, JSON with single quotes, a `Message`, an exception cut in two at its first
/// colon, HTML, or nothing.
enum APIError {
  /// What the answer means. `secrets` are texts that may have been echoed.
  static func failure(
    _ operation: ServiceFailure.Operation, _ response: HTTPResponse, now: Timestamp,
    redacting secrets: [String]
  ) -> ServiceFailure {
    let body = ErrorBody(response.body)
    let verdict = verdict(operation, status: response.status, body: body)
    return ServiceFailure(
      operation: operation, kind: verdict.kind, code: body.code, status: response.status,
      retryAfter: HTTPDate.retryAfter(
        response.header("Retry-After"), date: response.header("Date"), now: now),
      message: message(response, body: body, redacting: secrets), hint: verdict.hint)
  }

  /// The failure that a blob's answer with status 200 is in truth; nil when it is content.
  ///
  /// An object with `error` or `Message` is an error, a page comes from a proxy, and nothing at
  /// all is a body that got lost; content that does not parse is not judged here.
  static func failureInContent(
    _ response: HTTPResponse, now: Timestamp, redacting secrets: [String]
  ) -> ServiceFailure? {
    switch AnswerShape(response.body) {
    case .array, .other: nil
    case .object where !ErrorBody(response.body).isError: nil
    case .object, .empty, .page:
      failure(.fetchContent, response, now: now, redacting: secrets)
    }
  }

  /// Whether an answer with a status of success holds an error all the same.
  static func isError(_ body: [UInt8]) -> Bool {
    AnswerShape(body) == .object && ErrorBody(body).isError
  }

  private typealias Verdict = (kind: ServiceFailure.Kind, hint: String)

  private static func verdict(
    _ operation: ServiceFailure.Operation, status: Int, body: ErrorBody
  ) -> Verdict {
    if let code = body.statedCode { return verdict(code, operation, status: status, body: body) }
    if body.text.contains("DataServiceException"), body.text.contains("Tenant "),
      body.text.contains("does not exist")
    {
      return (
        .auditingOff,
        "switch on audit logging in Microsoft Purview; it takes effect within an hour, in new"
          + " tenants within a day"
      )
    }
    if body.text.contains("KeyNotFoundException") {
      return (
        .permissionMissing,
        "grant the application permission ActivityFeed.Read of Office 365 Management APIs, with"
          + " admin consent"
      )
    }
    if body.text.contains("Authorization has been denied for this request") {
      return (.tokenRefused, tokenHint)
    }
    if let code = body.code { return verdict(code, operation, status: status, body: body) }
    return verdict(status: status, operation, shape: body.shape, isError: body.isError)
  }

  private static func verdict(
    _ code: String, _ operation: ServiceFailure.Operation, status: Int, body: ErrorBody
  ) -> Verdict {
    guard let known = APICode.find(code) else {
      return verdict(status: status, operation, shape: body.shape, isError: body.isError)
    }
    guard let only = known.operation, only != operation else { return (known.kind, known.hint) }
    return (.refused, "")
  }

  private static func verdict(
    status: Int, _ operation: ServiceFailure.Operation, shape: AnswerShape, isError: Bool
  ) -> Verdict {
    let isFetch = operation == .fetchContent
    switch status {
    case 200..<300:
      if isError { return (.refused, "") }
      if shape == .page { return (.serviceTrouble, proxyHint) }
      return (isFetch && shape == .empty ? .truncated : .malformed, "")
    case 300..<400:
      return (.serviceTrouble, proxyHint)
    case 401:
      return (.tokenRefused, tokenHint)
    case 403:
      return (
        .misconfigured,
        "check the application's permissions, Conditional Access, and proxies on the way"
      )
    case 404 where isFetch && shape == .page:
      // Not the service's words: content is not given up for what a front end says.
      return (.serviceTrouble, proxyHint)
    case 404:
      return isFetch
        ? (.contentMissing, "") : (.misconfigured, "check the tenant's GUID and the cloud")
    case 410 where isFetch:
      return (.contentExpired, "")
    case 429:
      return (.throttled, "")
    case 408, 500...:
      return (.serviceTrouble, "")
    default:
      return (.refused, "")
    }
  }

  private static let proxyHint =
    "a proxy or another host answered in place of the service: check the API's URL"
  private static let tokenHint =
    "check the cloud and resource, and that admin consent was granted to the application"

  private static func message(
    _ response: HTTPResponse, body: ErrorBody, redacting secrets: [String]
  ) -> String {
    if (300..<400).contains(response.status) {
      let origin = response.header("Location").flatMap(Origin.init(url:))
      return "a redirect" + (origin.map { " to \($0)" } ?? "") + ", which is not followed"
    }
    switch body.shape {
    case .empty:
      return "an empty answer"
    case .page:
      return "a page in place of an answer: "
        + AnswerExcerpt.make(response.body, redacting: secrets)
    case .array, .other, .object:
      if let stated = body.message { return AnswerExcerpt.make(stated, redacting: secrets) }
      return "an unexpected answer: " + AnswerExcerpt.make(response.body, redacting: secrets)
    }
  }
}
