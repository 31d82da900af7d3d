package import MillraceCore
package import MillraceHTTP
package import MillraceRuntime
import Synchronization

/// The bytes of a blob as fetched.
package struct FetchedBody: Sendable {
  /// The body after decompression, byte for byte; room for `PaddedBytes` behind it.
  package private(set) var bytes: [UInt8]
  /// The body, when it was too large for memory; `bytes` is empty then.
  package let spilled: SpillFile?
  /// When it had arrived, by the local clock.
  package let receivedAt: Timestamp
  /// The version of HTTP it came with.
  package let httpVersion: String

  /// Gives the body away, so that `PaddedBytes` can take it over without a copy.
  package mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }
}

/// The Office 365 Management Activity API of one tenant (Activity API reference, v1.0).
///
/// Each call is one request, or two when the token had to be replaced; what failures mean for
/// what comes next is for `RetryPolicy`. URLs the service hands out are used byte for byte, but
/// only if they lead to the configured origin: nothing is ever sent elsewhere.
package final class ActivityAPI: Sendable {
  private let tenant: TenantID
  private let endpoints: ServiceEndpoints
  private let tokens: TokenProvider
  private let http: any HTTPClient
  private let publisherID: String
  private let clock: any WallClock
  private let clockOffset = Mutex<Duration?>(nil)
  private let dated = Mutex<(date: Timestamp, heard: ContinuousClock.Instant)?>(nil)

  /// The API of `tenant`.
  ///
  /// - Parameters:
  ///   - tokens: tokens for that tenant.
  ///   - publisherID: the tenant GUID of whoever wrote or runs the collector; the bucket that
  ///     throttling counts by. Goes onto every request.
  package init(
    tenant: TenantID, endpoints: ServiceEndpoints, tokens: TokenProvider, http: any HTTPClient,
    publisherID: String, clock: any WallClock
  ) {
    self.tenant = tenant
    self.endpoints = endpoints
    self.tokens = tokens
    self.http = http
    self.publisherID = publisherID
    self.clock = clock
  }

  /// How far the service's clock is ahead of the local one, by the `Date` of the latest answer,
  /// which has whole seconds; nil before the first answer.
  package var serviceClockOffset: Duration? {
    clockOffset.withLock { $0 }
  }

  /// The service's time: the `Date` of the latest answer, carried on by a clock that nobody can set
  /// and that goes on while the machine sleeps; nil before the first answer. The local time of day
  /// takes no part in it, so that setting it can neither skip a span nor expire content.
  package var serviceNow: Timestamp? {
    dated.withLock { $0 }.map { $0.date + (ContinuousClock.now - $0.heard) }
  }

  /// The token that requests are made with; asked for first if there is none. For diagnosis: what
  /// it says about itself is all that anyone else needs of it.
  package func currentToken() async throws(ServiceFailure) -> AccessToken {
    try await tokens.token()
  }

  // MARK: Subscriptions

  /// The subscriptions of this application. A content type never started is absent.
  package func subscriptions() async throws(ServiceFailure) -> [Subscription] {
    let answer = try await call(.listSubscriptions, "GET", path("subscriptions/list"))
    let body = answer.response.status == 200 ? JSONValue(answer.response.body) : nil
    switch body {
    case .array(let elements):
      // The documentation's own samples hold objects without members.
      return elements.compactMap { Subscription($0) }
    case .some(let object) where !APIError.isError(answer.response.body):
      // Seen in the field: the one object in place of the list.
      guard let subscription = Subscription(object) else { fallthrough }
      return [subscription]
    default:
      throw failure(answer)
    }
  }

  /// Starts the subscription to a content type, or changes its webhook.
  ///
  /// The service wants 15 minutes between two starts; that is the caller's to keep.
  ///
  /// - Parameter webhook: where the service shall tell of new content; it asks there before it
  ///   answers. Without one, a webhook that there is goes.
  package func start(
    _ type: ContentType, webhook: WebhookRegistration? = nil
  ) async throws(ServiceFailure) -> StartOutcome {
    let answer = try await call(
      .startSubscription, "POST", path("subscriptions/start?contentType=\(type)"),
      body: webhook?.body)
    if isAccepted(answer.response) {
      guard let webhook else { return .started }
      let echoed = JSONValue(answer.response.body)?["webhook"]?["address"]?.string
      return echoed == webhook.address ? .started : .startedWithoutWebhook
    }
    let failure = failure(answer, redacting: [webhook?.authID].compactMap { $0 })
    if failure.kind == .alreadyEnabled { return .alreadyEnabled }
    throw failure
  }

  /// Stops the subscription to a content type. What becomes available while it is stopped is lost
  /// for good: only for an operator's explicit command.
  package func stop(_ type: ContentType) async throws(ServiceFailure) {
    let answer = try await call(
      .stopSubscription, "POST", path("subscriptions/stop?contentType=\(type)"))
    guard isAccepted(answer.response) else { throw failure(answer) }
  }

  /// Whether an answer without content of its own says yes.
  private func isAccepted(_ response: HTTPResponse) -> Bool {
    guard (200..<300).contains(response.status) else { return false }
    switch AnswerShape(response.body) {
    case .empty: return true
    case .object: return !APIError.isError(response.body)
    case .array, .page, .other: return false
    }
  }

  // MARK: Content

  /// The first page of what became available in `window`.
  package func listPage(
    of type: ContentType, window: TimeWindow
  ) async throws(ServiceFailure) -> ListingPage {
    let query =
      "contentType=\(type)&startTime=\(window.start.listingParameter)"
      + "&endTime=\(window.end.listingParameter)"
    return try await page(path("subscriptions/content?\(query)"), type, window)
  }

  /// The page a `nextPage` names. Throws `.foreignOrigin`, and asks nobody, when it leads
  /// elsewhere.
  package func nextPage(
    _ uri: String, of type: ContentType, window: TimeWindow
  ) async throws(ServiceFailure) -> ListingPage {
    try await page(uri, type, window)
  }

  private func page(
    _ url: String, _ type: ContentType, _ window: TimeWindow
  ) async throws(ServiceFailure) -> ListingPage {
    let answer = try await call(.listContent, "GET", url)
    guard answer.response.status == 200, let body = JSONValue(answer.response.body) else {
      throw failure(answer)
    }
    let entries: [JSONValue]
    switch body {
    case .array(let elements): entries = elements
    case .object where body["contentUri"] != nil: entries = [body]
    default: throw failure(answer)
    }
    // The client has trimmed the value.
    let next = answer.response.header("NextPageUri").flatMap { $0.isEmpty ? nil : $0 }
    return ListingPage(
      entries, feed: Feed(tenant: tenant, contentType: type), window: window, api: endpoints.api,
      nextPage: next)
  }

  /// The bytes of a blob. Throws `.foreignOrigin`, and asks nobody, when its URL leads elsewhere,
  /// and `.tooLarge` when there are more than `bytesMax`.
  ///
  /// - Parameter spill: where a body goes that is too large for memory.
  package func fetch(
    _ blob: ContentBlob, bytesMax: Int = Limits.blobBytesMax, spill: BodySpill? = nil
  ) async throws(ServiceFailure) -> FetchedBody {
    let answer = try await call(
      .fetchContent, "GET", blob.uri, bodyBytesMax: bytesMax, spill: spill)
    let now = clock.now()
    guard answer.response.status == 200 else { throw failure(answer) }
    // An error answer is small: what went to a file is content, or is found out by its scan.
    if answer.response.spilled == nil,
      let failure = APIError.failureInContent(
        answer.response, now: now, redacting: [answer.token.value])
    {
      throw failure
    }
    return FetchedBody(
      bytes: answer.response.body, spilled: answer.response.spilled, receivedAt: now,
      httpVersion: answer.response.httpVersion)
  }

  // MARK: One call

  /// An answer of any status, and the token that was asked with.
  private struct Answer {
    let operation: ServiceFailure.Operation
    let response: HTTPResponse
    let token: AccessToken
  }

  private func path(_ rest: String) -> String {
    "\(endpoints.api)/api/v1.0/\(tenant)/activity/feed/\(rest)"
  }

  /// Sends a request with a token; with another one once more, if the first was refused.
  private func call(
    _ operation: ServiceFailure.Operation, _ method: String, _ url: String, body: [UInt8]? = nil,
    bodyBytesMax: Int = Limits.answerBytesMax, spill: BodySpill? = nil
  ) async throws(ServiceFailure) -> Answer {
    guard endpoints.api.contains(url: url) else {
      throw ServiceFailure(
        operation: operation, kind: .foreignOrigin,
        message: "\(Origin.refusal(of: url, api: endpoints.api)); nothing was sent")
    }
    let full = URLText.adding("PublisherIdentifier", publisherID, to: url)
    var token = try await tokens.token()
    let limits = (bodyBytesMax, spill)
    var response = try await send(operation, method, full, token, body, limits)
    if response.status == 401 {
      await tokens.discard(token)
      token = try await tokens.token()
      response = try await send(operation, method, full, token, body, limits)
    }
    return Answer(operation: operation, response: response, token: token)
  }

  private func send(
    _ operation: ServiceFailure.Operation, _ method: String, _ url: String, _ token: AccessToken,
    _ body: [UInt8]?, _ limits: (bodyBytesMax: Int, spill: BodySpill?)
  ) async throws(ServiceFailure) -> HTTPResponse {
    let request = HTTPRequest(
      method: method, url: url,
      headers: [("Authorization", "Bearer " + token.value), ("Accept", "application/json")]
        + (body == nil ? [] : [("Content-Type", "application/json; charset=utf-8")]),
      body: body, bodyBytesMax: limits.bodyBytesMax, spill: limits.spill)
    do throws(HTTPError) {
      let response = try await http.send(request)
      noteDate(of: response)
      return response
    } catch {
      throw ServiceFailure(operation, error)
    }
  }

  private func noteDate(of response: HTTPResponse) {
    // An answer with an age was kept by a cache: its date is of another time.
    guard response.header("Age") == nil,
      let date = response.header("Date").flatMap(HTTPDate.parse)
    else { return }
    let offset = date - clock.now()
    clockOffset.withLock { $0 = offset }
    dated.withLock { $0 = (date, .now) }
  }

  /// What an answer means that is not what was asked for.
  private func failure(_ answer: Answer, redacting secrets: [String] = []) -> ServiceFailure {
    let failure = APIError.failure(
      answer.operation, answer.response, now: clock.now(),
      redacting: [answer.token.value] + secrets)
    guard failure.kind == .tokenRefused || failure.kind == .permissionMissing,
      let claims = answer.token.claims
    else { return failure }
    // What the token says about itself is what the operator has to compare with the portal.
    let roles = (claims.roles + claims.scopes).joined(separator: " ")
    let diagnosis =
      "; the token is for \(claims.audience ?? "no audience"),"
      + " its permissions: \(roles.isEmpty ? "none" : roles)"
    return ServiceFailure(
      operation: failure.operation, kind: failure.kind, code: failure.code,
      status: failure.status, retryAfter: failure.retryAfter,
      message: failure.message + AnswerExcerpt.make(diagnosis, redacting: []), hint: failure.hint)
  }
}
