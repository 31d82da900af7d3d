import COpenSSL

/// What a PKCS #12 file holds: a key, and certificates with the key's own in front.
struct PKCS12Content {
  let key: OpenSSLKey
  let certificates: [OpenSSLCertificate]

  /// Opens the file. Throws `CryptoError`.
  init(_ bytes: [UInt8], password: String?) throws(CryptoError) {
    ERR_clear_error()
    defer { ERR_clear_error() }
    let source = MemorySource(bytes)
    guard let file = d2i_PKCS12_bio(source.bio, nil) else {
      throw CryptoError(
        .malformed, "it is not a PKCS #12 file", hint: "give a .pfx or .p12 file, or PEM")
    }
    defer { PKCS12_free(file) }
    if let password, password.utf8.contains(0) {
      throw CryptoError(.passwordWrong, "the password holds a zero byte")
    }
    try Self.check(password, of: file)
    var key: OpaquePointer?
    var certificate: OpaquePointer?
    var others: OpaquePointer?
    guard PKCS12_parse(file, password, &key, &certificate, &others) == 1 else {
      let reasons = CryptoError.takeReasons()
      if reasons.contains(where: { $0.contains("unsupported") }) {
        throw CryptoError(
          .unsupported, "it is encrypted with an algorithm of old that OpenSSL 3 does not offer",
          hint: "export it again with AES-256 and SHA-256")
      }
      throw CryptoError(.malformed, "the PKCS #12 file is damaged")
    }
    if let others { millrace_openssl_free_certificates(others) }
    let ownKey = key.map(OpenSSLKey.init(owning:))
    let ownCertificate = certificate.map(OpenSSLCertificate.init(owning:))
    guard let ownKey else {
      throw CryptoError(
        .noPrivateKey, "there is no private key in the PKCS #12 file",
        hint: "export it with its private key")
    }
    // OpenSSL picks the certificate that belongs to the key.
    guard let ownCertificate else {
      throw CryptoError(.noCertificate, "there is no certificate of its key in the PKCS #12 file")
    }
    self.key = ownKey
    certificates = [ownCertificate]
  }

  private static func check(_ password: String?, of file: OpaquePointer) throws(CryptoError) {
    // OpenSSL opens none without a checksum.
    guard PKCS12_mac_present(file) == 1 else {
      throw CryptoError(
        .unsupported, "the PKCS #12 file has no checksum (MAC)",
        hint: "export it again with a password")
    }
    if let password {
      guard PKCS12_verify_mac(file, password, -1) == 1 else {
        throw CryptoError(
          .passwordWrong, "the password does not open the PKCS #12 file",
          hint: "check the password, line breaks and blanks at its end included")
      }
    } else if PKCS12_verify_mac(file, nil, 0) != 1, PKCS12_verify_mac(file, "", 0) != 1 {
      throw CryptoError(
        .passwordNeeded, "the PKCS #12 file has a password, and none is configured",
        hint: "configure its password")
    }
  }
}
