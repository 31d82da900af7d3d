import COpenSSL

/// The library behind keys, certificates and digests.
package enum CryptoLibrary {
  /// The version of libcrypto in use.
  package static var version: String { String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)) }
}
