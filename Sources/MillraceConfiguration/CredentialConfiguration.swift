package import MillraceCore

/// How a tenant's application proves who it is; exactly one way.
package enum CredentialConfiguration: Sendable {
  /// A client secret: its value, not its ID; with its end, where the configuration states one.
  case clientSecret(Secret, expires: Timestamp?)
  /// A certificate and its private key.
  case certificate(CertificateConfiguration)
  /// A file with a token of a trusted issuer, read again for each request (workload identity).
  case federatedTokenFile(String)
  /// The identity that the platform gives to this process.
  case workloadIdentity(WorkloadIdentityConfiguration)
  /// The identity of the Azure machine or app this runs on.
  case managedIdentity(ManagedIdentityConfiguration)

  /// The keys of which exactly one is given.
  static let kinds = [
    "client_secret", "certificate", "federated_token_file", "workload_identity", "managed_identity",
  ]

  /// The credential under a key that must be there; nil when there is not exactly one, which is
  /// noted.
  static func read(
    _ parent: MappingReader, cloud: CloudConfiguration = CloudConfiguration(.worldwide)
  ) -> CredentialConfiguration? {
    parent.requireKey("credential", hint: "with one of \(kinds.joined(separator: ", "))")
    guard let mapping = parent.sectionIfGiven("credential", .credential) else { return nil }
    let given = kinds.filter { mapping.has($0) }
    let secret = clientSecret(mapping)
    let expires = expiry(mapping, given: given)
    let certificate = mapping.sectionIfGiven("certificate", .certificate)
      .flatMap { CertificateConfiguration($0) }
    let tokenFile = mapping.filePath("federated_token_file")
    let workload = mapping.sectionIfGiven("workload_identity", .workloadIdentity)
      .flatMap { WorkloadIdentityConfiguration($0, cloud: cloud) }
    let identity = mapping.sectionIfGiven("managed_identity", .managedIdentity)
      .map { ManagedIdentityConfiguration($0) }
    mapping.finish()
    guard given.count == 1 else {
      // An unknown key, or no mapping at all, has been noted already and is the better message.
      if given.count > 1 || !mapping.hasComplained {
        let list = given.isEmpty ? "there is none" : "there are \(given.joined(separator: " and "))"
        mapping.reading.fail(
          at: mapping.place, path: mapping.path, "exactly one credential is expected, \(list)",
          hint: "one of \(kinds.joined(separator: ", "))")
      }
      return nil
    }
    if let secret { return .clientSecret(secret, expires: expires) }
    if let certificate { return .certificate(certificate) }
    if let tokenFile { return .federatedTokenFile(tokenFile) }
    if let workload { return .workloadIdentity(workload) }
    return identity.map { .managedIdentity($0) }
  }

  private static func clientSecret(_ mapping: MappingReader) -> Secret? {
    guard let value = mapping.scalar("client_secret"), let secret = mapping.secret(value) else {
      return nil
    }
    if secret.filePath == nil, isGUID(value.text) {
      mapping.reading.warn(
        at: value.place, path: value.path, Self.secretIDMessage, hint: Self.secretIDHint)
    }
    return secret
  }

  /// The end of a client secret, which only its owner can know.
  private static func expiry(_ mapping: MappingReader, given: [String]) -> Timestamp? {
    guard let value = mapping.scalar("expires") else { return nil }
    guard given == ["client_secret"] else {
      if !given.isEmpty {
        mapping.fail(
          value, "it goes with client_secret alone", hint: "certificates state their own end")
      }
      return nil
    }
    let text = value.text.count == 10 ? value.text + "T00:00:00Z" : value.text
    guard let moment = Timestamp(text) else {
      mapping.fail(value, "\(value.shown) is not a date", hint: "write it like 2027-05-31")
      return nil
    }
    return moment
  }

  static let secretIDMessage = "the client secret is a GUID, as the secret's ID is"
  static let secretIDHint = "give the secret's value, which the portal shows once, at its creation"

  /// What is wrong with its secrets and the files of its keys. Blocks while reading them.
  func secretIssues() -> [ConfigurationIssue] {
    switch self {
    case .clientSecret(let secret, _): secret.issues(isGUIDSuspicious: true)
    case .certificate(let certificate): certificate.secretIssues()
    case .federatedTokenFile, .workloadIdentity, .managedIdentity: []
    }
  }
}

/// A certificate with its private key: PEM in one file or two, or PKCS #12.
package struct CertificateConfiguration: Sendable {
  /// How the assertion is signed.
  package enum Algorithm: String, CaseIterable, Sendable {
    /// What the login service recommends; names the certificate by SHA-256.
    case ps256 = "PS256"
    /// What it took before; names the certificate by SHA-1.
    case rs256 = "RS256"
  }

  /// The file of the certificate, and of everything else unless `keyPath` says otherwise.
  package let path: String
  /// The PEM file of the private key; nil when the key is in the file at `path`.
  package let keyPath: String?
  /// What opens the PKCS #12 file or the encrypted key; nil when nothing is needed.
  package let password: Secret?
  /// How the assertion is signed.
  package let algorithm: Algorithm
  private let issuePlace: ConfigurationIssue

  /// Whether the file is PKCS #12, which its name tells: `.pfx` or `.p12`.
  package var isPKCS12: Bool { Self.isPKCS12(path) }

  init?(_ mapping: MappingReader) {
    mapping.requireKey("path", hint: "a .pem file, with key: FILE; or a .pfx file")
    let path = mapping.filePath("path")
    keyPath = mapping.filePath("key")
    password = mapping.secret("password")
    algorithm = mapping.choice("algorithm", default: .ps256)
    issuePlace = ConfigurationIssue(
      file: mapping.reading.file, line: mapping.place.line, column: mapping.place.column,
      path: mapping.path, message: "")
    if let path, Self.isPKCS12(path), let node = mapping.node("key") {
      mapping.reading.fail(
        at: node.place, path: mapping.path(of: "key"),
        "a .pfx file holds its key already", hint: "remove \"key\", or name a .pem certificate")
    }
    mapping.finish()
    guard let path else { return nil }
    self.path = path
  }

  func secretIssues() -> [ConfigurationIssue] {
    let modeIssue = Secret.modeIssue(path: keyPath ?? path, like: issuePlace)
    return (modeIssue.map { [$0] } ?? []) + (password?.issues() ?? [])
  }

  private static func isPKCS12(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".pfx") || name.hasSuffix(".p12")
  }
}

/// Which managed identity, where a machine or an app has several; nothing names its own.
package struct ManagedIdentityConfiguration: Sendable {
  /// The client id of the identity's application.
  package let clientID: String?
  /// The object id of its service principal.
  package let objectID: String?
  /// The path of its Azure resource.
  package let resourceID: String?
  /// The variables that describe the platform.
  package let environment: PlatformEnvironment

  init(_ mapping: MappingReader) {
    clientID = mapping.guid("client_id")
    objectID = mapping.guid("object_id")
    resourceID = mapping.text("resource_id")
    environment = PlatformEnvironment(mapping.reading.environment)
    mapping.finish()
    let given = ["client_id", "object_id", "resource_id"].filter { mapping.has($0) }
    if given.count > 1 {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path,
        "\(given.joined(separator: " and ")) name one identity twice", hint: "give one of them")
    }
  }
}
