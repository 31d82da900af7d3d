import Foundation
import Glibc
import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSimulator
import TestChildren
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// Replays are as exact as live delivery: the real program is killed wherever it happens to be.
@Suite(.timeLimit(.minutes(10)))
struct ReplayCrashTests {
  private static let kills =
    ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly" ? 40 : 10

  private func millrace(_ words: [String], in bench: Bench) throws -> ChildProcess {
    try ChildProcess(
      MillraceProgram.path, words + ["--log-level", "error", "--config", path(bench)],
      environment: ["PATH": "/usr/bin:/bin", "HOME": bench.folder.path],
      folder: bench.folder.path, keeping: bench)
  }

  private func path(_ bench: Bench) -> String {
    bench.folder.appendingPathComponent("millrace.yaml").path
  }

  /// Runs the program until the store shows what is waited for, then kills it.
  private func kill(
    _ words: [String], in bench: Bench, once isReached: (Store) async throws -> Bool
  ) async throws {
    let child = try millrace(words, in: bench)
    // A few milliseconds at a time: what is waited for is the store, not the clock.
    var opened: Store?
    for _ in 0..<6000 {
      await Pulse().wait(beyond: 0, atMost: .milliseconds(2))
      // A store that is just being made has nothing to show yet.
      if opened == nil { opened = try? Store(folder: bench.storePath, access: .inspect) }
      guard let store = opened else { continue }
      if (try? await isReached(store)) == true { break }
    }
    opened?.close()
    child.signal(SIGKILL)
    _ = await child.end()
  }

  private func job(_ bench: Bench) async throws -> ReplayJob {
    let store = try Store(folder: bench.storePath, access: .inspect)
    defer { store.close() }
    return try #require(try await store.replays(limit: 1).first)
  }

  /// The records of the log before `end`, one line each.
  private func lines(_ bench: Bench, before end: Int64) async throws -> [String] {
    let store = try Store(folder: bench.storePath, access: .inspect)
    defer { store.close() }
    var lines: [String] = []
    for sequence in 1..<end {
      let entry = try #require(try await store.logEntry(sequence))
      for record in BlobScanner.scan(entry.body).records {
        let bytes = entry.body.bytes(in: record.range)
        lines.append(String(decoding: bytes.map { $0 == 10 || $0 == 13 ? 32 : $0 }, as: UTF8.self))
      }
    }
    return lines
  }

