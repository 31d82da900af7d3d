import Foundation
import MillraceCore
import MillraceEvents
import MillraceRuntime
import Synchronization
import Testing

@testable import MillraceLocation

/// Where addresses are, from files that are made here, as events say it.
@Suite(.timeLimit(.minutes(10)))
final class PlaceTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Means

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func write(_ maker: DatabaseMaker, to name: String) throws {
    try Data(maker.file).write(to: folder.appending(path: name), options: .atomic)
  }

  private static func names(_ text: String) -> DatabaseMaker.Value {
    .map([("names", .map([("en", .text(text))]))])
  }

  private static func city(_ name: String = "Testville") -> DatabaseMaker {
    var maker = DatabaseMaker(type: "GeoLite2-City")
    let country: DatabaseMaker.Value = .map([
      ("iso_code", .text("NL")), ("names", .map([("en", .text("Netherlands"))])),
    ])
    let place: DatabaseMaker.Value = .map([
      ("city", names(name)), ("country", country),
      ("registered_country", .map([("iso_code", .text("US"))])),
      (
        "location",
        .map([
          ("accuracy_radius", .short(20)), ("latitude", .number(52.30004)),
          ("longitude", .number(-4.90006)), ("time_zone", .text("Europe/Amsterdam")),
        ])
      ),
      (
        "subdivisions",
        .list([.map([("iso_code", .text("NH")), ("names", .map([("en", .text("Noord"))]))])])
      ),
    ])
    maker.add("203.0.113.0", 24, place)
    maker.add("2001:db8:10::", 48, .map([("country", country)]))
    maker.add("198.51.100.0", 25, .map([]))
    maker.add(
      "198.51.100.128", 25,
      .map([
        ("country", .map([("names", .map([("de", .text("Irgendwo"))]))])),
        ("city", names("Say \"hi\"\n")),
      ]))
    maker.add("10.0.0.0", 8, place)
    return maker
  }

  private static func networks() -> DatabaseMaker {
    var maker = DatabaseMaker(type: "GeoLite2-ASN")
    func system(_ number: UInt32, _ name: String) -> DatabaseMaker.Value {
      .map([
        ("autonomous_system_number", .integer(number)),
        ("autonomous_system_organization", .text(name)),
      ])
    }
    maker.add("203.0.113.0", 25, system(64500, "Example Net"))
    maker.add("203.0.113.128", 25, system(8075, "MICROSOFT-CORP-MSN-AS-BLOCK"))
    return maker
  }

  private func databases(
    log: Log = .silent, _ change: (inout LocationSources) -> Void = { _ in }
  ) throws -> PlaceDatabases {
    var sources = LocationSources()
    sources.city = path("city.mmdb")
    sources.network = path("asn.mmdb")
    change(&sources)
    return PlaceDatabases(sources, log: log)
  }

  /// `source` of the event of a sign-in from an address.
  private func source(
    _ address: String, _ places: PlaceDatabases, user: String = "ann@example.com",
    type: Int = 0, more: String = ""
  ) throws -> [String: Any] {
    let record = """
      [{"CreationTime":"2026-03-04T10:00:00","Id":"d1","Operation":"UserLoggedIn","RecordType":15,\
      "UserId":"\(user)","UserType":\(type),"Workload":"AzureActiveDirectory",\
      "ActorIpAddress":"\(address)"\(more)}]
      """
    let body = PaddedBytes(Array(record.utf8))
    var encoder = EventEncoder(format: .native, places: places)
    var line: [UInt8] = []
    let context = EventContext(
      tenant: nil, tenantName: nil, contentType: nil, contentID: nil, available: nil,
      collected: nil)
    for record in BlobScanner.scan(body).records {
      _ = encoder.encode(record, of: body, context: context, into: &line)
    }
    let event = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
    return try #require(event?["source"] as? [String: Any])
  }

  // MARK: What is found

  @Test func `an address gets its place and its network`() throws {
    try write(Self.city(), to: "city.mmdb")
    try write(Self.networks(), to: "asn.mmdb")
    let source = try source("203.0.113.9:52378", try databases())
    #expect(source["ip"] as? String == "203.0.113.9" && source["kind"] as? String == "client")
    #expect(source["as_number"] as? Int == 64500)
    #expect(source["as_org"] as? String == "Example Net")
    let geo = try #require(source["geo"] as? [String: Any])
    #expect(geo["country_iso"] as? String == "NL" && geo["country"] as? String == "Netherlands")
    #expect(geo["region_iso"] as? String == "NH" && geo["region"] as? String == "Noord")
    #expect(geo["city"] as? String == "Testville")
    #expect(geo["timezone"] as? String == "Europe/Amsterdam")
    #expect(geo["lat"] as? Double == 52.3 && geo["lon"] as? Double == -4.9001)
    #expect(geo["accuracy_km"] as? Int == 20 && geo["provider"] as? String == "mmdb")
  }

  @Test(arguments: ["::ffff:203.0.113.9", "[::ffff:203.0.113.9]:443", "::ffff:cb00:7109"])
  func `an IPv4 address in IPv6 form is found as what it is`(text: String) throws {
    try write(Self.city(), to: "city.mmdb")
    let source = try source(text, try databases())
    #expect((source["geo"] as? [String: Any])?["city"] as? String == "Testville")
  }

  @Test func `an IPv6 address may have a country and no more`() throws {
    try write(Self.city(), to: "city.mmdb")
    let source = try source("2001:db8:10::5", try databases())
    let geo = try #require(source["geo"] as? [String: Any])
    #expect(geo["country_iso"] as? String == "NL" && geo["city"] == nil && geo["lat"] == nil)
  }

  @Test func `empty entries and missing languages leave fields out`() throws {
    try write(Self.city(), to: "city.mmdb")
    let places = try databases()
    #expect(try source("198.51.100.1", places)["geo"] == nil)
    let odd = try #require(try source("198.51.100.200", places)["geo"] as? [String: Any])
    #expect(odd["country"] == nil && odd["city"] as? String == "Say \"hi\"\n")
    #expect(try source("192.0.2.1", places)["geo"] == nil)
  }

  // MARK: What is no place of a person

  @Test func `addresses of the service are no places of users`() throws {
    try write(Self.city(), to: "city.mmdb")
    try write(Self.networks(), to: "asn.mmdb")
    let places = try databases()
    let user = try source("203.0.113.200", places)
    #expect(user["kind"] as? String == "service" && user["geo"] == nil)
    #expect(user["as_number"] as? Int == 8075)
    // An application may well run there.
    let application = try source("203.0.113.200", places, user: "ServicePrincipal_1", type: 6)
    #expect(application["kind"] as? String == "client" && application["geo"] != nil)
  }

  @Test func `the operator's own way out is a proxy, and ranges of the service may be added`()
    throws
  {
    try write(Self.city(), to: "city.mmdb")
    let places = try databases {
      $0.proxies = [AddressRange("203.0.113.0/28"), AddressRange("10.1.0.0/16")].compactMap(\.self)
      $0.serviceRanges = [AddressRange("2001:db8:10::/64")].compactMap(\.self)
    }
    let proxy = try source("203.0.113.9", places)
    #expect(proxy["kind"] as? String == "proxy" && proxy["geo"] == nil)
    #expect(try source("10.1.2.3", places)["kind"] as? String == "proxy")
    #expect(try source("2001:db8:10::5", places)["kind"] as? String == "service")
    #expect(try source("203.0.113.99", places)["geo"] != nil)
  }

  @Test func `a private address is internal, whatever a database says of it`() throws {
    try write(Self.city(), to: "city.mmdb")
    let source = try source("10.9.9.9", try databases())
    #expect(source["kind"] as? String == "internal" && source["geo"] == nil)
  }

  @Test func `what hides people is marked`() throws {
    var maker = DatabaseMaker(type: "GeoIP2-Anonymous-IP")
    maker.add(
      "203.0.113.0", 24,
      .map([("is_anonymous", .flag(true)), ("is_hosting_provider", .flag(false))]))
    try write(maker, to: "anonymous.mmdb")
    let places = try databases { $0.anonymity = path("anonymous.mmdb") }
    let source = try source("203.0.113.9", places)
    #expect(source["is_anonymous"] as? Bool == true && source["is_hosting"] as? Bool == false)
  }

  @Test func `flat databases are understood`() throws {
    var maker = DatabaseMaker(type: "ipinfo standard_location.mmdb")
    maker.add(
      "203.0.113.0", 24,
      .map([
        ("country", .text("ie")), ("city", .text("Dublin")), ("lat", .text("53.3498")),
        ("lng", .text("-6.26031")),
      ]))
    try write(maker, to: "city.mmdb")
    var systems = DatabaseMaker(type: "ipinfo standard_asn.mmdb")
    systems.add("203.0.113.0", 24, .map([("asn", .text("AS64501")), ("name", .text("Flat"))]))
    try write(systems, to: "asn.mmdb")
    let source = try source("203.0.113.9", try databases())
    let geo = try #require(source["geo"] as? [String: Any])
    #expect(geo["country_iso"] as? String == "IE" && geo["lon"] as? Double == -6.2603)
    #expect(source["as_number"] as? Int == 64501 && source["as_org"] as? String == "Flat")
  }

  // MARK: Files that come and go

  @Test func `a missing database is told once and costs nothing, and is used when it comes`() throws
  {
    let lines = Mutex<[String]>([])
    let log = Log(level: .warning, output: { line in lines.withLock { $0.append(line) } })
    let places = try databases(log: log) { $0.network = nil }
    #expect(try source("203.0.113.9", places)["geo"] == nil)
    #expect(try source("203.0.113.10", places)["geo"] == nil)
    #expect(lines.withLock { $0.count } == 1)
    #expect(lines.withLock { $0[0] }.contains("city.mmdb"))
    try write(Self.city(), to: "city.mmdb")
    try expectCity("Testville", places)
  }

  @Test func `what is no database is told in words that say what it is`() throws {
    try Data().write(to: folder.appending(path: "empty.mmdb"))
    try Data("<html>".utf8).write(to: folder.appending(path: "page.mmdb"))
    for (name, reason) in [
      ("", "it is a folder; name the file in it"), ("empty.mmdb", "it is empty"),
      ("none.mmdb", "No such file or directory"), ("page.mmdb", "metadata"),
    ] {
      let error = #expect(throws: LocationError.self) { try PlaceDatabases.check(path(name)) }
      #expect(error?.reason.contains(reason) == true, "\(name): \(error?.reason ?? "")")
    }
  }

  @Test func `a database that is replaced is read anew, and a broken one leaves the old in use`()
    throws
  {
    try write(Self.city("Before"), to: "city.mmdb")
    let lines = Mutex<[String]>([])
    let log = Log(level: .warning, output: { line in lines.withLock { $0.append(line) } })
    let places = try databases(log: log) { $0.network = nil }
    try expectCity("Before", places)
    try Data("this is no database".utf8).write(
      to: folder.appending(path: "city.mmdb"), options: .atomic)
    places.forgetLastLook()
    try expectCity("Before", places)
    #expect(lines.withLock { $0.filter { $0.contains("cannot be used") }.count } == 1)
    try write(Self.city("After"), to: "city.mmdb")
    places.forgetLastLook()
    try expectCity("After", places)
  }

  @Test func `a database with changed bytes never breaks an event`() throws {
    let whole = Self.city().file
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      var broken = whole
      for _ in 0..<4 {
        broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      try Data(broken).write(to: folder.appending(path: "city.mmdb"), options: .atomic)
      let places = try databases { $0.network = nil }
      #expect(try source("203.0.113.9", places)["ip"] as? String == "203.0.113.9")
    }
  }

  private func expectCity(
    _ name: String, _ places: PlaceDatabases, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    places.forgetLastLook()
    let geo = try source("203.0.113.9", places)["geo"] as? [String: Any]
    #expect(geo?["city"] as? String == name, sourceLocation: sourceLocation)
  }
}
