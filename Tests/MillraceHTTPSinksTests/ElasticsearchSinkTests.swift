import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import Testing

@Suite(.timeLimit(.minutes(10)))
struct `A sink for Elasticsearch` {
  private func stand(
    _ rules: ElasticsearchReceiver.Rules = .init()
  ) throws -> (elastic: ElasticsearchReceiver, server: Receiver) {
    let elastic = ElasticsearchReceiver(rules)
    return (elastic, try Receiver(elastic))
  }

  private func sink(
    _ servers: Receiver..., index: String = "audit",
    action: ElasticsearchOptions.Operation = .create, events: Int = 1000,
    authorization: String? = nil
  ) -> HTTPSink {
    var options = options(servers[0], events: events, authorization: authorization)
    options.origins = servers.map(\.url)
    var elasticsearch = ElasticsearchOptions { line, batch in
      "\(index)-\(batch.origins[line.origin].tenantName)"
    }
    elasticsearch.action = action
    return HTTPSink(elasticsearch: options, elasticsearch)
  }

  @Test func `creates a document for each event, once however often it is sent`() async throws {
    let (elastic, server) = try stand()
    let sink = sink(server, events: 4)
    let sent = batch(ids(10))
    _ = try await sink.deliver(sent)
    // A second process that knows of nothing, and answers that got lost.
    let next = self.sink(server)
    elastic.faults.queue(.resetAfter, .cutAnswer)
    let (receipt, errors) = try await deliverPatiently(next, batch(ids(12)))
    #expect(errors.count == 2 && receipt == SinkReceipt())
    #expect(elastic.received.ids == ids(12))
    #expect(elastic.documentCount == 12)
    #expect(elastic.received.violations == [])
    let event = try #require(elastic.received.events.first)
    #expect(event.bytes == Array(sent.bytes[sent.lines[0].range.dropLast()]))
    #expect(event.notes["index"] == "audit-contoso")
    #expect(event.notes["_id"]?.hasPrefix("e1-") == true)
    await sink.close()
    await next.close()
  }

  @Test func `keeps events apart that share an id`() async throws {
    let (elastic, server) = try stand()
    let sink = sink(server)
    _ = try await sink.deliver(batch(["same"], operation: "FileAccessed"))
    _ = try await sink.deliver(batch(["same"], sequence: 2, operation: "FileDeleted"))
    _ = try await sink.deliver(batch(["same"], sequence: 2, recordType: "SharePoint"))
    #expect(elastic.documentCount == 3)
    // One without an id is known by its place in the log, and by what it says: another store has
    // something else at that place.
    _ = try await sink.deliver(batch([""], sequence: 3))
    _ = try await sink.deliver(batch([""], sequence: 3))
    #expect(elastic.documentCount == 4)
    _ = try await sink.deliver(batch([""], sequence: 3, operation: "FileDeleted"))
    #expect(elastic.documentCount == 5)
    let last = try #require(elastic.received.events.last?.notes["_id"])
    #expect(last.hasPrefix("\(contoso)-3-0-"))
    await sink.close()
  }

  @Test func `replaces documents when it is told to`() async throws {
    let (elastic, server) = try stand()
    let sink = sink(server, action: .index)
    _ = try await sink.deliver(batch(["1"]))
    _ = try await sink.deliver(batch(["1"]))
    #expect(elastic.documentCount == 1 && elastic.received.ids == ["1", "1"])
    await sink.close()
  }

  @Test func `sends again only the items that were put off`() async throws {
    let (elastic, server) = try stand()
    elastic.faults.putOff("e3")
    elastic.faults.putOff("e5", times: 2)
    let sink = sink(server)
    let (_, errors) = try await deliverPatiently(sink, batch(ids(6)))
    #expect(errors.map(\.kind) == [.busy, .busy])
    #expect(errors[0].message.contains("es_rejected_execution_exception"))
    #expect(elastic.received.ids == ["e1", "e2", "e4", "e6", "e3", "e5"])
    await sink.close()
  }

  @Test func `names events whose fields do not fit the mapping`() async throws {
    let (elastic, server) = try stand()
    elastic.faults.refuse("e2")
    let sink = sink(server)
    let receipt = try await sink.deliver(batch(ids(3)))
    #expect(receipt.refused.map(\.position.record) == [1])
    #expect(
      receipt.refused[0].reason
        == "HTTP 400: document_parsing_exception: [1:120] failed to parse field [source.ip] of type"
        + " [ip]")
    #expect(elastic.received.ids == ["e1", "e3"])
    await sink.close()
  }

  @Test func `gives nothing up when the mapping takes no event at all`() async throws {
    let (elastic, server) = try stand()
    for id in ids(30) { elastic.faults.refuse(id) }
    let sink = sink(server)
    let error = try await failure(sink, batch(ids(30)))
    #expect(error.kind == .rejected && error.message.contains("refuses every event"))
    await sink.close()
  }

  @Test func `creates in data streams, and says why nothing else goes there`() async throws {
    var rules = ElasticsearchReceiver.Rules()
    rules.streamPrefix = "logs-"
    let (elastic, server) = try stand(rules)
    let sink = sink(server, index: "logs-millrace")
    _ = try await sink.deliver(batch(ids(2)))
    #expect(elastic.received.ids == ids(2))
    #expect(elastic.received.violations == [])
    let wrong = self.sink(server, index: "logs-millrace", action: .index)
    let error = try await failure(wrong, batch(["3"], sequence: 2))
    #expect(error.kind == .rejected && error.hint.contains("op: create"))
    await sink.close()
    await wrong.close()
  }

  @Test func `has a person see to keys and missing indexes`() async throws {
    var rules = ElasticsearchReceiver.Rules()
    rules.authorization = Authorization.apiKey("c2VjcmV0")
    rules.indexes = ["other"]
    let (elastic, server) = try stand(rules)
    let stranger = sink(server)
    #expect(try await failure(stranger, batch(["1"])).kind == .rejected)
    let known = sink(server, authorization: Authorization.apiKey("c2VjcmV0"))
    let error = try await failure(known, batch(["1"]))
    #expect(error.kind == .rejected && error.code == "index_not_found_exception")
    #expect(elastic.received.ids == [])
    await stranger.close()
    await known.close()
  }

  @Test func `turns to the next node when one is down`() async throws {
    let (elastic, first) = try stand()
    let second = try Receiver(elastic)
    let sink = sink(first, second)
    _ = try await sink.deliver(batch(["1"]))
    first.stop()
    _ = try await sink.deliver(batch(["2"], sequence: 2))
    try first.start()
    second.stop()
    _ = try await sink.deliver(batch(["3"], sequence: 3))
    #expect(elastic.received.ids == ["1", "2", "3"])
    first.stop()
    #expect(try await failure(sink, batch(["4"], sequence: 4)).kind == .unreachable)
    await sink.close()
  }

  @Test(arguments: [
    "{}", "{\"errors\":false}", "{\"errors\":false,\"items\":[]}",
    "{\"errors\":false,\"items\":[{\"create\":{}}]}", "{\"errors\":false,\"items\":[{}]}",
    "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}",
    "[]", "",
  ])
  func `believes no answer that does not tell of each item`(_ text: String) async throws {
    let (elastic, server) = try stand()
    elastic.faults.queue(.answer(ServerResponse(text: text, type: "application/json")))
    let sink = sink(server)
    #expect(try await failure(sink, batch(["1"])).message.contains("not the receiver's"))
    _ = try await sink.deliver(batch(["1"]))
    #expect(elastic.received.ids == ["1"])
    await sink.close()
  }
}
