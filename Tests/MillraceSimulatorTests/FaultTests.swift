import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

@Suite(.timeLimit(.minutes(10)))
struct FaultTests {
  /// Collects everything in spite of the faults and compares it with the oracle.
  private func collectAll(_ world: SimulatedWorld) throws -> SimulatedWorld.Collection {
    let collection = world.collect()
    let oracle = world.simulator.oracle
    var expected: [[UInt8]] = []
    for blob in oracle.blobs where blob.fate == .servable {
      let body = try #require(
        collection.bodies[blob.id.description], "\(blob.feed) \(blob.id) was not had")
      let records = try oracle.records(of: blob)
      expected += records
      for record in records { #expect(contains(body, record)) }
      if blob.brokenRecordCount == 0 {
        #expect(
          (world.json(body) as? [Any])?.count == records.count + blob.repeatedRecordCount)
      }
    }
    #expect(expected.count == oracle.expectedRecordCount)
    #expect(world.simulator.statistics.foreignRequestsWithToken == 0)
    return collection
  }

  private func contains(_ body: [UInt8], _ record: [UInt8]) -> Bool {
    Data(body).range(of: Data(record)) != nil
  }

  private func texts(_ collection: SimulatedWorld.Collection) -> [String] {
    collection.failures.compactMap { $0?.text }
  }

  @Test func `throttle-403 quotes as the service does`() throws {
    let collection = try collectAll(SimulatedWorld(.throttle403))
    let failures = collection.failures.compactMap(\.self)
    #expect(!failures.isEmpty)
    #expect(
      failures.allSatisfy { $0.status == 403 && $0.text.hasPrefix("{'error':{'code':'AF429'") })
    #expect(failures.contains { $0.text.contains("Method=GetBlob") })
  }

  @Test func `throttle-429 comes with and without a time to wait`() throws {
    let failures = try collectAll(SimulatedWorld(.throttle429)).failures.compactMap(\.self)
    #expect(failures.allSatisfy { $0.status == 429 })
    #expect(failures.contains { $0.header("Retry-After") == "1" })
    #expect(failures.contains { $0.header("Retry-After") == nil && $0.text.contains("<html>") })
  }

  @Test func `server-errors come as codes and as pages`() throws {
    let world = try SimulatedWorld(.serverErrors)
    let failures = try collectAll(world).failures.compactMap(\.self)
    #expect(Set(failures.map(\.status)) == [500, 502, 503])
    #expect(failures.contains { $0.text.contains("AF50000") })
    #expect((world.simulator.statistics.faults[.serverErrors] ?? 0) > 0)
  }

  @Test func `repeated-events come again in their own blob or another, byte for byte`() throws {
    let world = try SimulatedWorld(.repeatedEvents)
    let collection = try collectAll(world)
    let oracle = world.simulator.oracle
    var seen: [String: Int] = [:]
    var repeats = 0
    for blob in oracle.blobs {
      let body = try #require(collection.bodies[blob.id.description])
      let records = try #require(world.json(body) as? [[String: Any]])
      #expect(records.count == blob.recordCount + blob.repeatedRecordCount)
      repeats += blob.repeatedRecordCount
      for record in records { seen[try #require(record["Id"] as? String), default: 0] += 1 }
    }
    #expect(repeats > 0)
    #expect(seen.count == oracle.expectedRecordCount, "nothing is new under a repeated name")
    #expect(seen.values.reduce(0, +) == oracle.expectedRecordCount + repeats)
    let texts = collection.bodies.values.map { Data($0) }
    for blob in oracle.blobs {
      for record in try oracle.records(of: blob).prefix(2) {
        let id = try #require((world.json(record) as? [String: Any])?["Id"] as? String)
        let count = texts.reduce(0) { $0 + $1.occurrences(of: Data(record)) }
        #expect(count == seen[id], "each time the same bytes")
      }
    }
  }

  @Test func `cut-bodies announce more than they send`() throws {
    let failures = try collectAll(SimulatedWorld(.cutBodies)).failures
    #expect(!failures.isEmpty)
    #expect(failures.allSatisfy { $0?.isWhole == false })
  }

  @Test func `resets give nothing`() throws {
    let failures = try collectAll(SimulatedWorld(.resets)).failures
    #expect(!failures.isEmpty)
    #expect(failures.allSatisfy { $0 == nil })
  }

  @Test func `html-200 gives a page in place of JSON`() throws {
    let failures = try collectAll(SimulatedWorld(.html200)).failures
    #expect(!failures.isEmpty)
    #expect(failures.allSatisfy { $0?.status == 200 && $0?.text.contains("Sign in") == true })
  }

  @Test func `error-200 gives an error object in place of a blob`() throws {
    let failures = try collectAll(SimulatedWorld(.error200)).failures
    #expect(!failures.isEmpty)
    #expect(failures.allSatisfy { $0?.status == 200 && $0?.text.hasPrefix("{\"error\"") == true })
  }

  @Test func `short-tokens run out and are revoked`() throws {
    let clock = HandClock()
    let world = try SimulatedWorld(.shortTokens, clock: clock)
    #expect(world.login()?.text.contains("\"expires_in\":5,") == true)
    let collection = try collectAll(world)
    #expect(collection.failures.contains { $0?.status == 401 })
    world.authenticate()
    clock.advance(.seconds(6))
    #expect(world.call("GET", "resources/dlpSensitiveTypes")?.status == 401)
  }

  @Test func `slow-bodies and unannounced ones arrive whole`() throws {
    let slow = try collectAll(SimulatedWorld(.slowBodies, events: 20))
    #expect(slow.failures.isEmpty)
    let chunked = try collectAll(SimulatedWorld(.unannounced))
    #expect(chunked.failures.isEmpty)
    #expect(chunked.unannounced > 0)
  }

  @Test func `bom puts a mark in front of bodies`() throws {
    let collection = try collectAll(SimulatedWorld(.byteOrderMark))
    #expect(collection.bodies.values.contains { $0.starts(with: [0xEF, 0xBB, 0xBF]) })
  }

  @Test func `small-pages hold two blobs`() throws {
    let world = try SimulatedWorld(.smallPages, events: 600, eventsPerBlob: 5)
    let collection = try collectAll(world)
    #expect(collection.pageCount > collection.listed.count / 2)
  }

  @Test func `empty-pages are not the end`() throws {
    let collection = try collectAll(SimulatedWorld(.emptyPages, .smallPages))
    #expect(collection.emptyPageCount > 5)
  }

  @Test func `repeated-listings name blobs more than once`() throws {
    let collection = try collectAll(SimulatedWorld(.repeatedListings, .smallPages))
    #expect(collection.listedCount > collection.listed.count)
  }

  @Test func `late-blobs appear after a while with old times`() throws {
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .generated(events: 300, seed: 7), eventsPerBlob: 10,
        faults: FaultPlan([.lateBlobs], lateAfterRequests: 1000), clock: StandingClock()))
    let late = Set(world.simulator.oracle.blobs.filter(\.isLate).map(\.id.description))
    #expect(!late.isEmpty)
    var collection = world.collect()
    #expect(late.isDisjoint(with: collection.listed.keys))
    while world.simulator.statistics.requestCount < 1000 {
      _ = world.call("GET", "subscriptions/list")
    }
    world.list(.sharePoint, into: &collection)
    #expect(!late.isDisjoint(with: collection.listed.keys))
  }

  @Test func `expired-blobs are listed and cannot be had`() throws {
    let world = try SimulatedWorld(.expiredBlobs)
    let collection = try collectAll(world)
    let expired = world.simulator.oracle.blobs.filter { $0.fate == .expired }
    #expect(Set(expired.map(\.id.description)) == Set(collection.refused.keys))
    #expect(Set(collection.refused.values) == ["AF20050", "AF20051"])
    #expect(collection.listed.values.contains { $0.expires < world.clock.now() })
    #expect(
      expired.contains {
        (collection.listed[$0.id.description]?.expires ?? $0.created) > world.clock.now()
      })
  }

  @Test func `foreign-content-uri leads to another origin, which tells who came`() throws {
    let world = try SimulatedWorld(.foreignContentURI)
    let collection = try collectAll(world)
    let foreign = world.simulator.oracle.blobs.filter { $0.fate == .foreign }
    // The feed of one blob alone keeps it.
    #expect(foreign.count == 4)
    #expect(Set(foreign.map(\.id.description)) == collection.foreign)
    #expect(world.simulator.statistics.foreignRequests == 0)
    let uri = try #require(URL(string: collection.listed[collection.foreign.first!]!.uri))
    let stranger = WireConnection(port: try #require(uri.port))
    _ = stranger.request("GET", uri.path, headers: ["Authorization: Bearer x"])
    #expect(world.simulator.statistics.foreignRequests == 1)
    #expect(world.simulator.statistics.foreignRequestsWithToken == 1)
  }

  @Test func `foreign-next-page leads astray once a feed`() throws {
    let world = try SimulatedWorld(.foreignNextPage)
    world.authenticate()
    world.subscribe()
    let now = world.clock.now()
    let first = world.list(.general, from: now - .seconds(3600), to: now)
    let next = try #require(first?.header("NextPageUri"))
    #expect(!next.hasPrefix(world.simulator.baseURL))
    let second = world.list(.general, from: now - .seconds(3600), to: now)
    #expect(second?.header("NextPageUri") == nil)
    _ = try collectAll(world)
  }

  @Test func `disabled-subscription refuses one listing of a feed`() throws {
    let world = try SimulatedWorld(.disabledSubscription)
    let failures = try collectAll(world).failures
    #expect(failures.count == 5)
    #expect(failures.allSatisfy { $0?.text.contains("AF20023") == true })
  }

  @Test func `auditing-off says that the tenant does not exist`() throws {
    let world = try SimulatedWorld(.auditingOff)
    world.authenticate()
    let answer = world.start(.general)
    #expect(answer?.status == 400)
    #expect(
      answer?.text.contains("DataServiceException: Tenant \(SimulatedWorld.tenant) does not exist.")
        == true)
    _ = try collectAll(world)
  }

  @Test func `a poisoned-blob arrives whole and is no JSON`() throws {
    let world = try SimulatedWorld(.poisonedBlob)
    let collection = try collectAll(world)
    let poisoned = world.simulator.oracle.blobs.filter { $0.fate == .poisoned }
    #expect(poisoned.count == 4)
    for blob in poisoned {
      let body = try #require(collection.bodies[blob.id.description])
      #expect(world.json(body) == nil)
    }
  }

  @Test func `a broken-record stands between good ones`() throws {
    let world = try SimulatedWorld(.brokenRecord)
    let collection = try collectAll(world)
    let broken = world.simulator.oracle.blobs.filter { $0.brokenRecordCount > 0 }
    #expect(broken.count == 5)
    for blob in broken {
      let body = try #require(collection.bodies[blob.id.description])
      #expect(world.json(body) == nil)
      let mended = String(decoding: body, as: UTF8.self)
        .replacing("\"Operation\":Broken", with: "\"Operation\":1").replacing(":06}", with: ":6}")
      let records = try #require(world.json(Array(mended.utf8)) as? [Any])
      #expect(records.count == blob.recordCount + 1)
    }
  }

  @Test func `all faults together still give every record that can be had`() throws {
    // Those that last, and those that only a client with more wits than this one copes with.
    let faults = Set(SimulatedFault.allCases.filter { $0.effect != .lasts }).subtracting([
      .oddEntries, .oddNextPage, .bareRecords, .hugeRecords, .hugePages, .shortBodies, .af20052,
    ])
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .generated(events: 400, seed: 7), eventsPerBlob: 10,
        faults: FaultPlan(
          faults, seed: 5, rate: 0.5, lateAfterRequests: 5, slowBodyPause: .milliseconds(1)),
        clock: StandingClock()))
    _ = try collectAll(world)
    let statistics = world.simulator.statistics
    #expect(statistics.faults.count > 20)
  }

  @Test func `the same seed spoils the same blobs`() throws {
    let fates = { (seed: UInt64) -> [SimulatedFate] in
      let plan = FaultPlan([.expiredBlobs, .poisonedBlob, .foreignContentURI], seed: seed)
      return try Simulator(
        SimulatorOptions(eventsPerBlob: 10, faults: plan, clock: StandingClock())
      ).oracle.blobs.map(\.fate)
    }
    #expect(try fates(1) == fates(1))
    #expect(try fates(1) != fates(2))
  }

  @Test func `every fault has a name and one line that explains it`() {
    let catalogue = SimulatedFault.catalogue
    #expect(catalogue.count == SimulatedFault.allCases.count)
    for (name, summary) in catalogue {
      #expect(SimulatedFault(rawValue: name) != nil)
      #expect(!summary.isEmpty && summary.count < 75 && !summary.contains("\n"))
    }
  }
}

extension Data {
  /// How often some bytes stand in these.
  fileprivate func occurrences(of bytes: Data) -> Int {
    var count = 0
    var rest = startIndex..<endIndex
    while let found = range(of: bytes, in: rest) {
      count += 1
      rest = found.upperBound..<endIndex
    }
    return count
  }
}
