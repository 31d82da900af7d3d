import MillraceHTTP
import MillraceReceivers

/// Receivers of vendors on loopback, beside the simulated tenants: `simulate --receiver`.
struct SimulatedReceivers {
  /// Those there are, by the type of the sink that delivers to them.
  enum Kind: String, CaseIterable {
    case http
    case splunk = "splunk_hec"
    case elasticsearch
    case sentinel
  }

  private struct Running {
    let kind: Kind
    let receiver: Receiver
    let received: ReceivedEvents
  }

  private let running: [Running]

  /// Starts receivers, each at a port of its own.
  init(_ kinds: [Kind]) throws(CommandFailure) {
    var running: [Running] = []
    for kind in kinds {
      let (speaker, received) = Self.speaker(kind)
      do throws(HTTPServerError) {
        running.append(
          Running(kind: kind, receiver: try Receiver(speaker), received: received))
      } catch {
        throw CommandFailure(error.description, .failed)
      }
    }
    self.running = running
  }

  private static func speaker(
    _ kind: Kind
  ) -> (speaker: any ReceiverProtocol, received: ReceivedEvents) {
    switch kind {
    case .http:
      let events = EventReceiver()
      return (events, events.received)
    case .splunk:
      var rules = SplunkReceiver.Rules()
      rules.acknowledges = true
      let splunk = SplunkReceiver(rules)
      return (splunk, splunk.received)
    case .elasticsearch:
      let elastic = ElasticsearchReceiver()
      return (elastic, elastic.received)
    case .sentinel:
      let sentinel = SentinelReceiver()
      return (sentinel, sentinel.received)
    }
  }

  /// What a configuration needs to deliver to them, as YAML; empty without any.
  var introduction: [String] {
    guard !running.isEmpty else { return [] }
    return ["sinks:"] + running.flatMap { ["  \($0.kind.rawValue):"] + Self.settings($0) }
  }

  private static func settings(_ running: Running) -> [String] {
    let url = running.receiver.url
    let lines: [String]
    switch running.kind {
    case .http:
      lines = ["type: http", "url: \(url)/events"]
    case .splunk:
      lines = [
        "type: splunk_hec", "url: \(url)", "token: \(SplunkReceiver.Rules().token)",
        "acknowledgement: true",
      ]
    case .elasticsearch:
      lines = ["type: elasticsearch", "urls: [\(url)]", "index: audit-{tenant}"]
    case .sentinel:
      let rules = SentinelReceiver.Rules()
      lines = [
        "type: sentinel", "endpoint: \(url)", "login: \(url)", "rule_id: \(rules.rule)",
        "stream: \(rules.stream)", "tenant_id: \(rules.tenant)", "client_id: \(rules.clientID)",
        "credential: {client_secret: \(rules.clientSecret)}",
      ]
    }
    return lines.map { "    " + $0 }
  }

  /// What each of them took, and where deliveries broke its protocol.
  var summary: [String] {
    running.flatMap { one in
      let ids = one.received.ids
      return [
        "\(one.kind.rawValue): \(ids.count) events, \(Set(ids).count) of them different, in "
          + "\(one.received.requests) requests"
      ] + one.received.violations.prefix(10).map { "\(one.kind.rawValue): protocol: \($0)" }
    }
  }
}
