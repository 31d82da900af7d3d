import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSimulator
import MillraceSinks
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// What years of running must not wear out, and what one bad part must not hold up.
@Suite(.timeLimit(.minutes(10)))
struct LongRunTests {
  // MARK: Bodies in memory

  private func entry(_ sequence: Int64, bytes: Int) throws -> ScannedEntry {
    let tenant = try #require(TenantID("41463f53-8812-40f4-890f-865bf6e35190"))
    let time = SystemWallClock().now()
    let blob = ContentBlob(
      feed: Feed(tenant: tenant, contentType: .exchange), id: ContentID("id\(sequence)"), uri: "",
      created: time, expires: time)
    let body = PaddedBytes([UInt8](repeating: 0x20, count: bytes))
    return ScannedEntry(
      entry: LogEntry(
        head: LogHead(sequence: sequence, blob: blob, fetchedAt: time), body: body),
      scan: BlobScan(records: []))
  }

  @Test func `a body brought twice takes its room once`() throws {
    let recent = RecentContent(bytesMax: 100)
    recent.follow("sink", at: 1)
    for sequence in Int64(1)...20 {
      // The index step was quicker than the fetcher, which brings the body too.
      recent.put(try entry(sequence, bytes: 30))
      recent.put(try entry(sequence, bytes: 30))
      recent.follow("sink", at: sequence + 1)
    }
    for sequence in Int64(21)...23 { recent.put(try entry(sequence, bytes: 30)) }
    #expect(recent.entry(23) != nil, "all the room is there after all that")
  }

  @Test func `a body that every sink has passed is not kept`() throws {
    let recent = RecentContent(bytesMax: 100)
    recent.follow("sink", at: 5)
    recent.put(try entry(4, bytes: 30))
    #expect(recent.entry(4) == nil)
  }

  // MARK: Problems

  @Test func `refused entries are one problem, however many there are`() async throws {
    let bench = try Bench(Bench.options(events: 300, seed: 3, faults: [.foreignContentURI]))
    let (outcome, status) = try await bench.runOnce()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.feeds.reduce(0) { $0 + $1.dead } > 0, "each is accounted for")
    let problems = try #require(status.run).problems.map(\.subject)
    #expect(!problems.isEmpty)
    // Named by the feed and not by the entry: nothing would ever take an entry out again.
    #expect(problems.allSatisfy { $0.hasSuffix("/listing") }, "\(problems)")
  }

  @Test func `to list the same pages again brings the end no nearer`() {
    var course = PollCourse()
    for attempt in 1...3 {
      course.begin()
      for _ in 1...2 {
        course.notePage()
        let isFarther = course.noteEntered()
        #expect(isFarther == (attempt == 1))
      }
      course.fail()
    }
    course.notePage()
    let isThirdPage = course.noteEntered()
    #expect(isThirdPage, "no poll came to the third page before")
    course.succeed()
    course.begin()
    course.notePage()
    let isAnotherPoll = course.noteEntered()
    #expect(isAnotherPoll, "another poll has another end")
  }

  @Test func `waits grow while the same page fails, and begin anew with another`() {
    var course = PollCourse()
    for failures in 1...5 {
      course.begin()
      course.notePage()
      course.notePage()
      course.fail()
      #expect(course.failures == failures, "the third page fails each time")
      #expect(course.failuresHere == failures)
    }
    course.notePage()
    #expect(course.failuresHere == 0, "behind the page that failed nothing has failed yet")
    course.begin()
    for _ in 1...3 { course.notePage() }
    course.fail()
    #expect(course.failures == 1, "another page fails")
    course.begin()
    course.succeed()
    course.begin()
    course.fail()
    #expect(course.failures == 1)
  }

  // MARK: What one part must not do to others

  @Test func `a request waiting for its turn respects a pause that begins meanwhile`() async throws
  {
    let gate = TenantGate(requestsPerMinute: 1200)
    // The burst is used up, and some of what is to come: the next one waits.
    let passed = Pulse()
    let requests = (1...45).map { _ in
      Task {
        try await gate.pass(.exchange, for: .live) { () async throws(ServiceFailure) -> Bool in
          passed.beat()
          return gate.pausedUntil(.exchange) == nil
        }
      }
    }
    while passed.count < 40 { await passed.wait(beyond: passed.count, atMost: .seconds(1)) }
    gate.pauseTenant(for: .milliseconds(700))
    var unpaused = 0
    for request in requests where try await request.value == true { unpaused += 1 }
    // Between the look and the request there is no wait: as many as there are threads may be there.
    let threads = ProcessInfo.processInfo.activeProcessorCount
    #expect(unpaused >= requests.count - threads, "some were let through during the pause")
  }

  @Test func `what a feed owes that is configured no more is not waited for`() async throws {
    let bench = try Bench(Bench.options(events: 100))
    let tenant = try #require(try bench.configuration().tenants.first?.id)
    let feed = Feed(tenant: tenant, contentType: .general)
    let now = SystemWallClock().now()
    let left = ContentBlob(
      feed: feed, id: ContentID("left"), uri: "\(bench.simulator.baseURL)/left", created: now,
      expires: now + .seconds(86_400))
    try await bench.withStore { store in
      _ = try await store.recordListing(of: feed, blobs: [left], at: now)
    }
    let (outcome, _) = try await bench.collect(contentTypes: "[Audit.Exchange]")
    #expect(outcome.ending == .complete, "\(outcome.owed)")
  }

  @Test func `what stands before a damaged body is delivered, and the damage is named`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 100, eventsPerBlob: 5))
    let (_, status) = try await bench.runOnce()
    let raw = try bench.rawLines()
    try await bench.withStore { store in
      try await store.write { (connection) throws(StoreError) in
        try connection.execute("DELETE FROM body WHERE sequence = 8")
        try connection.execute("DELETE FROM sink_file")
        try connection.execute("DELETE FROM sink")
      }
    }
    try FileManager.default.removeItem(atPath: bench.rawPath)
    let (outcome, _) = try await bench.runOwing { outcome in
      outcome.owed.contains { $0.contains("log entry 8") }
    }
    #expect(outcome.ending == .owed)
    #expect(outcome.owed.contains { $0.contains("log entry 8") }, "\(outcome.owed)")
    let before = try bench.rawLines()
    #expect(!before.isEmpty && before.count < raw.count)
    #expect(status.bodies > 8)
  }

  @Test func `large blobs come too, one at a time`() async throws {
    let bench = try Bench(Bench.options(events: 9000, eventsPerBlob: 9000))
    let (outcome, status) = try await bench.runOnce()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.bodyBytes > Limits.ordinaryBlobBytesMax, "some are large")
    try bench.expectEveryRecordOnce()
  }
}
