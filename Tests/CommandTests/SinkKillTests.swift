import Foundation
import Glibc
import MillraceCore
import MillraceReceivers
import MillraceSimulator
import TestChildren
import Testing

/// The real program, killed again and again while it delivers to receivers that stay up.
@Suite(.timeLimit(.minutes(10)))
struct SinkKillTests {
  /// Receivers of four protocols.
  private struct Receivers {
    let lines = Brought()
    let listener: Listener
    let web = EventReceiver()
    let index = ElasticsearchReceiver()
    let collector: SplunkReceiver
    let servers: [Receiver]

    init() throws {
      var rules = SplunkReceiver.Rules()
      rules.acknowledges = true
      collector = SplunkReceiver(rules)
      servers = [try Receiver(web), try Receiver(index), try Receiver(collector)]
      listener = Listener { [lines] in lines.read($0) }
    }

    /// Small batches, so that a kill has moments to choose from.
    var sinks: [String] {
      let batch = "batch: {events: 40, time: 0s}, retry: {initial: 10ms, max: 100ms}"
      return [
        "archive: {type: file, path: native.ndjson}",
        "web: {type: http, url: '\(servers[0].url)/events', \(batch)}",
        "index: {type: elasticsearch, urls: ['\(servers[1].url)'], index: audit, format: native, "
          + "\(batch)}",
        "collector: {type: splunk_hec, url: '\(servers[2].url)', "
          + "token: 11111111-2222-4333-8444-555555555555, acknowledgement: true, \(batch)}",
        "siem: {type: syslog, address: 'tcp://127.0.0.1:\(listener.port)', framing: newline, "
          + "oversize: dead_letter, max_message_size: 1MiB, utf8_bom: never, \(batch)}",
        "pipe: {type: stdout, \(batch)}",
      ]
    }

    /// What came in all.
    var count: Int {
      web.received.count + index.received.count + collector.received.count
    }
  }

  @Test func `a collector killed at any moment loses nothing at any receiver`() async throws {
    let kills = 10
    let place = try Workplace(events: 2000, eventsPerBlob: 25)
    let receivers = try Receivers()
    try place.configure(sinks: [Workplace.rawSink] + receivers.sinks)
    let seed = UInt64.random(in: 0...UInt64.max)
    print("kills while delivering: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    var interrupted = 0
    var printed: [[UInt8]] = []
    for kill in 1...kills {
      // Every run has something to deliver, and dies at a number of events, not at a time.
      place.simulator.show(share: Double(kill) / Double(kills + 1))
      let wanted = receivers.count + Int.random(in: 1...300, using: &generator)
      let child = try place.start(["run", "--once", "--patience", "120s", "--log-level", "error"])
      while child.isRunning, receivers.count < wanted {
        await Pulse().wait(beyond: 0, atMost: .milliseconds(1))
      }
      child.signal(SIGKILL)
      let result = await child.end()
      if result.ending == .signalled(SIGKILL) { interrupted += 1 }
      printed.append(result.output)
    }
    #expect(interrupted > 0, "seed \(seed): every run was done before its kill")
    place.simulator.show(share: 1)
    let last = try await place.run("run", "--once", "--patience", "120s")
    #expect(last.exitCode == 0, "seed \(seed): \(last.complaintText)")
    printed.append(last.output)

    try place.expectEveryRecordOnce()
    let expected = try SinkKillTests.ids(in: Array(try place.lines(of: "native.ndjson")))
    #expect(Set(expected).count == 2000 && expected.count == 2000)
    #expect(
      try SinkKillTests.ids(inPieces: printed) == Set(expected), "seed \(seed): standard output")
    // The last connection is read to its end by a thread of its own.
    try await eventually("the receiver of syslog has every event") {
      try SinkKillTests.ids(inPieces: receivers.lines.all) == Set(expected)
    }
    for (name, received) in [
      ("web", receivers.web.received), ("index", receivers.index.received),
      ("collector", receivers.collector.received),
    ] {
      #expect(Set(received.ids) == Set(expected), "seed \(seed): \(name)")
      #expect(received.violations.isEmpty, "seed \(seed): \(name): \(received.violations)")
    }
    #expect(receivers.index.documentCount == 2000, "seed \(seed): the index has each event once")
  }

  /// The ids of native events, one a line, whatever stands before each.
  private static func ids(in lines: [String]) throws -> [String] {
    try lines.map { line in
      let text = line.drop { $0 != "{" }
      let event = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      return try #require(event?["id"] as? String, "\(line)")
    }
  }

  /// The same of what several processes wrote: each may have been killed in the midst of a line,
  /// which counts for nothing.
  private static func ids(inPieces pieces: [[UInt8]]) throws -> Set<String> {
    Set(
      try pieces.flatMap { piece in
        let whole = piece.lastIndex(of: UInt8(ascii: "\n")).map { piece[...$0] } ?? []
        return try ids(
          in: String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init))
      })
  }
}
