import COpenSSL

/// A key or a certificate that cannot be used. It never holds key material or a password.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, as far as callers branch on it.
  package enum Kind: String, CaseIterable, Sendable {
    /// The bytes are not what they should be.
    case malformed
    /// There is no certificate.
    case noCertificate
    /// There is no private key.
    case noPrivateKey
    /// The key is encrypted and no password was given.
    case passwordNeeded
    /// The password does not open it.
    case passwordWrong
    /// No certificate belongs to the key.
    case mismatch
    /// The key is of a kind or a size that the service does not take.
    case unsuitableKey
    /// It is encrypted in a way that this OpenSSL does not offer.
    case unsupported
  }

  /// What is wrong.
  package let kind: Kind
  /// What is wrong, in words for an operator.
  package let message: String
  /// What the operator can do about it; empty when nothing comes to mind.
  package let hint: String

  /// An unusable key or certificate.
  package init(_ kind: Kind, _ message: String, hint: String = "") {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Message and hint.
  package var description: String { message + (hint.isEmpty ? "" : " (\(hint))") }

  /// The reasons that OpenSSL noted on this thread since it was last asked, oldest first, in its
  /// own words; its list is empty afterwards.
  static func takeReasons() -> [String] {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      if let text = ERR_reason_error_string(code) { reasons.append(String(cString: text)) }
    }
    return reasons
  }
}
