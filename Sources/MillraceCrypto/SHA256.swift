import COpenSSL

/// SHA-256 (FIPS 180-4) through OpenSSL.
package enum SHA256 {
  /// The digest of `bytes`, 32 bytes long.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    let status = EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
    precondition(status == 1 && length == 32, "libcrypto can always hash")
    return digest
  }
}
