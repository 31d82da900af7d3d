import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A) through OpenSSL: encrypts and decrypts alike. Says
/// nothing about whether what it is given was changed; who uses it authenticates. Not for two
/// threads at a time.
package final class CounterMode {
  private let context: OpaquePointer

  /// A cipher with a key of 32 bytes.
  package init(key: [UInt8]) {
    precondition(key.count == 32, "a key of AES-256")
    guard let context = EVP_CIPHER_CTX_new() else {
      preconditionFailure("libcrypto gives a context")
    }
    self.context = context
    let status = EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, key, nil)
    precondition(status == 1, "libcrypto has AES")
  }

  deinit {
    EVP_CIPHER_CTX_free(context)
  }

  /// The bytes, turned into the other kind.
  ///
  /// - Parameter start: the first counter block, 16 bytes; never the same for two different texts.
  package func apply(_ bytes: [UInt8], start: [UInt8]) -> [UInt8] {
    precondition(start.count == 16, "a block")
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
      var written: Int32 = 0
      let length = Int32(clamping: bytes.count)
      let status =
        EVP_EncryptInit_ex(context, nil, nil, nil, start) == 1
        && EVP_EncryptUpdate(context, output.baseAddress, &written, bytes, length) == 1
      precondition(status && written == length, "counter mode takes any length")
      count = bytes.count
    }
  }
}
