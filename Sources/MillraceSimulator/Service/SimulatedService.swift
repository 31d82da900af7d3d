import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// Answers the requests to all tenants, and spoils answers as the plan of faults says.
final class SimulatedService: Sendable {
  private let book: TokenBook
  private let dice: FaultDice
  private let login: LoginEndpoint
  private let platforms: PlatformEndpoints
  private let consent: ConsentEndpoint
  /// Signs for every outside issuer.
  let issuer: SimulatedIssuer
  /// Refusals of tokens that are to come.
  let refusals: LoginRefusalQueue
  private let endpoints: ActivityEndpoints
  private let compression: Bool
  private let clock: any WallClock
  private let quota: QuotaBook?
  private let counted = Mutex(SimulatorStatistics())
  private let origins = Mutex<ListingEndpoint.Origins?>(nil)

  init(_ options: SimulatorOptions, tenants: [SimulatedTenant]) {
    book = TokenBook(clock: options.clock)
    dice = FaultDice(options.faults, tenants: options.tenants, clock: options.clock)
    compression = options.compression
    clock = options.clock
    quota = options.quota.map { QuotaBook($0, clock: options.clock) }
    let lifetime =
      options.faults.has(.shortTokens)
      ? min(options.tokenLifetime, .seconds(5)) : options.tokenLifetime
    issuer = SimulatedIssuer(clock: options.clock)
    refusals = LoginRefusalQueue(options.loginRefusals)
    login = LoginEndpoint(
      tenants: options.tenants, book: book, clock: options.clock, lifetime: lifetime,
      hasRoles: !options.faults.has(.noRoles),
      verifier: AssertionVerifier(issuer: issuer, clock: options.clock), refusals: refusals)
    platforms = PlatformEndpoints(
      tenants: options.tenants, book: book, issuer: issuer, clock: options.clock,
      lifetime: lifetime)
    consent = ConsentEndpoint(tenants: options.tenants)
    endpoints = ActivityEndpoints(
      tenants: tenants, book: book,
      listing: ListingEndpoint(
        dice: dice, clock: options.clock, pageSize: options.pageSize,
        slack: options.windowSlack),
      dice: dice, clock: options.clock)
  }

  var statistics: SimulatorStatistics {
    var statistics = counted.withLock { $0 }
    statistics.faults = dice.counts
    return statistics
  }

  /// Tells every registered webhook of new content; gives what each answered.
  func notify() -> [Int?] { endpoints.webhooks.notify() }

  /// Sets how much of the content is listed.
  func show(share: Double) {
    endpoints.listing.shown.withLock { $0 = share }
  }

  /// Says where the service can be reached, which is known only once the sockets are bound.
  func setOrigins(_ origins: ListingEndpoint.Origins) {
    self.origins.withLock { $0 = origins }
  }

  /// Answers a request to the tenants' own origin.
  func answer(_ request: ServerRequest) -> ServerResponse {
    if let answer = platforms.answer(request) ?? consent.answer(request) {
      return Answers.dated(answer, at: clock.now())
    }
    let call = SimulatedCall(request)
    let draw = dice.draw(for: call)
    let requestCount = note(call)
    return Answers.dated(answer(call, draw: draw, requestCount: requestCount), at: clock.now())
  }

  private func note(_ call: SimulatedCall) -> Int {
    let isInFuture = call.asksForTime(beyond: clock.now())
    return counted.withLock { counted in
      counted.requests[call.kind, default: 0] += 1
      if call.isOfAPI && call.request.queryValue("PublisherIdentifier") == nil {
        counted.requestsWithoutPublisher += 1
      }
      if isInFuture { counted.listingsInFuture += 1 }
      return counted.requestCount
    }
  }

  private func answer(
    _ call: SimulatedCall, draw: FaultDice.Draw, requestCount: Int
  ) -> ServerResponse {
    let request = call.request
    if call.isOfAPI, let refusal = quota?.refusal(of: call) {
      counted.withLock { $0.requestsBeyondQuota += 1 }
      return refusal
    }
    if let failure = draw.failure {
      if failure == .shortTokens { book.revoke(request.header("Authorization")) }
      // Enabled already, by a start whose answer got lost.
      if failure == .af20024 { _ = plainAnswer(call, requestCount: requestCount) }
      let substitute = FaultyAnswers.substitute(
        for: failure, call: call, hash: draw.hash, origins: origins.withLock { $0 })
      if let substitute {
        if substitute.status == 401 { counted.withLock { $0.unauthorized += 1 } }
        return substitute
      }
    }
    var answer = plainAnswer(call, requestCount: requestCount)
    if draw.failure == .shortBodies { answer = FaultyAnswers.shortened(answer) }
    answer = FaultyAnswers.marked(answer, dress: draw.dress)
    let isZipping = acceptsGzip(request)
    if compression, isZipping { answer = FaultyAnswers.compressed(answer) }
    if let failure = draw.failure {
      return FaultyAnswers.broken(
        answer, by: failure == .cutGzip && !isZipping ? .cutBodies : failure)
    }
    return FaultyAnswers.dressed(
      answer, dress: draw.dress, pause: dice.plan.slowBodyPause)
  }

  private func plainAnswer(_ call: SimulatedCall, requestCount: Int) -> ServerResponse {
    guard let method = call.expectedMethod else {
      return Answers.json(
        #"{"Message":"No HTTP resource was found that matches the request URI."}"#, status: 404)
    }
    guard call.request.method == method else {
      return Answers.json(
        #"{"Message":"The requested resource does not support this http method."}"#, status: 405)
    }
    switch call.endpoint {
    case .token(let version):
      let (answer, issued) = login.answer(call, version: version)
      counted.withLock { counted in
        if issued { counted.tokensIssued += 1 } else { counted.tokensRefused += 1 }
      }
      return answer
    case .openIDConfiguration:
      return login.openIDConfiguration(call)
    default:
      return apiAnswer(call, requestCount: requestCount)
    }
  }

  private func apiAnswer(_ call: SimulatedCall, requestCount: Int) -> ServerResponse {
    guard let origins = origins.withLock({ $0 }) else {
      // A request that arrives before `start` returned.
      return ServerResponse(body: .reset)
    }
    let answer = endpoints.answer(call, requestCount: requestCount, origins: origins)
    counted.withLock { counted in
      if answer.response.status == 401 { counted.unauthorized += 1 }
      if answer.isPage { counted.pagesServed += 1 }
      if let records = answer.servedRecords {
        counted.blobsServed += 1
        counted.recordsServed += records
        if case .bytes(let bytes) = answer.response.body { counted.bytesServed += bytes.count }
      }
    }
    return answer.response
  }

  /// Answers at the foreign origin, which no collector should ask and to which none may show its
  /// token.
  func answerAsStranger(_ request: ServerRequest) -> ServerResponse {
    counted.withLock { counted in
      counted.foreignRequests += 1
      if request.header("Authorization") != nil { counted.foreignRequestsWithToken += 1 }
    }
    return Answers.json("[]")
  }

  private func acceptsGzip(_ request: ServerRequest) -> Bool {
    (request.header("Accept-Encoding") ?? "").lowercased().split(separator: ",").contains {
      $0.split(separator: ";").first?.filter { $0 != " " } == "gzip"
    }
  }
}
