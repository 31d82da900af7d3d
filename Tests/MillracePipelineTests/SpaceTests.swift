import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// A store that is full, and content that is old enough.
@Suite(.timeLimit(.minutes(10)))
struct SpaceTests {
  /// A bench whose one sink cannot deliver until `unblock`: a file stands where its folder belongs.
  private struct Blocked {
    let bench: Bench
    let obstacle: String

    init(events: Int) throws {
      bench = try Bench(Bench.options(events: events, eventsPerBlob: 100, seed: 9))
      obstacle = bench.folder.appendingPathComponent("out").path
      try Data("in the way".utf8).write(to: URL(fileURLWithPath: obstacle))
    }

    func unblock() throws { try FileManager.default.removeItem(atPath: obstacle) }

    func collector(store: String) async throws -> Collector {
      let sinks = """
          raw: {type: file, path: '\(obstacle)/raw.ndjson', format: raw, retry: {initial: 100ms, max: 200ms}}
        """
      let text = bench.configurationText(sinks: sinks).replacing(
        "store: {path: '\(bench.storePath)'}", with: "store: {path: '\(bench.storePath)', \(store)}"
      )
      let configuration = try Configuration.parse(
        Array(text.utf8), name: "test.yaml", environment: [:])
      return try await Collector.open(configuration, workers: 2, log: .silent)
    }

    func lines() throws -> [String] {
      let path = obstacle + "/raw.ndjson"
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    }
  }

  @Test func `a full store pauses fetching, says so, drops nothing, and goes on by itself`()
    async throws
  {
    let blocked = try Blocked(events: 20_000)
    let collector = try await blocked.collector(store: "max_size: 4MiB")
    let running = Task { await collector.run(.continuous) }
    // Listing goes on while fetching pauses: in the end the ledger knows all that is owed.
    let blobs = try blocked.bench.simulator.oracle.expectedRecords().count / 100
    var full: StatusReport?
    while full == nil {
      let status = try await collector.status()
      let listed = status.feeds.reduce(0) { $0 + $1.owed + $1.fetched }
      if status.storeIsFull == true, listed >= blobs { full = status }
      await collector.activity.changed.wait(
        beyond: collector.activity.changed.count, atMost: .milliseconds(50))
    }
    let status = try #require(full)
    #expect(status.usedBytes < 6 << 20, "a little more than allowed at most")
    #expect(status.droppedBodies == 0)
    #expect(status.feeds.contains { $0.owed > 0 })
    let problem = try #require(status.run?.problems.first { $0.subject == "store size" })
    #expect(problem.message.contains("max_size") && problem.message.contains("4.0 MiB"))
    #expect(problem.message.contains("expires at"), "until when waiting loses nothing")
    #expect(Metrics.text(status).contains("millrace_store_full 1"))

    try blocked.unblock()
    var after = try await collector.status()
    // That there is room again is seen by the housekeeper's next round, which may follow the last
    // delivery.
    while (after.sinks.first?.deliveredEvents ?? 0) < 20_000 || after.storeIsFull != false {
      await collector.changes()
      after = try await collector.status()
    }
    #expect(after.droppedBodies == 0)
    #expect(after.heldBodies < after.bodies, "what was delivered made room")
    collector.stop()
    _ = await running.value
    collector.close()
    let isSame = try blocked.lines() == blocked.bench.expectedLines()
    #expect(isSame, "each record once")
  }

  @Test func `a single run that cannot go on says what is owed and why`() async throws {
    let blocked = try Blocked(events: 20_000)
    var outcome = try await runFull(blocked, patience: 6)
    // A busy machine needs longer to fill the store.
    for patience in [24, 96] where !outcome.owed.contains(where: { $0.contains("max_size") }) {
      outcome = try await runFull(blocked, patience: patience)
    }
    #expect(outcome.ending == .owed)
    #expect(outcome.owed.contains { $0.contains("max_size") }, "\(outcome.owed)")
    #expect(outcome.owed.contains { $0.contains("sink raw") }, "\(outcome.owed)")
  }

  @Test func `dropping the oldest is the operator's choice, and each drop is in the ledger`()
    async throws
  {
    let blocked = try Blocked(events: 20_000)
    var (status, facts) = try await filledByDropping(blocked, patience: 6)
    // A busy machine needs longer to fetch all, and to see that it is too much.
    for patience in [24, 96]
    where status.feeds.contains(where: { $0.owed > 0 }) || status.droppedBodies == 0 {
      (status, facts) = try await filledByDropping(blocked, patience: patience)
    }
    #expect(status.feeds.reduce(0) { $0 + $1.owed } == 0, "everything was fetched")
    #expect(status.droppedBodies > 0)
    #expect(Int(facts[0]) == status.droppedBodies && facts[2] > 0)
    #expect(facts[0] == facts[3], "the oldest, and no other")
    #expect(facts[4] == 0, "their bytes are gone")
    try blocked.unblock()
    let second = try await blocked.collector(store: "max_size: 50GiB")
    let outcome = await second.run(.once(patience: .seconds(120)))
    second.close()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(try blocked.lines().count == 20_000 - Int(facts[1]))
  }

