import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// What is stored can be sent again, beside what is delivered live and without touching it.
@Suite(.timeLimit(.minutes(10)))
struct ReplayTests {
  private func record(
    _ id: String, at time: String = "2026-03-01T11:00:00", operation: String = "Set-Mailbox"
  ) -> String {
    "{\"CreationTime\":\"\(time)\",\"Id\":\"\(id)\",\"Operation\":\"\(operation)\",\"RecordType\":1}"
  }

  private func start(_ collector: Collector, _ request: ReplayRequest) async throws -> ReplayReport
  {
    try #require(try await collector.ask("/replay/start", request) as? ReplayReport)
  }

  /// Runs a collector until `body` is done.
  private func running(
    _ collector: Collector, _ body: (Collector) async throws -> Void
  ) async throws {
    let run = Task { await collector.run(.continuous) }
    let result: Result<Void, any Error>
    do { result = .success(try await body(collector)) } catch { result = .failure(error) }
    collector.stop()
    _ = await run.value
    collector.close()
    try result.get()
  }

  // MARK: What is sent

  @Test func `a replay sends what the decisions say: no repeats, nothing dead, all the rest`()
    async throws
  {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    let lines = (0..<250).map { record("\($0)") }
    try await bench.deliverAll([sink]) { collector in
      for start in stride(from: 0, to: 250, by: 50) {
        // The first of each body is sent twice, and something in it is no record.
        let some = Array(lines[start..<start + 50])
        try await collector.add("[" + (some + [some[0], "7"]).joined(separator: ",") + "]")
      }
    }
    let live = await sink.received
    #expect(live == lines)
    try await running(try bench.collector([sink])) { collector in
      let begun = try await start(collector, ReplayRequest(sink: "siem"))
      #expect(begun.blobs == 5 && begun.events == 250 && begun.goneBlobs == 0)
      let report = try await collector.end(ofReplay: try #require(begun.id))
      #expect(report.state == .done && report.delivered == 250 && report.examined == 250)
      let status = try await collector.store.status()
      #expect(status.sinks.first?.deliveredEvents == 250, "what it got live is counted apart")
      #expect(status.sinks.first?.position == LogPosition(sequence: 6))
    }
    #expect(await sink.received == lines + lines)
  }

  @Test func `records are chosen by their own time and their operation`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    let early = record("1", at: "2026-03-01T23:59:59")
    let first = record("2", at: "2026-03-02T00:00:00")
    let read = record("3", at: "2026-03-02T12:00:00", operation: "MailItemsAccessed")
    let late = record("4", at: "2026-03-03T00:00:00")
    let timeless = "{\"Id\":\"5\",\"Operation\":\"Set-Mailbox\"}"
    try await bench.deliverAll([sink]) { collector in
      try await collector.add(blob(early, first, read, late, timeless))
      try await collector.add(blob(record("6", at: "2026-04-01T00:00:00")))
    }
    func replayed(_ change: (inout ReplayRequest) -> Void) async throws -> [String] {
      let before = await sink.received.count
      var request = ReplayRequest(sink: "siem")
      change(&request)
      try await running(try bench.collector([sink])) { collector in
        let begun = try await start(collector, request)
        #expect(try await collector.end(ofReplay: try #require(begun.id)).state == .done)
      }
      return Array(await sink.received.dropFirst(before))
    }
    let day = try await replayed {
      ($0.from, $0.to) = ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
    }
    #expect(day == [first, read])
    // A record without a time is as old as its blob, which was imported just now.
    let since = try await replayed { $0.from = "2026-03-03T00:00:00Z" }
    #expect(since == [late, timeless, record("6", at: "2026-04-01T00:00:00")])
    let operation = try await replayed { $0.operations = ["mailitemsaccessed", "Other"] }
    #expect(operation == [read])
    let available = try await replayed {
      ($0.to, $0.by) = ("2026-04-02T00:00:00Z", .availability)
    }
    #expect(available == [], "all of it was made available by the import")
    let elsewhere = try await replayed { $0.tenants = [IndexBench.tenants[1]] }
    #expect(elsewhere == [])
  }

