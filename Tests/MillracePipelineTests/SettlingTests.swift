import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import MillraceStore
import Testing

@testable import MillracePipeline

/// Blobs that the service serves in part while they are young are complete in the end, and nothing
/// of them is delivered twice.
@Suite(.timeLimit(.minutes(10)))
struct SettlingTests {
  /// A service whose time, and the collector's, can be set.
  private func bench(
    _ clock: MovableClock, faults: Set<SimulatedFault> = [.partialBlobs]
  ) throws -> Bench {
    var options = Bench.options(events: 300, eventsPerBlob: 6, faults: faults)
    options.faults.rate = 1
    options.clock = clock
    return try Bench(options)
  }

  private func configuration(_ bench: Bench, deduplicate: Bool) throws -> Configuration {
    var text = bench.configurationText()
    if !deduplicate { text = "deduplicate: off\n" + text }
    return try Configuration.parse(Array(text.utf8), name: "test.yaml", environment: [:])
  }

  /// Runs a collector once; how many blobs are to be fetched again then.
  private func runOnce(
    _ bench: Bench, deduplicate: Bool, clock: MovableClock
  ) async throws -> Int {
    let collector = try await Collector.open(
      configuration(bench, deduplicate: deduplicate), workers: 2, log: .silent, clock: clock)
    let outcome = await collector.run(.once(patience: .seconds(60)))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    let count = try await collector.store.settlingCount()
    collector.close()
    return count
  }

  /// Runs a collector until `condition` holds, and returns its last status.
  private func run(
    _ bench: Bench, deduplicate: Bool = true, clock: MovableClock,
    until condition: (Collector) async throws -> Bool
  ) async throws -> StatusReport {
    let collector = try await Collector.open(
      configuration(bench, deduplicate: deduplicate), workers: 2, log: .silent, clock: clock)
    let running = Task { await collector.run(.continuous) }
    while try await !condition(collector) { await collector.changes() }
    let status = try await collector.status()
    collector.stop()
    _ = await running.value
    collector.close()
    return status
  }

  @Test(arguments: [true, false])
  func `what a young blob lacked is delivered later, once`(_ deduplicate: Bool) async throws {
    let clock = MovableClock()
    let bench = try bench(clock)
    let expected = try bench.expectedLines()
    // A run that ends by itself does not wait for blobs to settle; that they have to is remembered.
    let owedAgain = try await runOnce(bench, deduplicate: deduplicate, clock: clock)
    #expect(owedAgain > 0)
    let before = try bench.rawLines()
    #expect(before.count < expected.count, "the service serves young blobs in part")
    #expect(Set(before).isSubset(of: expected))

    clock.set(ahead: Limits.contentSettledAge + .seconds(60))
    let status = try await run(bench, deduplicate: deduplicate, clock: clock) { collector in
      let isSettled = try await collector.store.settlingCount() == 0
      let isDelivered = try await collector.hasDelivered(expected.count)
      // A blob is counted just after the store has it.
      let isCounted = try await collector.status().run?.blobsCompleted ?? 0 > 0
      return isSettled && isDelivered && isCounted
    }
    try bench.expectEveryRecordOnce()
    #expect(status.run?.blobsCompleted ?? 0 <= status.run?.blobsSettled ?? 0)
    #expect(status.repeats > 0, "what came again is counted")
    #expect(status.changedRepeats == 0)
    #expect(status.feeds.reduce(0) { $0 + $1.fetched } == bench.simulator.oracle.blobs.count)
    // The ledger holds: as many events as there are, each blob once, and the log is unbroken.
    #expect(status.events == expected.count)
    try await expectProofs(bench, clock)
  }

  private func expectProofs(_ bench: Bench, _ clock: MovableClock) async throws {
    let (outcome, status) = try await bench.collect(clock: clock)
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.deadLetters == 0 && status.unindexedBodies == 0)
    try bench.expectEveryRecordOnce()
  }

  @Test func `a blob that was whole at once is fetched once more and enters nothing`() async throws
  {
    let clock = MovableClock()
    let bench = try bench(clock, faults: [])
    let (outcome, before) = try await bench.collect(clock: clock)
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
    clock.set(ahead: Limits.contentSettledAge + .seconds(60))
    let status = try await run(bench, clock: clock) { collector in
      // A blob is counted just after the store has it.
      let isSettled = try await collector.store.settlingCount() == 0
      let isCounted = try await collector.status().run?.blobsSettled ?? 0 > 0
      return isSettled && isCounted
    }
    #expect(status.run?.blobsCompleted == 0)
    #expect(status.bodies == before.bodies && status.repeats == before.repeats)
    try bench.expectEveryRecordOnce()
  }

  @Test func `a hint has a feed polled long before its time`() async throws {
    let bench = try Bench(Bench.options(events: 40))
    let text = bench.configurationText().replacing("poll_interval: 1s", with: "poll_interval: 1h")
    let collector = try await Collector.open(
      Configuration.parse(Array(text.utf8), name: "test.yaml", environment: [:]), workers: 2,
      log: .silent, hintDelay: .zero)
    let running = Task { await collector.run(.continuous) }
    let feed = try #require(collector.contexts.first).feed(.exchange)
    let listed = { try await collector.store.progress(of: feed).listedUntil }
    while try await listed() == nil { await collector.changes() }
    let first = try await listed()
    collector.contexts[0].hints.note([.exchange])
    // An hour's wait would end the suite first.
    while try await listed() == first { await collector.changes() }
    collector.stop()
    _ = await running.value
    collector.close()
  }
}
