import MillraceCrypto

/// Turns texts into bytes that the holder of one key can turn back, and that nobody can change
/// unnoticed: encrypted with AES-256 in counter mode from a start that is a keyed hash of the text,
/// as SIV has it (RFC 5297), and authenticated with HMAC.
struct Sealing {
  /// What is kept of the authentication.
  static let tagLength = 8
  /// The start: a keyed hash of the text in its tenant.
  static let hashLength = 16
  /// Texts are filled up to a multiple of this, so that their length says little.
  static let blockLength = 16

  private let cipher: CounterMode
  private let authentication: KeyedHasher

  init(_ key: PseudonymKey) {
    cipher = CounterMode(key: key.derived(.encryption))
    authentication = KeyedHasher(key: key.derived(.authentication))
  }

  /// The hash, the tag, and the encrypted text.
  func sealed(_ text: some Collection<UInt8>, hash: [UInt8]) -> [UInt8] {
    var padded = Array(text) + [0x80]
    while padded.count % Sealing.blockLength != 0 { padded.append(0) }
    let encrypted = cipher.apply(padded, start: hash)
    return hash + tag(hash, encrypted) + encrypted
  }

  /// The text; nil when the bytes were not sealed with this key, or changed since.
  func opened(_ bytes: [UInt8]) -> [UInt8]? {
    let headLength = Sealing.hashLength + Sealing.tagLength
    guard bytes.count > headLength, (bytes.count - headLength) % Sealing.blockLength == 0
    else { return nil }
    let hash = Array(bytes.prefix(Sealing.hashLength))
    let encrypted = Array(bytes.dropFirst(headLength))
    guard tag(hash, encrypted) == Array(bytes[Sealing.hashLength..<headLength]) else { return nil }
    let padded = cipher.apply(encrypted, start: hash)
    guard let end = padded.lastIndex(where: { $0 != 0 }), padded[end] == 0x80 else { return nil }
    return Array(padded[..<end])
  }

  private func tag(_ hash: [UInt8], _ encrypted: [UInt8]) -> [UInt8] {
    Array(authentication.digest(of: hash + encrypted).prefix(Sealing.tagLength))
  }
}
