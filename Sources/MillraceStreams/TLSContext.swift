import CSSL
import Glibc

/// Certificates and rules for connections through TLS: version 1.2 at least, the peer verified.
/// Files are read once, when it is made.
///
/// Sound as `Sendable`: OpenSSL counts references to a context under a lock of its own, and nothing
/// changes this one after init.
package final class TLSContext: @unchecked Sendable {
  let pointer: OpaquePointer
  let settings: TLSSettings

  /// Reads the files. Throws `StreamError` of kind `.unusableFile` when one cannot be used. Blocks.
  package init(_ settings: TLSSettings) throws(StreamError) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(TLS_client_method()),
      millrace_ssl_require_tls12(context) == 1
    else { preconditionFailure("OpenSSL offers TLS 1.2") }
    pointer = context
    self.settings = settings
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    millrace_ssl_never_ask(context)
    try readAuthorities()
    try readCertificate()
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  private func readAuthorities() throws(StreamError) {
    guard let path = settings.authorityPath else {
      guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
        throw unusable(
          "the system's authorities", hint: "install ca-certificates, or name a file under tls.ca")
      }
      return
    }
    try mustBeReadable(path)
    guard SSL_CTX_load_verify_file(pointer, path) == 1 else {
      throw unusable(path, hint: "tls.ca names a PEM file with the authority's certificate")
    }
  }

  private func readCertificate() throws(StreamError) {
    guard let certificate = settings.certificatePath, let key = settings.keyPath else { return }
    try mustBeReadable(certificate)
    try mustBeReadable(key)
    guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
      throw unusable(
        certificate, hint: "tls.certificate names a PEM file that begins with Millrace's own")
    }
    guard SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1 else {
      throw unusable(
        key, hint: "tls.key names a PEM file with the certificate's private key, not encrypted")
    }
    guard SSL_CTX_check_private_key(pointer) == 1 else {
      throw unusable(key, hint: "the key is not that of the certificate in \(certificate)")
    }
  }

  private func mustBeReadable(_ path: String) throws(StreamError) {
    guard access(path, R_OK) != 0 else { return }
    throw StreamError(
      .unusableFile, operation: "read", subject: path, String(cString: strerror(errno)),
      hint: "let the user Millrace runs as read the file, or correct its path")
  }

  private func unusable(_ path: String, hint: String) -> StreamError {
    let reason = TLSContext.takeReasons().first ?? "it holds nothing of use"
    return StreamError(.unusableFile, operation: "read", subject: path, reason, hint: hint)
  }

  /// What OpenSSL noted on this thread since it was last asked, oldest first; its list is empty
  /// afterwards.
  static func takeReasons() -> [String] {
    takeErrors().map { code in
      ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
  }

  /// The numbers of the same.
  static func takeErrors() -> [UInt] {
    var codes: [UInt] = []
    while case let code = ERR_get_error(), code != 0 { codes.append(code) }
    return codes
  }
}