  @Test func `a replay is written in the format it asks for, by today's normalizer`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    try await bench.deliverAll([sink]) { try await $0.add(blob(record("1"))) }
    try await running(try bench.collector([sink])) { collector in
      var request = ReplayRequest(sink: "siem")
      request.format = "native"
      _ = try await collector.end(ofReplay: try #require(try await start(collector, request).id))
    }
    let event = try #require(await sink.received.last)
    #expect(event.hasPrefix("{\"schema\":\"millrace/1.0\""))
  }

  @Test func `what is asked wrongly is refused, and widens nothing`() async throws {
    let bench = try SinkBench()
    let collector = try bench.collector([PickySink(name: "siem")])
    defer { collector.close() }
    var requests: [ReplayRequest] = [ReplayRequest(sink: "nowhere")]
    for change: (inout ReplayRequest) -> Void in [
      { $0.from = "yesterday" }, { $0.to = "" }, { $0.tenants = ["contoso"] },
      { $0.contentTypes = ["Audit.Everything"] }, { $0.format = "xml" }, { $0.rate = 0 },
    ] {
      var request = ReplayRequest(sink: "siem")
      change(&request)
      requests.append(request)
    }
    for request in requests {
      await #expect(throws: ControlError.self) {
        _ = try await collector.ask("/replay/start", request)
      }
    }
    await #expect(throws: ControlError.self) {
      _ = try await collector.ask("/replay/show", ReplayNumber(id: 7))
    }
    #expect(try await collector.store.replays(limit: 10).isEmpty)
  }

  // MARK: Beside live delivery

  @Test func `live delivery and replays of one sink take turns, and both are exact`() async throws {
    let bench = try SinkBench()
    let old = (0..<3000).map { record("old \($0)") }
    try await bench.deliverAll([try bench.fileSink("siem")]) { collector in
      for start in stride(from: 0, to: 3000, by: 100) {
        try await collector.add("[" + old[start..<start + 100].joined(separator: ",") + "]")
      }
    }
    let new = (0..<1000).map { record("new \($0)") }
    // The replays have not got far when what is new is ready to be delivered.
    let sink = TiringSink(try bench.fileSink("siem"), batches: 10)
    try await running(try bench.collector([sink], batchEventsMax: 20)) { collector in
      let first = try await start(collector, ReplayRequest(sink: "siem"))
      var other = ReplayRequest(sink: "siem")
      other.operations = ["Set-Mailbox"]
      let second = try await start(collector, other)
      for start in stride(from: 0, to: 1000, by: 50) {
        try await collector.add("[" + new[start..<start + 50].joined(separator: ",") + "]")
      }
      while case let extent = try await collector.store.logExtent(),
        extent.firstUnindexed <= extent.last
      {
        await collector.changes()
      }
      await sink.recover()
      for begun in [first, second] {
        let report = try await collector.end(ofReplay: try #require(begun.id))
        #expect(report.state == .done && report.delivered == 3000)
      }
    }
    let found = try bench.lines("siem")
    let counts = Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
    #expect(found.count == 3 * 3000 + 1000)
    #expect(old.allSatisfy { counts[$0] == 3 } && new.allSatisfy { counts[$0] == 1 })
    // Turns are taken: what came meanwhile did not wait for the end of the replays.
    let lastNew = try #require(found.lastIndex { $0.contains("new ") })
    #expect(found[lastNew...].contains { $0.contains("old ") }, "live delivery is not starved")
  }

  @Test func `a sink that fails for a while gets a replay whole`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem") { $0.contains("bad") }
    let lines = (0..<50).map { record("\($0)") } + [record("bad")]
    try await bench.deliverAll([sink]) { collector in
      try await collector.add("[" + lines.joined(separator: ",") + "]")
    }
    await sink.fail(times: 3)
    try await running(try bench.collector([sink], batchEventsMax: 7)) { collector in
      let begun = try await start(collector, ReplayRequest(sink: "siem"))
      let report = try await collector.end(ofReplay: try #require(begun.id))
      #expect(report.delivered == 50, "what the sink refuses is not counted")
      #expect(try await collector.store.status().deadLetters == 2)
    }
    #expect(await sink.received == Array(lines.dropLast()) + Array(lines.dropLast()))
  }

  // MARK: Its life

  @Test func `the same replay is not started twice, another one waits for its turn`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    let lines = (0..<40).map { record("\($0)") }
    try await bench.deliverAll([sink]) { collector in
      try await collector.add("[" + lines.joined(separator: ",") + "]")
    }
    let collector = try bench.collector([sink])
    let first = try await start(collector, ReplayRequest(sink: "siem"))
    let same = try await start(collector, ReplayRequest(sink: "siem"))
    #expect(same.id == first.id && same.wasRunning && !first.wasRunning)
    var slow = ReplayRequest(sink: "siem")
    slow.rate = 1000
    let other = try await start(collector, slow)
    #expect(other.id != first.id)
    try await running(collector) { collector in
      for begun in [first, other] {
        _ = try await collector.end(ofReplay: try #require(begun.id))
      }
      let again = try await start(collector, ReplayRequest(sink: "siem"))
      #expect(again.id != first.id, "what is done can be done again")
      _ = try await collector.end(ofReplay: try #require(again.id))
    }
    #expect(await sink.received.count == 4 * 40)
  }

  @Test func `a replay that is cancelled ends where it is, and the next one runs`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    let lines = (0..<400).map { record("\($0)") }
    try await bench.deliverAll([sink]) { collector in
      try await collector.add("[" + lines.joined(separator: ",") + "]")
    }
    var delivered = 0
    try await running(try bench.collector([sink])) { collector in
      var slow = ReplayRequest(sink: "siem")
      // Minutes from its end when it is cancelled, however busy the machine is.
      slow.rate = 1
      let id = try #require(try await start(collector, slow).id)
      while await sink.received.count < 401 {
        await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
      }
      let next = try await start(collector, ReplayRequest(sink: "siem"))
      let cancelled = try await collector.ask("/replay/cancel", ReplayNumber(id: id))
      #expect((cancelled as? ReplayReport)?.state == .cancelled)
      _ = try await collector.end(ofReplay: try #require(next.id))
      await #expect(throws: ControlError.self) {
        _ = try await collector.ask("/replay/cancel", ReplayNumber(id: id))
      }
      let report = try #require(try await collector.replays.report(of: id))
      #expect(report.state == .cancelled && report.delivered < 400)
      delivered = report.delivered
    }
    // The sink hears of a commit after whoever looks at the store.
    #expect(await sink.received.count == 800 + delivered)
  }

  @Test func `a collector that starts goes on with what was running`() async throws {
    let bench = try SinkBench()
    let lines = (0..<600).map { record("\($0)") }
    try await bench.deliverAll([try bench.fileSink("siem")]) { collector in
      for start in stride(from: 0, to: 600, by: 20) {
        try await collector.add("[" + lines[start..<start + 20].joined(separator: ",") + "]")
      }
    }
    var id: Int64 = 0
    var seen: Set<Int> = []
    // Stopped when it has moved, again and again, and far from its end.
    for _ in 0..<5 {
      let sink = TiringSink(try bench.fileSink("siem"), batches: 4)
      try await running(try bench.collector([sink], batchEventsMax: 10)) { collector in
        id = try #require(try await start(collector, ReplayRequest(sink: "siem")).id)
        let before = try await collector.store.replay(id)?.deliveredEvents ?? 0
        while try await collector.store.replay(id)?.deliveredEvents == before {
          await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
        }
        seen.insert(try await collector.store.replay(id)?.deliveredEvents ?? 0)
      }
    }
    #expect(seen.count == 5, "it was stopped on its way: \(seen)")
    try await running(try bench.collector([try bench.fileSink("siem")])) { collector in
      let report = try await collector.end(ofReplay: id)
      #expect(report.state == .done && report.delivered == 600)
    }
    let counts = Dictionary(try bench.lines("siem").map { ($0, 1) }, uniquingKeysWith: +)
    #expect(lines.allSatisfy { counts[$0] == 2 } && counts.count == 600)
  }

  @Test func `a replay of another version says so and holds up no other`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    try await bench.deliverAll([sink]) { try await $0.add(blob(record("1"))) }
    try await running(try bench.collector([sink])) { collector in
      let strange = try await collector.store.createReplay(
        to: "siem", selection: "{\"words\": 7}", from: 1, end: 2, at: collector.clock.now())
      let begun = try await start(collector, ReplayRequest(sink: "siem"))
      _ = try await collector.end(ofReplay: try #require(begun.id))
      let report = try #require(try await collector.replays.report(of: strange.id))
      #expect(report.state == .running)
      #expect(report.problem?.contains("--cancel \(strange.id)") == true)
    }
    #expect(await sink.received.count == 2)
  }

  // MARK: What is gone or damaged

  @Test func `what is gone is said, and a damaged body costs itself alone`() async throws {
    let bench = try SinkBench()
    let sink = PickySink(name: "siem")
    try await bench.deliverAll([sink]) { collector in
      for number in 0..<6 {
        try await collector.add(blob(record("\(number)"), record("\(number)b")))
      }
    }
    let collector = try bench.collector([sink])
    _ = try await collector.store.dropDelivered(
      to: ["siem"], before: nil, limit: 2, at: collector.clock.now())
    for damaged in [4, 6] {
      try await collector.store.write { (connection) throws(StoreError) in
        try connection.execute(
          "UPDATE body SET bytes = zeroblob(length(bytes)) WHERE sequence = \(damaged)")
      }
    }
    try await running(collector) { collector in
      let begun = try await start(collector, ReplayRequest(sink: "siem"))
      #expect(begun.goneBlobs == 2 && begun.goneEvents == 4 && begun.blobs == 4)
      let report = try await collector.end(ofReplay: try #require(begun.id))
      #expect(report.state == .done && report.damagedBlobs == 2 && report.delivered == 4)
    }
    let sent = await sink.received.dropFirst(12)
    #expect(Array(sent) == [record("2"), record("2b"), record("4"), record("4b")])
  }

  @Test func `a stream needs no lock, keeps nothing, and goes on behind what is damaged`()
    async throws
  {
    let bench = try SinkBench()
    try await bench.deliverAll([PickySink(name: "siem")]) { collector in
      for number in 0..<3 { try await collector.add(blob(record("\(number)"))) }
    }
    let collector = try bench.collector([PickySink(name: "siem")])
    defer { collector.close() }
    try await collector.store.write { (connection) throws(StoreError) in
      try connection.execute("UPDATE body SET bytes = zeroblob(length(bytes)) WHERE sequence = 2")
    }
    let store = try Store(folder: bench.path("store"), access: .inspect)
    defer { store.close() }
    var request = ReplayRequest(sink: "")
    request.format = "raw"
    var text = ""
    var left: [String] = []
    let report = try await ReplayStream(store, request, workers: 2, tenants: [:]).run {
      left.append($0.description)
    } progress: { _ in
    } write: { (bytes) throws(StoreError) in
      text += String(decoding: bytes, as: UTF8.self)
    }
    #expect(text == record("0") + "\n" + record("2") + "\n")
    #expect(report.state == .done && report.delivered == 2 && report.damagedBlobs == 1)
    #expect(left.count == 1 && left[0].contains("log entry 2"), "\(left)")
    #expect(try await store.replays(limit: 1).isEmpty)
  }
}
