import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A) through OpenSSL: encrypts and decrypts alike. Says
/// nothing about whether what it is given was changed; who uses it authenticates.
package enum CounterMode {
  /// The bytes, turned into the other kind.
  ///
  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - start: the first counter block, 16 bytes; never the same for two different texts.
  package static func apply(_ bytes: [UInt8], key: [UInt8], start: [UInt8]) -> [UInt8] {
    precondition(key.count == 32 && start.count == 16, "a key of AES-256, and a block")
    guard let context = EVP_CIPHER_CTX_new() else {
      preconditionFailure("libcrypto gives a context")
    }
    defer { EVP_CIPHER_CTX_free(context) }
    var output = [UInt8](repeating: 0, count: bytes.count)
    var count: Int32 = 0
    let status = EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, key, start)
    precondition(status == 1, "libcrypto has AES")
    let length = Int32(clamping: bytes.count)
    precondition(
      EVP_EncryptUpdate(context, &output, &count, bytes, length) == 1 && count == length,
      "counter mode takes any length")
    return output
  }
}
