import MillraceEvents
package import MillraceHTTP
import Synchronization

/// Elasticsearch's and OpenSearch's bulk API, as their references describe it ("Bulk API",
/// "Common options: response filtering", "Data streams").
package final class ElasticsearchReceiver: ReceiverProtocol {
  /// How it is set up.
  package struct Rules: Sendable {
    /// The whole `Authorization` it wants; nil wants none.
    package var authorization: String?
    /// Names that begin so are data streams; nil for none.
    package var streamPrefix: String?
    /// The indexes that exist; empty creates any at need.
    package var indexes: Set<String> = []
    /// The most bytes of a body (`http.max_content_length`).
    package var bytesMax = 8 << 20

    /// Plain indexes, created at need, for anybody.
    package init() {}
  }

  /// What was indexed, in order; updates of a document included.
  package let received = ReceivedEvents()
  /// How it misbehaves.
  package let faults = ReceiverFaults()
  private let rules: Rules
  private let documents = Mutex<Set<String>>([])

  /// A cluster of one node, or one of several nodes when they share it.
  package init(_ rules: Rules = Rules()) {
    self.rules = rules
  }

  /// Documents are durable once they were answered.
  package func forget() {}

  /// How many documents there are.
  package var documentCount: Int { documents.withLock { $0.count } }

  /// Answers one request.
  package func answer(_ request: ServerRequest) -> ServerResponse {
    if let wanted = rules.authorization, request.header("Authorization") != wanted {
      return Self.error(
        401, "security_exception", "missing authentication credentials for REST request")
    }
    switch (request.method, request.path) {
    case ("GET", "/"), ("HEAD", "/"):
      return JSONAnswer.make(
        #"{"name":"node-1","cluster_name":"millrace","version":{"number":"8.17.0"},"#
          + #""tagline":"You Know, for Search"}"#)
    case ("POST", "/_bulk"), ("PUT", "/_bulk"): return bulk(request)
    default:
      received.complain("\(request.method) \(request.path)")
      return Self.error(
        405, "illegal_argument_exception",
        "no handler found for uri [\(request.path)] and method [\(request.method)]")
    }
  }

  private static func error(_ status: Int, _ type: String, _ reason: String) -> ServerResponse {
    let cause = "{\"type\":\"\(type)\",\"reason\":\(JSONAnswer.string(reason))}"
    return JSONAnswer.make(
      "{\"error\":{\"root_cause\":[\(cause)],\"type\":\"\(type)\",\"reason\":"
        + "\(JSONAnswer.string(reason))},\"status\":\(status)}", status: status)
  }

  private func bulk(_ request: ServerRequest) -> ServerResponse {
    received.note(request.headers)
    let fault = faults.next()
    if let answer = ReceiverFaults.answerBefore(
      fault,
      busy: { seconds in
        var answer = Self.error(
          429, "es_rejected_execution_exception", "rejected execution of coordinating operation")
        if seconds > 0 { answer.headers.append(("Retry-After", "\(seconds)")) }
        return answer
      }, tooLarge: { ServerResponse(status: 413, body: .bytes([])) }, success: 200)
    {
      return answer
    }
    let type = request.header("Content-Type") ?? ""
    guard type == "application/x-ndjson" || type == "application/json" else {
      received.complain("the content type is \(type)")
      return Self.error(
        406, "media_type_header_exception", "Content-Type header [\(type)] is not supported")
    }
    do throws(BodyFault) {
      let body = try ReceivedBody.decoded(request, bytesMax: rules.bytesMax)
      let items = try items(try ReceivedBody.lines(body))
      return ReceiverFaults.spoiled(BulkAnswer(items).response(request), by: fault)
    } catch {
      if error.isTooLarge { return ServerResponse(status: 413, body: .bytes([])) }
      received.complain(error.message)
      return Self.error(400, "illegal_argument_exception", error.message)
    }
  }

  /// Carries out one operation after the other, as far as the lines say which.
  private func items(_ lines: [ArraySlice<UInt8>]) throws(BodyFault) -> [BulkAnswer.Item] {
    guard lines.count.isMultiple(of: 2) else {
      throw BodyFault(message: "The bulk request must pair each action with a source")
    }
    // What is malformed spoils the request before anything is carried out.
    var operations: [(operation: String, index: String, id: String?, source: ArraySlice<UInt8>)] =
      []
    for start in stride(from: 0, to: lines.count, by: 2) {
      let action = try ReceivedBody.object(lines[start]).members
      guard action.count == 1, let first = action.first, ["create", "index"].contains(first.name)
      else { throw BodyFault(message: "Malformed action/metadata line [\(start + 1)]") }
      guard let index = first.value["_index"]?.string, !index.isEmpty, index == index.lowercased()
      else { throw BodyFault(message: "an index name is missing or not in lower case") }
      let id = first.value["_id"]?.string
      guard (id?.utf8.count ?? 0) <= 512 else {
        throw BodyFault(message: "id is too long, must be no longer than 512 bytes")
      }
      operations.append((first.name, index, id, lines[start + 1]))
    }
    return operations.map { perform($0.operation, $0.index, $0.id, $0.source) }
  }

  private func perform(
    _ operation: String, _ index: String, _ id: String?, _ source: ArraySlice<UInt8>
  ) -> BulkAnswer.Item {
    func item(_ status: Int, _ type: String? = nil, _ reason: String = "") -> BulkAnswer.Item {
      BulkAnswer.Item(
        operation: operation, index: index, id: id ?? "", status: status,
        error: type.map { ($0, reason) })
    }
    guard rules.indexes.isEmpty || rules.indexes.contains(index) else {
      return item(404, "index_not_found_exception", "no such index [\(index)]")
    }
    guard let document = JSONDocument(Array(source)), document.root.isObject else {
      received.complain("a source is no JSON object")
      return item(400, "document_parsing_exception", "failed to parse")
    }
    let event = ReceivedEvent.id(of: document.root)
    if let prefix = rules.streamPrefix, index.hasPrefix(prefix) {
      guard operation == "create" else {
        received.complain("a data stream was sent an operation other than create")
        return item(
          400, "illegal_argument_exception",
          "only write ops with an op_type of create are allowed in data streams")
      }
      guard document.root["@timestamp"] != nil else {
        return item(
          400, "document_parsing_exception", "data stream timestamp field [@timestamp] is missing")
      }
    }
    if faults.refuses(event) {
      return item(
        400, "document_parsing_exception", "[1:120] failed to parse field [source.ip] of type [ip]")
    }
    if faults.putsOff(event) {
      return item(429, "es_rejected_execution_exception", "rejected execution of primary operation")
    }
    let isNew = documents.withLock {
      $0.insert("\(index)/\(id ?? "auto-\($0.count)")").inserted
    }
    guard isNew || operation == "index" else {
      return item(
        409, "version_conflict_engine_exception",
        "[\(id ?? "")]: version conflict, document already exists (current version [1])")
    }
    received.take([
      ReceivedEvent(
        id: event, bytes: Array(source), notes: ["index": index, "_id": id ?? ""])
    ])
    return item(isNew ? 201 : 200)
  }
}
