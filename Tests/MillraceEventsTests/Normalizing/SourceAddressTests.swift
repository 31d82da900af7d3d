import MillraceEvents
import Testing

@Suite struct `Addresses of events` {
  /// What a text of `ClientIP` becomes.
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    var ip: String?
    var port: Int?
    var address: String?
    var domain: String?
    var isPublic: Bool?
    var kind: String?

    init(
      _ text: String, _ ip: String? = nil, port: Int? = nil, address: String? = nil,
      domain: String? = nil, isPublic: Bool? = true, kind: String? = "client"
    ) {
      self.text = text
      self.ip = ip
      self.port = port
      self.address = address
      self.domain = domain
      self.isPublic = ip == nil ? nil : isPublic
      self.kind = kind
    }

    var testDescription: String { text }
  }

  static let cases = [
    Case("203.0.113.9", "203.0.113.9"),
    Case(" 203.0.113.9\\r\\n", "203.0.113.9"),
    Case("203.0.113.9:52378", "203.0.113.9", port: 52378),
    Case("[203.0.113.9]:443", "203.0.113.9", port: 443),
    Case("[203.0.113.9]", "203.0.113.9"),
    Case("2001:db8::1", "2001:db8::1"),
    Case("2001:0DB8:0:0:0:0:0:1", "2001:db8::1", address: "2001:0DB8:0:0:0:0:0:1"),
    Case("[2001:db8::1]:47114", "2001:db8::1", port: 47114),
    Case("[2001:db8::1]", "2001:db8::1"),
    Case("2001:db8::1:443", "2001:db8::1:443"),
    Case("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", address: "2001:db8:0:0:1:0:0:1"),
    Case("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    Case("::ffff:203.0.113.9", "203.0.113.9", address: "::ffff:203.0.113.9"),
    Case("::ffff:cb00:7109", "203.0.113.9", address: "::ffff:cb00:7109"),
    Case(
      "[::ffff:203.0.113.9]:443", "203.0.113.9", port: 443, address: "[::ffff:203.0.113.9]:443"),
    Case(
      "ffff:10.11.0.229", "10.11.0.229", address: "ffff:10.11.0.229", isPublic: false,
      kind: "internal"),
    Case("fe80::1%3", "fe80::1", address: "fe80::1%3", isPublic: false, kind: "internal"),
    Case("203.0.113.9%12", "203.0.113.9", address: "203.0.113.9%12"),
    Case("::1", "::1", isPublic: false, kind: "internal"),
    Case("127.0.0.1", "127.0.0.1", isPublic: false, kind: "internal"),
    Case("10.9.0.1", "10.9.0.1", isPublic: false, kind: "internal"),
    Case("172.16.0.1", "172.16.0.1", isPublic: false, kind: "internal"),
    Case("172.32.0.1", "172.32.0.1"),
    Case("100.64.0.1", "100.64.0.1", isPublic: false, kind: "internal"),
    Case("fd00::1", "fd00::1", isPublic: false, kind: "internal"),
    Case(
      "NAME (10.9.0.1)", "10.9.0.1", address: "NAME (10.9.0.1)", domain: "NAME", isPublic: false,
      kind: "internal"),
    Case(
      "[NAME (203.0.113.9)]", "203.0.113.9", address: "[NAME (203.0.113.9)]", domain: "NAME"),
    Case("NOTANIPV4 (10.9000.0.1)", address: "NOTANIPV4 (10.9000.0.1)", kind: "unknown"),
    Case(
      "host.example.com", address: "host.example.com", domain: "host.example.com", kind: "unknown"),
    Case(
      "host.example.com:8080", address: "host.example.com:8080", domain: "host.example.com",
      kind: "unknown"),
    Case(
      "10.0.0.1, 203.0.113.9, 198.51.100.4", "203.0.113.9",
      address: "10.0.0.1, 203.0.113.9, 198.51.100.4"),
    Case("203.0.113.9:0", "203.0.113.9", address: "203.0.113.9:0"),
    Case("203.0.113.9:65536", "203.0.113.9", address: "203.0.113.9:65536"),
    Case("203.0.113.9:", "203.0.113.9", address: "203.0.113.9:"),
    Case("203.0.113.9:x", address: "203.0.113.9:x", kind: "unknown"),
    Case("[2001:db8::1]:0", "2001:db8::1", address: "[2001:db8::1]:0"),
    Case(
      "203.0.113.9:443, 198.51.100.4:80", "203.0.113.9", port: 443,
      address: "203.0.113.9:443, 198.51.100.4:80"),
    Case("[ffff:203.0.113.9]:443", "203.0.113.9", port: 443, address: "[ffff:203.0.113.9]:443"),
    Case("0.0.0.0:0", kind: nil), Case("[::]:0", kind: nil),
    Case("203.0.113.009", address: "203.0.113.009", kind: "unknown"),
    Case("203.0.113.256", address: "203.0.113.256", kind: "unknown"),
    Case("2001:db8:::1", address: "2001:db8:::1", kind: "unknown"),
    Case("1:2:3:4:5:6:7:8:9", address: "1:2:3:4:5:6:7:8:9", kind: "unknown"),
    Case("", kind: nil), Case("null", kind: nil), Case("<null>", kind: nil),
    Case("<Null>", kind: nil), Case("-", kind: nil), Case("Unknown", kind: nil),
    Case("Not Available", kind: nil), Case("0.0.0.0", kind: nil), Case("::", kind: nil),
  ]

  @Test(arguments: cases)
  func `every shape is read`(_ expected: Case) throws {
    let event = try event(record("\"ClientIP\":\"\(expected.text)\"", type: 6))
    #expect(event["source.ip"] == expected.ip)
    #expect(event.number("source.port") == expected.port)
    #expect(event["source.address"] == expected.address)
    #expect(event["source.domain"] == expected.domain)
    #expect(event.flag("source.is_public") == expected.isPublic)
    #expect(event["source.kind"] == expected.kind)
    #expect(!event.has("ext.ClientIP"))
  }

  @Test func `the first valid member counts, not the first present one`() throws {
    let event = try event(
      record(
        "\"ClientIPAddress\":\"NOTANIPV4 (10.9000.0.1)\",\"ClientIP\":\"203.0.113.9\"", type: 2))
    #expect(event["source.ip"] == "203.0.113.9")
    #expect(event["ext.ClientIPAddress"] == "NOTANIPV4 (10.9000.0.1)")
  }

  @Test func `each family has its own order of members`() throws {
    let both =
      "\"ClientIP\":\"203.0.113.1\",\"ActorIpAddress\":\"203.0.113.2\","
      + "\"ClientIPAddress\":\"203.0.113.3\",\"UserIp\":\"203.0.113.4\",\"SenderIp\":\"203.0.113.5\""
    #expect(try event(record(both, type: 15))["source.ip"] == "203.0.113.2")
    #expect(try event(record(both, type: 50))["source.ip"] == "203.0.113.3")
    #expect(try event(record(both, type: 1))["source.ip"] == "203.0.113.1")
    #expect(try event(record(both, type: 41))["source.ip"] == "203.0.113.4")
    let mail = try event(record(both, type: 28))
    #expect(mail["source.ip"] == nil)
    #expect(mail["email.sender_ip"] == "203.0.113.5")
    #expect(mail["ext.ClientIP"] == "203.0.113.1")
  }

  @Test func `Exchange Online calling itself is a service`() throws {
    let address = "\"ClientIPAddress\":\"2603:10a6:5:9::22\","
    let rest = try event(record(address + "\"ClientInfoString\":\"Client=REST;;\"", type: 50))
    #expect(rest["source.kind"] == "service")
    let outlook = try event(record(address + "\"ClientInfoString\":\"Client=OWA;\"", type: 50))
    #expect(outlook["source.kind"] == "client")
  }

  @Test func `the place of a risk detection comes from the record`() throws {
    let event = try event(
      record(
        """
        "Location":{"City":"Testville","State":"North Holland","CountryOrRegion":"nl",\
        "GeoCoordinates":{"Latitude":"52.30001","Longitude":"-4.9"}}
        """, type: 294, operation: "UserRiskDetected"))
    #expect(event["source.geo.country_iso"] == "NL")
    #expect(event["source.geo.city"] == "Testville")
    #expect(event["source.geo.region"] == "North Holland")
    #expect(event["source.geo.provider"] == "record")
    #expect(event.line.contains("\"lat\":52.3000,\"lon\":-4.9"))
    #expect(!event.has("ext.Location"))
  }

  @Test func `Copilot's region is a country and SharePoint's data region is not`() throws {
    let copilot = try event(record("\"ClientRegion\":\"us\"", type: 261))
    #expect(copilot["source.geo.country_iso"] == "US")
    let file = try event(record("\"GeoLocation\":\"EUR\"", type: 6))
    #expect(!file.has("source"))
    #expect(file["ext.GeoLocation"] == "EUR")
  }
}