  /// Runs with a store too small for what there is; apart for the same reason.
  private func runFull(_ blocked: Blocked, patience: Int) async throws -> RunOutcome {
    let collector = try await blocked.collector(store: "max_size: 4MiB")
    defer { collector.close() }
    return await collector.run(.once(patience: .seconds(patience)))
  }

  /// Runs until all is fetched, with old content dropped undelivered; the status, and what the log
  /// says of the drops. Apart, so that the store's lock is free again afterwards.
  private func filledByDropping(
    _ blocked: Blocked, patience: Int
  ) async throws -> (StatusReport, [Int64]) {
    let collector = try await blocked.collector(store: "max_size: 4MiB, when_full: drop_oldest")
    _ = await collector.run(.once(patience: .seconds(patience)))
    let status = try await collector.status()
    let facts = try await collector.store.read { (connection) throws(StoreError) in
      try connection.first(
        """
        SELECT count(*), sum(event_count), min(dropped_at), max(sequence),
          (SELECT count(*) FROM body JOIN log USING (sequence) WHERE dropped_at IS NOT NULL)
        FROM log WHERE drop_reason = 'full'
        """, { (_) throws(StoreError) in },
        { (row) throws(StoreError) in (0..<5).map { row.integer($0) } })
    }
    collector.close()
    return (status, try #require(facts))
  }

  @Test func `retention frees what all sinks have, once it is old enough, and nothing else`()
    async throws
  {
    let bench = try IndexBench()
    let old = bench.now
    for number in 0..<40 { try await bench.append(blob(record("\(number)"))) }
    bench.now = bench.now + .seconds(86_400)
    for number in 40..<50 { try await bench.append(blob(record("\(number)"))) }
    try await bench.decide()
    let store = bench.store
    for (name, next) in [("fast", Int64(51)), ("slow", 21)] {
      _ = try await store.registerSink(name, from: .start, at: old)
      try await store.commitDelivery(
        of: name, to: LogPosition(sequence: next), events: 1, files: [], at: old)
    }
    func drop(_ sinks: [String], _ limit: Int = 100) async throws -> Int {
      try await store.dropDelivered(
        to: sinks, before: old + .seconds(10), limit: limit, at: bench.now
      ).bodies
    }
    #expect(try await drop(["fast", "slow", "new"]) == 0, "a sink that has not begun holds all")
    #expect(try await drop(["fast", "slow"], 16) == 16)
    #expect(try await drop(["fast", "slow"]) == 4, "up to the slowest")
    #expect(try await drop(["fast"]) == 20, "a sink that is gone holds nothing back")
    #expect(try await drop(["fast"]) == 0, "the others are young")
    let status = try await store.status()
    #expect(status.heldBodies == 10 && status.bodies == 50 && status.events == 50)
    #expect(status.droppedBodies == 0, "delivered before")
    let kept = try await store.read { (connection) throws(StoreError) in
      try connection.integer(
        "SELECT count(*) FROM log WHERE length(sha256) = 32 AND event_count = 1")
    }
    #expect(kept == 50, "the proof outlives the bytes")
    #expect(try await store.logEntry(1) == nil)
    #expect(try await store.storedEntry(1)?.head.dropped == .retention)
    #expect(try await bench.skipped(blob(record("3"))) == [0], "nor is a repeat forgotten")
  }

  @Test func `free space goes back to the file system in steps`() async throws {
    let bench = try IndexBench()
    var random = SeededGenerator(seed: 1)
    let noise = (0..<400_000).map { _ in UInt8.random(in: 0x23...0x5B, using: &random) }
    let text = String(decoding: noise, as: UTF8.self)
    for number in 0..<12 {
      try await bench.append(blob(record("\(number)", extra: ",\"X\":\"\(text)\"")))
    }
    try await bench.decide()
    _ = try await bench.store.dropOldest(sinks: [], limit: 100, at: bench.now)
    let before = try await bench.store.size()
    #expect(before.free > 2 << 20)
    var steps = 0
    while try await bench.store.size().free >= 1 << 20, steps < 100 {
      try await bench.store.vacuumStep(pages: 16)
      steps += 1
    }
    let after = try await bench.store.size()
    #expect(after.file < before.file - (1 << 20))
    #expect(steps > 3, "a step frees a bounded number of pages")
  }
}
