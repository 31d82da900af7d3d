import Foundation
import MillraceCore
import MillracePipeline
import MillraceReceivers
import MillraceSimulator
import Testing

/// The whole way: a simulated tenant's records to receivers that speak HTTP, on their bad day.
@Suite(.timeLimit(.minutes(10)))
struct HTTPSinkJobTests {
  private let bench: Bench
  private let events = EventReceiver()
  private let splunk: SplunkReceiver
  private let elastic = ElasticsearchReceiver()
  private let sentinel = SentinelReceiver()
  private let receivers: [Receiver]

  init() throws {
    bench = try Bench(Bench.options(events: 600))
    var rules = SplunkReceiver.Rules()
    rules.acknowledges = true
    splunk = SplunkReceiver(rules)
    receivers = try [
      Receiver(events), Receiver(splunk), Receiver(elastic), Receiver(elastic), Receiver(sentinel),
    ]
  }

  private var sinks: String {
    let urls = receivers.map(\.url)
    let rules = SentinelReceiver.Rules()
    let common = "retry: {initial: 1ms, max: 20ms}, batch: {events: 40, time: 0s}"
    return """
        archive: {type: file, path: '\(bench.folder.path)/archive/all.ndjson'}
        any: {type: http, url: '\(urls[0])/events', compression: zstd, \(common)}
        hec: {type: splunk_hec, url: '\(urls[1])', token: '\(SplunkReceiver.Rules().token)', \
      acknowledgement: true, compression: gzip, \(common)}
        elastic: {type: elasticsearch, urls: ['\(urls[2])', '\(urls[3])'], \
      index: 'audit-{tenant}-{workload}', compression: gzip, \(common)}
        sentinel: {type: sentinel, endpoint: '\(urls[4])', login: '\(urls[4])', \
      rule_id: \(rules.rule), stream: \(rules.stream), tenant_id: \(rules.tenant), \
      client_id: \(rules.clientID), credential: {client_secret: '\(rules.clientSecret)'}, \(common)}

      """
  }

  @Test func `every event arrives, and in Elasticsearch once`() async throws {
    let busy = DeliveryFault.busy(retryAfter: 0)
    for faults in [events.faults, splunk.faults, elastic.faults, sentinel.faults] {
      faults.queue(busy, .resetAfter, .nonsense, .cutAnswer, .resetBefore, .tooLarge)
    }
    receivers[2].stop()
    let (outcome, status) = try await bench.runOnce(sinks: sinks)
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.deadLetters == 0)
    let expected = try ids()
    #expect(expected.count == 600)
    for received in [events.received, splunk.received, elastic.received, sentinel.received] {
      #expect(received.violations == [])
      #expect(Set(received.ids) == Set(expected))
    }
    #expect(elastic.received.ids.count == 600)
    #expect(elastic.documentCount == 600)
    let indexes = Set(elastic.received.events.compactMap { $0.notes["index"] })
    #expect(indexes.contains("audit-contoso-exchange"), "\(indexes)")
  }

  @Test func `an event that a receiver refuses is a dead letter of that sink alone`() async throws {
    _ = try await bench.runOnce(
      sinks: "  archive: {type: file, path: '\(bench.folder.path)/archive/all.ndjson'}")
    let all = try ids()
    let refused = try #require(all.first)
    for faults in [events.faults, splunk.faults, elastic.faults, sentinel.faults] {
      faults.refuse(refused)
    }
    let (outcome, status) = try await bench.runOnce(sinks: sinks)
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.deadLetters == 4)
    for received in [events.received, splunk.received, elastic.received, sentinel.received] {
      #expect(Set(received.ids) == Set(all).subtracting([refused]))
    }
  }

  /// The ids of all events, as the file has them.
  private func ids() throws -> [String] {
    try bench.nativeLines().compactMap { line in
      try JSONDecoder().decode(Identified.self, from: Data(line.utf8)).id
    }
  }

  private struct Identified: Decodable {
    let id: String
  }
}
