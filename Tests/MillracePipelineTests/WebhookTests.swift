import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import Testing

@testable import MillracePipeline

/// What the service, and whoever else finds the address, may post to the webhook.
@Suite(.timeLimit(.minutes(10)))
struct WebhookTests {
  private static let word = "a-word-that-nobody-guesses"

  /// A collector with a webhook and a console, and someone who posts there.
  private struct Post {
    let bench: Bench
    let collector: Collector
    let console: Console
    let client = CurlClient(name: "post", userAgent: "test")

    init(hintDelay: Duration = Limits.hintDelay) async throws {
      bench = try Bench(Bench.options(events: 60))
      let text = bench.configurationText().replacing(
        "poll_interval: 1s",
        with: """
          poll_interval: 23h
              webhook: {address: 'https://collector.example.com/hook', auth_id: '\(WebhookTests.word)'}
          """)
      let configuration = try Configuration.parse(
        Array((text + "\nconsole: {}\n").utf8), name: "test.yaml", environment: [:])
      collector = try await Collector.open(
        configuration, workers: 1, log: .silent, hintDelay: hintDelay)
      console = try Console(collector: collector, on: .tcp(host: "127.0.0.1", port: 0))
    }

    func close() {
      client.shutdown()
      console.stop()
      collector.close()
    }

    func send(
      _ body: String, word: String? = WebhookTests.word, path: String = "/hook",
      code: String? = nil
    ) async throws -> Int {
      var request = HTTPRequest(
        method: "POST", url: "http://127.0.0.1:\(console.port)\(path)", body: Array(body.utf8))
      if let word { request.headers.append(("Webhook-AuthID", word)) }
      if let code { request.headers.append(("Webhook-ValidationCode", code)) }
      return try await client.send(request).status
    }

    /// Whether a poll was hinted at and has not begun.
    func hinted(_ type: ContentType) -> Bool { collector.contexts[0].hints.isDue(type) }
  }

  private func notice(
    _ type: String, tenant: String = SimulatedTenantOptions().tenantID,
    uri: String = "https://evil.example.com/api"
  ) -> String {
    #"{"tenantId":"\#(tenant)","clientId":"x","contentType":"\#(type)","contentId":"1$2","#
      + #""contentUri":"\#(uri)","contentCreated":"2026-03-04T10:00:00.000Z"}"#
  }

  @Test func `the service's question is answered to who knows the word alone`() async throws {
    let post = try await Post()
    defer { post.close() }
    let question = #"{"validationCode":"abc"}"#
    #expect(try await post.send(question, code: "abc") == 200)
    #expect(try await post.send(question, code: "another") == 400)
    #expect(try await post.send("", code: "abc") == 400)
    #expect(try await post.send(question, word: nil, code: "abc") == 403)
    #expect(try await post.send(question, word: "", code: "abc") == 403)
    #expect(try await post.send(question, word: Self.word + "x", code: "abc") == 403)
    #expect(try await post.send(question, path: "/elsewhere", code: "abc") == 405)
  }

  @Test func `a notification is a hint for the feeds it names`() async throws {
    let post = try await Post()
    defer { post.close() }
    let body = "[\(notice("audit.exchange")),\(notice("Audit.Nonsense")),{},{\"contentType\":3}]"
    #expect(try await post.send(body) == 200)
    #expect(post.hinted(.exchange))
    #expect(!post.hinted(.general))
  }

  @Test func `what is forged, broken, huge or another tenant's hints at nothing`() async throws {
    let post = try await Post()
    defer { post.close() }
    let good = "[\(notice("Audit.Exchange"))]"
    #expect(try await post.send(good, word: nil) == 403)
    #expect(try await post.send(good, word: "forged") == 403)
    #expect(
      try await post.send("[\(notice("Audit.Exchange", tenant: "\(UUID())"))]") == 200)
    for broken in ["", "{", "null", "{}", "[1]", String(repeating: "[", count: 100_000)] {
      #expect(try await post.send(broken) == 400, "\(broken.prefix(10))")
    }
    let huge = String(repeating: " ", count: Limits.serverRequestBytesMax + 1)
    #expect(try await post.send(huge) == 413)
    for type in ContentType.allCases { #expect(!post.hinted(type)) }
  }

