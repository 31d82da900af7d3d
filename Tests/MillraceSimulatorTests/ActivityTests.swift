import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ActivityTests {
  private func world(_ clock: HandClock? = nil) throws -> SimulatedWorld {
    let world = try SimulatedWorld(clock: clock ?? HandClock())
    world.authenticate()
    return world
  }

  @Test func `a call without a good token is refused`() throws {
    let clock = HandClock()
    let world = try world(clock)
    #expect(world.call("GET", "subscriptions/list")?.status == 200)
    clock.advance(.seconds(3600))
    for token in [world.token, "", "nonsense"] {
      world.token = token
      let answer = world.call("GET", "subscriptions/list")
      #expect(answer?.status == 401)
      #expect(answer?.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
      #expect(answer?.text == #"{"Message":"Authorization has been denied for this request."}"#)
    }
    #expect(world.simulator.statistics.unauthorized == 3)
  }

  @Test func `nothing is subscribed until it is started`() throws {
    let world = try world()
    #expect(world.call("GET", "subscriptions/list")?.text == "[]")
    let now = world.clock.now()
    let early = world.list(.general, from: now - .seconds(3600), to: now)
    #expect(early?.status == 400)
    #expect(early?.text.contains("AF20022") == true)
    let started = world.call("POST", "subscriptions/start?contentType=Audit.general")
    #expect(
      started?.text == #"{"contentType":"Audit.general","status":"enabled","webhook":null}"#)
    #expect(world.start(.general)?.text.contains("AF20024") == true)
    #expect(
      world.call("GET", "subscriptions/list")?.text
        == #"[{"contentType":"Audit.General","status":"enabled","webhook":null}]"#)
    #expect(world.list(.general, from: now - .seconds(3600), to: now)?.status == 200)
    let stopped = world.call("POST", "subscriptions/stop?contentType=Audit.General")
    #expect(stopped?.status == 200)
    #expect(stopped?.body.isEmpty == true)
    #expect(
      world.list(.general, from: now - .seconds(3600), to: now)?.text.contains("AF20023") == true)
  }

  @Test(arguments: [
    ("GET", "subscriptions/content", "String reference not set"),
    ("GET", "subscriptions/content?contentType=Audit.Nothing", "AF20020"),
    ("GET", "subscriptions/content?contentType=DLP.All&startTime=2026-01-01T00:00", "AF20030"),
    ("GET", "subscriptions/content?contentType=DLP.All&startTime=yesterday&endTime=x", "AF20002"),
    (
      "GET",
      "subscriptions/content?contentType=DLP.All&startTime=2026-01-01T00:00:00+00:00&endTime=2026-01-01",
      "AF20002"
    ),
    ("GET", "subscriptions/list?PublisherIdentifier=vendor", "AF20002"),
    ("GET", "audit/nothing", "AF20052"),
    ("GET", "audit/1$2$audit_general$Audit_General", "AF20050"),
    ("POST", "subscriptions/list", "does not support"),
    ("GET", "subscriptions/nonsense", "No HTTP resource"),
  ])
  func `a wrong call is refused with the code of its fault`(
    method: String, path: String, code: String
  ) throws {
    let world = try world()
    world.subscribe()
    let answer = world.call(method, path)
    #expect(answer?.text.contains(code) == true, "\(answer?.text ?? "no answer")")
    #expect((answer?.status ?? 0) >= 400)
  }

  @Test func `windows keep the rules of the service`() throws {
    let world = try world()
    world.subscribe()
    let now = world.clock.now()
    func answer(_ start: Duration, _ end: Duration) -> String {
      let answer = world.list(.exchange, from: now - start, to: now - end)
      return answer?.status == 200 ? "good" : answer?.text ?? "none"
    }
    #expect(answer(.seconds(23 * 3600), .zero) == "good")
    #expect(answer(.seconds(86_400), .zero).contains("AF20055"))
    #expect(answer(.zero, .seconds(60)).contains("AF20055"))
    #expect(answer(.seconds(60), .seconds(60)).contains("AF20055"))
    #expect(answer(.seconds(7 * 86_400 + 1), .seconds(7 * 86_400 - 60)).contains("AF20055"))
    #expect(answer(.seconds(7 * 86_400), .seconds(7 * 86_400 - 60)) == "good")
    #expect(answer(.seconds(60), .seconds(-600)) == "good")
    #expect(world.call("GET", "subscriptions/content?contentType=DLP.All")?.status == 200)
  }

  @Test func `a window includes its start and excludes its end`() throws {
    let world = try world()
    world.subscribe()
    let blob = try #require(
      world.simulator.oracle.blobs.first { $0.feed.contentType == .sharePoint })
    let precise = { (start: Int64, end: Int64) -> Bool in
      let text = { (shift: Int64) in
        Timestamp(milliseconds: blob.created.milliseconds + shift).description
      }
      let answer = world.call(
        "GET",
        "subscriptions/content?contenttype=audit.sharepoint&starttime=\(text(start))"
          + "&endtime=\(text(end))")
      return answer?.text.contains(blob.id.description) == true
    }
    #expect(precise(0, 1))
    #expect(!precise(-1, 0))
    #expect(precise(-1, 1))
    #expect(!precise(1, 2))
  }

  @Test func `a tenant's token opens nothing of another tenant`() throws {
    let other = SimulatedTenantOptions(
      tenantID: "5b0d3f0e-2222-4333-8444-555555555555", domain: "fabrikam.example.com")
    let world = try SimulatedWorld(
      SimulatorOptions(tenants: [SimulatedTenantOptions(), other], clock: StandingClock()))
    world.authenticate()
    world.subscribe()
    let answer = world.call("GET", target: world.root(other.tenantID) + "subscriptions/list")
    #expect(answer?.text.contains("AF20010") == true)
    let domain = world.call("GET", target: world.root("contoso.example.com") + "subscriptions/list")
    #expect(domain?.text.contains("AF20013") == true)
    let blob = try #require(
      world.simulator.oracle.blobs.first { $0.feed.tenant.description == other.tenantID })
    #expect(world.call("GET", "audit/\(blob.id)")?.text.contains("AF20052") == true)
    #expect(world.simulator.oracle.offeredRecordCount == 1000)
  }

  @Test func `pages lead from one to the next in odd dress`() throws {
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .generated(events: 400, seed: 7), eventsPerBlob: 2, pageSize: 3,
        clock: StandingClock()))
    world.authenticate()
    world.subscribe()
    let now = world.clock.now()
    let first = try #require(
      world.list(.sharePoint, from: now - .seconds(82_800), to: now))
    let next = try #require(first.header("NextPageUri"))
    #expect(next.hasPrefix(world.simulator.baseURL + "/api/v1"))
    #expect(next.contains("&starttime=") && next.contains("0000Z&nextpage=") && next.contains("$"))
    #expect(!next.lowercased().contains("publisheridentifier"))
    let target = String(next.dropFirst(world.simulator.baseURL.count))
    let second = try #require(world.call("GET", target: target))
    #expect(second.status == 200)
    #expect(second.body != first.body)
    #expect(world.simulator.statistics.requestsWithoutPublisher == 1)
    let stale = target.replacing("endtime=20", with: "endtime=21")
    #expect(world.call("GET", target: stale)?.text.contains("AF20031") == true)
    let bent = target.replacing("nextpage=0", with: "nextpage=9")
    #expect(world.call("GET", target: bent)?.text.contains("AF20031") == true)
  }

  @Test func `a blob is compressed for those who ask`() throws {
    let world = try world()
    world.subscribe()
    let blob = try #require(world.simulator.oracle.blobs.first { $0.recordCount == 10 })
    let plain = try #require(world.call("GET", "audit/\(blob.id)"))
    #expect(plain.header("Content-Encoding") == nil)
    let packed = try #require(
      world.call("GET", "audit/\(blob.id)", headers: ["Accept-Encoding: deflate, gzip;q=1.0"]))
    #expect(packed.header("Content-Encoding") == "gzip")
    #expect(packed.body.count < plain.body.count / 2)
    #expect(try unpacked(packed.body) == plain.body)
  }

  private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(bytes))
    try input.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    return Array(data ?? Data())
  }

  @Test func `a blob expires`() throws {
    let clock = HandClock()
    let world = try world(clock)
    world.subscribe()
    let blob = try #require(world.simulator.oracle.blobs.first)
    #expect(world.call("GET", "audit/\(blob.id)")?.status == 200)
    clock.advance(.seconds(7 * 86_400))
    world.authenticate()
    #expect(world.call("GET", "audit/\(blob.id)")?.text.contains("AF20051") == true)
  }

  @Test func `every record can be had once, over the last seven days`() throws {
    let world = try world()
    let collection = world.collect()
    let oracle = world.simulator.oracle
    #expect(collection.listed.count == oracle.blobs.count)
    #expect(collection.listedCount == oracle.blobs.count)
    #expect(collection.failures.isEmpty)
    var ids: Set<String> = []
    for body in collection.bodies.values {
      let records = try #require(world.json(body) as? [[String: Any]])
      for record in records { ids.insert(try #require(record["Id"] as? String)) }
    }
    #expect(ids.count == 300)
    #expect(oracle.offeredRecordCount == 300)
    #expect(oracle.expectedRecordCount == 300)
    let statistics = world.simulator.statistics
    #expect(statistics.recordsServed == 300)
    #expect(statistics.blobsServed == oracle.blobs.count)
    #expect(statistics.pagesServed == collection.pageCount)
    #expect(statistics.recordsOffered == 300)
    #expect(statistics.blobsOffered == oracle.blobs.count)
    #expect(statistics.faultCount == 0)
    #expect(Set(oracle.blobs.map(\.feed.contentType)) == Set(ContentType.allCases))
  }

  @Test func `a port that is taken is named`() throws {
    let first = try world()
    let second = try Simulator(SimulatorOptions(port: first.simulator.port))
    let error = #expect(throws: SimulatorError.self) { try second.start() }
    #expect(error?.description.contains("another program listens") == true)
  }

  @Test func `impossible options are refused`() {
    let wrong: [SimulatorOptions] = [
      SimulatorOptions(tenants: []),
      SimulatorOptions(tenants: [SimulatedTenantOptions(tenantID: "contoso")]),
      SimulatorOptions(tenants: [SimulatedTenantOptions(domain: "a\"b")]),
      SimulatorOptions(tenants: [SimulatedTenantOptions(), SimulatedTenantOptions()]),
      SimulatorOptions(eventsPerBlob: 0),
      SimulatorOptions(content: .generated(events: -1, seed: 1)),
      SimulatorOptions(content: .records(files: ["/nonexistent/records.ndjson"])),
    ]
    for options in wrong {
      #expect(throws: SimulatorError.self) { try Simulator(options) }
    }
  }
}
