import COpenSSL

/// How a JSON Web Token is signed with an RSA key (RFC 7518, section 3.1).
package enum SignatureAlgorithm: String, CaseIterable, Sendable {
  /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, a salt of 32 bytes.
  case ps256 = "PS256"
  /// RSASSA-PKCS1-v1_5 with SHA-256.
  case rs256 = "RS256"

  /// Bytes of the salt: as many as the digest has (RFC 7518, section 3.5).
  private static let saltBytes: Int32 = 32

  /// The signature of `bytes`; nil when OpenSSL refuses the key.
  func sign(_ bytes: [UInt8], key: OpaquePointer) -> [UInt8]? {
    withContext { context, parameters in
      guard EVP_DigestSignInit(context, &parameters, EVP_sha256(), nil, key) == 1,
        setPadding(parameters)
      else { return nil }
      var count = 0
      guard EVP_DigestSign(context, nil, &count, bytes, bytes.count) == 1 else { return nil }
      var signature = [UInt8](repeating: 0, count: count)
      guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1 else { return nil }
      return Array(signature.prefix(count))
    }
  }

  /// Whether `signature` is the key's own for `bytes`.
  func verifies(_ signature: [UInt8], of bytes: [UInt8], key: OpaquePointer) -> Bool {
    withContext { context, parameters in
      guard EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), nil, key) == 1,
        setPadding(parameters)
      else { return nil }
      return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    } ?? false
  }

  private func setPadding(_ parameters: OpaquePointer?) -> Bool {
    switch self {
    case .rs256:
      EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
    case .ps256:
      EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, Self.saltBytes) == 1
    }
  }

  /// Runs `body` with a context; the parameters belong to it and go with it.
  private func withContext<Outcome>(
    _ body: (OpaquePointer, inout OpaquePointer?) -> Outcome?
  ) -> Outcome? {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto gives a context") }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    var parameters: OpaquePointer?
    return body(context, &parameters)
  }
}
