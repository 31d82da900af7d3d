internal import MillraceCore

/// The identity that the platform gives to this process, exchanged for tokens of the application
/// (Microsoft identity platform, "Workload identity federation").
package struct WorkloadIdentityConfiguration: Sendable {
  /// The platforms whose tokens can be had.
  package enum Provider: String, CaseIterable, Sendable {
    /// A projected file, as the Azure webhook for Kubernetes describes it.
    case kubernetes
    /// GitHub Actions.
    case github
    /// The metadata server of Google Cloud.
    case google
    /// AWS, for the role this runs with or through a Cognito pool.
    case aws
    /// A managed identity of Azure, trusted by an application of any tenant.
    case azure
  }

  /// A pool of AWS Cognito, and who we are in it.
  package struct IdentityPool: Hashable, Sendable {
    /// The pool's id, which is the token's audience.
    package let id: String
    /// The developer provider's name.
    package let provider: String
    /// The user's name at that provider.
    package let user: String
  }

  /// Where the token comes from.
  package let provider: Provider
  /// Whom the token is for.
  package let audience: String
  /// The token's file, with `kubernetes`.
  package let tokenFile: String?
  /// The region, with `aws`.
  package let region: String?
  /// The pool, with `aws` where one is used.
  package let identityPool: IdentityPool?
  /// Which managed identity, with `azure`.
  package let managedIdentityClientID: String?
  /// The variables that describe the platform.
  package let environment: PlatformEnvironment

  /// The application that the environment names, with `kubernetes`.
  let environmentClientID: String?

  init?(_ mapping: MappingReader, cloud: CloudConfiguration) {
    let written = mapping.scalar("provider")
    let provider = written == nil ? Provider.kubernetes : written.flatMap { mapping.choice($0) }
    let variables = mapping.reading.environment
    self.provider = provider ?? .kubernetes
    environment = PlatformEnvironment(variables)
    audience = mapping.text("audience") ?? Self.audience(of: cloud)
    tokenFile = mapping.filePath("token_file") ?? variables["AZURE_FEDERATED_TOKEN_FILE"]
    region = mapping.text("region") ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"]
    identityPool = Self.pool(mapping)
    managedIdentityClientID = mapping.guid("client_id")
    environmentClientID =
      provider == .kubernetes ? variables["AZURE_CLIENT_ID"].flatMap { isGUID($0) ? $0 : nil } : nil
    mapping.finish()
    // What follows depends on the provider.
    guard let provider else { return nil }
    Self.refuseForeignKeys(mapping, provider)
    guard isComplete(mapping, variables) else { return nil }
    if provider == .kubernetes { warnOfOtherCloud(mapping, variables, cloud) }
  }

  private static func pool(_ mapping: MappingReader) -> IdentityPool? {
    let id = mapping.text("identity_pool")
    let provider = mapping.text("developer_provider")
    let user = mapping.text("developer_user")
    if let id, let provider, let user {
      return IdentityPool(id: id, provider: provider, user: user)
    }
    if id != nil || provider != nil || user != nil {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path,
        "identity_pool, developer_provider and developer_user belong together",
        hint: "give all three, or none for AWS STS")
    }
    return nil
  }

  /// The names that Microsoft's clouds give to the exchange; those of the national ones are not
  /// confirmed, which is why `audience` can be configured.
  private static func audience(of cloud: CloudConfiguration) -> String {
    switch cloud.name {
    case .gccHigh, .dod: "api://AzureADTokenExchangeUSGov"
    case .china: "api://AzureADTokenExchangeChina"
    case .worldwide, .gcc, nil: "api://AzureADTokenExchange"
    }
  }

  /// A key of another platform would be ignored in silence.
  private static func refuseForeignKeys(_ mapping: MappingReader, _ provider: Provider) {
    let owners: [(key: String, provider: Provider)] = [
      ("token_file", .kubernetes), ("region", .aws), ("identity_pool", .aws),
      ("developer_provider", .aws), ("developer_user", .aws), ("client_id", .azure),
    ]
    for (key, owner) in owners where owner != provider && mapping.has(key) {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path(of: key),
        "this key is for provider \(owner.rawValue), and the provider is \(provider.rawValue)",
        hint: "remove one of the two")
    }
  }

  private func isComplete(_ mapping: MappingReader, _ variables: [String: String]) -> Bool {
    let missing: (message: String, hint: String)?
    switch provider {
    case .kubernetes where tokenFile == nil:
      missing = (
        "there is no token file: AZURE_FEDERATED_TOKEN_FILE is not set",
        "label the pod azure.workload.identity/use, or give token_file"
      )
    case .github where variables["ACTIONS_ID_TOKEN_REQUEST_URL", default: ""].isEmpty:
      missing = (
        "ACTIONS_ID_TOKEN_REQUEST_URL is not set",
        "give the workflow \"permissions: id-token: write\""
      )
    case .aws where region == nil:
      missing = ("the region is not known: AWS_REGION is not set", "give region")
    default:
      missing = nil
    }
    guard let missing else { return true }
    mapping.reading.fail(
      at: mapping.place, path: mapping.path, missing.message, hint: missing.hint)
    return false
  }

  /// The webhook says in which cloud the cluster's applications live.
  private func warnOfOtherCloud(
    _ mapping: MappingReader, _ variables: [String: String], _ cloud: CloudConfiguration
  ) {
    guard var host = variables["AZURE_AUTHORITY_HOST"], !host.isEmpty else { return }
    while host.hasSuffix("/") { host.removeLast() }
    guard host.lowercased() != cloud.login else { return }
    mapping.reading.warn(
      at: mapping.place, path: mapping.path,
      "AZURE_AUTHORITY_HOST names another login than the configured cloud (\(cloud.login))",
      hint: "set the tenant's cloud")
  }
}

/// The environment variables by which platforms describe their identity endpoints. Some are
/// secrets, so it never shows itself.
package struct PlatformEnvironment: Sendable, CustomStringConvertible, CustomReflectable {
  /// The variables, by name.
  package let variables: [String: String]

  /// The variables that matter among all.
  init(_ environment: [String: String]) {
    let prefixes = [
      "AWS_", "ACTIONS_ID_TOKEN_REQUEST_", "IDENTITY_", "AZURE_POD_IDENTITY_", "GCE_METADATA_",
    ]
    variables = environment.filter { name, _ in prefixes.contains { name.hasPrefix($0) } }
  }

  /// The names alone.
  package var description: String { "\(variables.keys.sorted())" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
