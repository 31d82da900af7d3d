import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import Synchronization
import Testing

/// Tokens as the receiver's own login service issues them, without a login.
final class TestTokens: BearerTokens {
  private let current = Mutex<String?>(nil)
  private let issue: @Sendable () -> String

  init(_ issue: @escaping @Sendable () -> String) {
    self.issue = issue
  }

  func token() async throws(SinkError) -> String {
    current.withLock { token in
      let issued = token ?? issue()
      token = issued
      return issued
    }
  }

  func discard(_ token: String) async -> Bool {
    current.withLock { if $0 == token { $0 = nil } }
    return true
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A sink for Sentinel` {
  private func stand(
    _ rules: SentinelReceiver.Rules = .init()
  ) throws -> (sentinel: SentinelReceiver, server: Receiver) {
    let sentinel = SentinelReceiver(rules)
    return (sentinel, try Receiver(sentinel))
  }

  private func sink(
    _ sentinel: SentinelReceiver, _ server: Receiver, coding: BodyCoding = .gzip,
    stream: String = SentinelReceiver.Rules().stream
  ) -> HTTPSink {
    var options = options(server)
    options.coding = coding
    options.bytesMax = Limits.batchBytesMax
    return HTTPSink(
      sentinel: options,
      SentinelOptions(rule: SentinelReceiver.Rules().rule, stream: stream),
      tokens: TestTokens { sentinel.issueToken() })
  }

  @Test(arguments: [BodyCoding.none, .gzip])
  func `posts arrays below one megabyte`(_ coding: BodyCoding) async throws {
    let (sentinel, server) = try stand()
    let sink = sink(sentinel, server, coding: coding)
    _ = try await sink.deliver(batch(ids(300), padding: 8000))
    #expect(sentinel.received.ids == ids(300))
    #expect(sentinel.received.requests == 3)
    #expect(sentinel.received.violations == [])
    #expect(sentinel.tokensIssued == 1)
    await sink.close()
  }

  @Test func `gives up an event that no call can hold, without a call`() async throws {
    let (sentinel, server) = try stand()
    let sink = sink(sentinel, server)
    var all = batch(["1"])
    all.append(batch(["huge"], sequence: 2, padding: 1_100_000))
    all.append(batch(["2"], sequence: 3))
    let receipt = try await sink.deliver(all)
    #expect(receipt.refused.map(\.position) == [LogPosition(sequence: 2)])
    #expect(receipt.refused[0].reason.contains("1000000 at most"))
    #expect(sentinel.received.ids == ["1", "2"])
    #expect(sentinel.received.requests == 1)
    await sink.close()
  }

  @Test func `takes a new token when one is refused`() async throws {
    let (sentinel, server) = try stand()
    let sink = sink(sentinel, server)
    _ = try await sink.deliver(batch(["1"]))
    sentinel.revokeTokens()
    _ = try await sink.deliver(batch(["2"], sequence: 2))
    #expect(sentinel.received.ids == ["1", "2"])
    #expect(sentinel.tokensIssued == 2)
    await sink.close()
  }

  @Test func `has a person see to roles and streams`() async throws {
    var rules = SentinelReceiver.Rules()
    rules.hasRole = false
    let (sentinel, server) = try stand(rules)
    let roleless = sink(sentinel, server)
    let forbidden = try await failure(roleless, batch(["1"]))
    #expect(forbidden.kind == .rejected)
    #expect(forbidden.hint.contains("Monitoring Metrics Publisher"))
    let (other, elsewhere) = try stand()
    let lost = sink(other, elsewhere, stream: "Custom-Nothing")
    let unknown = try await failure(lost, batch(["1"]))
    #expect(unknown.kind == .rejected && unknown.code == "InvalidStream")
    await roleless.close()
    await lost.close()
  }

  @Test func `waits when told, halves when told, and believes 204 alone`() async throws {
    let (sentinel, server) = try stand()
    let sink = sink(sentinel, server)
    sentinel.faults.queue(.busy(retryAfter: 30))
    let busy = try await failure(sink, batch(ids(4)))
    #expect(busy.kind == .busy && busy.retryAfter == .seconds(30))
    sentinel.faults.queue(.nonsense)
    #expect(try await failure(sink, batch(ids(4))).message.contains("not the receiver's"))
    sentinel.faults.queue(.tooLarge)
    sentinel.faults.refuse("e3")
    let receipt = try await sink.deliver(batch(ids(4)))
    #expect(receipt.refused.map(\.position.record) == [2])
    #expect(sentinel.received.ids == ["e1", "e2", "e4"])
    await sink.close()
  }
}
