import Foundation
import MillraceConfiguration
import MillraceCore
import Testing

private func tenant(_ credential: String, more: String = "") -> String {
  oneTenant.replacing("{client_secret: \"file:/run/secret\"}", with: credential)
    .replacing("    client_id", with: more + "    client_id") + oneSink
}

struct `A credential in the configuration` {
  @Test func `has its defaults`() throws {
    let parsed = try parsed(tenant("{certificate: {path: a.pem}}"))
    guard case .certificate(let certificate) = parsed.tenants[0].credential else {
      Issue.record("a certificate was written")
      return
    }
    #expect(certificate.algorithm == .ps256 && certificate.password == nil)
  }

  @Test(arguments: [
    ("worldwide", "api://AzureADTokenExchange"), ("gcc", "api://AzureADTokenExchange"),
    ("gcc-high", "api://AzureADTokenExchangeUSGov"), ("dod", "api://AzureADTokenExchangeUSGov"),
    ("china", "api://AzureADTokenExchangeChina"),
  ])
  func `asks for the audience of its cloud`(cloud: String, audience: String) throws {
    let parsed = try parsed(
      tenant("{workload_identity: {provider: google}}", more: "    cloud: \(cloud)\n"))
    guard case .workloadIdentity(let identity) = parsed.tenants[0].credential else {
      Issue.record("a workload identity was written")
      return
    }
    #expect(identity.audience == audience)
    #expect(parsed.warnings.contains { $0.message.contains("China") } == (cloud == "china"))
  }

  @Test func `understands the variables of a cluster`() throws {
    let environment = [
      "AZURE_FEDERATED_TOKEN_FILE": "/var/run/token",
      "AZURE_CLIENT_ID": "66666666-7777-8888-9999-AAAAAAAAAAAA",
      "AZURE_TENANT_ID": "41463f53-8812-40f4-890f-865bf6e35190",
      "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
    ]
    let text = """
      tenants:
        - id: ${AZURE_TENANT_ID}
          credential: {workload_identity: {}}

      """
    let parsed = try parsed(text + oneSink, environment: environment)
    #expect(parsed.tenants[0].clientID == "66666666-7777-8888-9999-aaaaaaaaaaaa")
    guard case .workloadIdentity(let identity) = parsed.tenants[0].credential else {
      Issue.record("a workload identity was written")
      return
    }
    #expect(identity.tokenFile == "/var/run/token" && identity.provider == .kubernetes)
    #expect(parsed.warnings.isEmpty)
    let other = try MillraceConfigurationTests.parsed(
      text + oneSink,
      environment: environment.merging(
        ["AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us/"]
      ) { $1 })
    #expect(other.warnings.map(\.hint) == ["set the tenant's cloud"])
    let named = try MillraceConfigurationTests.parsed(
      tenant("{federated_token_file: \"${AZURE_FEDERATED_TOKEN_FILE}\"}"),
      environment: environment)
    guard case .federatedTokenFile("/var/run/token") = named.tenants[0].credential else {
      Issue.record("the variable names the file")
      return
    }
  }

  @Test(arguments: [
    ("{certificate: {path: a.pem, algorithm: ES256}}", "is none of PS256, RS256"),
    ("{workload_identity: {provider: gitlab}}", "is none of kubernetes, github"),
    ("{workload_identity: {}}", "AZURE_FEDERATED_TOKEN_FILE is not set"),
    ("{workload_identity: {provider: github}}", "ACTIONS_ID_TOKEN_REQUEST_URL is not set"),
    ("{workload_identity: {provider: aws}}", "AWS_REGION is not set"),
    ("{workload_identity: {provider: google, region: x}}", "this key is for provider aws"),
    (
      "{workload_identity: {provider: aws, region: x, identity_pool: y}}", "belong together"
    ),
    (
      "{managed_identity: {resource_id: /a, client_id: 66666666-7777-8888-9999-aaaaaaaaaaaa}}",
      "name one identity twice"
    ),
    ("{client_secret: \"file:/s\", expires: soon}", "\"soon\" is not a date"),
    ("{certificate: {path: a.pem}, expires: 2027-05-31}", "it goes with client_secret alone"),
  ])
  func `that cannot be right is refused with its place`(written: String, words: String) {
    let said = complaints(tenant(written))
    #expect(said.count == 1, "\(said)")
    #expect(said.first?.contains(words) == true)
    #expect(said.first?.hasPrefix("millrace.yaml:4:") == true)
  }

  @Test func `states the end of a secret`() throws {
    let parsed = try parsed(tenant("{client_secret: \"file:/s\", expires: 2027-05-31}"))
    guard case .clientSecret(_, let expires) = parsed.tenants[0].credential else {
      Issue.record("a secret was written")
      return
    }
    #expect(expires == Timestamp("2027-05-31T00:00:00Z"))
  }

