import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator
import MillraceSource
import Synchronization

/// The clock of this machine, set wrong by as much as one likes. It goes on meanwhile, like the one
/// that answers are dated by.
final class ShiftedClock: WallClock {
  private let shift: Mutex<Duration>

  init(by shift: Duration = .zero) {
    self.shift = Mutex(shift)
  }

  func now() -> Timestamp { shift.withLock { SystemWallClock().now() + $0 } }

  func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}

/// A simulated tenant that checks credentials, and a clock for both sides of the line.
final class CredentialWorld: Sendable {
  static let tenant = SimulatedTenantOptions()

  let simulator: Simulator
  let clock: ShiftedClock
  /// The clock of the program under test; the same unless it is wrong.
  let ownClock: ShiftedClock

  /// A tenant with these certificates and federated credentials.
  init(
    certificates: [String] = [],
    federations: [SimulatedFederation] = SimulatedFederation.platforms,
    ownClock: ShiftedClock? = nil, host: String = "127.0.0.1"
  ) throws {
    clock = ShiftedClock()
    self.ownClock = ownClock ?? clock
    simulator = try Simulator(
      SimulatorOptions(
        tenants: [SimulatedTenantOptions(certificates: certificates, federations: federations)],
        content: .generated(events: 0, seed: 1), host: host, clock: clock))
    try simulator.start()
  }

  deinit { simulator.stop() }

  var endpoints: ServiceEndpoints {
    get throws(ServiceFailure) {
      try ServiceEndpoints(
        login: simulator.loginURL, api: simulator.baseURL, resource: "https://manage.office.com")
    }
  }

  /// Where the platforms are, as their variables say it.
  var environment: [String: String] {
    let port = simulator.port
    return [
      "ACTIONS_ID_TOKEN_REQUEST_URL": simulator.baseURL + "/github/token?api-version=2.0",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SimulatedPlatform.githubToken,
      "GCE_METADATA_HOST": "127.0.0.1:\(port)",
      "AWS_ENDPOINT_URL_STS": simulator.baseURL,
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY": simulator.baseURL,
      "AWS_EC2_METADATA_SERVICE_ENDPOINT": simulator.baseURL,
      "AZURE_POD_IDENTITY_AUTHORITY_HOST": simulator.baseURL,
    ]
  }

  func provider(
    _ credential: any TokenCredential, loginTenant: String = CredentialWorld.tenant.tenantID,
    clientID: String = CredentialWorld.tenant.clientID
  ) throws(ServiceFailure) -> TokenProvider {
    TokenProvider(
      loginTenant: loginTenant, clientID: clientID, tenant: TenantID(Self.tenant.tenantID),
      credential: credential, endpoints: try endpoints, http: sourceTestClient, clock: ownClock)
  }

  func provider(_ identity: ManagedIdentity) -> TokenProvider {
    TokenProvider(
      issuer: ManagedIdentityIssuer(identity, resource: "https://manage.office.com"),
      tenant: TenantID(Self.tenant.tenantID), clock: ownClock)
  }

  /// Why no token can be had; nil when there is one.
  func refusal(of credential: any TokenCredential) async throws -> ServiceFailure? {
    let provider = try provider(credential)
    return await failure { () async throws(ServiceFailure) in try await provider.token() }
  }
}
