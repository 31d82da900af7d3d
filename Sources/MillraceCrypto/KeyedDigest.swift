import COpenSSL

/// HMAC with SHA-256 (RFC 2104) through OpenSSL.
package enum KeyedDigest {
  /// The digest of `bytes` under `key`, 32 bytes long.
  package static func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    let result = HMAC(
      EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, &digest, &length)
    precondition(result != nil && length == 32, "libcrypto can always hash")
    return digest
  }
}
