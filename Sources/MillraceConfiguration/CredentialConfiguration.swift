internal import MillraceCore

/// How a tenant's application proves who it is; exactly one way.
package enum CredentialConfiguration: Sendable {
  /// A client secret: its value, not its ID.
  case clientSecret(Secret)
  /// A certificate and its private key.
  case certificate(CertificateConfiguration)
  /// A file with a token of a trusted issuer, read again for each request (workload identity).
  case federatedTokenFile(String)
  /// The identity of the Azure machine this runs on; with the client's GUID when it has several.
  case managedIdentity(clientID: String?)

  /// The credential under a key that must be there; nil when there is not exactly one, which is
  /// noted.
  static func read(_ parent: MappingReader) -> CredentialConfiguration? {
    let kinds = Section.credential.keys
    parent.requireKey("credential", hint: "with one of \(kinds.joined(separator: ", "))")
    guard let mapping = parent.sectionIfGiven("credential", .credential) else { return nil }
    let given = kinds.filter { mapping.has($0) }
    let secret = clientSecret(mapping)
    let certificate = mapping.sectionIfGiven("certificate", .certificate)
      .flatMap { CertificateConfiguration($0) }
    let tokenFile = mapping.filePath("federated_token_file")
    let identity = mapping.sectionIfGiven("managed_identity", .managedIdentity)
    let identityClient = identity?.guid("client_id")
    identity?.finish()
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
    if let secret { return .clientSecret(secret) }
    if let certificate { return .certificate(certificate) }
    if let tokenFile { return .federatedTokenFile(tokenFile) }
    return identity == nil ? nil : .managedIdentity(clientID: identityClient)
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

  static let secretIDMessage = "the client secret is a GUID, as the secret's ID is"
  static let secretIDHint = "give the secret's value, which the portal shows once, at its creation"

  /// What is wrong with its secrets and the files of its keys. Blocks while reading them.
  func secretIssues() -> [ConfigurationIssue] {
    switch self {
    case .clientSecret(let secret): secret.issues(isGUIDSuspicious: true)
    case .certificate(let certificate): certificate.secretIssues()
    case .federatedTokenFile, .managedIdentity: []
    }
  }
}

/// A certificate with its private key: PEM in one file or two, or PKCS #12.
package struct CertificateConfiguration: Sendable {
  /// The file of the certificate, and of everything else unless `keyPath` says otherwise.
  package let path: String
  /// The PEM file of the private key; nil when the key is in the file at `path`.
  package let keyPath: String?
  /// What opens the PKCS #12 file or the encrypted key; nil when nothing is needed.
  package let password: Secret?
  private let issuePlace: ConfigurationIssue

  /// Whether the file is PKCS #12, which its name tells: `.pfx` or `.p12`.
  package var isPKCS12: Bool { Self.isPKCS12(path) }

  init?(_ mapping: MappingReader) {
    mapping.requireKey("path", hint: "a .pem file, with key: FILE; or a .pfx file")
    let path = mapping.filePath("path")
    keyPath = mapping.filePath("key")
    password = mapping.secret("password")
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
