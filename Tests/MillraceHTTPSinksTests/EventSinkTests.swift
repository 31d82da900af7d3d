import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import Testing

@Suite(.timeLimit(.minutes(10)))
struct `A sink that sends events over HTTP` {
  private func stand(
    _ rules: EventReceiver.Rules = .init()
  ) throws -> (events: EventReceiver, server: Receiver) {
    let events = EventReceiver(rules)
    return (events, try Receiver(events))
  }

  @Test func `sends lines in the log's order, cut by count`() async throws {
    let (events, server) = try stand()
    let sink = HTTPSink(events: options(server, events: 3, path: "/events"))
    let receipt = try await sink.deliver(batch(ids(10)))
    #expect(receipt == SinkReceipt())
    #expect(events.received.ids == ids(10))
    #expect(events.received.requests == 4)
    #expect(events.received.violations == [])
    #expect(events.received.events.map { $0.notes["batch"] }.first == "siem:1.0-1.2:3")
    await sink.close()
  }

  @Test func `cuts by bytes, and an event with more goes alone`() async throws {
    let (events, server) = try stand()
    var options = options(server, path: "/events")
    options.bytesMax = 1000
    let sink = HTTPSink(events: options)
    _ = try await sink.deliver(batch(ids(6), padding: 300))
    #expect(events.received.ids == ids(6))
    #expect(events.received.requests == 3)
    _ = try await sink.deliver(batch(["large"], sequence: 2, padding: 5000))
    #expect(events.received.ids.last == "large")
    await sink.close()
  }

  @Test(arguments: BodyCoding.allCases, EventListing.allCases)
  func `packs bodies and lists events as told`(
    _ coding: BodyCoding, _ listing: EventListing
  ) async throws {
    var rules = EventReceiver.Rules()
    rules.isArray = listing == .array
    let (events, server) = try stand(rules)
    var options = options(server, events: 50, concurrency: 4, path: "/events")
    options.coding = coding
    let sink = HTTPSink(events: options, listing: listing)
    let sent = batch(ids(400))
    _ = try await sink.deliver(sent)
    #expect(events.received.ids.sorted() == ids(400).sorted())
    let first = try #require(events.received.events.first { $0.id == "e1" })
    #expect(first.bytes == Array(sent.bytes[sent.lines[0].range.dropLast()]))
    #expect(events.received.violations == [])
    await sink.close()
  }

  @Test func `says who it is, and never in an error`() async throws {
    var rules = EventReceiver.Rules()
    rules.authorization = Authorization.bearer("hunter2hunter2")
    let (events, server) = try stand(rules)
    let sink = HTTPSink(
      events: options(
        server, path: "/events", authorization: Authorization.bearer("hunter2hunter2")))
    _ = try await sink.deliver(batch(["1"]))
    #expect(events.received.ids == ["1"])
    events.faults.queue(
      .answer(ServerResponse(status: 403, text: "the token hunter2hunter2 may not")))
    let error = try await failure(sink, batch(["2"], sequence: 2))
    #expect(error.kind == .rejected && !error.description.contains("hunter2"))
    #expect(error.message == "HTTP 403: the token [secret] may not")
    await sink.close()
    let stranger = HTTPSink(
      events: options(
        server, path: "/events", authorization: Authorization.basic("user", "p")))
    #expect(try await failure(stranger, batch(["3"], sequence: 3)).kind == .rejected)
    #expect(events.received.headers.last?.contains { $0.value == "Basic dXNlcjpw" } == true)
    #expect(events.received.ids == ["1"])
    await stranger.close()
  }

  @Test func `halves what is too large, and learns from it`() async throws {
    var rules = EventReceiver.Rules()
    rules.bytesMax = 40_000
    let (events, server) = try stand(rules)
    let sink = HTTPSink(events: options(server, path: "/events"))
    _ = try await sink.deliver(batch(ids(100), padding: 900))
    #expect(events.received.ids == ids(100))
    let before = events.received.requests
    _ = try await sink.deliver(batch(ids(100, "f"), sequence: 2, padding: 900))
    #expect(events.received.ids == ids(100) + ids(100, "f"))
    #expect(events.received.requests - before < before)
    await sink.close()
  }

  @Test func `gives up an event that is too large alone, and no neighbour`() async throws {
    var rules = EventReceiver.Rules()
    rules.bytesMax = 2000
    let (events, server) = try stand(rules)
    let sink = HTTPSink(events: options(server, path: "/events"))
    var all = batch(["a", "b"])
    all.append(batch(["huge"], sequence: 2, padding: 4000))
    all.append(batch(["c", "d"], sequence: 3))
    let receipt = try await sink.deliver(all)
    #expect(receipt.refused.map(\.position) == [LogPosition(sequence: 2)])
    #expect(receipt.refused.first?.reason.contains("413") == true)
    #expect(events.received.ids == ["a", "b", "c", "d"])
    await sink.close()
  }

