import COpenSSL

/// HKDF with SHA-256 (RFC 5869) through OpenSSL: several keys out of one.
package enum KeyDerivation {
  /// A key for one purpose.
  ///
  /// - Parameters:
  ///   - key: the key that others are derived from.
  ///   - salt: a constant of the program, so that other programs derive other keys.
  ///   - info: the purpose.
  ///   - count: how long the key is to be, in bytes; 8160 at most.
  package static func hkdfSHA256(
    key: [UInt8], salt: [UInt8], info: [UInt8], count: Int = 32
  ) -> [UInt8] {
    var derived = [UInt8](repeating: 0, count: count)
    let status = millrace_openssl_hkdf_sha256(
      key, key.count, salt, salt.count, info, info.count, &derived, count)
    precondition(status == 1, "libcrypto can always derive keys")
    return derived
  }
}
