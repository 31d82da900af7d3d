import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import Testing

@Suite(.timeLimit(.minutes(10)))
struct `A sink for Splunk` {
  private func stand(
    _ rules: SplunkReceiver.Rules = .init()
  ) throws -> (splunk: SplunkReceiver, server: Receiver) {
    let splunk = SplunkReceiver(rules)
    return (splunk, try Receiver(splunk))
  }

  private func sink(
    _ server: Receiver, events: Int = 1000, token: String = SplunkReceiver.Rules().token,
    _ change: (inout SplunkOptions) -> Void = { _ in }
  ) -> HTTPSink {
    var splunk = SplunkOptions()
    splunk.firstWait = .milliseconds(1)
    change(&splunk)
    return HTTPSink(
      splunk: options(server, events: events, authorization: Authorization.splunk(token)), splunk)
  }

  @Test func `sends events with their time, origin and id`() async throws {
    let (splunk, server) = try stand()
    let sink = sink(server) {
      $0.index = "audit"
      $0.source = "millrace \"1\""
      $0.sourcetype = "o365"
    }
    let sent = batch(ids(3))
    _ = try await sink.deliver(sent)
    #expect(splunk.received.ids == ids(3))
    #expect(splunk.received.violations == [])
    let event = try #require(splunk.received.events.first)
    #expect(event.bytes == Array(sent.bytes[sent.lines[0].range.dropLast()]))
    #expect(
      event.notes == [
        "time": "1772612130.25", "host": "contoso", "index": "audit", "sourcetype": "o365",
        "source": "millrace \"1\"", "fields.millrace_id": "e1",
      ])
    await sink.close()
  }

  @Test func `sends lines to the raw endpoint, with what they have in common`() async throws {
    let (splunk, server) = try stand()
    let sink = sink(server) {
      $0.endpoint = .raw
      $0.sourcetype = "o365:raw & more"
      $0.channel = "FE0ECFAD-13D5-401B-847D-77833BD77131"
    }
    _ = try await sink.deliver(batch(ids(3)))
    #expect(splunk.received.ids == ids(3))
    #expect(splunk.received.violations == [])
    #expect(splunk.received.events.first?.notes == ["sourcetype": "o365:raw & more"])
    await sink.close()
  }

  @Test func `counts events once the indexers acknowledge them`() async throws {
    var rules = SplunkReceiver.Rules()
    rules.acknowledges = true
    rules.pollsInVain = 3
    let (splunk, server) = try stand(rules)
    let sink = sink(server, events: 2) { $0.acknowledges = true }
    _ = try await sink.deliver(batch(ids(5)))
    #expect(splunk.received.ids == ids(5))
    #expect(splunk.received.violations == [])
    await sink.close()
  }

  @Test func `sends again what is never acknowledged`() async throws {
    var rules = SplunkReceiver.Rules()
    rules.acknowledges = true
    rules.neverAcknowledges = true
    let (splunk, server) = try stand(rules)
    let sink = sink(server) {
      $0.acknowledges = true
      $0.patience = .milliseconds(50)
    }
    let error = try await failure(sink, batch(["1"]))
    #expect(error.kind == .unreachable && error.message.contains("no acknowledgement"))
    #expect(splunk.received.ids == [])
    await sink.close()
  }

  @Test func `sends again what a restart of Splunk forgot`() async throws {
    var rules = SplunkReceiver.Rules()
    rules.acknowledges = true
    let (splunk, server) = try stand(rules)
    splunk.holdAcknowledgements(true)
    let sink = sink(server) { $0.acknowledges = true }
    let delivery = Task { try await failure(sink, batch(["1"])) }
    try await until { splunk.received.requests == 1 }
    server.stop()
    #expect(try await delivery.value.kind == .unreachable)
    #expect(splunk.received.ids == [])
    splunk.holdAcknowledgements(false)
    try server.start()
    try await deliverPatiently(sink, batch(["1"]))
    #expect(splunk.received.ids == ["1"])
    await sink.close()
  }

  @Test func `names a token that does not acknowledge`() async throws {
    let (_, server) = try stand()
    let sink = sink(server) { $0.acknowledges = true }
    let error = try await failure(sink, batch(["1"]))
    #expect(error.kind == .rejected && error.hint.contains("acknowledgement: false"))
    await sink.close()
  }

  @Test func `finds the event that Splunk names, at once`() async throws {
    let (splunk, server) = try stand()
    splunk.faults.refuse("e40")
    let sink = sink(server)
    let receipt = try await sink.deliver(batch(ids(100)))
    #expect(receipt.refused.map(\.position.record) == [39])
    #expect(receipt.refused[0].reason == "HTTP 400, code 6: Invalid data format")
    #expect(splunk.received.ids == ids(100).filter { $0 != "e40" })
    #expect(splunk.received.requests == 4)
    await sink.close()
  }

  @Test func `has a person see to tokens and indexes`() async throws {
    var rules = SplunkReceiver.Rules()
    rules.indexes = ["main"]
    let (splunk, server) = try stand(rules)
    let stranger = sink(server, token: "22222222-2222-4333-8444-555555555555")
    let refused = try await failure(stranger, batch(["1"]))
    #expect(refused.kind == .rejected && refused.message.contains("code 4"))
    let lost = sink(server) { $0.index = "nowhere" }
    let elsewhere = try await failure(lost, batch(["1"]))
    #expect(elsewhere.kind == .rejected && elsewhere.hint.contains("create the index"))
    #expect(splunk.received.ids == [])
    await stranger.close()
    await lost.close()
  }

  @Test(arguments: [
    (1, 403, SinkError.Kind.rejected), (2, 401, .rejected), (3, 401, .rejected),
    (4, 403, .rejected), (7, 400, .rejected), (8, 500, .other), (9, 503, .busy),
    (10, 400, .rejected), (11, 400, .rejected), (14, 400, .rejected), (16, 400, .rejected),
    (17, 200, .other), (18, 503, .busy), (19, 503, .busy), (20, 503, .busy), (21, 400, .rejected),
    (22, 400, .rejected), (23, 503, .busy), (24, 429, .busy), (99, 500, .other),
    (99, 404, .rejected),
  ])
  func `knows the codes of the manual`(
    _ code: Int, _ status: Int, _ kind: SinkError.Kind
  ) async throws {
    let (splunk, server) = try stand()
    splunk.faults.queue(
      .answer(
        ServerResponse(
          status: status, text: "{\"text\":\"words\",\"code\":\(code)}", type: "application/json")))
    let sink = sink(server)
    #expect(try await failure(sink, batch(["1"])).kind == kind)
    _ = try await sink.deliver(batch(["1"]))
    #expect(splunk.received.ids == ["1"])
    await sink.close()
  }

  @Test(arguments: [5, 6, 12, 13, 15])
  func `refuses a single event for codes about events`(_ code: Int) async throws {
    let (splunk, server) = try stand()
    splunk.faults.queue(
      .answer(
        ServerResponse(
          status: 400, text: "{\"text\":\"words\",\"code\":\(code)}", type: "application/json")))
    let sink = sink(server)
    let receipt = try await sink.deliver(batch(["1"]))
    #expect(receipt.refused.map(\.reason) == ["HTTP 400, code \(code): words"])
    await sink.close()
  }
}
