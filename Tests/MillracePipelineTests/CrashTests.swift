import Foundation
import MillraceCore
import MillraceSimulator
import TestChildren
import Testing

@testable import MillraceStore

/// The campaign: the real program is killed again and again, wherever it happens to be.
@Suite(.timeLimit(.minutes(5)))
struct CrashTests {
  /// Kills of one campaign: more of them where time does not matter.
  private static let kills =
    ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly" ? 50 : 12

  /// Milliseconds until the latest kill: with more content, sinks come further in between.
  private static let delayMost = kills > 12 ? 900 : 400

  @Test func `whatever is killed when, every record arrives exactly once`() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("crash campaign: seed \(seed), \(CrashTests.kills) kills")
    var random = SeededGenerator(seed: seed)
    let bench = try CrashTests.bench(seed: seed)
    let configuration = bench.folder.appendingPathComponent("millrace.yaml").path
    try bench.configurationText().write(
      toFile: configuration, atomically: true, encoding: .utf8)

    var struck = 0
    var interrupted = Interrupted()
    for _ in 0..<CrashTests.kills {
      let delay = Int.random(in: 0...CrashTests.delayMost, using: &random)
      let child = try CrashTests.collector(
        configuration, in: bench, killedAfter: .milliseconds(delay))
      let result = await child.end()
      if result.ending == .signalled(SIGKILL) {
        struck += 1
        try await interrupted.look(at: bench.storePath)
      } else {
        #expect(result.exitCode == 0, "seed \(seed): \(result.complaintText)")
      }
    }
    print(
      "crash campaign: \(struck) of \(CrashTests.kills) struck, with content not fetched "
        + "\(interrupted.fetching) times, not decided \(interrupted.indexing) times, not delivered "
        + "\(interrupted.delivering) times")
    #expect(struck * 3 >= CrashTests.kills, "seed \(seed): only \(struck) kills came in time")
    #expect(interrupted.delivering > 0, "seed \(seed): no kill left anything to do")

    let last = await (try CrashTests.collector(configuration, in: bench)).end()
    #expect(last.exitCode == 0, "seed \(seed): \(last.complaintText)")
    try bench.expectEveryRecordOnce()
    try CrashTests.expectNothingElse(in: bench)
    try await CrashTests.expectIntact(bench.storePath)
  }

  /// A tenant that pages and is in a bad mood, with enough content that no run before the last few
  /// has time to finish it.
  private static func bench(seed: UInt64) throws -> Bench {
    var options = Bench.options(
      events: kills * 150, eventsPerBlob: 20, seed: seed,
      faults: [.smallPages, .cutBodies, .throttle429, .serverErrors, .repeatedListings])
    // Each fault strikes seldom: the waits after failures are real.
    options.faults.rate = 0.005
    return try Bench(options)
  }

  private static func collector(
    _ configuration: String, in bench: Bench, killedAfter: Duration? = nil
  ) throws -> ChildProcess {
    try ChildProcess(
      MillraceProgram.path, ["run", "--once", "--log-level", "error", "--config", configuration],
      environment: ["PATH": "/usr/bin:/bin", "HOME": bench.folder.path],
      folder: bench.folder.path, killedAfter: killedAfter, keeping: bench)
  }

  /// No file but those that belong: nothing half made stays behind.
  private static func expectNothingElse(in bench: Bench) throws {
    let files = FileManager.default
    let top = try files.contentsOfDirectory(atPath: bench.folder.path).sorted()
    #expect(top == ["archive", "millrace.yaml", "raw.ndjson", "store"])
    let store = Set(try files.contentsOfDirectory(atPath: bench.storePath))
    #expect(
      store.subtracting(["control.sock", "millrace.db-wal", "millrace.db-shm"])
        == ["lock", "millrace.db"])
    for name in try files.contentsOfDirectory(atPath: bench.folder.path + "/archive") {
      #expect(name.hasPrefix("contoso-") && name.hasSuffix(".ndjson"), "\(name)")
    }
  }

  private static func expectIntact(_ path: String) async throws {
    let store = try Store(folder: path)
    defer { store.close() }
    let check = try await store.write { (connection) throws(StoreError) in
      try connection.text("PRAGMA integrity_check")
    }
    #expect(check == "ok")
  }
}

/// How often a kill left something half done, by what it was.
private struct Interrupted {
  var fetching = 0
  var indexing = 0
  var delivering = 0

  mutating func look(at path: String) async throws {
    let status: StoreStatus
    do {
      let store = try Store(folder: path, access: .inspect)
      defer { store.close() }
      status = try await store.status()
    } catch {
      // A child that was killed before it had made its tables has left nothing to look at.
      return
    }
    if status.feeds.contains(where: { $0.blobs[.listed] ?? 0 > 0 }) { fetching += 1 }
    if status.unindexedBodies > 0 { indexing += 1 }
    if status.sinks.contains(where: { $0.position.sequence <= status.bodies }) { delivering += 1 }
  }
}
