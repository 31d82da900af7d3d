import Foundation
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

/// What is odd about blobs and their records.
@Suite(.timeLimit(.minutes(10)))
struct ContentFaultTests {
  /// All there is, and every body read as JSON, by id.
  private func collect(
    _ world: SimulatedWorld
  ) throws -> (collection: SimulatedWorld.Collection, records: [String: [[String: Any]]]) {
    let collection = world.collect()
    let records = try collection.bodies.mapValues { body in
      let value = try #require(world.json(body), "JSON")
      if let object = value as? [String: Any] { return [object] }
      return try #require(value as? [[String: Any]])
    }
    #expect(records.count == world.simulator.oracle.blobs.count)
    return (collection, records)
  }

  @Test func `long-expiry lasts three weeks`() throws {
    let (collection, _) = try collect(SimulatedWorld(.longExpiry))
    #expect(
      collection.listed.values.allSatisfy { $0.expires - $0.created == .seconds(21 * 86_400) })
  }

  @Test func `empty-blobs hold an empty array`() throws {
    let world = try SimulatedWorld(.emptyBlobs)
    let (_, records) = try collect(world)
    #expect(records.values.count { $0.isEmpty } == 10)
    #expect(world.simulator.oracle.blobs.count { $0.recordCount == 0 } == 10)
  }

  @Test func `bare-records stand without brackets`() throws {
    let (collection, _) = try collect(SimulatedWorld(.bareRecords))
    #expect(collection.bodies.values.count { $0.first == UInt8(ascii: "{") } >= 5)
  }

  @Test func `huge-records are one of each feed, and the oracle knows them`() throws {
    let world = try SimulatedWorld(.hugeRecords)
    let (_, records) = try collect(world)
    let padded = records.values.flatMap { $0 }.compactMap { $0["Padding"] as? String }
    #expect(padded.map(\.count) == Array(repeating: 5_000_000, count: 5))
    let expected = try world.simulator.oracle.expectedRecords()
    #expect(expected.count { $0.count > 5_000_000 } == 5)
  }

  @Test func `odd-records have keys twice, keys in two cases and new types`() throws {
    let world = try SimulatedWorld(.oddRecords)
    let (collection, records) = try collect(world)
    let texts = collection.bodies.values.map { String(decoding: $0, as: UTF8.self) }
    for odd in [
      #""QueryTime":"2026-01-15T10:15:52Z","QueryTime":"#, #""eventName":"odd","EVENTNAME":1"#,
      #""SizeInBytes":"1e9""#, #""RecordType":9999"#,
    ] {
      #expect(texts.contains { $0.contains(odd) }, "\(odd)")
    }
    #expect(records.values.reduce(0) { $0 + $1.count } == 300)
  }

  @Test func `changed-events come again in other bytes`() throws {
    let world = try SimulatedWorld(.changedEvents)
    let (collection, records) = try collect(world)
    let ids = records.values.flatMap { $0 }.compactMap { $0["Id"] as? String }
    #expect(Set(ids).count == 300 && ids.count > 300)
    let changed = collection.bodies.values.reduce(0) { count, body in
      count + String(decoding: body, as: UTF8.self).components(separatedBy: ",{ \"").count - 1
    }
    #expect(changed == ids.count - 300)
  }

  @Test func `shared-events stand in two feeds`() throws {
    let world = try SimulatedWorld(.sharedEvents)
    let (_, records) = try collect(world)
    var feeds: [String: Set<String>] = [:]
    for blob in world.simulator.oracle.blobs {
      for record in records[blob.id.description] ?? [] {
        feeds[record["Id"] as? String ?? "", default: []].insert(blob.feed.contentType.rawValue)
      }
    }
    let shared = feeds.values.filter { $0.count == 2 }
    #expect(!shared.isEmpty && shared.allSatisfy { $0.contains("DLP.All") })
  }

  @Test func `partial-blobs are whole when they have settled`() throws {
    let clock = HandClock()
    let world = try SimulatedWorld(.partialBlobs, clock: clock)
    let young = world.simulator.oracle.blobs.filter {
      clock.now() - $0.created < .seconds(600) && $0.recordCount > 1
    }
    #expect(!young.isEmpty)
    let early = try collect(world).records
    clock.advance(.seconds(900))
    let late = try collect(world).records
    for blob in young {
      let id = blob.id.description
      #expect(early[id]?.count == (blob.recordCount + 1) / 2)
      #expect(late[id]?.count == blob.recordCount)
    }
  }

  @Test func `short-bodies end early and look whole`() throws {
    let world = try SimulatedWorld(.shortBodies)
    let collection = world.collect()
    let torn = collection.bodies.values.filter { world.json($0) == nil }
    #expect(torn.count == collection.bodies.count)
    let again = world.collect()
    #expect(again.bodies.values.allSatisfy { world.json($0) != nil })
  }

  @Test func `slow-answers come whole`() throws {
    let world = try SimulatedWorld(.slowAnswers, events: 20)
    let (collection, _) = try collect(world)
    #expect(collection.failures.isEmpty)
  }

  @Test func `cut-gzip is found by whoever inflates it`() async throws {
    let world = try SimulatedWorld(.cutGzip)
    let client = CurlClient(name: "test", userAgent: "test")
    let url = "\(world.simulator.loginURL)/\(SimulatedWorld.tenant)/v2.0/.well-known/x"
    let good = try await client.send(HTTPRequest(url: url))
    #expect(good.status == 404, "only the API and the tokens are spoiled")
    let form = [("Content-Type", "application/x-www-form-urlencoded")]
    let body = Array(
      ("grant_type=client_credentials&client_id=\(SimulatedWorld.client)"
        + "&client_secret=simulated-secret&scope=https://manage.office.com/.default").utf8)
    await #expect(throws: HTTPError.self) {
      _ = try await client.send(
        HTTPRequest(
          method: "POST",
          url: "\(world.simulator.loginURL)/\(SimulatedWorld.tenant)/oauth2/v2.0/token",
          headers: form, body: body))
    }
  }
}
