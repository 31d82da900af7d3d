import COpenSSL

/// HMAC with SHA-256 (RFC 2104) through OpenSSL, of many small texts under one key: what is done
/// with the key is done once. Not for two threads at a time.
package final class KeyedHasher {
  private let context: OpaquePointer

  /// A hasher with a key.
  package init(key: [UInt8]) {
    guard let context = millrace_openssl_hmac_sha256_new(key, key.count) else {
      preconditionFailure("libcrypto can always hash")
    }
    self.context = context
  }

  deinit {
    EVP_MAC_CTX_free(context)
  }

  /// The digest of bytes, 32 of them.
  package func digest(of bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
      // Without a key it begins again with the one it has.
      let status =
        EVP_MAC_init(context, nil, 0, nil) == 1
        && EVP_MAC_update(context, bytes, bytes.count) == 1
        && EVP_MAC_final(context, digest.baseAddress, &count, 32) == 1
      precondition(status && count == 32, "libcrypto can always hash")
    }
  }
}
