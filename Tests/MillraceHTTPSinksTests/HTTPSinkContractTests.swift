import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import SinkContracts
import Testing

/// A receiver on loopback, and the sinks for it.
private struct ReceiverStand: ContractStand {
  let promise: ContractPromise
  let keepsOrder: Bool
  let receiver: Receiver
  let events: ReceivedEvents
  let faults: ReceiverFaults
  let make: @Sendable (HTTPSinkOptions) -> HTTPSink

  func makeSink() async throws -> any Sink {
    var options = HTTPSinkOptions(name: "siem", origins: [receiver.url])
    options.eventsMax = keepsOrder ? 1000 : 2
    options.concurrency = keepsOrder ? 1 : 3
    return make(options)
  }

  func received() async throws -> [String] { events.ids }

  func inject(_ fault: ReceiverFault) async throws -> Bool {
    switch fault {
    // Nothing that is kept for good depends on how such a receiver ends.
    case .stopped, .killed: receiver.stop()
    case .slow: faults.lasting(.slow(.milliseconds(20)))
    case .closesMidAnswer: faults.lasting(.cutAnswer)
    case .refuses(let id): faults.refuse(id)
    case .nonsense: faults.lasting(.nonsense)
    }
    return true
  }

  func heal() async throws {
    faults.lasting(nil)
    faults.refuseNothing()
    try receiver.start()
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `The contract of sinks` {
  @Test(arguments: [true, false])
  func `is kept over HTTP`(_ keepsOrder: Bool) async throws {
    let receiver = EventReceiver()
    try await SinkContract.check(
      ReceiverStand(
        promise: .atLeastOnce, keepsOrder: keepsOrder, receiver: try Receiver(receiver),
        events: receiver.received, faults: receiver.faults
      ) { options in
        var options = options
        options.origins = options.origins.map { $0 + "/events" }
        return HTTPSink(events: options)
      })
    #expect(receiver.received.violations == [])
  }

  @Test(arguments: [true, false])
  func `is kept for Splunk, with and without acknowledgement`(
    _ acknowledges: Bool
  ) async throws {
    var rules = SplunkReceiver.Rules()
    rules.acknowledges = acknowledges
    let token = rules.token
    let receiver = SplunkReceiver(rules)
    try await SinkContract.check(
      ReceiverStand(
        promise: .atLeastOnce, keepsOrder: false, receiver: try Receiver(receiver),
        events: receiver.received, faults: receiver.faults
      ) { options in
        var options = options
        options.identity = { [("Authorization", Authorization.splunk(token))] }
        var splunk = SplunkOptions()
        splunk.acknowledges = acknowledges
        splunk.firstWait = .milliseconds(1)
        return HTTPSink(splunk: options, splunk)
      })
    #expect(receiver.received.violations == [])
  }

  @Test func `is kept for Elasticsearch, where a document is there once`() async throws {
    let receiver = ElasticsearchReceiver()
    try await SinkContract.check(
      ReceiverStand(
        promise: .exactlyOnce, keepsOrder: true, receiver: try Receiver(receiver),
        events: receiver.received, faults: receiver.faults
      ) { HTTPSink(elasticsearch: $0, ElasticsearchOptions { _, _ in "audit" }) })
    #expect(receiver.received.violations == [])
  }

  @Test func `is kept for Sentinel`() async throws {
    let receiver = SentinelReceiver()
    try await SinkContract.check(
      ReceiverStand(
        promise: .atLeastOnce, keepsOrder: false, receiver: try Receiver(receiver),
        events: receiver.received, faults: receiver.faults
      ) { options in
        let rules = SentinelReceiver.Rules()
        return HTTPSink(
          sentinel: options, SentinelOptions(rule: rules.rule, stream: rules.stream),
          tokens: TestTokens { receiver.issueToken() })
      })
    #expect(receiver.received.violations == [])
  }
}
