package import MillraceConfiguration
package import MillraceCore
import MillraceCrypto
package import MillraceSource

/// What can be said about a tenant's credential on this machine, before the first request: by
/// `check`, and by a running collector once a day.
package struct CredentialInspection: Sendable {
  /// The credential in a word: `client secret`, `certificate`, `token file`, …
  package let kind: String
  /// What the certificate says; nil for other credentials.
  package let certificate: CertificateFacts?
  /// When the credential ends, where that can be known.
  package let ends: Timestamp?
  /// Sentences about what looks mistaken or ends soon.
  package let warnings: [String]

  /// Reads the credential as it is now. Blocks while reading files; nothing is sent.
  ///
  /// Throws `CredentialError` when it cannot be used: a file is missing, a password is wrong.
  package init(_ tenant: TenantConfiguration, now: Timestamp) throws(CredentialError) {
    var warnings: [String] = []
    var certificate: CertificateFacts?
    var ends: Timestamp?
    var secretText: String?
    switch tenant.credential {
    case .clientSecret(let secret, let expires):
      kind = "client secret"
      do throws(ConfigurationError) { secretText = try secret.read() } catch {
        throw CredentialError(subject: kind, message: error.description)
      }
      ends = expires
      if let expires {
        CredentialExpiry.warning(
          of: kind, ends: expires, at: now,
          advice: "add a new secret to the application, then configure it and its date"
        ).map { warnings.append($0) }
      }
    case .certificate(let configured):
      kind = "certificate"
      let identity = try configured.files.load()
      let facts = CertificateFacts(identity.certificate)
      certificate = facts
      ends = facts.notAfter
      facts.warning(at: now).map { warnings.append($0) }
    case .federatedTokenFile(let path):
      kind = "token file"
      ends = try TokenFile(path: path).ends()
    case .workloadIdentity(let identity):
      kind = "workload identity (\(identity.provider.rawValue))"
      if let path = identity.tokenFile, identity.provider == .kubernetes {
        ends = try TokenFile(path: path).ends()
      }
    case .managedIdentity:
      kind = "managed identity"
    }
    if certificate == nil, secretText == nil, let end = ends, end <= now {
      warnings.append("The token in the file ended on \(end): whoever renews it has stopped.")
    }
    if let clientID = tenant.clientID {
      warnings += CredentialAdvice.warnings(
        tenant: tenant.identifier, clientID: clientID, clientSecret: secretText,
        publisherID: tenant.publisherID)
    }
    self.certificate = certificate
    self.ends = ends
    self.warnings = warnings
  }
}
