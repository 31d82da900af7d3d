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

/// SHA-256 of bytes that come in pieces, and of many small inputs one after the other: one context
/// of OpenSSL serves them all.
package final class SHA256Stream {
  private let context: OpaquePointer

  /// A stream without bytes.
  package init() {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto gives a context") }
    self.context = context
    let status = EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(status == 1, "libcrypto can always hash")
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "libcrypto can always hash")
  }

  /// Adds bytes.
  package func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of all bytes, 32 of them; the stream is empty again.
  package func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    digest.withUnsafeMutableBytes { finish(into: $0) }
    return digest
  }

  /// Writes the digest of all bytes to the 32 bytes of `target`; the stream is empty again.
  package func finish(into target: UnsafeMutableRawBufferPointer) {
    precondition(target.count == 32, "a digest has 32 bytes")
    var length: UInt32 = 0
    let status = EVP_DigestFinal_ex(
      context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
    precondition(
      status == 1 && EVP_DigestInit_ex(context, nil, nil) == 1, "libcrypto can always hash")
  }
}
