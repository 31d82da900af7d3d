import MillraceReceivers
import TestChildren
import Testing

@testable import millrace

/// `check` of sinks that speak HTTP.
@Suite(.timeLimit(.minutes(10)))
struct CheckReceiverTests {
  private let token = SplunkReceiver.Rules().token

  @Test func `receivers that know us are found sound, and get no event`() async throws {
    let place = try Workplace()
    let splunk = SplunkReceiver()
    let elastic = ElasticsearchReceiver()
    let events = EventReceiver()
    let (hec, node, any) = try (Receiver(splunk), Receiver(elastic), Receiver(events))
    try place.configure(sinks: [
      "hec: {type: splunk_hec, url: '\(hec.url)', token: '\(token)'}",
      "elastic: {type: elasticsearch, urls: '\(node.url)', index: audit}",
      "any: {type: http, url: '\(any.url)/events'}",
    ])
    let (findings, _) = try await place.check()
    let about = findings.about("sink")
    #expect(about.at("failure").isEmpty, "\(about)")
    let messages = about.map(\.message).joined(separator: "\n")
    #expect(messages.contains("the token is known"), "\(messages)")
    #expect(messages.contains("version 8.17.0 knows who asks"), "\(messages)")
    #expect(messages.contains("127.0.0.1 takes connections at port \(any.port)"), "\(messages)")
    for received in [splunk.received, elastic.received, events.received] {
      #expect(received.ids == [] && received.violations == [])
    }
  }

  @Test func `each trouble has its fix`() async throws {
    let place = try Workplace()
    var rules = ElasticsearchReceiver.Rules()
    rules.authorization = "ApiKey other"
    let (hec, node, away) = try (
      Receiver(SplunkReceiver()), Receiver(ElasticsearchReceiver(rules)), Receiver(EventReceiver())
    )
    away.stop()
    let wrong = "22222222-2222-4333-8444-555555555555"
    try place.configure(sinks: [
      "hec: {type: splunk_hec, url: '\(hec.url)', token: '\(wrong)'}",
      "elastic: {type: elasticsearch, urls: '\(node.url)', index: audit}",
      "away: {type: http, url: '\(away.url)/events'}",
      "trust: {type: http, url: 'https://127.0.0.1:\(hec.port)', tls: {ca: nowhere.pem}}",
    ])
    let (findings, exitCode) = try await place.check()
    #expect(exitCode != 0)
    let failures = findings.at("failure")
    func failure(_ sink: String) throws -> CheckFinding {
      try #require(failures.first { $0.subject == "sink \(sink)" }, "\(failures)")
    }
    #expect(try failure("hec").cause == "refused")
    #expect(try failure("hec").fix.contains("check the token"))
    #expect(try !failure("hec").message.contains(wrong))
    #expect(try failure("elastic").cause == "refused")
    #expect(try failure("away").area == "connection")
    #expect(try failure("away").command == "curl -v \(away.url)/events")
    #expect(try failure("trust").message.contains("nowhere.pem"))
  }

  @Test func `those of a simulation print the sinks that deliver to them`() async throws {
    let place = try Workplace()
    let receivers = try SimulatedReceivers(SimulatedReceivers.Kind.allCases)
    try place.configure(sinks: receivers.introduction.dropFirst().map { String($0.dropFirst(2)) })
    let (findings, _) = try await place.check()
    let about = findings.about("sink")
    #expect(about.at("failure").isEmpty && about.at("ok").count >= 4, "\(about)")
    #expect(receivers.summary.first == "http: 0 events, 0 of them different, in 0 requests")
    #expect(receivers.summary.count == 4, "no protocol is broken: \(receivers.summary)")
  }
}
