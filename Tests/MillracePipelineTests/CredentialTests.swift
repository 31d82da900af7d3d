import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import MillraceSource
import Synchronization
import TestChildren
import Testing

@testable import MillracePipeline

@Suite(
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the certificates"))
struct `A configured credential` {
  let workshop: CertificateWorkshop

  init() throws {
    workshop = try CertificateWorkshop()
  }

  /// What a configuration says in place of the secret.
  private func configuration(
    _ bench: Bench, credential: String, environment: [String: String] = [:],
    changing change: (String) -> String = { $0 }
  ) throws -> Configuration {
    let text = bench.configurationText().replacing(
      "{client_secret: 'simulated-secret'}", with: credential)
    return try Configuration.parse(
      Array(change(text).utf8), name: "test.yaml", environment: environment)
  }

  private func connect(_ configuration: Configuration) async throws -> TenantService {
    try await TenantService.connect(
      #require(configuration.tenants.first),
      http: CurlClient(name: "test", userAgent: "test"), clock: SystemWallClock())
  }

  private func bench(_ certificates: [String] = [], host: String = "127.0.0.1") throws -> Bench {
    var options = Bench.options(events: 60)
    options.tenants = [SimulatedTenantOptions(certificates: certificates)]
    options.host = host
    return try Bench(options)
  }

  @Test func `collects with a certificate, over version 6 of the Internet Protocol`() async throws {
    let pair = try await workshop.selfSigned("app")
    let bench = try bench([workshop.text(pair.certificate)], host: "::1")
    #expect(bench.simulator.baseURL.hasPrefix("http://[::1]:"))
    let collector = try await Collector.open(
      configuration(
        bench, credential: "{certificate: {path: '\(pair.certificate)', key: '\(pair.key)'}}"),
      workers: 2, log: .silent)
    let outcome = await collector.run(.once(patience: .seconds(60)))
    collector.close()
    #expect(outcome.ending == .complete)
    try bench.expectEveryRecordOnce()
    #expect(bench.simulator.statistics.tokensRefused == 0)
  }

  @Test func `is each of those that the documentation names`() async throws {
    let pair = try await workshop.selfSigned("app", days: 90)
    let encrypted = workshop.path("encrypted.key")
    try await workshop.run(
      "pkcs8", "-topk8", "-in", pair.key, "-out", encrypted, "-passout", "pass:open")
    let bundle = workshop.path("bundle.pfx")
    try await workshop.run(
      "pkcs12", "-export", "-inkey", pair.key, "-in", pair.certificate, "-out", bundle, "-passout",
      "pass:open")
    let password = try workshop.write("open\n", to: "password")
    let bench = try bench([workshop.text(pair.certificate)])
    let simulator = bench.simulator
    let token = try workshop.write(simulator.identityToken(.kubernetes), to: "token")
    let pool = SimulatedFederation.awsIdentityPool.audience
    let azure = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": simulator.baseURL]
    let aws = [
      "AWS_ENDPOINT_URL_STS": simulator.baseURL, "AWS_REGION": "eu-central-1",
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY": simulator.baseURL,
      "AWS_ACCESS_KEY_ID": SimulatedPlatform.awsAccessKeyID,
      "AWS_SECRET_ACCESS_KEY": SimulatedPlatform.awsSecretAccessKey,
    ]
    let cases: [(String, [String: String])] = [
      ("{client_secret: '${SECRET}', expires: 2030-01-31}", ["SECRET": "simulated-secret"]),
      ("{certificate: {path: '\(bundle)', password: 'file:\(password)'}}", [:]),
      (
        "{certificate: {path: '\(pair.certificate)', key: '\(encrypted)', "
          + "password: 'file:\(password)', algorithm: RS256}}", [:]
      ),
      ("{federated_token_file: '\(token)'}", [:]),
      ("{workload_identity: {token_file: '\(token)'}}", [:]),
      ("{workload_identity: {}}", ["AZURE_FEDERATED_TOKEN_FILE": token]),
      (
        "{workload_identity: {provider: github}}",
        [
          "ACTIONS_ID_TOKEN_REQUEST_URL": simulator.baseURL + "/github/token?a=b",
          "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SimulatedPlatform.githubToken,
        ]
      ),
      (
        "{workload_identity: {provider: google}}",
        ["GCE_METADATA_HOST": "127.0.0.1:\(simulator.port)"]
      ),
      ("{workload_identity: {provider: aws}}", aws),
      (
        "{workload_identity: {provider: aws, identity_pool: '\(pool)', "
          + "developer_provider: millrace, developer_user: collector}}", aws
      ),
      ("{workload_identity: {provider: azure}}", azure),
      ("{managed_identity: {}}", azure),
      (
        "{managed_identity: {client_id: \(SimulatedPlatform.managedIdentityClientID)}}",
        [
          "IDENTITY_ENDPOINT": simulator.baseURL + "/msi/token",
          "IDENTITY_HEADER": SimulatedPlatform.appServiceHeader,
        ]
      ),
    ]
    for (credential, environment) in cases {
      let configuration = try configuration(
        bench, credential: credential, environment: environment)
      let service = try await connect(configuration)
      _ = try await service.api.start(.exchange)
      #expect(try await service.api.subscriptions().count == 1, "\(credential)")
      let inspection = try CredentialInspection(
        configuration.tenants[0], now: SystemWallClock().now())
      #expect(inspection.warnings.isEmpty, "\(credential)")
    }
  }

  @Test func `is used through a configured proxy, whose password may change`() async throws {
    let proxy = ConnectProxy(credentials: "Basic dXNlcjpvcGVu")
    let password = try workshop.write("wrong", to: "password")
    let bench = try bench()
    let configuration = try configuration(bench, credential: "{client_secret: simulated-secret}") {
      "proxy: {url: '\(proxy.url)', username: user, password: 'file:\(password)'}\n" + $0
    }
    let service = try await connect(configuration)
    let error = await #expect(throws: ServiceFailure.self) {
      try await service.api.subscriptions()
    }
    #expect(error?.kind == .unreachable)
    #expect(error?.description.contains("407") == true)
    #expect(bench.simulator.statistics.requestCount == 0)
    try workshop.write("open", to: "password")
    let collector = try await Collector.open(configuration, workers: 2, log: .silent)
    #expect(await collector.run(.once(patience: .seconds(60))).ending == .complete)
    collector.close()
    try bench.expectEveryRecordOnce()
    #expect(!proxy.requests.joined().joined().contains("Bearer"))
  }

  @Test func `is not needed to find the GUID behind a domain`() async throws {
    let bench = try bench()
    let domain = SimulatedTenantOptions().domain
    func named(_ name: String) throws -> Configuration {
      try configuration(bench, credential: "{client_secret: wrong}") {
        $0.replacing("id: \(SimulatedTenantOptions().tenantID)", with: "id: \(name)")
      }
    }
    let service = try await connect(named(domain))
    #expect(service.tenant.description == SimulatedTenantOptions().tenantID)
    let statistics = bench.simulator.statistics
    #expect(statistics.tokensIssued + statistics.tokensRefused == 0)
    let error = await #expect(throws: SetupError.self) {
      try await connect(named("fabrikam.example.com"))
    }
    #expect(error?.failure?.code == "AADSTS90002")
    #expect(error?.description.contains("cloud") == true)
  }

  @Test func `does not make two tenants of one`() async throws {
    let bench = try bench()
    let twice = try configuration(bench, credential: "{client_secret: simulated-secret}") { text in
      let start = text.firstRange(of: "  - id:")?.lowerBound ?? text.startIndex
      let end = text.firstRange(of: "sinks:")?.lowerBound ?? text.endIndex
      let second = text[start..<end]
        .replacing(SimulatedTenantOptions().tenantID, with: SimulatedTenantOptions().domain)
        .replacing("name: contoso", with: "name: again")
      return text.replacing("sinks:", with: second + "sinks:", maxReplacements: 1)
    }
    #expect(twice.tenants.count == 2)
    let error = await #expect(throws: SetupError.self) {
      try await Collector.open(twice, workers: 2, log: .silent)
    }
    #expect(error?.description.contains("the same tenant as contoso") == true)
  }

  @Test func `that ends soon or looks mistaken is told before the first request`() async throws {
    let pair = try await workshop.selfSigned("app", days: 20)
    let id = try workshop.write("0a0b0c0d-1111-4222-8333-444444444444", to: "secret")
    let bench = try bench()
    let cases = [
      ("{certificate: {path: '\(pair.certificate)', key: '\(pair.key)'}}", "ends in 19 days"),
      ("{client_secret: 'file:\(id)'}", "looks like a GUID"),
      ("{client_secret: x, expires: 2020-01-31}", "The client secret ended on 2020-01-31"),
      ("{federated_token_file: '\(try oldToken(bench))'}", "whoever renews it has stopped"),
    ]
    for (credential, words) in cases {
      let lines = Mutex<[String]>([])
      let log = Log(output: { line in lines.withLock { $0.append(line) } })
      let configuration = try configuration(bench, credential: credential)
      CredentialWatch(tenants: configuration.tenants, clock: SystemWallClock(), log: log).look()
      let said = lines.withLock { $0 }
      #expect(said.count == 1, "\(credential): \(said)")
      #expect(said.first?.contains(words) == true)
      #expect(said.first?.contains("tenant=contoso") == true)
    }
    #expect(bench.simulator.statistics.requestCount == 0)
  }

  private func oldToken(_ bench: Bench) throws -> String {
    try workshop.write(
      bench.simulator.identityToken(.kubernetes, life: .seconds(-60)), to: "old-token")
  }

  @Test func `that cannot be used is named with the way out`() async throws {
    let pair = try await workshop.selfSigned("app")
    let bench = try bench()
    let nothing = workshop.path("nothing")
    let cases = [
      ("{client_secret: 'file:\(nothing)'}", nothing),
      ("{certificate: {path: '\(nothing)'}}", nothing),
      ("{certificate: {path: '\(pair.certificate)'}}", "no private key"),
      ("{federated_token_file: '\(nothing)'}", nothing),
      ("{federated_token_file: '\(pair.key)'}", "holds no token"),
    ]
    for (credential, words) in cases {
      let tenant = try configuration(bench, credential: credential).tenants[0]
      let error = #expect(throws: CredentialError.self) {
        try CredentialInspection(tenant, now: SystemWallClock().now())
      }
      #expect(error?.description.contains(words) == true)
    }
  }
}
