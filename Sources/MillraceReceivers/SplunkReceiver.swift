import MillraceEvents
package import MillraceHTTP
import Synchronization

/// Splunk's HTTP Event Collector, as its manual describes it ("Set up and use HTTP Event
/// Collector", "HTTP Event Collector REST API endpoints", "About HTTP Event Collector Indexer
/// Acknowledgment").
package final class SplunkReceiver: ReceiverProtocol {
  /// What its token is set up for.
  package struct Rules: Sendable {
    /// The token.
    package var token = "11111111-2222-4333-8444-555555555555"
    /// The indexes it may write to; empty for any.
    package var indexes: Set<String> = []
    /// Whether it acknowledges what was indexed.
    package var acknowledges = false
    /// How often an acknowledgement is asked for in vain.
    package var pollsInVain = 1
    /// Whether acknowledgements never come.
    package var neverAcknowledges = false
    /// The most bytes of a body (`max_content_length`).
    package var bytesMax = 1 << 20

    /// Takes everything for any index, and acknowledges nothing.
    package init() {}
  }

  private struct Channel {
    var nextID = 0
    /// Deliveries that are not indexed yet, by acknowledgement id.
    var pending: [Int: (events: [ReceivedEvent], polls: Int)] = [:]
  }

  /// What was indexed.
  package let received = ReceivedEvents()
  /// How it misbehaves.
  package let faults = ReceiverFaults()
  private let rules: Rules
  private let channels = Mutex<[String: Channel]>([:])
  private let isHolding = Mutex(false)

  /// A collector with one token.
  package init(_ rules: Rules = Rules()) {
    self.rules = rules
  }

  /// What was not indexed yet is gone, and nobody remembers its acknowledgement ids.
  package func forget() {
    channels.withLock { $0 = [:] }
  }

  /// Whether nothing is indexed for now.
  package func holdAcknowledgements(_ isHolding: Bool) {
    self.isHolding.withLock { $0 = isHolding }
  }

  /// Answers one request.
  package func answer(_ request: ServerRequest) -> ServerResponse {
    switch (request.method, request.path) {
    case ("GET", "/services/collector/health"), ("GET", "/services/collector/health/1.0"):
      return JSONAnswer.make(#"{"text":"HEC is healthy","code":17}"#)
    case ("POST", "/services/collector/event"), ("POST", "/services/collector"),
      ("POST", "/services/collector/event/1.0"):
      return delivery(request, read: events)
    case ("POST", "/services/collector/raw"), ("POST", "/services/collector/raw/1.0"):
      return delivery(request, read: lines)
    case ("POST", "/services/collector/ack"):
      return refusalOfToken(request) ?? acknowledgements(request)
    case (_, let path) where path.hasPrefix("/services/collector"):
      received.complain("\(request.method) \(path)")
      return JSONAnswer.make(#"{"text":"Method not allowed","code":404}"#, status: 405)
    default:
      received.complain("\(request.method) \(request.path)")
      return JSONAnswer.make(
        #"{"text":"The requested URL was not found on this server.","code":404}"#, status: 404)
    }
  }

  // MARK: Deliveries

  /// One of the codes of the manual's table, with its text.
  private struct Code: Error {
    let status: Int
    let code: Int
    let text: String
    var number: Int?

    var answer: ServerResponse {
      let invalid = number.map { ",\"invalid-event-number\":\($0)" } ?? ""
      return JSONAnswer.make("{\"text\":\"\(text)\",\"code\":\(code)\(invalid)}", status: status)
    }
  }

  private func delivery(
    _ request: ServerRequest,
    read: (ServerRequest, [UInt8]) throws(Code) -> [ReceivedEvent]
  ) -> ServerResponse {
    received.note(request.headers)
    if let refusal = refusalOfToken(request) { return refusal }
    let fault = faults.next()
    let tooLarge = JSONAnswer.make(#"{"text":"Request entity too large","code":27}"#, status: 413)
    if let answer = ReceiverFaults.answerBefore(
      fault,
      busy: { seconds in
        JSONAnswer.make(
          #"{"text":"Server is busy","code":9}"#, status: 503,
          headers: seconds > 0 ? [("Retry-After", "\(seconds)")] : [])
      }, tooLarge: { tooLarge }, success: 200)
    {
      return answer
    }
    do throws(Code) {
      let body: [UInt8]
      do throws(BodyFault) {
        body = try ReceivedBody.decoded(request, bytesMax: rules.bytesMax)
      } catch {
        if error.isTooLarge { return tooLarge }
        throw complaint(Code(status: 400, code: 6, text: "Invalid data format"), error.message)
      }
      guard !body.isEmpty else {
        throw Code(status: 400, code: 5, text: "No data")
      }
      let channel = try channel(of: request)
      let events = try read(request, body)
      return ReceiverFaults.spoiled(try take(events, channel), by: fault)
    } catch {
      return error.answer
    }
  }

  private func take(_ events: [ReceivedEvent], _ channel: String?) throws(Code) -> ServerResponse {
    guard rules.acknowledges else {
      received.take(events)
      return JSONAnswer.make(#"{"text":"Success","code":0}"#)
    }
    guard let channel else {
      throw complaint(Code(status: 400, code: 10, text: "Data channel is missing"), "no channel")
    }
    let id = channels.withLock { channels in
      let id = channels[channel, default: Channel()].nextID
      channels[channel, default: Channel()].nextID += 1
      channels[channel]?.pending[id] = (events, 0)
      return id
    }
    return JSONAnswer.make("{\"text\":\"Success\",\"code\":0,\"ackId\":\(id)}")
  }

  /// The data channel of a request, in its header or its query; it is a GUID.
  private func channel(of request: ServerRequest) throws(Code) -> String? {
    let named = request.header("X-Splunk-Request-Channel") ?? request.queryValue("channel")
    guard let named else { return nil }
    let parts = named.split(separator: "-").map(\.utf8.count)
    guard parts == [8, 4, 4, 4, 12], named.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
      throw complaint(
        Code(status: 400, code: 11, text: "Invalid data channel"), "the channel is no GUID")
    }
    return named
  }

  private func refusalOfToken(_ request: ServerRequest) -> ServerResponse? {
    guard let shown = request.header("Authorization") else {
      return Code(status: 401, code: 2, text: "Token is required").answer
    }
    guard shown.hasPrefix("Splunk ") else {
      received.complain("the authorization is not of the scheme Splunk")
      return Code(status: 401, code: 3, text: "Invalid authorization").answer
    }
    guard shown == "Splunk " + rules.token else {
      return Code(status: 403, code: 4, text: "Invalid token").answer
    }
    return nil
  }

  /// Notes what a well-behaved sender never does.
  private func complaint(_ code: Code, _ words: String) -> Code {
    received.complain(words)
    return code
  }

  // MARK: Events

  private func events(
    _ request: ServerRequest, _ body: [UInt8]
  ) throws(Code) -> [ReceivedEvent] {
    var taken: [ReceivedEvent] = []
    for (number, object) in ReceivedBody.objects(body).enumerated() {
      guard let object else {
        throw complaint(
          Code(status: 400, code: 6, text: "Invalid data format", number: number), "no JSON object")
      }
      taken.append(try event(object, number))
    }
    return taken
  }

  private static let members: Set<String> = [
    "time", "host", "source", "sourcetype", "index", "event", "fields",
  ]

  private func event(_ object: JSONNode, _ number: Int) throws(Code) -> ReceivedEvent {
    let malformed = Code(status: 400, code: 6, text: "Invalid data format", number: number)
    var notes: [String: String] = [:]
    for (name, value) in object.members {
      guard Self.members.contains(name) else {
        throw complaint(malformed, "an event has no member \(name)")
      }
      if ["host", "source", "sourcetype", "index"].contains(name) {
        guard let text = value.string else { throw complaint(malformed, "\(name) is no string") }
        notes[name] = text
      }
    }
    guard let event = object["event"] else {
      throw complaint(
        Code(status: 400, code: 12, text: "Event field is required", number: number), "no event")
    }
    guard event.string != "" else {
      throw complaint(
        Code(status: 400, code: 13, text: "Event field cannot be blank", number: number), "blank")
    }
    if let time = object["time"] {
      guard let seconds = time.number ?? time.string.flatMap(Double.init), seconds >= 0 else {
        throw complaint(malformed, "the time is no number of seconds")
      }
      notes["time"] = String(seconds)
    }
    for (name, value) in object["fields"]?.members ?? [] {
      guard !value.isObject else {
        throw complaint(
          Code(
            status: 400, code: 15, text: "Error in handling indexed fields", number: number),
          "the field \(name) is an object")
      }
      notes["fields." + name] = value.string
    }
    if let index = notes["index"] { try check(index, number) }
    let id = event.isObject ? ReceivedEvent.id(of: event) : (notes["fields.millrace_id"] ?? "")
    if faults.refuses(id) { throw malformed }
    return ReceivedEvent(id: id, bytes: event.bytes, notes: notes)
  }

  private func check(_ index: String, _ number: Int? = nil) throws(Code) {
    guard rules.indexes.isEmpty || rules.indexes.contains(index) else {
      throw Code(status: 400, code: 7, text: "Incorrect index", number: number)
    }
  }

  private func lines(
    _ request: ServerRequest, _ body: [UInt8]
  ) throws(Code) -> [ReceivedEvent] {
    guard try channel(of: request) != nil else {
      throw complaint(Code(status: 400, code: 10, text: "Data channel is missing"), "no channel")
    }
    var notes: [String: String] = [:]
    for name in ["host", "source", "sourcetype", "index"] { notes[name] = request.queryValue(name) }
    if let index = notes["index"] { try check(index) }
    return body.split(separator: UInt8(ascii: "\n")).map { line in
      let id = JSONDocument(Array(line)).map { ReceivedEvent.id(of: $0.root) } ?? ""
      return ReceivedEvent(id: id, bytes: Array(line), notes: notes)
    }
  }

  // MARK: Acknowledgements

  private func acknowledgements(_ request: ServerRequest) -> ServerResponse {
    guard rules.acknowledges else {
      return Code(status: 400, code: 14, text: "ACK is disabled").answer
    }
    let channel: String
    do throws(Code) {
      guard let named = try self.channel(of: request) else {
        throw Code(status: 400, code: 10, text: "Data channel is missing")
      }
      channel = named
    } catch {
      return error.answer
    }
    guard let asked = JSONDocument(request.body)?.root["acks"], asked.isArray else {
      return complaint(Code(status: 400, code: 6, text: "Invalid data format"), "no acks").answer
    }
    let answers = asked.elements.compactMap(\.integer).map { id in
      "\"\(id)\":\(isIndexed(id, channel))"
    }
    return JSONAnswer.make("{\"acks\":{\(answers.joined(separator: ","))}}")
  }

  /// Whether a delivery is indexed by now. A status that was told as true is forgotten then.
  private func isIndexed(_ id: Int, _ channel: String) -> Bool {
    if isHolding.withLock({ $0 }) { return false }
    let indexed: [ReceivedEvent]? = channels.withLock { channels in
      guard var pending = channels[channel]?.pending[id] else { return nil }
      guard pending.polls >= rules.pollsInVain, !rules.neverAcknowledges else {
        pending.polls += 1
        channels[channel]?.pending[id] = pending
        return nil
      }
      channels[channel]?.pending[id] = nil
      return pending.events
    }
    guard let indexed else { return false }
    received.take(indexed)
    return true
  }
}
