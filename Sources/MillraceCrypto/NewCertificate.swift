import COpenSSL

/// A private key and a certificate that it signed itself, made just now: how an application proves
/// who it is without a secret that travels (Microsoft identity platform, "Certificate
/// credentials").
package struct NewCertificate: Sendable {
  /// The private key in PEM (PKCS #8), encrypted if a password was given. A secret.
  package let keyPEM: [UInt8]
  /// The certificate in PEM.
  package let certificatePEM: [UInt8]
  /// The SHA-1 of the encoded certificate, as portals show it.
  package let thumbprintSHA1: [UInt8]
  /// The SHA-256 of the encoded certificate.
  package let thumbprintSHA256: [UInt8]

  /// Makes one.
  ///
  /// - Parameters:
  ///   - name: whom it is for, the common name of its subject; 1 to 64 characters.
  ///   - bits: the size of its RSA key; the login service wants 2048 at least.
  ///   - days: how long it is good for.
  ///   - password: what encrypts the key (AES-256, PBKDF2); nil leaves it in the clear.
  package init(name: String, bits: Int = 3072, days: Int, password: String? = nil) {
    precondition((1...64).contains(name.unicodeScalars.count), "a common name has its bounds")
    precondition((2048...8192).contains(bits) && days > 0, "a certificate is worth making")
    let key = NewCertificate.makeKey(bits: bits)
    defer { EVP_PKEY_free(key) }
    let certificate = NewCertificate.sign(name: name, days: days, key: key)
    defer { X509_free(certificate) }
    keyPEM = NewCertificate.pem { output in
      guard let password else {
        return PEM_write_bio_PKCS8PrivateKey(output, key, nil, nil, 0, nil, nil)
      }
      let bytes = password.utf8.map { CChar(bitPattern: $0) }
      return PEM_write_bio_PKCS8PrivateKey(
        output, key, EVP_aes_256_cbc(), bytes, Int32(bytes.count), nil, nil)
    }
    certificatePEM = NewCertificate.pem { PEM_write_bio_X509($0, certificate) }
    thumbprintSHA1 = NewCertificate.digest(certificate, EVP_sha1())
    thumbprintSHA256 = NewCertificate.digest(certificate, EVP_sha256())
  }

  private static func makeKey(bits: Int) -> OpaquePointer {
    let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
      EVP_PKEY_generate(context, &key) == 1, let key
    else { preconditionFailure("libcrypto can always make an RSA key") }
    return key
  }

  private static func sign(name: String, days: Int, key: OpaquePointer) -> OpaquePointer {
    guard let certificate = X509_new() else {
      preconditionFailure("libcrypto gives a certificate")
    }
    // A serial number nobody else has, positive and in 63 bits.
    var serial = UInt64.random(in: 1...UInt64(Int64.max))
    if serial == 0 { serial = 1 }
    let words = Array(name.utf8)
    let subject = X509_get_subject_name(certificate)
    // It begins a little earlier, for whoever's clock is behind.
    let beginning = -300
    let isMade =
      X509_set_version(certificate, Int(X509_VERSION_3)) == 1
      && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1
      && X509_gmtime_adj(X509_getm_notBefore(certificate), beginning) != nil
      && X509_time_adj_ex(X509_getm_notAfter(certificate), Int32(days), 0, nil) != nil
      && X509_NAME_add_entry_by_txt(
        subject, "CN", mbstringUTF8, words, Int32(words.count), -1, 0) == 1
      && X509_set_issuer_name(certificate, subject) == 1
      && X509_set_pubkey(certificate, key) == 1
      && add(NID_basic_constraints, "critical,CA:FALSE", to: certificate)
      && add(NID_key_usage, "critical,digitalSignature", to: certificate)
      && X509_sign(certificate, key, EVP_sha256()) > 0
    precondition(isMade, "libcrypto can always make a certificate")
    return certificate
  }

  /// `MBSTRING_UTF8` of OpenSSL's asn1.h, an expression that Swift does not see.
  private static let mbstringUTF8: Int32 = 0x1000

  private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
    guard let made = X509V3_EXT_nconf_nid(nil, nil, kind, value) else { return false }
    defer { X509_EXTENSION_free(made) }
    return X509_add_ext(certificate, made, -1) == 1
  }

  private static func pem(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
    // Memory that is wiped when it goes.
    guard let output = BIO_new(BIO_s_secmem()) else {
      preconditionFailure("libcrypto gives a sink in memory")
    }
    defer { BIO_free(output) }
    precondition(write(output) == 1, "libcrypto can always write PEM")
    var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
    let count = BIO_read(output, &bytes, Int32(bytes.count))
    precondition(count == bytes.count, "what was written can be read")
    return bytes
  }

  private static func digest(_ certificate: OpaquePointer, _ kind: OpaquePointer?) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    precondition(
      X509_digest(certificate, kind, &digest, &length) == 1, "libcrypto can always hash")
    return Array(digest.prefix(Int(length)))
  }
}
