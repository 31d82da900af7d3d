import CSSL
import Glibc

/// One secured conversation, apart from the socket: bytes of the peer go in, bytes for the peer
/// come out. For one thread at a time.
final class TLSSession {
  private let ssl: OpaquePointer
  /// Both belong to `ssl`.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let subject: String

  /// How far the handshake is.
  enum Progress {
    case done
    case needsPeer
  }

  /// A conversation with `host`, whose name or address the certificate must bear.
  init(_ context: TLSContext, host: String, subject: String) throws(StreamError) {
    guard let ssl = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
      let outgoing = BIO_new(BIO_s_mem())
    else { preconditionFailure("OpenSSL gives a session") }
    self.ssl = ssl
    self.incoming = incoming
    self.outgoing = outgoing
    self.subject = subject
    millrace_ssl_never_ends(incoming)
    millrace_ssl_never_ends(outgoing)
    SSL_set_bio(ssl, incoming, outgoing)
    SSL_set_connect_state(ssl)
    let name = context.settings.serverName ?? host
    guard expect(name) else {
      throw StreamError(
        .unusableFile, operation: "secure", subject: subject, "\(name) cannot name a server",
        hint: "correct tls.server_name")
    }
  }

  deinit {
    SSL_free(ssl)
  }

  /// Has the peer's certificate checked against a name or an address.
  private func expect(_ name: String) -> Bool {
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 { return true }
    ERR_clear_error()
    // The name is what the certificate is checked against; it is also said to the peer (SNI).
    SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    return SSL_set1_host(ssl, name) == 1 && millrace_ssl_set_server_name(ssl, name) == 1
  }

  /// What it is secured with; for a conversation whose handshake is done.
  var facts: TLSFacts {
    let certificate = SSL_get0_peer_certificate(ssl)
    return TLSFacts(
      version: String(cString: SSL_get_version(ssl)),
      cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "",
      daysLeft: certificate.map { Int(millrace_ssl_days_left($0)) } ?? 0)
  }

  /// Takes what came from the peer.
  func feed(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    let count = BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
    precondition(count == bytes.count, "a memory takes what is written")
  }

  /// Takes what is to be sent to the peer.
  func takeOutgoing() -> [UInt8] {
    let count = Int(millrace_ssl_pending(outgoing))
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { room, written in
      written = Int(max(BIO_read(outgoing, room.baseAddress, Int32(count)), 0))
    }
  }

  /// Goes on with the handshake as far as what came allows.
  func shakeHands() throws(StreamError) -> Progress {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return .done }
    if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return .needsPeer }
    throw failure(TLSContext.takeErrors())
  }

  /// Encrypts bytes; `takeOutgoing` has the result.
  func write(_ bytes: [UInt8]) throws(StreamError) {
    guard !bytes.isEmpty else { return }
    ERR_clear_error()
    var written = 0
    let result = SSL_write_ex(ssl, bytes, bytes.count, &written)
    guard result == 1, written == bytes.count else { throw failure(TLSContext.takeErrors()) }
  }

  /// What reading what came leads to.
  enum Reading {
    /// Nothing more for now.
    case silent
    /// The peer said that it is done (close_notify).
    case closed
    case failed(StreamError)
  }

  /// Reads what came. What the peer says is of no meaning to a sender of syslog; that it goes is.
  func read() -> Reading {
    var ignored = [UInt8](repeating: 0, count: 4096)
    while true {
      ERR_clear_error()
      var count = 0
      let result = SSL_read_ex(ssl, &ignored, ignored.count, &count)
      if result == 1 { continue }
      switch SSL_get_error(ssl, result) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .silent
      case SSL_ERROR_ZERO_RETURN: return .closed
      default: return .failed(failure(TLSContext.takeErrors()))
      }
    }
  }

  /// Says that nothing more comes (close_notify); `takeOutgoing` has it.
  func sayGoodbye() {
    ERR_clear_error()
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  private func failure(_ codes: [UInt]) -> StreamError {
    let verified = SSL_get_verify_result(ssl)
    if verified != Int(X509_V_OK) { return untrusted(verified) }
    let words = codes.compactMap { ERR_reason_error_string($0).map { String(cString: $0) } }
    let message = words.last ?? "the conversation broke off"
    let alert: Int32 = codes.lazy.map { millrace_ssl_alert($0) }.first { $0 != 0 } ?? 0
    if TLSSession.certificateAlerts.contains(alert) {
      return StreamError(
        .refused, operation: "secure", subject: subject, "the receiver says: \(message)",
        hint: "see that it trusts the authority of tls.certificate, and that it expects this name")
    }
    return StreamError(
      .handshake, operation: "secure", subject: subject, message,
      hint: "see that the receiver speaks TLS 1.2 or later on this port")
  }

  /// Alerts that speak of our certificate (RFC 8446, section 6.2): bad, unsupported, revoked,
  /// expired, unknown, unknown authority, access denied, certificate required.
  private static let certificateAlerts: Set<Int32> = [42, 43, 44, 45, 46, 48, 49, 116]

  private func untrusted(_ code: Int) -> StreamError {
    let reason = String(cString: X509_verify_cert_error_string(code))
    let hint =
      switch Int32(code) {
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
        "give the receiver a certificate for this name, or say under tls.server_name which name"
          + " its certificate bears"
      case X509_V_ERR_CERT_HAS_EXPIRED: "renew the receiver's certificate"
      case X509_V_ERR_CERT_NOT_YET_VALID: "look at the clocks of both machines"
      default: "name the authority that signed the receiver's certificate under tls.ca"
      }
    return StreamError(
      .untrusted, operation: "secure", subject: subject,
      "the receiver's certificate is not trusted: \(reason)", hint: hint)
  }
}
