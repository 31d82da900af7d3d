import MillraceCrypto

/// A key of the operator's, from which everything is derived that pseudonyms are made with.
package struct PseudonymKey: Sendable {
  /// What is wrong with a key, and what to do.
  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong; nothing of the key is in it.
    package let description: String
    /// How to make one that can be used.
    package let hint =
      "make one: openssl rand -base64 32 (into a file of mode 0600 that is kept as safe as the data)"
  }

  /// What a key is used for; no two purposes share derived bytes.
  enum Purpose: String {
    case identifier = "key id"
    case tenant = "tenant"
    case encryption = "encryption"
    case authentication = "authentication"
    case addresses = "addresses"
    case addressHash = "address hash"
    case tenantTag = "tenant tag"
  }

  /// Bytes that a key must have: as many as go into HMAC with SHA-256.
  static let bytesMin = 32

  private let bytes: [UInt8]
  /// Tells keys apart in pseudonyms and messages; says nothing of the key. Four letters and digits.
  package let id: String

  /// A key from its text: at least 32 random bytes in Base64, as `openssl rand -base64 32` prints
  /// them.
  ///
  /// - Throws: `Problem` for a text that is none, too short, or not as random as it must be.
  package init(_ text: String) throws(Problem) {
    var digits = text.filter { !$0.isWhitespace }[...]
    while digits.last == "=" { digits = digits.dropLast() }
    let plain = String(digits).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    guard let bytes = Base64URL.decoded(String(plain)) else {
      throw Problem(description: "the key is not in Base64")
    }
    guard bytes.count >= PseudonymKey.bytesMin else {
      throw Problem(
        description: "the key has \(bytes.count) bytes; it needs \(PseudonymKey.bytesMin) or more")
    }
    // Of 32 random bytes fewer than 20 different ones do not happen in a lifetime; of random
    // Base64 neither does a text of small letters alone.
    let kinds = [
      digits.contains(where: \.isLowercase), digits.contains(where: \.isUppercase),
      digits.contains(where: \.isNumber),
    ]
    guard Set(bytes).count >= 20, kinds.count(where: { $0 }) >= 2 else {
      throw Problem(description: "the key is no random one: whoever guesses it undoes pseudonyms")
    }
    self.bytes = bytes
    let digest = PseudonymKey.derive(bytes, .identifier, [])
    id = String(decoding: Base32.encoded(digest).prefix(PseudonymText.keyIDLength), as: UTF8.self)
  }

  /// 32 bytes for one purpose, and in it for one tenant.
  func derived(_ purpose: Purpose, _ tenant: [UInt8] = []) -> [UInt8] {
    PseudonymKey.derive(bytes, purpose, tenant)
  }

  private static func derive(
    _ bytes: [UInt8], _ purpose: Purpose, _ tenant: [UInt8]
  ) -> [UInt8] {
    KeyDerivation.hkdfSHA256(
      key: bytes, salt: Array("millrace pseudonyms 1".utf8),
      info: Array(purpose.rawValue.utf8) + [0] + tenant)
  }

  /// Whether two keys are the same.
  package func isSame(_ other: PseudonymKey) -> Bool {
    derived(.identifier) == other.derived(.identifier)
  }
}