  @Test func `finds the event that is not liked, and loses and doubles no other`() async throws {
    let (events, server) = try stand()
    events.faults.refuse("e7", "e8", "e90")
    let sink = HTTPSink(events: options(server, concurrency: 3, path: "/events"))
    let receipt = try await sink.deliver(batch(ids(100)))
    #expect(receipt.refused.map(\.position.record) == [6, 7, 89])
    #expect(receipt.refused[0].reason == "HTTP 400: the event e7 is not liked")
    #expect(
      events.received.ids.sorted()
        == ids(100).filter { !["e7", "e8", "e90"].contains($0) }.sorted()
    )
    await sink.close()
  }

  @Test func `gives nothing up when the receiver likes no event at all`() async throws {
    let (events, server) = try stand()
    let all = ids(200)
    for id in all { events.faults.refuse(id) }
    let sink = HTTPSink(events: options(server, path: "/events"))
    let error = try await failure(sink, batch(all))
    #expect(error.kind == .rejected)
    #expect(error.message.contains("refuses every event: HTTP 400"))
    #expect(events.received.requests < 60)
    await sink.close()
  }

  @Test(arguments: [429, 503])
  func `hears how long a busy receiver wants to be left alone`(_ status: Int) async throws {
    let (events, server) = try stand()
    var answer = ServerResponse(status: status, text: "later")
    answer.headers.append(("Retry-After", "17"))
    events.faults.queue(.answer(answer))
    let sink = HTTPSink(events: options(server, path: "/events"))
    let error = try await failure(sink, batch(["1"]))
    #expect(error.kind == .busy && error.retryAfter == .seconds(17))
    _ = try await sink.deliver(batch(["1"]))
    #expect(events.received.ids == ["1"])
    await sink.close()
  }

  @Test(arguments: [
    (500, SinkError.Kind.other), (502, .unreachable), (504, .unreachable), (408, .unreachable),
    (404, .rejected), (301, .rejected), (307, .rejected), (207, .other), (415, .rejected),
  ])
  func `takes no other answer for a success`(_ status: Int, _ kind: SinkError.Kind) async throws {
    let (events, server) = try stand()
    var answer = ServerResponse(status: status, text: "no")
    answer.headers.append(("Location", server.url + "/events"))
    events.faults.queue(.answer(answer))
    let sink = HTTPSink(events: options(server, path: "/events"))
    #expect(try await failure(sink, batch(["1"])).kind == kind)
    #expect(events.received.requests == 1)
    _ = try await sink.deliver(batch(["1"]))
    #expect(events.received.ids == ["1"])
    await sink.close()
  }

  @Test func `does not believe a page for people, or JSON that is none`() async throws {
    let (events, server) = try stand()
    events.faults.queue(
      .nonsense,
      .answer(ServerResponse(text: "{\"taken\":", type: "application/json; charset=utf-8")))
    let sink = HTTPSink(events: options(server, path: "/events"))
    for _ in 1...2 {
      let error = try await failure(sink, batch(["1"]))
      #expect(error.message.contains("not the receiver's") && error.isRetryable)
    }
    _ = try await sink.deliver(batch(["1"]))
    #expect(events.received.ids == ["1"])
    await sink.close()
  }

  @Test func `sends again under the same name when an answer got lost`() async throws {
    let (events, server) = try stand()
    events.faults.queue(.resetAfter, .cutAnswer, .resetBefore)
    let sink = HTTPSink(events: options(server, path: "/events"))
    let (_, errors) = try await deliverPatiently(sink, batch(["1", "2"]))
    #expect(errors.map(\.kind) == [.unreachable, .unreachable, .unreachable])
    #expect(events.received.ids == ["1", "2", "1", "2", "1", "2"])
    #expect(Set(events.received.events.map { $0.notes["batch"] }) == ["siem:1.0-1.1:2"])
    await sink.close()
  }

  @Test func `sends only what did not arrive when a batch comes again`() async throws {
    let (events, server) = try stand()
    let sink = HTTPSink(events: options(server, events: 2, path: "/events"))
    // The first request goes well, the second does not, and the third is not even made.
    events.faults.queue(.slow(.zero), .answer(ServerResponse(status: 500, text: "broken")))
    #expect(try await failure(sink, batch(ids(6))).kind == .other)
    #expect(events.received.ids == ["e1", "e2"])
    _ = try await sink.deliver(batch(ids(6)))
    #expect(events.received.ids == ids(6))
    // What is delivered once more on purpose, as by a replay, is sent once more.
    _ = try await sink.deliver(batch(ids(6)))
    #expect(events.received.ids == ids(6) + ids(6))
    await sink.close()
  }

  @Test func `has several requests under way, and counts on none before all are answered`()
    async throws
  {
    let (events, server) = try stand()
    events.faults.queue(.slow(.seconds(3600)))
    let sink = HTTPSink(events: options(server, events: 2, concurrency: 3, path: "/events"))
    let delivery = Task { try await failure(sink, batch(ids(6))) }
    try await until { events.received.ids.count == 6 }
    server.stop()
    #expect(try await delivery.value.kind == .unreachable)
    try server.start()
    try await deliverPatiently(sink, batch(ids(6)))
    #expect(Set(events.received.ids) == Set(ids(6)))
    await sink.close()
  }

  @Test func `waits for a receiver that is away, and goes on when it is back`() async throws {
    let (events, server) = try stand()
    let sink = HTTPSink(events: options(server, path: "/events"))
    _ = try await sink.deliver(batch(["1"]))
    server.stop()
    let error = try await failure(sink, batch(["2"], sequence: 2))
    #expect(error.kind == .unreachable)
    try server.start()
    try await deliverPatiently(sink, batch(["2"], sequence: 2))
    #expect(events.received.ids == ["1", "2"])
    await sink.close()
  }

  @Test func `tells a slow receiver from a dead one by its patience alone`() async throws {
    let (events, server) = try stand()
    var options = options(server, path: "/events")
    options.timeout = .milliseconds(300)
    let sink = HTTPSink(events: options)
    events.faults.queue(.slow(.seconds(3600)))
    #expect(try await failure(sink, batch(["1"])).kind == .unreachable)
    await sink.close()
    let patient = HTTPSink(events: MillraceHTTPSinksTests.options(server, path: "/events"))
    events.faults.queue(.slow(.milliseconds(20)))
    _ = try await patient.deliver(batch(["2"], sequence: 2))
    #expect(events.received.ids == ["1", "2"])
    await patient.close()
  }
}
