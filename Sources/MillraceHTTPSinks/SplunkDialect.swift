import MillraceCore
import MillraceEvents
import MillraceHTTP
import MillraceSinks

/// What a sink for Splunk's HTTP Event Collector is told beside what all sinks are.
package struct SplunkOptions: Sendable {
  /// Where events go to.
  package enum Endpoint: String, CaseIterable, Sendable {
    /// Events with their time and origin, each in an object of its own.
    case event
    /// Lines, whose time and fields Splunk finds by itself.
    case raw
  }

  /// Where events go to.
  package var endpoint = Endpoint.event
  /// The index; nil leaves it to the token.
  package var index: String?
  /// What `source` says; nil leaves it to the token.
  package var source: String?
  /// What `sourcetype` says; nil leaves it to the token.
  package var sourcetype: String?
  /// What `host` says; nil stands for the tenant's name.
  package var host: String?
  /// The data channel, a GUID; nil has one made.
  package var channel: String?
  /// Whether events count only once Splunk's indexers have acknowledged them.
  package var acknowledges = false
  /// How long an acknowledgement is waited for before events are sent again.
  package var patience = Limits.acknowledgementPatience
  /// The first wait between two questions for it, and the longest.
  package var firstWait = Limits.acknowledgementFirstWait

  /// Events to the token's own index, without acknowledgement.
  package init() {}
}

extension HTTPSink {
  /// A sink that sends events to Splunk's HTTP Event Collector.
  package convenience init(splunk options: HTTPSinkOptions, _ splunk: SplunkOptions) {
    self.init(options, SplunkDialect(splunk, identity: options.identity))
  }
}

/// Splunk's HTTP Event Collector ("Format events for HTTP Event Collector", "HTTP Event Collector
/// REST API endpoints" in Splunk's manual).
struct SplunkDialect: ReceiverDialect {
  private let options: SplunkOptions
  private let identity: RequestIdentity
  private let channel: String
  /// What is the same for every event, each with a comma in front.
  private let constants: [UInt8]

  init(
    _ options: SplunkOptions, identity: @escaping RequestIdentity
  ) {
    self.options = options
    self.identity = identity
    channel = options.channel ?? Self.newChannel()
    var text = ""
    for (name, value) in [
      ("host", options.host), ("source", options.source), ("sourcetype", options.sourcetype),
      ("index", options.index),
    ] {
      if let value { text += ",\"\(name)\":\(BodyText.quoted(value))" }
    }
    constants = Array(text.utf8)
  }

  var operation: String { "send events" }
  var bodyBytesMax: Int? { nil }
  /// The tenant's name, the id and the words around them.
  var bytesAroundEvent: Int { 512 + constants.count }

  /// A GUID at random (RFC 9562, version 4).
  private static func newChannel() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }

  // MARK: Bodies

  func write(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8]) {
    for line in lines {
      if options.endpoint == .raw {
        body += batch.bytes[batch.lines[line].range]
      } else {
        writeEvent(line, of: batch, into: &body)
      }
    }
  }

  private func writeEvent(_ line: Int, of batch: EventBatch, into body: inout [UInt8]) {
    let origin = batch.origins[batch.lines[line].origin]
    let time = batch.lines[line].time.milliseconds
    // Splunk knows no time before 1970; an event that claims one gets the time it arrives.
    if time >= 0 {
      let fraction = String(time % 1000)
      let padding = String(repeating: "0", count: 3 - fraction.count)
      body += "{\"time\":\(time / 1000).\(padding)\(fraction),\"event\":".utf8
    } else {
      body += "{\"event\":".utf8
    }
    writeValue(BodyText.event(line, of: batch), into: &body)
    body += constants
    if options.host == nil { body += ",\"host\":\(BodyText.quoted(origin.tenantName))".utf8 }
    let id = batch.fact(.id, of: batch.lines[line])
    if !id.isEmpty {
      let text = String(decoding: id, as: UTF8.self)
      body += ",\"fields\":{\"millrace_id\":\(BodyText.quoted(text))}".utf8
    }
    body += "}\n".utf8
  }

  /// An object as it is, and anything else, such as CEF, as a string.
  private func writeValue(_ event: ArraySlice<UInt8>, into body: inout [UInt8]) {
    if event.first == UInt8(ascii: "{") {
      body += event
    } else {
      body += BodyText.quoted(String(decoding: event, as: UTF8.self)).utf8
    }
  }

  // MARK: Requests

  func request(
    to origin: String, parcel: ParcelLabel
  ) async throws(SinkError) -> HTTPRequest {
    var url = "\(origin)/services/collector/\(options.endpoint.rawValue)"
    if options.endpoint == .raw {
      let parameters = [
        ("host", options.host), ("source", options.source), ("sourcetype", options.sourcetype),
        ("index", options.index),
      ].compactMap { name, value in value.map { "\(name)=\(URLText.encoded($0))" } }
      if !parameters.isEmpty { url += "?" + parameters.joined(separator: "&") }
    }
    return HTTPRequest(
      method: "POST", url: url,
      headers: try identity() + [
        ("Content-Type", options.endpoint == .raw ? "text/plain" : "application/json"),
        ("X-Splunk-Request-Channel", channel), ("X-Millrace-Batch", parcel.text),
      ])
  }

  // MARK: Answers

  func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int, exchange: HTTPExchange
  ) async -> Verdict {
    guard let answer = SplunkAnswer(response.body) else { return exchange.nonsense(response) }
    guard answer.code == 0 else {
      return answer.verdict(lines: lines, status: response, exchange: exchange)
    }
    guard options.acknowledges else { return .accepted }
    guard let id = answer.acknowledgement else {
      return .failed(
        exchange.error(
          .rejected, "the answer names no acknowledgement",
          hint: "switch on \"Enable indexer acknowledgement\" for the token, or set"
            + " acknowledgement: false"))
    }
    return await SplunkAcknowledgement(
      id: id, origin: origin(of: request), channel: channel, headers: request.headers,
      patience: options.patience, firstWait: options.firstWait
    ).verdict(exchange)
  }

  func verdict(
    ofRefusal response: HTTPResponse, lines: Int, exchange: HTTPExchange
  ) -> Verdict? {
    SplunkAnswer(response.body)?.verdict(lines: lines, status: response, exchange: exchange)
  }

  /// A delivery without data: a token that is known gets code 5 ("No data").
  func question(to origin: String) async throws(SinkError) -> HTTPRequest? {
    HTTPRequest(
      method: "POST", url: "\(origin)/services/collector/event", headers: try identity())
  }

  func learn(from response: HTTPResponse, exchange: HTTPExchange) throws(SinkError) -> String {
    guard let answer = SplunkAnswer(response.body), answer.code == 5 else {
      throw refusal(response, exchange)
    }
    return "the token is known"
  }

  private func origin(of request: HTTPRequest) -> String {
    request.url.firstRange(of: "/services/collector/").map { String(request.url[..<$0.lowerBound]) }
      ?? request.url
  }
}