  /// Checks that every record of the tenant stands once in the file, and what was replayed twice.
  private func expect(
    _ bench: Bench, replayed: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let counts = Dictionary(try bench.rawLines().map { ($0, 1) }, uniquingKeysWith: +)
    let again = Set(replayed)
    let expected = try bench.expectedLines()
    let wrong = expected.count { counts[$0] != (again.contains($0) ? 2 : 1) }
    #expect(wrong == 0, "\(wrong) of \(expected.count) lines", sourceLocation: sourceLocation)
    #expect(counts.count == Set(expected).count, sourceLocation: sourceLocation)
    #expect(again.count == replayed.count && !again.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func `a replay that is killed again and again goes on where it was, exactly`() async throws
  {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("replay campaign: seed \(seed), \(Self.kills) kills")
    var random = SeededGenerator(seed: seed)
    let bench = try Bench(Bench.options(events: 500 * Self.kills, eventsPerBlob: 25, seed: seed))
    let sink = "    raw: {type: file, path: '\(bench.rawPath)', format: raw, batch: {events: 50}}"
    try bench.configurationText(sinks: sink).write(
      toFile: path(bench), atomically: true, encoding: .utf8)
    let first = await (try millrace(["run", "--once"], in: bench)).end()
    #expect(first.exitCode == 0, "seed \(seed): \(first.complaintText)")

    // At a pace that lets the store be looked at between two batches, on any machine.
    let replay = ["replay", "--sink", "raw", "--rate", "250"]
    var positions: Set<LogPosition> = []
    for _ in 0..<Self.kills {
      var moves = Int.random(in: 1...4, using: &random)
      var seen = positions.max()
      try await kill(replay, in: bench) { store in
        guard let job = try await store.replays(limit: 1).first else { return false }
        if job.position > seen ?? .start {
          seen = job.position
          moves -= 1
        }
        return moves == 0 || job.state == .done
      }
      let job = try await job(bench)
      positions.insert(job.position)
      if job.state == .done { break }
    }
    print("replay campaign: stopped at \(positions.sorted())")
    #expect(positions.count > 2, "seed \(seed): it was killed on its way")
    if try await job(bench).state == .running {
      let last = await (try millrace(replay, in: bench)).end()
      #expect(last.exitCode == 0, "seed \(seed): \(last.complaintText)")
    }
    let job = try await job(bench)
    let replayed = try await lines(bench, before: job.end)
    #expect(job.id == 1 && job.state == .done && job.deliveredEvents == replayed.count)
    try expect(bench, replayed: replayed)
  }

  @Test func `a collector that is killed again and again brings live and replayed events exactly`()
    async throws
  {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("live and replay campaign: seed \(seed), \(Self.kills) kills")
    var random = SeededGenerator(seed: seed)
    let bench = try Bench(Bench.options(events: 500 * Self.kills, eventsPerBlob: 20, seed: seed))
    let sink = "    raw: {type: file, path: '\(bench.rawPath)', format: raw, batch: {events: 40}}"
    // Neither live delivery nor the replay is through before it was killed a few times, on a busy
    // machine either: both are slow for so little.
    try bench.configurationText(sinks: sink).replacing(
      "requests_per_minute: 100000", with: "requests_per_minute: 600"
    ).write(toFile: path(bench), atomically: true, encoding: .utf8)
    let begun = try await beginning(bench)

    var struck = 0
    for _ in 0..<Self.kills {
      var moves = Int.random(in: 1...3, using: &random)
      var seen = (job: LogPosition.start, live: LogPosition.start)
      var isFirst = true
      try await kill(["run"], in: bench) { store in
        let position = try await store.replays(limit: 1).first?.position ?? .start
        let live = try await store.sinkPositions()["raw"] ?? .start
        // Both are at work at once: neither has to end for the other to go on.
        let hasMoved = position > seen.job && live > seen.live
        if isFirst || hasMoved { seen = (position, live) }
        if hasMoved && !isFirst { moves -= 1 }
        isFirst = false
        if moves == 0 { struck += 1 }
        return moves == 0 || position.sequence == begun.end
      }
    }
    print("live and replay campaign: both moved in \(struck) runs that were killed")
    #expect(struck > 0, "seed \(seed): both were at work when they were killed")
    let live = await (try millrace(["run", "--once"], in: bench)).end()
    #expect(live.exitCode == 0, "seed \(seed): \(live.complaintText)")
    if try await job(bench).state == .running {
      let rest = await (try millrace(["replay", "--resume", "\(begun.id)"], in: bench)).end()
      #expect(rest.exitCode == 0, "seed \(seed): \(rest.complaintText)")
    }
    let done = try await job(bench)
    #expect(done.state == .done)
    let replayed = try await lines(bench, before: done.end)
    #expect(done.deliveredEvents == replayed.count)
    try expect(bench, replayed: replayed)
  }

  /// Has a part of the content collected, and a replay of it begun that nobody runs yet.
  private func beginning(_ bench: Bench) async throws -> ReplayJob {
    try await kill(["run"], in: bench) {
      try await $0.logExtent().firstUnindexed > 6 * Int64(Self.kills)
    }
    let replay = try StandaloneReplay(bench.configuration(), workers: 1, log: .silent)
    defer { replay.close() }
    var request = ReplayRequest(sink: "raw")
    request.rate = 100
    _ = try await replay.start(request)
    return try await job(bench)
  }
}
