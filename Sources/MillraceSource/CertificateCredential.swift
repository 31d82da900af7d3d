import MillraceCore
package import MillraceCrypto

/// Proves the application by a token it signs itself with the key of a certificate whose public
/// part is registered (Microsoft identity platform, "Application authentication certificate
/// credentials").
package struct CertificateCredential: TokenCredential {
  /// Where certificate and key are.
  package let files: CertificateFiles
  /// How the token is signed, and with it which thumbprint names the certificate.
  package let algorithm: SignatureAlgorithm

  /// A credential; the files are read at each use.
  package init(files: CertificateFiles, algorithm: SignatureAlgorithm = .ps256) {
    self.files = files
    self.algorithm = algorithm
  }

  package func formFields(_ order: ProofOrder) async throws(CredentialError) -> [FormField] {
    let identity = try files.load()
    let unsigned = header(identity.certificate) + "." + claims(order)
    let signature: [UInt8]
    do throws(CryptoError) {
      signature = try identity.sign(Array(unsigned.utf8), algorithm: algorithm)
    } catch {
      throw CredentialError(
        subject: "certificate \(files.path)", message: error.message, hint: error.hint)
    }
    return ClientAssertion.fields("\(unsigned).\(Base64URL.encoded(signature))")
  }

  private func header(_ certificate: Certificate) -> String {
    // SHA-256 under its own name, SHA-1 under the old one; never one under the other's.
    let (name, thumbprint) =
      switch algorithm {
      case .ps256: ("x5t#S256", certificate.thumbprintSHA256)
      case .rs256: ("x5t", certificate.thumbprintSHA1)
      }
    return encoded(
      #"{"alg":"\#(algorithm.rawValue)","typ":"JWT","#
        + #""\#(name)":"\#(Base64URL.encoded(thumbprint))"}"#)
  }

  private func claims(_ order: ProofOrder) -> String {
    let now = order.now.milliseconds / 1000
    let start = now - Limits.assertionHeadStart.components.seconds
    let end = now + Limits.assertionLife.components.seconds
    return encoded(
      JSONText.object([
        ("aud", JSONText.string(order.tokenEndpoint)), ("iss", JSONText.string(order.clientID)),
        ("sub", JSONText.string(order.clientID)),
        ("jti", JSONText.string(ClientAssertion.freshID())),
        ("nbf", "\(start)"), ("iat", "\(start)"), ("exp", "\(end)"),
      ]))
  }

  private func encoded(_ text: String) -> String { Base64URL.encoded(Array(text.utf8)) }
}

/// A token in place of a secret (RFC 7523, section 2.2).
enum ClientAssertion {
  /// The fields that carry it.
  static func fields(_ token: String) -> [FormField] {
    [
      FormField(
        name: "client_assertion_type",
        value: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", isSecret: false),
      FormField(name: "client_assertion", value: token, isSecret: true),
    ]
  }

  /// A random GUID (RFC 9562, version 4).
  static func freshID() -> String {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { hex[$0].joined() }.joined(separator: "-")
  }
}
