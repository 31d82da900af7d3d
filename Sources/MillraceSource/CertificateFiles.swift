package import MillraceCore
package import MillraceCrypto

/// Where a certificate and its private key are: PEM in one file or two, or PKCS #12.
package struct CertificateFiles: Sendable {
  /// The certificate's file; also the key's, unless `keyPath` is given.
  package let path: String
  /// The PEM file of the private key.
  package let keyPath: String?
  private let password: (@Sendable () throws(CredentialError) -> String)?

  /// Files; nothing is read yet.
  ///
  /// - Parameter password: what opens the PKCS #12 file or the encrypted key; asked at each use.
  package init(
    path: String, keyPath: String? = nil,
    password: (@Sendable () throws(CredentialError) -> String)? = nil
  ) {
    self.path = path
    self.keyPath = keyPath
    self.password = password
  }

  /// Reads certificate and key as they are now. What a file is shows from its content. Blocks for
  /// as long as the file system does.
  ///
  /// Throws `CredentialError`, naming the file and what is wrong with it.
  package func load() throws(CredentialError) -> SigningIdentity {
    let content = try CredentialFile.read(path, "certificate")
    let key: [UInt8]?
    if let keyPath { key = try CredentialFile.read(keyPath, "private key") } else { key = nil }
    let secret = try password?()
    do throws(CryptoError) {
      // DER begins with a sequence; no text does.
      return content.first == 0x30
        ? try SigningIdentity(pkcs12: content, password: secret)
        : try SigningIdentity(pem: content, keyPEM: key, password: secret)
    } catch {
      throw refusal(error)
    }
  }

  /// What the certificate says, without opening its key where that is possible.
  ///
  /// Throws `CredentialError`.
  package func facts() throws(CredentialError) -> CertificateFacts {
    let content = try CredentialFile.read(path, "certificate")
    guard content.first != 0x30 else { return CertificateFacts(try load().certificate) }
    do throws(CryptoError) {
      return CertificateFacts(try Certificate(pem: content))
    } catch {
      throw refusal(error)
    }
  }

  private func refusal(_ error: CryptoError) -> CredentialError {
    let isAboutKey =
      switch error.kind {
      case .noPrivateKey, .passwordNeeded, .passwordWrong, .unsuitableKey: true
      default: false
      }
    let file = isAboutKey ? keyPath ?? path : path
    return CredentialError(
      subject: "certificate \(file)", message: error.message, hint: error.hint)
  }
}

/// What a certificate says about itself, for those who watch over its end.
package struct CertificateFacts: Hashable, Sendable {
  /// Whom it names, such as `/CN=millrace`.
  package let subject: String
  /// When it begins to be valid.
  package let notBefore: Timestamp
  /// When it ends: the login service refuses it from then on.
  package let notAfter: Timestamp
  /// Its SHA-1 in capital hexadecimal digits, as portals show it.
  package let thumbprint: String
  /// Its SHA-256 in capital hexadecimal digits.
  package let thumbprintSHA256: String
  /// The size of its key, in bits.
  package let keyBits: Int

  /// The facts of a certificate.
  package init(_ certificate: Certificate) {
    subject = certificate.subject
    notBefore = Timestamp(milliseconds: certificate.notBefore * 1000)
    notAfter = Timestamp(milliseconds: certificate.notAfter * 1000)
    thumbprint = CertificateFacts.hexadecimal(certificate.thumbprintSHA1)
    thumbprintSHA256 = CertificateFacts.hexadecimal(certificate.thumbprintSHA256)
    keyBits = certificate.keyBits
  }

  /// A sentence for the operator about a certificate that has ended, ends within
  /// `Limits.credentialExpiryWarning`, or does not begin yet; nil when there is nothing to say.
  package func warning(at now: Timestamp) -> String? {
    if now < notBefore { return "The certificate is not valid before \(notBefore)." }
    return CredentialExpiry.warning(
      of: "certificate", ends: notAfter, at: now,
      advice: "make a new one (millrace credentials new), upload it, then configure it")
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }
}

/// When credentials end, and when that is worth a word.
package enum CredentialExpiry {
  /// A sentence about the end of a credential; nil while it is further away than
  /// `Limits.credentialExpiryWarning`.
  ///
  /// - Parameters:
  ///   - what: the credential in a word.
  ///   - advice: what the operator can do.
  package static func warning(
    of what: String, ends: Timestamp, at now: Timestamp, advice: String
  ) -> String? {
    let left = ends - now
    guard left < Limits.credentialExpiryWarning else { return nil }
    guard left > .zero else { return "The \(what) ended on \(ends): \(advice)." }
    let days = left.components.seconds / 86_400
    let count = days == 0 ? "less than a day" : days == 1 ? "1 day" : "\(days) days"
    return "The \(what) ends in \(count), on \(ends): \(advice)."
  }
}
