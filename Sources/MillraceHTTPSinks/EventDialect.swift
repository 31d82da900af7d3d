import MillraceCore
import MillraceEvents
import MillraceHTTP
import MillraceSinks

/// How events are put into a body.
package enum EventListing: String, CaseIterable, Sendable {
  /// One a line.
  case ndjson
  /// As a JSON array.
  case array
}

extension HTTPSink {
  /// A sink that sends events to any URL, as lines or as arrays.
  ///
  /// - Parameters:
  ///   - method: `POST`, `PUT` or `PATCH`.
  ///   - listing: how events are put into a body.
  ///   - contentType: what a body is; nil for the listing's own type.
  package convenience init(
    events options: HTTPSinkOptions, method: String = "POST", listing: EventListing = .ndjson,
    contentType: String? = nil
  ) {
    self.init(
      options,
      EventDialect(
        method: method, listing: listing,
        contentType: contentType
          ?? (listing == .array ? "application/json" : "application/x-ndjson"),
        identity: options.identity))
  }
}

/// Events to a receiver of which nothing is known but that it takes what it answers 2xx.
struct EventDialect: ReceiverDialect {
  let method: String
  let listing: EventListing
  let contentType: String
  let identity: RequestIdentity

  var operation: String { method.lowercased() }
  var bodyBytesMax: Int? { nil }
  var bytesAroundEvent: Int { 1 }

  func write(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8]) {
    switch listing {
    case .ndjson:
      for line in lines { body += batch.bytes[batch.lines[line].range] }
    case .array:
      BodyText.writeArray(lines, of: batch, into: &body)
    }
  }

  func request(
    to origin: String, parcel: ParcelLabel
  ) async throws(SinkError) -> HTTPRequest {
    var headers = try identity()
    func has(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name } }
    if !has("content-type") { headers.append(("Content-Type", contentType)) }
    // The same whenever the same events come again, so that a receiver can tell.
    if !has("x-millrace-batch") { headers.append(("X-Millrace-Batch", parcel.text)) }
    return HTTPRequest(method: method, url: origin, headers: headers)
  }

  /// Success, unless it is plain that somebody else answers: a page for people, or JSON that is
  /// none.
  func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int, exchange: HTTPExchange
  ) async -> Verdict {
    let type = (response.header("Content-Type") ?? "").lowercased()
    if type.hasPrefix("text/html") || type.hasPrefix("application/xhtml") {
      return exchange.nonsense(response)
    }
    let kind = type.prefix { $0 != ";" }
    let isJSON = kind.hasSuffix("/json") || kind.hasSuffix("+json")
    if isJSON, !response.body.isEmpty, JSONDocument(response.body) == nil {
      return exchange.nonsense(response)
    }
    return .accepted
  }

  func verdict(
    ofRefusal response: HTTPResponse, lines: Int, exchange: HTTPExchange
  ) -> Verdict? { nil }
}
