import COpenSSL
import Glibc

/// A certificate (RFC 5280): its bytes and what they say.
package struct Certificate: Hashable, Sendable {
  /// The encoded certificate (DER).
  package let encoded: [UInt8]
  /// When it begins to be valid, in seconds since 1970-01-01T00:00:00Z.
  package let notBefore: Int64
  /// When it ends, in seconds since 1970-01-01T00:00:00Z.
  package let notAfter: Int64
  /// Whom it is for, such as `/CN=millrace`; at most 255 bytes of it.
  package let subject: String
  /// The size of its public key, in bits.
  package let keyBits: Int

  /// The SHA-256 of the encoded certificate: what `x5t#S256` says.
  package var thumbprintSHA256: [UInt8] { digest(EVP_sha256()) }
  /// The SHA-1 of the encoded certificate: what `x5t` says and portals show.
  package var thumbprintSHA1: [UInt8] { digest(EVP_sha1()) }

  /// Reads the first certificate of a PEM text.
  ///
  /// Throws `CryptoError` of kind `.noCertificate` when there is none.
  package init(pem: [UInt8]) throws(CryptoError) {
    guard let first = try OpenSSLCertificate.all(inPEM: pem).first else {
      throw CryptoError(.noCertificate, "there is no certificate in it")
    }
    self = try first.certificate()
  }

  /// Reads an encoded certificate (DER).
  package init(encoded: [UInt8]) throws(CryptoError) {
    self = try OpenSSLCertificate(encoded: encoded).certificate()
  }

  /// Whether `signature` is the one that the key of this certificate made over `bytes`.
  package func verifies(
    _ signature: [UInt8], of bytes: [UInt8], algorithm: SignatureAlgorithm
  ) -> Bool {
    guard case .success(let holder) = Self.open(encoded), let key = X509_get0_pubkey(holder.pointer)
    else { return false }
    return algorithm.verifies(signature, of: bytes, key: key)
  }

  private static func open(_ encoded: [UInt8]) -> Result<OpenSSLCertificate, CryptoError> {
    do throws(CryptoError) { return .success(try OpenSSLCertificate(encoded: encoded)) } catch {
      return .failure(error)
    }
  }

  fileprivate init(
    encoded: [UInt8], notBefore: Int64, notAfter: Int64, subject: String, keyBits: Int
  ) {
    self.encoded = encoded
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.subject = subject
    self.keyBits = keyBits
  }

  private func digest(_ kind: OpaquePointer?) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let status = EVP_Digest(encoded, encoded.count, &digest, &length, kind, nil)
    precondition(status == 1, "libcrypto can always hash")
    return Array(digest.prefix(Int(length)))
  }
}

/// A certificate as OpenSSL holds it; freed with this object.
final class OpenSSLCertificate {
  let pointer: OpaquePointer

  /// Takes over a certificate.
  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  /// Reads an encoded certificate; more bytes behind it are refused.
  convenience init(encoded: [UInt8]) throws(CryptoError) {
    let pointer = encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      var next = bytes.baseAddress
      guard let found = d2i_X509(nil, &next, bytes.count) else { return nil }
      guard next == bytes.baseAddress.map({ $0 + bytes.count }) else {
        X509_free(found)
        return nil
      }
      return found
    }
    guard let pointer else {
      ERR_clear_error()
      throw CryptoError(.malformed, "it is not an encoded certificate")
    }
    self.init(owning: pointer)
  }

  deinit {
    X509_free(pointer)
  }

  /// Every certificate of a PEM text, in its order.
  static func all(inPEM text: [UInt8]) throws(CryptoError) -> [OpenSSLCertificate] {
    let source = MemorySource(text)
    var found: [OpenSSLCertificate] = []
    while let pointer = PEM_read_bio_X509(source.bio, nil, refuseToAsk, nil) {
      found.append(OpenSSLCertificate(owning: pointer))
    }
    // The end of the text is an error to OpenSSL, too.
    let reasons = CryptoError.takeReasons()
    guard reasons.allSatisfy({ $0 == "no start line" }) else {
      throw CryptoError(.malformed, "a certificate in it is damaged")
    }
    return found
  }

  /// What it says.
  func certificate() throws(CryptoError) -> Certificate {
    var buffer: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(pointer, &buffer)
    guard count > 0, let buffer, let key = X509_get0_pubkey(pointer),
      let notBefore = seconds(X509_get0_notBefore(pointer)),
      let notAfter = seconds(X509_get0_notAfter(pointer))
    else {
      ERR_clear_error()
      throw CryptoError(.malformed, "the certificate is damaged")
    }
    let encoded = Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
    CRYPTO_free(buffer, nil, 0)
    var name = [CChar](repeating: 0, count: 256)
    X509_NAME_oneline(X509_get_subject_name(pointer), &name, 256)
    let subject = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Certificate(
      encoded: encoded, notBefore: notBefore, notAfter: notAfter, subject: subject,
      keyBits: Int(EVP_PKEY_get_bits(key)))
  }

  private func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return Int64(timegm(&parts))
  }
}

/// Bytes that OpenSSL reads from memory. They are copied, and wiped when this object goes.
final class MemorySource {
  let bio: OpaquePointer
  private let copy: UnsafeMutableRawBufferPointer

  /// A source of these bytes.
  init(_ bytes: [UInt8]) {
    copy = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
    copy.copyBytes(from: bytes)
    guard let bio = BIO_new_mem_buf(copy.baseAddress, Int32(clamping: bytes.count)) else {
      preconditionFailure("libcrypto gives a source in memory")
    }
    self.bio = bio
  }

  deinit {
    BIO_free(bio)
    OPENSSL_cleanse(copy.baseAddress, copy.count)
    copy.deallocate()
  }
}

/// What OpenSSL calls for a password (`pem_password_cb`).
typealias PasswordCallback =
  @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32

/// Answers OpenSSL's question for a password with no; without it, it would ask on the terminal.
let refuseToAsk: PasswordCallback = { _, _, _, _ in -1 }
