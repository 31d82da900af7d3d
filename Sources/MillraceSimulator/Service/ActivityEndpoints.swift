import MillraceCore
import MillraceHTTP
import MillraceRuntime

/// The Activity API of the simulated tenants (Office 365 Management Activity API reference).
struct ActivityEndpoints: Sendable {
  let tenants: [TenantID: SimulatedTenant]
  let book: TokenBook
  let subscriptions: SubscriptionBook
  let webhooks = WebhookBook()
  let listing: ListingEndpoint
  let dice: FaultDice
  let clock: any WallClock

  init(
    tenants: [SimulatedTenant], book: TokenBook, listing: ListingEndpoint, dice: FaultDice,
    clock: any WallClock
  ) {
    self.tenants = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0) })
    self.book = book
    subscriptions = SubscriptionBook(clock: clock)
    self.listing = listing
    self.dice = dice
    self.clock = clock
  }

  /// How old a blob is when all of its records are served in spite of `partialBlobs`.
  static let settling: Duration = .seconds(900)

  /// An answer, and the blob that it serves if it serves one.
  struct Answer {
    var response: ServerResponse
    var servedRecords: Int?
    var isPage = false
  }

  func answer(
    _ call: SimulatedCall, requestCount: Int, origins: ListingEndpoint.Origins
  ) -> Answer {
    guard let grant = book.grant(for: call.request.header("Authorization")) else {
      return Answer(response: Answers.unauthorized())
    }
    switch gate(call, grant: grant) {
    case .failure(let refusal): return Answer(response: refusal.answer)
    case .success(let tenant):
      return answer(
        call, grant: grant, tenant: tenant, requestCount: requestCount, origins: origins)
    }
  }

  // MARK: - What every call is checked for

  private struct Refusal: Error {
    let answer: ServerResponse
  }

  private func gate(
    _ call: SimulatedCall, grant: TokenBook.Grant
  ) -> Result<SimulatedTenant, Refusal> {
    func refuse(_ code: String, _ message: String, status: Int = 400) -> Result<
      SimulatedTenant, Refusal
    > {
      .failure(Refusal(answer: Answers.error(code, message, status: status)))
    }
    guard let id = TenantID(call.tenant) else {
      return refuse(
        "AF20013", "The tenant ID passed in the URL (\(call.tenant)) is not a valid GUID.")
    }
    guard id == grant.tenant, let tenant = tenants[id] else {
      return refuse(
        "AF20010",
        "The tenant ID passed in the URL (\(id)) does not match the tenant ID passed in the "
          + "access token (\(grant.tenant)).")
    }
    guard grant.roles.contains("ActivityFeed.Read") else {
      return refuse(
        "AF10001",
        "The permission set () sent in the request does not include the expected permission.",
        status: 401)
    }
    if let publisher = call.request.queryValue("PublisherIdentifier"), !isGUID(publisher) {
      return refuse("AF20002", "Invalid parameter type: PublisherIdentifier. Expected type: guid")
    }
    if dice.findsAuditingOff(id, tenant.options) {
      return .failure(Refusal(answer: auditingOff(id, clientID: grant.clientID)))
    }
    return .success(tenant)
  }

  /// What the service really says when auditing is switched off: an exception's text that was cut
  /// at its first colon.
  private func auditingOff(_ tenant: TenantID, clientID: String) -> ServerResponse {
    let correlation = guidText(stableHash(clientID))
    return Answers.error(
      "StartSubscription [CorrId=\(correlation)][TenantId=\(tenant),"
        + "ContentType=Audit.General,ApplicationId=\(clientID),PublisherId=][AppId",
      "\(clientID.suffix(12))] failed. Exception: "
        + "Microsoft.Office.Compliance.Audit.DataServiceException: Tenant \(tenant) does not "
        + "exist.\r\n   at Microsoft.Office.Compliance.Audit.API.AzureManager.Start()")
  }

  // MARK: - Endpoints

  private func answer(
    _ call: SimulatedCall, grant: TokenBook.Grant, tenant: SimulatedTenant, requestCount: Int,
    origins: ListingEndpoint.Origins
  ) -> Answer {
    switch call.endpoint {
    case .listSubscriptions:
      return Answer(response: listSubscriptions(grant, tenant))
    case .listNotifications:
      return Answer(response: Answers.json("[]"))
    case .sensitiveTypes:
      return Answer(
        response: Answers.json(
          #"[{"id":"50842eb7-edc8-4019-85dd-5a5c1f2bb085","name":"Credit Card Number"},{}]"#))
    case .fetchContent(let id):
      return fetch(id, grant: grant, tenant: tenant)
    case .startSubscription, .stopSubscription, .listContent:
      break
    case .token, .openIDConfiguration, .unknown:
      return Answer(response: Answers.json(#"{"Message":"Not found."}"#, status: 404))
    }
    guard let name = call.request.queryValue("contentType"), !name.isEmpty else {
      return Answer(
        response: Answers.error(
          "String reference not set to an instance of a String.\r\nParameter name", "s"))
    }
    guard let type = ContentType(anyCase: name) else {
      return Answer(
        response: Answers.error("AF20020", "The specified content type is not valid."))
    }
    switch call.endpoint {
    case .startSubscription:
      return Answer(response: start(type, name, grant, tenant, call.request.body))
    case .stopSubscription: return Answer(response: stop(type, grant))
    default:
      if let refusal = refusal(type, grant) { return Answer(response: refusal) }
      if dice.first(1, .disabledSubscription, tenant.options, type) {
        return Answer(response: disabled())
      }
      let response = listing.answer(
        call, type: type, tenant: tenant,
        subscription: subscriptions.subscription(type, grant), requestCount: requestCount,
        origins: origins)
      return Answer(response: response, isPage: response.status == 200)
    }
  }

  private func listSubscriptions(
    _ grant: TokenBook.Grant, _ tenant: SimulatedTenant
  ) -> ServerResponse {
    let now = clock.now()
    let isOdd = dice.has(.oddSubscriptions, tenant.options, nil)
    var objects: [String] = []
    for type in ContentType.allCases.sorted() {
      guard let subscription = subscriptions.subscription(type, grant),
        subscription.status == .disabled || subscription.isServed(at: now)
      else { continue }
      // A missing status and a missing webhook were both seen; a stopped one always says so.
      let status =
        isOdd && subscription.status == .enabled
        ? ""
        : #","status":"\#(subscription.status.rawValue)","#
          + #""webhook":\#(webhooks.listed(type, grant))"#
      objects.append(#"{"contentType":"\#(type)"\#(status)}"#)
    }
    if isOdd {
      if objects.count == 1 { return Answers.json(objects[0]) }
      objects.append("{}")
    }
    return Answers.json("[" + objects.joined(separator: ",") + "]")
  }

  private func start(
    _ type: ContentType, _ name: String, _ grant: TokenBook.Grant, _ tenant: SimulatedTenant,
    _ body: [UInt8]
  ) -> ServerResponse {
    let limbo: Duration = dice.has(.slowRestarts, tenant.options, type) ? .seconds(900) : .zero
    let hook = WebhookBook.read(body)
    if let hook, let refusal = webhooks.register(hook, type, grant) {
      return Answers.error(
        "AF20021", "The webhook endpoint (\(hook.address)) could not be validated. \(refusal)")
    }
    let isChanged = hook != nil || webhooks.drop(type, grant)
    guard subscriptions.start(type, grant, limbo: limbo) || isChanged else {
      return Answers.error(
        "AF20024", "The subscription is already enabled. No property change.")
    }
    return Answers.json(
      #"{"contentType":\#(Answers.quoted(name)),"status":"enabled","#
        + #""webhook":\#(webhooks.listed(type, grant))}"#)
  }

  private func stop(_ type: ContentType, _ grant: TokenBook.Grant) -> ServerResponse {
    guard subscriptions.stop(type, grant) else { return notSubscribed() }
    return Answers.json("")
  }

  private func refusal(_ type: ContentType, _ grant: TokenBook.Grant) -> ServerResponse? {
    switch subscriptions.subscription(type, grant) {
    case let subscription? where subscription.isServed(at: clock.now()): nil
    case .some: disabled()
    case nil: notSubscribed()
    }
  }

  private func notSubscribed() -> ServerResponse {
    Answers.error("AF20022", "No subscription found for the specified content type.")
  }

  private func disabled() -> ServerResponse {
    Answers.error("AF20023", "The subscription was disabled.")
  }

  private func fetch(_ id: String, grant: TokenBook.Grant, tenant: SimulatedTenant) -> Answer {
    guard let (type, blob) = tenant.blob(id) else { return Answer(response: unknownContent(id)) }
    if let refusal = refusal(type, grant) { return Answer(response: refusal) }
    if blob.refusal == .missing {
      return Answer(response: missing(id))
    }
    if blob.refusal != nil || blob.expires <= clock.now() {
      return Answer(
        response: Answers.error(
          "AF20051",
          "Content requested with the key \(id) has already expired. Content older than 7 days "
            + "cannot be retrieved."))
    }
    if blob.fate == .poisoned {
      return Answer(
        response: ServerResponse(headers: Answers.headers, body: .bytes(FaultyAnswers.poison)))
    }
    if blob.isHuge {
      let pieces: @Sendable () -> () throws -> [UInt8]? = { tenant.pieces(of: blob, type: type) }
      return Answer(
        response: ServerResponse(headers: Answers.headers, body: .streamed(pieces)),
        servedRecords: blob.recordCount)
    }
    do throws(SimulatorError) {
      let isPartial =
        clock.now() - blob.created < Self.settling && dice.has(.partialBlobs, tenant.options, type)
      if isPartial { dice.count(.partialBlobs) }
      let body = try tenant.body(of: blob, type: type, isPartial: isPartial)
      return Answer(
        response: ServerResponse(headers: Answers.headers, body: .bytes(body)),
        servedRecords: blob.recordCount)
    } catch {
      return Answer(response: Answers.error("AF50000", error.description, status: 500))
    }
  }

  /// An id of another tenant, or one that nobody gave out.
  private func unknownContent(_ id: String) -> ServerResponse {
    let isForeign = tenants.values.contains { $0.blob(id) != nil }
    guard !isForeign, id.contains("$") else {
      return Answers.error("AF20052", "Content ID \(id) in the URL is invalid.")
    }
    return missing(id)
  }

  private func missing(_ id: String) -> ServerResponse {
    Answers.error("AF20050", "The specified content (\(id)) does not exist.", status: 404)
  }
}
