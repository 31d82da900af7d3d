import COpenSSL

/// A certificate together with its private RSA key, in memory for as long as a signature takes.
package final class SigningIdentity {
  /// The certificate of the key.
  package let certificate: Certificate
  private let key: OpenSSLKey

  /// The smallest RSA key the login service takes, in bits.
  package static let keyBitsMin = 2048

  /// Reads a certificate and its key, both in PEM: from one text, or from two.
  ///
  /// The certificate is the one that belongs to the key, wherever it stands in a chain.
  ///
  /// - Parameters:
  ///   - pem: certificates; also the key, unless `keyPEM` has it.
  ///   - keyPEM: the key, when it stands elsewhere.
  ///   - password: what opens an encrypted key; without it such a key is refused.
  /// - Throws: `CryptoError` of any kind.
  package convenience init(
    pem: [UInt8], keyPEM: [UInt8]? = nil, password: String? = nil
  ) throws(CryptoError) {
    let certificates = try OpenSSLCertificate.all(inPEM: pem)
    guard !certificates.isEmpty else {
      throw CryptoError(
        .noCertificate, "there is no certificate in it",
        hint: "a line \"-----BEGIN CERTIFICATE-----\" is expected")
    }
    let key = try OpenSSLKey(pem: keyPEM ?? pem, password: password)
    try self.init(key, candidates: certificates)
  }

  /// Reads a PKCS #12 file (RFC 7292), `.pfx` or `.p12`.
  ///
  /// - Throws: `CryptoError` of any kind.
  package convenience init(pkcs12: [UInt8], password: String? = nil) throws(CryptoError) {
    let content = try PKCS12Content(pkcs12, password: password)
    try self.init(content.key, candidates: content.certificates)
  }

  private init(
    _ key: OpenSSLKey, candidates: [OpenSSLCertificate]
  ) throws(CryptoError) {
    try key.checkSuitable()
    let match = candidates.first { X509_check_private_key($0.pointer, key.pointer) == 1 }
    ERR_clear_error()
    guard let match else {
      throw CryptoError(
        .mismatch, "the private key does not belong to the certificate",
        hint: "give the two that were made together")
    }
    certificate = try match.certificate()
    self.key = key
  }

  /// The signature of `bytes`.
  ///
  /// Throws `CryptoError` of kind `.unsuitableKey` when OpenSSL cannot sign with the key.
  package func sign(
    _ bytes: [UInt8], algorithm: SignatureAlgorithm
  ) throws(CryptoError) -> [UInt8] {
    guard let signature = algorithm.sign(bytes, key: key.pointer) else {
      throw CryptoError(.unsuitableKey, "the private key cannot sign with \(algorithm.rawValue)")
    }
    return signature
  }
}

/// A private key as OpenSSL holds it; freed with this object.
final class OpenSSLKey {
  let pointer: OpaquePointer

  /// Takes over a key.
  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  /// Reads the first private key of a PEM text: PKCS #8, encrypted or not, or an older form.
  convenience init(pem: [UInt8], password: String?) throws(CryptoError) {
    let text = String(decoding: pem, as: UTF8.self)
    guard text.contains("PRIVATE KEY-----") else {
      throw CryptoError(
        .noPrivateKey, "there is no private key in it",
        hint: "a line \"-----BEGIN PRIVATE KEY-----\" is expected")
    }
    let isEncrypted =
      text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
    if isEncrypted, password == nil {
      throw CryptoError(
        .passwordNeeded, "the private key is encrypted, and no password is configured",
        hint: "configure its password")
    }
    ERR_clear_error()
    let source = MemorySource(pem)
    var secret = PasswordBytes(password ?? "")
    defer { secret.wipe() }
    let pointer = withUnsafeMutablePointer(to: &secret) { secret in
      PEM_read_bio_PrivateKey(source.bio, nil, answerWithPassword, secret)
    }
    guard let pointer else {
      ERR_clear_error()
      guard isEncrypted else {
        throw CryptoError(.malformed, "the private key in it is damaged")
      }
      throw CryptoError(
        .passwordWrong, "the password does not open the private key",
        hint: "check the password, line breaks and blanks at its end included")
    }
    self.init(owning: pointer)
  }

  deinit {
    EVP_PKEY_free(pointer)
  }

  /// Refuses keys that the login service would refuse.
  func checkSuitable() throws(CryptoError) {
    guard EVP_PKEY_get_base_id(pointer) == EVP_PKEY_RSA else {
      throw CryptoError(
        .unsuitableKey, "the key is not an RSA key",
        hint: "the login service takes RSA keys of \(SigningIdentity.keyBitsMin) bits or more")
    }
    let bits = Int(EVP_PKEY_get_bits(pointer))
    guard bits >= SigningIdentity.keyBitsMin else {
      throw CryptoError(
        .unsuitableKey, "the RSA key has \(bits) bits",
        hint: "the login service takes \(SigningIdentity.keyBitsMin) or more")
    }
  }
}

/// A password for OpenSSL's callback.
struct PasswordBytes {
  fileprivate var bytes: [UInt8]

  /// The bytes of a password.
  init(_ password: String) {
    bytes = Array(password.utf8)
  }

  /// Overwrites it.
  mutating func wipe() {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
  }
}

/// Gives OpenSSL the `PasswordBytes` behind its context; one that is too long is no answer.
private let answerWithPassword: PasswordCallback = { buffer, size, _, context in
  guard let buffer, let secret = context?.assumingMemoryBound(to: PasswordBytes.self) else {
    return -1
  }
  let bytes = secret.pointee.bytes
  guard bytes.count <= Int(size) else { return -1 }
  for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
  return Int32(bytes.count)
}
