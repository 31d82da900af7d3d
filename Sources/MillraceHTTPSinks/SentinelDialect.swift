import MillraceCore
import MillraceEvents
import MillraceHTTP
package import MillraceSinks

/// Who gives out the tokens that a receiver asks for.
package protocol BearerTokens: Sendable {
  /// A token that is good for a while yet.
  ///
  /// Throws `SinkError` of the sink it is for.
  func token() async throws(SinkError) -> String

  /// Drops a token that was refused, unless it has been replaced already. False when a new one
  /// would be the same.
  func discard(_ token: String) async -> Bool
}

/// What a sink for Microsoft Sentinel is told beside what all sinks are.
package struct SentinelOptions: Sendable {
  /// The data collection rule's immutable id, `dcr-…`.
  package var rule: String
  /// The stream that the rule declares, `Custom-…`.
  package var stream: String

  /// Events to a stream of a rule.
  package init(rule: String, stream: String) {
    self.rule = rule
    self.stream = stream
  }
}

extension HTTPSink {
  /// A sink that sends events to Microsoft Sentinel through the Logs Ingestion API.
  package convenience init(
    sentinel options: HTTPSinkOptions, _ sentinel: SentinelOptions, tokens: any BearerTokens
  ) {
    self.init(options, SentinelDialect(sentinel, tokens: tokens))
  }
}

/// The Logs Ingestion API ("Logs Ingestion API in Azure Monitor" in Microsoft's documentation).
struct SentinelDialect: ReceiverDialect {
  private let options: SentinelOptions
  private let tokens: any BearerTokens

  init(_ options: SentinelOptions, tokens: any BearerTokens) {
    self.options = options
    self.tokens = tokens
  }

  var operation: String { "ingest" }
  var bodyBytesMax: Int? { Limits.sentinelBodyBytesMax }
  var bytesAroundEvent: Int { 1 }

  func write(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8]) {
    BodyText.writeArray(lines, of: batch, into: &body)
  }

  func request(
    to origin: String, parcel: ParcelLabel
  ) async throws(SinkError) -> HTTPRequest {
    let rule = URLText.encoded(options.rule)
    let stream = URLText.encoded(options.stream)
    return HTTPRequest(
      method: "POST",
      url: "\(origin)/dataCollectionRules/\(rule)/streams/\(stream)?api-version=2023-01-01",
      headers: [
        ("Authorization", Authorization.bearer(try await tokens.token())),
        ("Content-Type", "application/json"), ("X-Millrace-Batch", parcel.text),
      ])
  }

  /// Success is 204; anything else is not this API.
  func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int, exchange: HTTPExchange
  ) async -> Verdict {
    response.status == 204 ? .accepted : exchange.nonsense(response)
  }

  func verdict(
    ofRefusal response: HTTPResponse, lines: Int, exchange: HTTPExchange
  ) -> Verdict? {
    let stated = JSONDocument(response.body)?.root["error"]?["code"]?.string
    func rejected(_ hint: String) -> SinkError {
      exchange.error(
        .rejected, exchange.words(response), hint: hint, code: stated ?? "\(response.status)")
    }
    switch (response.status, stated) {
    case (401, _):
      return .identityRefused(rejected("check tenant_id, client_id and the credential"))
    case (403, _):
      return .failed(
        rejected(
          "give the application the role Monitoring Metrics Publisher on the data collection"
            + " rule; it takes up to half an hour to count"))
    case (404, _):
      return .failed(
        rejected(
          "check endpoint and rule_id: the rule's immutable ID, and an endpoint of its region"))
    case (400, "InvalidStream"?), (400, "InvalidDcrImmutableId"?), (400, "UnsupportedApiVersion"?):
      return .failed(rejected("check rule_id and stream: the rule has to declare the stream"))
    default:
      return nil
    }
  }

  /// There is nothing to ask but the login service.
  func question(to origin: String) async throws(SinkError) -> HTTPRequest? {
    _ = try await tokens.token()
    return nil
  }

  func renewIdentity(of request: HTTPRequest) async -> Bool {
    guard let shown = request.headers.first(where: { $0.name == "Authorization" }) else {
      return false
    }
    return await tokens.discard(String(shown.value.dropFirst("Bearer ".count)))
  }
}
