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
    guard let algorithm = EVP_KDF_fetch(nil, "HKDF", nil),
      let context = EVP_KDF_CTX_new(algorithm)
    else { preconditionFailure("libcrypto can always derive keys") }
    defer {
      EVP_KDF_CTX_free(context)
      EVP_KDF_free(algorithm)
    }
    var derived = [UInt8](repeating: 0, count: count)
    var name = Array("SHA256".utf8CString)
    var (key, salt, info) = (key, salt, info)
    let status = name.withUnsafeMutableBufferPointer { name in
      key.withUnsafeMutableBytes { key in
        salt.withUnsafeMutableBytes { salt in
          info.withUnsafeMutableBytes { info in
            let parameters = [
              OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.baseAddress, 0),
              OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.baseAddress, key.count),
              OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.baseAddress, salt.count),
              OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.baseAddress, info.count),
              OSSL_PARAM_construct_end(),
            ]
            return EVP_KDF_derive(context, &derived, count, parameters)
          }
        }
      }
    }
    precondition(status == 1, "libcrypto can always derive keys")
    return derived
  }
}
