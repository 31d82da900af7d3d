import MillraceCore
import MillraceSimulator
import MillraceSource
import TestChildren
import TestWire
import Testing

private let audience = "api://AzureADTokenExchange"

@Suite(.timeLimit(.minutes(10)))
struct `A token of a trusted issuer` {
  let workshop: CertificateWorkshop
  let world: CredentialWorld

  init() throws {
    workshop = try CertificateWorkshop()
    world = try CredentialWorld()
  }

  private func federated(_ source: any IdentityTokenSource) -> FederatedCredential {
    FederatedCredential(source: source, audience: audience)
  }

  private func refusal(ofFile content: String) async throws -> ServiceFailure? {
    let path = try workshop.write(content, to: "token")
    return try await world.refusal(of: federated(TokenFile(path: path)))
  }

  @Test func `in a file is read at each use`() async throws {
    let path = try workshop.write(world.simulator.identityToken(.kubernetes) + "\n", to: "token")
    let provider = try world.provider(federated(TokenFile(path: path)))
    await provider.discard(try await provider.token())
    world.clock.advance(by: .seconds(7200))
    let failure = await failure { () async throws(ServiceFailure) in try await provider.token() }
    #expect(failure?.code == "AADSTS700024")
    try workshop.write(world.simulator.identityToken(.kubernetes), to: "token")
    #expect(try await provider.token().claims?.canReadActivity == true)
  }

