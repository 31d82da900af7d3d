package import MillraceCore
import MillraceEvents
import MillraceHTTP
import MillraceSinks

/// What a sink for Elasticsearch or OpenSearch is told beside what all sinks are.
package struct ElasticsearchOptions: Sendable {
  /// What is done with an event whose document is there already.
  package enum Operation: String, CaseIterable, Sendable {
    /// It stays as it is. Data streams know no other.
    case create
    /// It is replaced.
    case index
  }

  /// The index or data stream of an event.
  package var index: @Sendable (_ line: EventBatch.Line, _ batch: EventBatch) -> String
  /// Whether events of one origin and one hour may have different ones.
  package var isIndexPerEvent = false
  /// What is done with an event whose document is there already.
  package var action = Operation.create

  /// Documents that are created in the index that the function names.
  package init(
    index: @escaping @Sendable (_ line: EventBatch.Line, _ batch: EventBatch) -> String
  ) {
    self.index = index
  }
}

extension HTTPSink {
  /// A sink that sends events to Elasticsearch or OpenSearch.
  package convenience init(
    elasticsearch options: HTTPSinkOptions, _ elasticsearch: ElasticsearchOptions
  ) {
    self.init(options, ElasticsearchDialect(elasticsearch, identity: options.identity))
  }
}

/// The bulk API ("Bulk API" in Elasticsearch's and OpenSearch's references). A document's `_id` is
/// made of what makes the event one event, so that sending it again changes nothing.
struct ElasticsearchDialect: ReceiverDialect {
  private let options: ElasticsearchOptions
  private let identity: RequestIdentity

  init(
    _ options: ElasticsearchOptions, identity: @escaping RequestIdentity
  ) {
    self.options = options
    self.identity = identity
  }

  var operation: String { "bulk" }
  var bodyBytesMax: Int? { nil }
  /// The action's line: an index of at most 255 bytes, an id of at most 512, the words around them.
  var bytesAroundEvent: Int { 300 }

  /// What alone of the answer is of interest: a status for each item, and why it is no success.
  static let filter = "errors,items.*.status,items.*.error.type,items.*.error.reason"

  func write(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8]) {
    var known: (origin: Int, hour: Int64, text: String)?
    for number in lines {
      let line = batch.lines[number]
      let hour = line.time.milliseconds / 3_600_000
      if options.isIndexPerEvent || known?.origin != line.origin || known?.hour != hour {
        known = (line.origin, hour, BodyText.quoted(options.index(line, batch)))
      }
      body += "{\"\(options.action.rawValue)\":{\"_index\":\(known?.text ?? "\"\"")".utf8
      body += ",\"_id\":\(BodyText.quoted(Self.documentID(line, of: batch)))}}\n".utf8
      body += batch.bytes[line.range]
    }
  }

  /// The id of an event's document: its own id, which is no other event's of the same tenant,
  /// record type and operation, and a digest of these three. An event without an id has its place
  /// in the log, which is another's in another store, and a digest of what it says.
  static func documentID(_ line: EventBatch.Line, of batch: EventBatch) -> String {
    let tenant = batch.origins[line.origin].feed.tenant.description
    let id = batch.fact(.id, of: line)
    var digest = FNV()
    guard !id.isEmpty, id.count <= Limits.documentIDBytesMax - 17 else {
      digest.add(batch.bytes[line.range])
      return "\(tenant)-\(line.position.sequence)-\(line.position.record)-\(digest.text)"
    }
    digest.add(tenant.utf8)
    digest.add([0])
    digest.add(batch.fact(.recordType, of: line))
    digest.add([0])
    digest.add(batch.fact(.operation, of: line))
    return String(decoding: id, as: UTF8.self) + "-" + digest.text
  }

  /// FNV-1a in 64 bits: it tells apart the few events that share an id, nothing else.
  private struct FNV {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
      for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    }

    /// Sixteen digits.
    var text: String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  func request(
    to origin: String, parcel: ParcelLabel
  ) async throws(SinkError) -> HTTPRequest {
    HTTPRequest(
      method: "POST", url: "\(origin)/_bulk?filter_path=\(Self.filter)",
      headers: try identity() + [
        ("Content-Type", "application/x-ndjson"), ("X-Opaque-Id", parcel.text),
      ])
  }

  func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int, exchange: HTTPExchange
  ) async -> Verdict {
    guard let answer = JSONDocument(response.body)?.root, answer["errors"]?.bool != nil,
      let items = answer["items"]?.elements, items.count == lines
    else { return exchange.nonsense(response) }
    var verdicts: [ItemVerdict] = []
    for item in items {
      guard let operation = item.members.first?.value, let status = operation["status"]?.integer
      else { return exchange.nonsense(response) }
      verdicts.append(
        BulkItem(
          status: status, type: operation["error"]?["type"]?.string,
          reason: operation["error"]?["reason"]?.string
        ).verdict(options.action, exchange))
    }
    let isAllAccepted = verdicts.allSatisfy { if case .accepted = $0 { true } else { false } }
    return isAllAccepted ? .accepted : .items(verdicts)
  }

  /// The cluster's own page, which needs no more than to be known.
  func question(to origin: String) async throws(SinkError) -> HTTPRequest? {
    HTTPRequest(url: "\(origin)/", headers: try identity())
  }

  func learn(from response: HTTPResponse, exchange: HTTPExchange) throws(SinkError) -> String {
    // A key that may write and not look at the cluster is told 403, which says that it is known.
    if response.status == 403 { return "it is known who asks, and may not see the version" }
    guard response.status == 200,
      let version = JSONDocument(response.body)?.root["version"]?["number"]?.string
    else { throw refusal(response, exchange) }
    return "version \(exchange.words(version)) knows who asks"
  }

  func verdict(
    ofRefusal response: HTTPResponse, lines: Int, exchange: HTTPExchange
  ) -> Verdict? {
    // "Payload too large" of Elasticsearch's own circuit breaker is 429, which passes by waiting.
    guard response.status == 403,
      let type = JSONDocument(response.body)?.root["error"]?["type"]?.string,
      type == "cluster_block_exception"
    else { return nil }
    return .failed(
      exchange.error(
        .busy, exchange.words(response),
        hint: "the cluster takes no writes: see its disks (flood-stage watermark) and blocks"))
  }
}
