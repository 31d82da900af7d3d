import Foundation
import MillraceCore
import MillraceSimulator
import TestWire
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ContentTests {
  /// Enough records for the rare kinds to occur; made once, as making them takes a while.
  private static let many = Result {
    try Simulator(
      SimulatorOptions(content: .generated(events: 4000, seed: 3), clock: StandingClock())
    ).oracle.expectedRecords()
  }

  private func simulator(events: Int, seed: UInt64 = 3) throws -> Simulator {
    try Simulator(
      SimulatorOptions(content: .generated(events: events, seed: seed), clock: StandingClock()))
  }

  private func object(_ record: [UInt8]) throws -> [String: Any] {
    let object = try? JSONSerialization.jsonObject(with: Data(record))
    return try #require(
      object as? [String: Any], "\(String(decoding: record, as: UTF8.self)) is no JSON object")
  }

  @Test func `invented records are well-formed, different and of every kind`() throws {
    let records = try Self.many.get()
    var ids: Set<String> = []
    var types: [String: Int] = [:]
    var failedWithSuccess = 0
    for record in records {
      let object = try object(record)
      ids.insert(try #require(object["Id"] as? String))
      #expect(object["OrganizationId"] as? String == SimulatedWorld.tenant)
      #expect(Timestamp(try #require(object["CreationTime"] as? String)) != nil)
      let operation = try #require(object["Operation"] as? String)
      types["\(try #require(object["RecordType"]))", default: 0] += 1
      if operation == "UserLoginFailed", object["ResultStatus"] as? String == "Success" {
        failedWithSuccess += 1
      }
    }
    #expect(records.count == 4000)
    #expect(ids.count == 4000)
    #expect(ids.allSatisfy { isGUID($0) })
    #expect(types.count > 20)
    #expect(failedWithSuccess > 20)
    for (type, share) in ["6": 32, "50": 26, "15": 20, "25": 9] {
      let percent = Double(types[type, default: 0]) / 40
      #expect(abs(percent - Double(share)) < 2, "type \(type) has \(percent) %")
    }
  }

  @Test func `invented records have the sizes of real ones`() throws {
    let sizes = try Self.many.get().map(\.count)
    let mean = sizes.reduce(0, +) / sizes.count
    #expect((1300...2000).contains(mean), "the mean is \(mean)")
    #expect(sizes.min()! >= 350)
    #expect(sizes.max()! <= 9000)
    #expect(sizes.filter { $0 > 3000 }.count > 20)
  }

  @Test func `invented records have the oddities of real ones`() throws {
    let text = Data(try Self.many.get().joined(separator: [0x0A]))
    let contains = { (oddity: String) in text.range(of: Data(oddity.utf8)) != nil }
    for oddity in [
      #""ClientIP":"<null>""#, #""ClientIP":"""#, "[::ffff:", #""::ffff:"#, #":\/\/"#, #"\r\n"#,
      "application – Certificates and secrets management \"", "DlpRuleMatch", "DLPRuleMatch",
      "佐藤", "🎉", #"\"QueryTime\":"#, #""LogonType":"0""#, "1156492.00", #""RecordType":"28""#,
      #""ClientIPs":["#, #"[[Id: "#, #""50140""#, #""50126""#, "Permissions granted",
      #""Parameters":"""#, "SHAREPOINT\\\\system", "NT AUTHORITY", "2001:db8:",
    ] {
      #expect(contains(oddity), "nothing has \(oddity)")
    }
    #expect(!contains("{{"))
  }

  @Test func `the same seed gives the same records, another one others`() throws {
    let first = try simulator(events: 200).oracle.expectedRecords()
    #expect(try simulator(events: 200).oracle.expectedRecords() == first)
    let other = try simulator(events: 200, seed: 4).oracle.expectedRecords()
    #expect(Set(other).isDisjoint(with: first))
  }

  @Test(arguments: [0, 1, 4, 5, 6, 99, 1000])
  func `as many records are offered as were asked for`(events: Int) throws {
    #expect(try simulator(events: events).oracle.offeredRecordCount == events)
  }

  @Test func `blobs lie within the reach of a first collection`() throws {
    let now = StandingClock().now()
    let blobs = try simulator(events: 20_000).oracle.blobs
    #expect(blobs.allSatisfy { now - $0.created < Limits.windowReach - .seconds(3600) })
    #expect(blobs.allSatisfy { now - $0.created >= Limits.windowGuard })
    #expect(blobs.contains { now - $0.created <= .seconds(600) })
    #expect(Set(blobs.map(\.created.day)).count >= 7)
    #expect(Set(blobs.map(\.id)).count == blobs.count)
  }

  @Test func `given records are placed by workload and served untouched`() throws {
    let lines = [
      (#"{"Id":"1","Workload":"Exchange","RecordType":1, "a" : "\/"}"#, ContentType.exchange),
      (#"{"Nested":{"Workload":"Exchange"},"RecordType":6,"Workload":"OneDrive"}"#, .sharePoint),
      (#"{"RecordType":"13","Workload":"Exchange"}"#, .dlp),
      (#"{"RecordType":11,"Workload":"SharePoint"}"#, .dlp),
      (#"{"Text":"\"Workload\":\"Exchange\"","Workload":"SharePoint"}"#, .sharePoint),
      (#"{"Workload":"AzureActiveDirectory","x":[{"RecordType":11}]}"#, .azureActiveDirectory),
      (#"{"Workload":"user1"}"#, .general),
      (#"{}"#, .general),
      (#"{"Name":"größer ✓"}"#, .general),
    ]
    let path = NSTemporaryDirectory() + "records-\(UUID().uuidString).ndjson"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = lines.map(\.0).joined(separator: "\r\n\n  \n") + "\n" + lines[0].0
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .records(files: [path]), eventsPerBlob: 2, clock: StandingClock()))
    let oracle = world.simulator.oracle
    var found: [String: ContentType] = [:]
    for blob in oracle.blobs {
      #expect(blob.recordCount <= 2)
      for record in try oracle.records(of: blob) {
        found[String(decoding: record, as: UTF8.self)] = blob.feed.contentType
      }
    }
    for (line, type) in lines { #expect(found[line] == type, "\(line)") }
    #expect(found.count == lines.count)
    #expect(oracle.offeredRecordCount == lines.count + 1)

    let bodies = world.collect().bodies.values.map { String(decoding: $0, as: UTF8.self) }
    for (line, _) in lines { #expect(bodies.contains { $0.contains(line) }) }
  }

  @Test func `a huge blob is served whole, without a length, and never made as a whole`() throws {
    let size = 9 << 20
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .generated(events: 10, seed: 3), hugeBlobBytes: size, clock: StandingClock()))
    let oracle = world.simulator.oracle
    let huge = try #require(oracle.blobs.max { $0.recordCount < $1.recordCount })
    #expect(huge.feed.contentType == .exchange)
    let collection = world.collect([.exchange])
    let body = try #require(collection.bodies[huge.id.description])
    #expect(abs(body.count - size) < size / 5, "\(body.count) bytes")
    #expect(collection.unannounced == 1)
    let expected = try oracle.records(of: huge)
    #expect(expected.count == huge.recordCount)
    #expect(body.count == expected.reduce(1) { $0 + $1.count + 1 })
    #expect((world.json(body) as? [Any])?.count == expected.count)
    #expect(oracle.offeredRecordCount == 10 + huge.recordCount)
  }

  @Test func `content is listed little by little if asked, and stays listed`() throws {
    let world = try SimulatedWorld(events: 1000)
    var listed: [Set<String>] = []
    for share in [0, 0.3, 0.7, 1] {
      world.simulator.show(share: share)
      listed.append(Set(world.collect().bodies.keys))
    }
    #expect(listed[0].isEmpty)
    #expect(listed[1].isStrictSubset(of: listed[2]) && listed[2].isStrictSubset(of: listed[3]))
    #expect(listed[3].count == world.simulator.oracle.blobs.count)
    #expect((20...45).contains(listed[1].count), "\(listed[1].count) of 100")
  }

  @Test func `a file that holds something else is refused by its line`() throws {
    let path = NSTemporaryDirectory() + "records-\(UUID().uuidString).ndjson"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "{}\n\n[1]\n".write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: SimulatorError.self) {
      try Simulator(SimulatorOptions(content: .records(files: [path])))
    }
    #expect(error?.message == "line 3 is not a JSON object")
  }
}