  @Test func `must agree with the registration to the letter`() async throws {
    func changed(_ change: (inout SimulatedFederation) -> Void) -> String {
      var identity = SimulatedFederation.kubernetes
      change(&identity)
      return world.simulator.identityToken(identity)
    }
    let other = try CredentialWorld()
    let cases: [(String, String)] = [
      (changed { $0.issuer += "x" }, "AADSTS700211"),
      (changed { $0.issuer.removeLast() }, "AADSTS700211"),
      (changed { $0.audience = "https://elsewhere" }, "AADSTS700212"),
      (changed { $0.subject += "2" }, "AADSTS700213"),
      (changed { $0.subject = $0.subject.uppercased() }, "AADSTS7002138"),
      (other.simulator.identityToken(.kubernetes), "AADSTS50013"),
    ]
    for (token, code) in cases {
      let refusal = try await refusal(ofFile: token)
      #expect(refusal?.code == code)
      #expect(refusal?.hint == LoginCode.find(code)?.hint)
    }
    let trusting = try CredentialWorld(federations: [])
    let path = try workshop.write(trusting.simulator.identityToken(.github), to: "other")
    #expect(
      try await trusting.refusal(of: federated(TokenFile(path: path)))?.code == "AADSTS700211")
  }

  @Test(arguments: ["", "\n", "not a token", "a.b", "a..b", "a.b.c.d", "a.b!.c", "{\"a\":1}"])
  func `that is none is not sent`(content: String) async throws {
    let refusal = try await refusal(ofFile: content)
    #expect(refusal?.kind == .credentialRefused)
    #expect(refusal?.message.contains(workshop.path("token")) == true)
    #expect(world.simulator.statistics.tokensRefused == 0)
  }

  @Test func `whose file is missing is named`() async throws {
    let path = workshop.path("nothing")
    let refusal = try await world.refusal(of: federated(TokenFile(path: path)))
    #expect(refusal?.message == "token file \(path): it cannot be read: No such file or directory")
  }

  @Test func `comes from GitHub Actions`() async throws {
    let source = try GitHubActionsIdentity(environment: world.environment, http: sourceTestClient)
    #expect(try await world.refusal(of: federated(source)) == nil)
    var wrong = world.environment
    wrong["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "hunter2"
    let refused = try GitHubActionsIdentity(environment: wrong, http: sourceTestClient)
    let refusal = try await world.refusal(of: federated(refused))
    #expect(refusal?.kind == .credentialRefused)
    #expect(refusal?.message.contains("GitHub Actions: HTTP 401") == true)
    #expect(refusal?.description.contains("hunter2") == false)
  }

  @Test func `is not asked of GitHub without its variables, nor over an open line`() {
    for environment in [
      [:], ["ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"],
      [
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://example.com/token",
      ],
    ] {
      let error = #expect(throws: CredentialError.self) {
        try GitHubActionsIdentity(environment: environment, http: sourceTestClient)
      }
      #expect(error?.hint.contains("id-token: write") == true)
    }
  }

  @Test func `comes from Google Cloud`() async throws {
    let source = GoogleIdentity(environment: world.environment, http: sourceTestClient)
    #expect(try await world.refusal(of: federated(source)) == nil)
    let elsewhere = GoogleIdentity(
      environment: ["GCE_METADATA_HOST": "127.0.0.1:1"], http: sourceTestClient)
    let refusal = try await world.refusal(of: federated(elsewhere))
    #expect(refusal?.kind == .unreachable)
    #expect(refusal?.hint.contains("Google Cloud") == true)
  }

  @Test func `from Google is believed only with Google's own header`() async throws {
    let stranger = ScriptedServer { _ in reply("a.b.c") }
    defer { stranger.stop() }
    let source = GoogleIdentity(
      environment: ["GCE_METADATA_HOST": "127.0.0.1:\(stranger.port)"], http: sourceTestClient)
    #expect(try await world.refusal(of: federated(source))?.kind == .malformed)
  }

  @Test(arguments: ["environment", "machine"], ["account", "pool"])
  func `comes from AWS, asked for with a signature`(keys: String, issuer: String) async throws {
    var environment = world.environment
    if keys == "environment" {
      environment["AWS_ACCESS_KEY_ID"] = SimulatedPlatform.awsAccessKeyID
      environment["AWS_SECRET_ACCESS_KEY"] = SimulatedPlatform.awsSecretAccessKey
    }
    let pool = SimulatedFederation.awsIdentityPool.audience
    let chosen: AWSIdentity.Issuer =
      issuer == "account"
      ? .account : .identityPool(id: pool, provider: "millrace.audit", user: "collector")
    func identity(_ environment: [String: String]) -> AWSIdentity {
      AWSIdentity(
        chosen, region: "eu-central-1", environment: environment, http: sourceTestClient)
    }
    #expect(try await world.refusal(of: federated(identity(environment))) == nil)
    environment["AWS_ACCESS_KEY_ID"] = SimulatedPlatform.awsAccessKeyID
    environment["AWS_SECRET_ACCESS_KEY"] = "hunter2"
    let refusal = try await world.refusal(of: federated(identity(environment)))
    #expect(refusal?.kind == .credentialRefused)
    #expect(refusal?.message.contains("HTTP 403") == true)
    #expect(refusal?.description.contains("hunter2") == false)
  }

  @Test func `of AWS takes keys from a container's endpoint`() async throws {
    let container = ScriptedServer { request in
      guard request.header("Authorization") == "container-token" else {
        return reply(status: 403, "")
      }
      return reply(
        #"{"AccessKeyId":"\#(SimulatedPlatform.awsAccessKeyID)","#
          + #""SecretAccessKey":"\#(SimulatedPlatform.awsSecretAccessKey)","#
          + #""Token":"\#(SimulatedPlatform.awsSessionToken)"}"#)
    }
    defer { container.stop() }
    var environment = world.environment
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url + "/v1/credentials"
    environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try workshop.write(
      "container-token\n", to: "container")
    let source = AWSIdentity(
      .account, region: "eu-central-1", environment: environment, http: sourceTestClient)
    #expect(try await world.refusal(of: federated(source)) == nil)
  }

  @Test func `is that of a managed identity`() async throws {
    let identity = ManagedIdentity(
      .system, environment: world.environment, http: sourceTestClient, clock: world.clock)
    #expect(try await world.refusal(of: federated(identity)) == nil)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A managed identity` {
  let world: CredentialWorld

  init() throws {
    world = try CredentialWorld()
  }

  private func identity(
    _ selection: ManagedIdentity.Selection = .system, _ more: [String: String] = [:]
  ) -> ManagedIdentity {
    ManagedIdentity(
      selection, environment: world.environment.merging(more) { $1 }, http: sourceTestClient,
      clock: world.clock)
  }

  private func refusal(of identity: ManagedIdentity) async -> ServiceFailure? {
    let provider = world.provider(identity)
    return await failure { () async throws(ServiceFailure) in try await provider.token() }
  }

  private var appService: [String: String] {
    [
      "IDENTITY_ENDPOINT": world.simulator.baseURL + "/msi/token",
      "IDENTITY_HEADER": SimulatedPlatform.appServiceHeader,
    ]
  }

  @Test func `of a machine gives tokens with a known end`() async throws {
    for selection in [
      ManagedIdentity.Selection.system, .clientID(SimulatedPlatform.managedIdentityClientID),
    ] {
      let token = try await world.provider(identity(selection)).token()
      #expect(token.claims?.canReadActivity == true)
      #expect(token.expires - token.received == .seconds(3599))
    }
  }

  @Test func `of an app gives tokens with a known end`() async throws {
    let token = try await world.provider(identity(.system, appService)).token()
    #expect(token.claims?.canReadDLP == true)
    // By the date of the answer, which has whole seconds; a busy machine puts some between.
    #expect((3000...3700).contains((token.expires - token.received).components.seconds))
  }

  @Test func `that does not exist is refused, each time with the way out`() async {
    let unknown = await refusal(of: identity(.clientID(Given.client)))
    #expect(unknown?.kind == .credentialRefused)
    #expect(unknown?.message.contains("Identity not found") == true)
    var wrong = appService
    wrong["IDENTITY_HEADER"] = "hunter2"
    let refused = await refusal(of: identity(.system, wrong))
    #expect(refused?.message.contains("App Service): HTTP 401") == true)
    #expect(refused?.description.contains("hunter2") == false)
    let nowhere = await refusal(
      of: identity(.system, ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1/"]))
    #expect(nowhere?.kind == .unreachable)
    #expect(nowhere?.hint.contains("run it on Azure") == true)
  }

  @Test(arguments: [
    (404, ServiceFailure.Kind.serviceTrouble), (410, .serviceTrouble), (429, .serviceTrouble),
    (500, .serviceTrouble), (400, .credentialRefused), (401, .credentialRefused),
  ])
  func `being updated is waited for`(status: Int, kind: ServiceFailure.Kind) async {
    let server = ScriptedServer { _ in reply(status: status, "{}") }
    defer { server.stop() }
    let failure = await refusal(
      of: identity(.system, ["AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url]))
    #expect(failure?.kind == kind)
  }

  @Test func `is asked without a proxy, with the header it wants`() async throws {
    let server = ScriptedServer { request in
      reply(
        request.header("Metadata") == "true" && request.header("X-Forwarded-For") == nil
          ? tokenBody(makeToken(tenant: CredentialWorld.tenant.tenantID), expiresIn: #""60""#)
          : "{}")
    }
    defer { server.stop() }
    let token = try await world.provider(
      identity(.resourceID("/a/b c"), ["AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url])
    ).token()
    #expect(token.expires - token.received == .seconds(60))
    #expect(
      server.received.first?.target
        == "/metadata/identity/oauth2/token?api-version=2018-02-01"
        + "&resource=https%3A%2F%2Fmanage.office.com&msi_res_id=%2Fa%2Fb%20c")
  }
}