  @Test func `does not show the platform's secrets`() throws {
    let parsed = try parsed(
      tenant("{workload_identity: {provider: aws}}"),
      environment: ["AWS_REGION": "x", "AWS_SECRET_ACCESS_KEY": "hunter2", "HOME": "/home"])
    var dumped = ""
    dump(parsed.tenants[0].credential, to: &dumped)
    for text in [dumped, "\(parsed.tenants[0].credential)"] { #expect(!text.contains("hunter2")) }
    guard case .workloadIdentity(let identity) = parsed.tenants[0].credential else { return }
    #expect(identity.environment.variables["AWS_SECRET_ACCESS_KEY"] == "hunter2")
    #expect(identity.environment.variables["HOME"] == nil)
  }
}

struct `A cloud of addresses` {
  @Test(arguments: [
    ("https://login.microsoftonline.com", "https://manage.office.com", "", nil),
    ("https://login.microsoftonline.com", "https://manage-gcc.office.com", "", nil),
    ("https://login.windows.net", "https://manage.office.com", "", nil),
    ("https://login.microsoftonline.us", "https://manage.protection.apps.mil", "", nil),
    ("https://login.example.com", "https://manage.office.com", "", nil),
    ("https://login.microsoftonline.com", "https://api.example.com", "", nil),
    (
      "https://login.microsoftonline.com", "https://manage.office365.us", "",
      "login and api belong to different clouds"
    ),
    (
      "https://login.microsoftonline.us", "https://manage-gcc.office.com", "",
      "login and api belong to different clouds"
    ),
    (
      "https://login.microsoftonline.us", "https://manage.office365.us",
      "https://manage.office.com", "resource is that of another cloud"
    ),
    ("https://login.microsoftonline.de", "https://manage.office.com", "", "was closed"),
  ])
  func `that do not fit is warned about`(
    login: String, api: String, resource: String, words: String?
  ) throws {
    let more = resource.isEmpty ? "" : ", resource: \"\(resource)\""
    let parsed = try parsed(
      tenant(
        "{client_secret: \"file:/s\"}",
        more: "    cloud: {login: \"\(login)\", api: \"\(api)\"\(more)}\n"))
    #expect(parsed.warnings.count == (words == nil ? 0 : 1))
    if let words { #expect(parsed.warnings.first?.message.contains(words) == true) }
  }
}

struct `A proxy in the configuration` {
  private func proxy(_ tenant: TenantConfiguration) -> ProxyConfiguration? {
    guard case .through(let proxy) = tenant.network.proxy else { return nil }
    return proxy
  }

  @Test func `is the process's, or a tenant's own`() throws {
    let text = """
      proxy: http://proxy.example.com:3128
      ca_file: corporate.pem
      tenants:
        - id: 41463f53-8812-40f4-890f-865bf6e35190
          client_id: 9b2c1d7e-0000-4000-8000-000000000001
          credential: {client_secret: "file:/s"}
        - id: 41463f53-8812-40f4-890f-865bf6e35191
          client_id: 9b2c1d7e-0000-4000-8000-000000000001
          credential: {client_secret: "file:/s"}
          proxy: off
        - id: 41463f53-8812-40f4-890f-865bf6e35192
          client_id: 9b2c1d7e-0000-4000-8000-000000000001
          credential: {client_secret: "file:/s"}
          ca_file: other.pem
          proxy:
            url: https://[2001:db8::1]:3129/
            username: millrace
            password: file:/p
            ca_file: proxy-ca.pem
            certificate: client.pem
            key: client.key
            key_password: file:/k

      """
    let tenants = try parsed(text + oneSink).tenants
    #expect(proxy(tenants[0])?.url == "http://proxy.example.com:3128")
    #expect(tenants[0].network.caFile == "corporate.pem")
    guard case .off = tenants[1].network.proxy else {
      Issue.record("off is off")
      return
    }
    #expect(tenants[1].network.caFile == "corporate.pem")
    let own = try #require(proxy(tenants[2]))
    #expect(own.url == "https://[2001:db8::1]:3129" && own.username == "millrace")
    #expect(own.password?.filePath == "/p" && own.keyPassword?.filePath == "/k")
    #expect(own.caFile == "proxy-ca.pem" && own.certificatePath == "client.pem")
    #expect(own.keyPath == "client.key" && tenants[2].network.caFile == "other.pem")
  }

  @Test(arguments: [
    ("socks5://a:1080", "this is not an http:// or https:// URL"),
    ("http://user:hunter2@a:3128", "the URL carries a user name or password"),
    ("http://a:3128/x", "only scheme and host"), ("{username: x}", "\"url\" is missing"),
    ("{url: \"http://a:1\", password: \"file:/p\"}", "it goes with \"username\""),
    ("{url: \"https://a:1\", key: k}", "it goes with \"certificate\""),
    ("{url: \"http://a:1\", certificate: c}", "reached through TLS"),
    ("{url: \"http://a:1\", usrname: c}", "did you mean \"username\"?"),
  ])
  func `that cannot be right is refused`(written: String, words: String) {
    let said = complaints("proxy: \(written)\n" + oneTenant + oneSink)
    #expect(said.count == 1, "\(said)")
    #expect(said.first?.contains(words) == true)
    #expect(said.first?.contains("hunter2") == false)
  }
}

struct `The page on credentials` {
  /// The blocks of YAML in it.
  private func blocks() throws -> [String] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/credentials.md")
    return try String(contentsOf: path, encoding: .utf8).components(separatedBy: "```yaml\n")
      .dropFirst().compactMap { $0.components(separatedBy: "```").first }
  }

  @Test func `shows what the program accepts`() throws {
    let blocks = try blocks()
    #expect(blocks.count >= 4)
    for block in blocks {
      if block.hasPrefix("credential:") {
        let indented = block.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        let text = oneTenant.replacing(
          "    credential: {client_secret: \"file:/run/secret\"}", with: indented)
        #expect(text.contains(indented))
        _ = try parsed(text + oneSink)
      } else {
        _ = try parsed(block + oneTenant + oneSink)
      }
    }
  }
}
