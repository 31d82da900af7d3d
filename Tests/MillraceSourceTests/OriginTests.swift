import MillraceCore
import MillraceSource
import Testing

struct `An origin` {
  @Test(arguments: [
    ("https://manage.office.com", "https", "manage.office.com", 443),
    ("https://manage.office.com/", "https", "manage.office.com", 443),
    ("HTTPS://Manage.Office.COM:443/x?y#z", "https", "manage.office.com", 443),
    ("https://manage.office.com:8443?x", "https", "manage.office.com", 8443),
    ("http://127.0.0.1:8080/x", "http", "127.0.0.1", 8080),
    ("http://127.9.9.9", "http", "127.9.9.9", 80), ("http://localhost", "http", "localhost", 80),
    ("http://[::1]:81/", "http", "[::1]", 81),
    ("https://[2001:DB8::1]/", "https", "[2001:db8::1]", 443),
  ])
  func `is scheme, host and port`(url: String, scheme: String, host: String, port: Int) throws {
    let origin = try #require(Origin(url: url))
    #expect(origin.scheme == scheme)
    #expect(origin.host == host)
    #expect(origin.port == port)
  }

  @Test(arguments: [
    "", "manage.office.com", "//manage.office.com/", "https:/manage.office.com",
    "https:manage.office.com", "https:///x", "https://:443/", "ftp://127.0.0.1/",
    "http://manage.office.com/", "http://203.0.113.7/", "http://127.0.0.1.example.com/",
    "http://127.1/", "http://localhost.example.com", "http://0.0.0.0/", "http://[::2]/",
    "https://manage.office.com:0/", "https://manage.office.com:65536/",
    "https://manage.office.com:/", "https://manage.office.com:+443/", "https://[::1",
    "https://[::1]x/", "https://[manage]/", "https://manage%2eoffice.com/",
  ])
  func `is not read from what is none, or not safe`(url: String) {
    #expect(Origin(url: url) == nil)
  }

  static let tricks = [
    "https://manage.office.com@evil.example/", "https://evil.example@manage.office.com/",
    "https://user:pass@manage.office.com/", "https://manage.office.com\\@evil.example/",
    "https://evil.example\\@manage.office.com/", "https://manage.office.com\\.evil.example/",
    "https://evil.example#@manage.office.com/", "https://evil.example?@manage.office.com/",
    "https://evil.example/https://manage.office.com/", "https://manage.office.com.evil.example/",
    "https://manage.office.com./", "https://xmanage.office.com/", "https://office.com/",
    "https://manage.office.com:444/", "https://manage.office.com:443@evil.example/",
    "http://manage.office.com/", "http://manage.office.com:443/", " https://manage.office.com/",
    "https://manage.office.com/ x", "https:// manage.office.com/", "https://manage.office.com\t/",
    "https://manage.office.com\n.evil.example/", "https://manage.office.com\r\n/",
    "https://manage.office.com\u{0}.evil.example/", "https://manage.office.com\u{7F}/",
    "https://manage。office.com/", "https://mаnage.office.com/", "https://manage.office.com%00/",
    "https://manage.office.com%2Fevil.example/", "//manage.office.com/", "manage.office.com/",
    "javascript://manage.office.com/", "https:\\\\manage.office.com/",
    "https:///manage.office.com/",
    "https://[manage.office.com]/", "https://manage.office.com[]/", "https://manage.office.com;/",
    "https://manage.office.com,evil.example/", "",
  ]

  @Test(arguments: tricks)
  func `is not deceived`(url: String) {
    #expect(!ServiceEndpoints.worldwide.api.contains(url: url))
  }

  @Test(arguments: [
    "https://manage.office.com/api/v1.0/x$y$z?a=b", "https://MANAGE.office.com:443/@user",
    "HTTPS://manage.office.com?x=https://evil.example", "https://manage.office.com",
  ])
  func `contains its own URLs`(url: String) {
    #expect(ServiceEndpoints.worldwide.api.contains(url: url))
  }
}

struct `Endpoints` {
  @Test func `of the clouds are the documented ones`() {
    let hosts = ServiceEndpoints.clouds.mapValues { "\($0.login) \($0.api) \($0.scope)" }
    #expect(
      hosts == [
        "worldwide":
          "https://login.microsoftonline.com https://manage.office.com"
          + " https://manage.office.com/.default",
        "gcc":
          "https://login.microsoftonline.com https://manage-gcc.office.com"
          + " https://manage-gcc.office.com/.default",
        "gcc-high":
          "https://login.microsoftonline.us https://manage.office365.us"
          + " https://manage.office365.us/.default",
        "dod":
          "https://login.microsoftonline.us https://manage.protection.apps.mil"
          + " https://manage.protection.apps.mil/.default",
        "china":
          "https://login.partner.microsoftonline.cn https://manage.office365.cn"
          + " https://manage.office365.cn/.default",
      ])
  }

  @Test func `may be configured with slashes at their ends`() throws {
    let endpoints = try ServiceEndpoints(
      login: "https://login.example.com/", api: "https://api.example.com:8443/",
      resource: "https://manage.office.com/")
    #expect(endpoints.login.description == "https://login.example.com")
    #expect(endpoints.api.description == "https://api.example.com:8443")
    #expect(endpoints.scope == "https://manage.office.com/.default")
    let short = try ServiceEndpoints(login: "http://localhost:1", api: "http://[::1]:2")
    #expect(short.resource == "http://[::1]:2")
  }

  @Test(arguments: [
    "https://login.example.com/path", "https://login.example.com//", "http://login.example.com",
    "https://login.example.com?x", "https://u@login.example.com", "login.example.com", "",
  ])
  func `with more or less than an origin are refused`(url: String) {
    #expect(throws: ServiceFailure.self) {
      try ServiceEndpoints(login: url, api: "https://api.example.com")
    }
    #expect(throws: ServiceFailure.self) {
      try ServiceEndpoints(login: "https://login.example.com", api: url)
    }
  }
}

struct `Advice before the first request` {
  @Test func `is none for what looks right`() {
    let domain = CredentialAdvice.warnings(
      tenant: "contoso.onmicrosoft.com", clientID: Given.client, clientSecret: "abc~DEF.123",
      publisherID: Given.publisher)
    #expect(domain.isEmpty)
    #expect(CredentialAdvice.warnings(tenant: Given.tenant, clientID: Given.client).isEmpty)
  }

  @Test(arguments: [
    ("common", Given.client, "x", Given.publisher, "sign in"),
    ("Organizations", Given.client, "x", Given.publisher, "sign in"),
    ("contoso", Given.client, "x", Given.publisher, "neither a GUID nor a domain"),
    (Given.tenant, "my-app", "x", Given.publisher, "client id is not a GUID"),
    (Given.tenant, Given.tenant, "x", Given.publisher, "the same GUID"),
    (Given.tenant, Given.client, "", Given.publisher, "is empty"),
    (Given.tenant, Given.client, "x\n", Given.publisher, "line breaks"),
    (Given.tenant, Given.client, "12345678-ABCD-abcd-1234-1234567890ab", Given.publisher, "id"),
    (Given.tenant, Given.client, "x", "me", "publisher id is not a GUID"),
    (Given.tenant, Given.client, "x", Given.client, "publisher id is the client id"),
  ])
  func `names what looks wrong, and never the secret`(
    tenant: String, client: String, secret: String, publisher: String, part: String
  ) {
    let warnings = CredentialAdvice.warnings(
      tenant: tenant, clientID: client, clientSecret: secret, publisherID: publisher)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains(part) == true)
    if secret.count > 10 { #expect(!warnings.joined().contains(secret)) }
  }
}
