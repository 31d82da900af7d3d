import MillraceEvents
package import MillraceHTTP

/// A receiver of events as lines or arrays of JSON, such as many collectors are.
package final class EventReceiver: ReceiverProtocol {
  /// What it asks for.
  package struct Rules: Sendable {
    /// The path it listens at.
    package var path = "/events"
    /// The whole `Authorization` it wants; nil wants none.
    package var authorization: String?
    /// Whether bodies are arrays, and not lines.
    package var isArray = false
    /// The most bytes of a body, after decompression.
    package var bytesMax = 8 << 20
    /// Events with more than this are refused on their own.
    package var eventsMax = Int.max

    /// Lines at `/events`, from anybody.
    package init() {}
  }

  /// What was taken.
  package let received = ReceivedEvents()
  /// How it misbehaves.
  package let faults = ReceiverFaults()
  private let rules: Rules

  /// A receiver.
  package init(_ rules: Rules = Rules()) {
    self.rules = rules
  }

  /// All it takes is durable at once.
  package func forget() {}

  /// Checks a delivery, and takes it as a whole or not at all.
  package func answer(_ request: ServerRequest) -> ServerResponse {
    guard request.path == rules.path else {
      return refusal(404, "nothing is at \(request.path)")
    }
    guard ["POST", "PUT"].contains(request.method) else {
      return refusal(405, "only POST and PUT are known")
    }
    received.note(request.headers)
    if let wanted = rules.authorization, request.header("Authorization") != wanted {
      return ServerResponse(status: 401, text: "who are you?\n")
    }
    let fault = faults.next()
    if let answer = ReceiverFaults.answerBefore(
      fault,
      busy: { seconds in
        var answer = ServerResponse(status: 429, text: "later\n")
        answer.headers.append(("Retry-After", "\(seconds)"))
        return answer
      }, tooLarge: { ServerResponse(status: 413, text: "too large\n") }, success: 200)
    {
      return answer
    }
    do throws(BodyFault) {
      let events = try events(request)
      guard events.count <= rules.eventsMax else {
        return ServerResponse(status: 413, text: "more than \(rules.eventsMax) events\n")
      }
      if let refused = events.first(where: { faults.refuses($0.id) }) {
        return ServerResponse(status: 400, text: "the event \(refused.id) is not liked\n")
      }
      received.take(events)
      let answer = ServerResponse(
        text: "{\"taken\":\(events.count)}", type: "application/json")
      return ReceiverFaults.spoiled(answer, by: fault)
    } catch {
      return error.isTooLarge
        ? ServerResponse(status: 413, text: "too large\n") : refusal(400, error.message)
    }
  }

  private func events(_ request: ServerRequest) throws(BodyFault) -> [ReceivedEvent] {
    let wanted = rules.isArray ? "application/json" : "application/x-ndjson"
    guard request.header("Content-Type") == wanted else {
      throw BodyFault(message: "the content type is not \(wanted)")
    }
    guard let batch = request.header("X-Millrace-Batch"), !batch.isEmpty else {
      throw BodyFault(message: "X-Millrace-Batch is missing")
    }
    let body = try ReceivedBody.decoded(request, bytesMax: rules.bytesMax)
    var events: [JSONNode] = []
    if rules.isArray {
      guard let document = JSONDocument(body), document.root.isArray else {
        throw BodyFault(message: "not a JSON array")
      }
      events = document.root.elements
      guard events.allSatisfy(\.isObject) else {
        throw BodyFault(message: "an element is not an object")
      }
    } else {
      for line in try ReceivedBody.lines(body) { events.append(try ReceivedBody.object(line)) }
    }
    return events.map {
      ReceivedEvent(id: ReceivedEvent.id(of: $0), bytes: $0.bytes, notes: ["batch": batch])
    }
  }

  /// What a well-behaved sender never gets.
  private func refusal(_ status: Int, _ message: String) -> ServerResponse {
    received.complain(message)
    return ServerResponse(status: status, text: message + "\n")
  }
}