  @Test func `a hint makes the collector poll early, and ask nobody but the service`()
    async throws
  {
    let post = try await Post(hintDelay: .zero)
    let running = Task { await post.collector.run(.continuous) }
    let asked = { () -> Int in
      post.bench.simulator.statistics.requests[.listContent] ?? 0
    }
    // Everything of the last week was listed and delivered: the next poll is due in a day.
    try await untilDelivered(of: post.bench, by: post.collector)
    var before = -1
    try await until {
      // The same at two looks.
      defer { before = asked() }
      return asked() == before && before >= 5
    }
    #expect(try await post.send("[\(notice("Audit.Exchange"))]") == 200)
    try await until { asked() > before }
    #expect(post.bench.simulator.statistics.foreignRequests == 0)
    post.collector.stop()
    _ = await running.value
    post.close()
    try post.bench.expectEveryRecordOnce()
  }

  @Test func `the webhook is registered with each subscription, and answers what is posted`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 60))
    // The address must be known before there is a collector to answer at it.
    let receiver = ConditionLock<WebhookReceiver?>(nil)
    let server = try HTTPServer(listen: .tcp(host: "127.0.0.1", port: 0)) { request in
      receiver.withLock { $0 }?.answer(request) ?? ServerResponse(status: 503, text: "")
    }
    let port = server.port
    let text = bench.configurationText().replacing(
      "poll_interval: 1s",
      with: """
        poll_interval: 23h
            webhook: {address: 'http://127.0.0.1:\(port)/hook', auth_id: '\(Self.word)'}
        """)
    let configuration = try Configuration.parse(
      Array((text + "\nconsole: {}\n").utf8), name: "test.yaml", environment: [:])
    let collector = try await Collector.open(
      configuration, workers: 1, log: .silent, hintDelay: .seconds(86_400))
    receiver.withLock { $0 = WebhookReceiver(collector.contexts) }
    let running = Task { await collector.run(.continuous) }
    try await untilDelivered(of: bench, by: collector)
    let answers = await onOwnThread { bench.simulator.notify() }
    #expect(answers == Array(repeating: 200, count: ContentType.allCases.count))
    let hints = collector.contexts[0].hints
    for type in ContentType.allCases { #expect(hints.isDue(type), "\(type)") }
    collector.stop()
    _ = await running.value
    server.stop()
    collector.close()
  }

  @Test func `without anyone at the address, polling goes on and the trouble is told`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 60))
    let text = bench.configurationText().replacing(
      "poll_interval: 1s",
      with: """
        poll_interval: 1s
            webhook: {address: 'http://127.0.0.1:1/hook', auth_id: word}
        """)
    let configuration = try Configuration.parse(
      Array((text + "\nconsole: {}\n").utf8), name: "test.yaml", environment: [:])
    let collector = try await Collector.open(configuration, workers: 1, log: .silent)
    let running = Task { await collector.run(.continuous) }
    try await untilDelivered(of: bench, by: collector)
    let problems = try await collector.status().run?.problems ?? []
    #expect(problems.contains { $0.message.contains("AF20021") }, "\(problems)")
    collector.stop()
    _ = await running.value
    collector.close()
    try bench.expectEveryRecordOnce()
  }

  /// Waits until both sinks have all there is. The files are looked at when nobody writes to them:
  /// before that they may end in the middle of a line.
  private func untilDelivered(of bench: Bench, by collector: Collector) async throws {
    let expected = try bench.expectedLines().count
    while try await !collector.hasDelivered(expected) { await collector.changes() }
  }

  /// Looks again and again until something is so, with a rest between for others.
  private func until(_ isSo: () throws -> Bool) async throws {
    let rest = Pulse()
    while try !isSo() { await rest.wait(beyond: 0, atMost: .milliseconds(20)) }
  }

  /// Runs what blocks where it may.
  private func onOwnThread<Value: Sendable>(
    _ body: @escaping @Sendable () -> Value
  ) async -> Value {
    await withCheckedContinuation { continuation in
      startThread(name: "blocking") { continuation.resume(returning: body()) }
    }
  }

  @Test func `a burst of hints makes one poll, and the wait ends when one is due`() async {
    let patient = FeedHints(delay: .seconds(86_400))
    for _ in 0..<1000 { patient.note([.exchange]) }
    await patient.pause(.exchange, for: .zero)
    #expect(!patient.isDue(.exchange), "the poll that begins answers all of them")
    let prompt = FeedHints(delay: .zero)
    prompt.note([.exchange])
    await prompt.pause(.exchange, for: .seconds(86_400))
    #expect(!prompt.isDue(.exchange))
    let waiting = Task { await prompt.pause(.general, for: .seconds(86_400)) }
    prompt.note([.general])
    await waiting.value
    #expect(!prompt.isDue(.general))
  }
}
