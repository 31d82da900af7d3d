import COpenSSL

/// An RSA key that is made for one run and never leaves memory, such as that of a simulated issuer.
package final class EphemeralKey: Sendable {
  // Sound: an `EVP_PKEY` counts its references atomically and is only read after it was made;
  // each signature has a context of its own (OpenSSL 3, "Thread support").
  nonisolated(unsafe) private let key: OpaquePointer

  /// Makes a key of 2,048 bits, which takes a part of a second.
  package init() {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else {
      preconditionFailure("libcrypto knows RSA")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    let status =
      EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1
      && EVP_PKEY_keygen(context, &made) == 1
    guard status, let made else { preconditionFailure("libcrypto makes RSA keys") }
    key = made
  }

  deinit {
    EVP_PKEY_free(key)
  }

  /// The signature of `bytes`.
  package func sign(_ bytes: [UInt8], algorithm: SignatureAlgorithm) -> [UInt8] {
    guard let signature = algorithm.sign(bytes, key: key) else {
      preconditionFailure("a key of RSA signs")
    }
    return signature
  }

  /// Whether `signature` is this key's own for `bytes`.
  package func verifies(
    _ signature: [UInt8], of bytes: [UInt8], algorithm: SignatureAlgorithm
  ) -> Bool {
    algorithm.verifies(signature, of: bytes, key: key)
  }
}
