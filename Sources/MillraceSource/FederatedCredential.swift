package import MillraceCore
import MillraceCrypto

/// Where a token of an outside issuer comes from.
package protocol IdentityTokenSource: Sendable {
  /// A token for `audience`, fetched or read anew.
  ///
  /// Throws `CredentialError`: of kind `.unreachable` or `.serviceTrouble` when another try may
  /// help, of kind `.credentialRefused` or `.misconfigured` when somebody has to do something.
  func identityToken(audience: String) async throws(CredentialError) -> String
}

/// Proves the application by a token of an issuer that its registration trusts (Microsoft identity
/// platform, "Workload identity federation").
package struct FederatedCredential: TokenCredential {
  private let source: any IdentityTokenSource
  private let audience: String

  /// A credential.
  ///
  /// - Parameter audience: whom the token is for; the federated credential in the application's
  ///   registration names the same.
  package init(source: any IdentityTokenSource, audience: String) {
    self.source = source
    self.audience = audience
  }

  package func formFields(_ order: ProofOrder) async throws(CredentialError) -> [FormField] {
    ClientAssertion.fields(try await source.identityToken(audience: audience))
  }
}

/// A token in a file that somebody else keeps fresh, as Kubernetes does with projected ones. The
/// audience was chosen where it was made.
package struct TokenFile: IdentityTokenSource {
  /// The file's path.
  package let path: String

  /// A token's file; read at each use.
  package init(path: String) {
    self.path = path
  }

  package func identityToken(audience: String) async throws(CredentialError) -> String {
    try read()
  }

  /// When the token says that it ends; nil when it does not say. Blocks while reading the file.
  ///
  /// Throws `CredentialError` when there is no token.
  package func ends() throws(CredentialError) -> Timestamp? {
    TokenClaims(token: try read())?.expires
  }

  private func read() throws(CredentialError) -> String {
    let content = try CredentialFile.read(path, "token file")
    return try IdentityToken.checked(
      String(decoding: content, as: UTF8.self), from: "token file \(path)")
  }
}

/// The looks of a token of an outside issuer.
enum IdentityToken {
  /// The token without the blanks around it; what is none is refused before it is sent anywhere.
  static func checked(_ text: String, from subject: String) throws(CredentialError) -> String {
    let bytes = Array(text.utf8)
    func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }
    let front = bytes.drop(while: isBlank)
    let token = String(
      decoding: front.dropLast(front.reversed().prefix(while: isBlank).count), as: UTF8.self)
    guard !token.isEmpty else {
      throw CredentialError(
        subject: subject, message: "it is empty",
        hint: "see what is to write it; a new token is read without a restart")
    }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && Base64URL.decoded($0) != nil }) else {
      throw CredentialError(
        subject: subject, message: "it holds no token: three parts with dots between are expected",
        hint: "name the file or service that gives a JSON Web Token")
    }
    return token
  }
}
