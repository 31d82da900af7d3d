import MillraceEvents

/// How pseudonyms are spelled: `mp1`, a letter for the kind, the id of the key, and the rest in
/// Base32. One word of small letters and digits, whatever it stands for.
enum PseudonymText {
  /// What can be done with a pseudonym.
  enum Kind: UInt8 {
    /// It cannot be turned back: a keyed hash.
    case oneWay = 0x68
    /// It can, by who has the key: encrypted.
    case revealable = 0x72
  }

  /// With the version of the construction.
  static let prefix = Array("mp1".utf8)
  static let keyIDLength = 4
  /// Prefix, kind and key id.
  static let headLength = 8
  /// What follows the head of a one-way pseudonym: 16 bytes.
  static let oneWayLength = 26

  /// The text of a pseudonym.
  static func text(_ kind: Kind, keyID: String, _ body: [UInt8]) -> [UInt8] {
    prefix + [kind.rawValue] + Array(keyID.utf8) + Base32.encoded(body)
  }

  /// A text in the form of an address of mail.
  static func mail(_ text: [UInt8]) -> [UInt8] { text + domain }

  /// The end of pseudonyms in the form of addresses, at sign included.
  static let domain = Array("@\(PseudonymDomain.name)".utf8)

  /// A pseudonym taken apart.
  struct Parts {
    let kind: Kind
    let keyID: String
    /// Nil when the rest is not what any pseudonym has.
    let body: [UInt8]?
  }

  /// The parts of a text in small letters, without a domain; nil when it is no pseudonym at all.
  static func parts(_ text: some Collection<UInt8>) -> Parts? {
    guard text.starts(with: prefix), text.count > headLength,
      let kind = Kind(rawValue: text[text.index(text.startIndex, offsetBy: prefix.count)])
    else { return nil }
    let keyID = text.dropFirst(prefix.count + 1).prefix(keyIDLength)
    guard keyID.allSatisfy(Base32.contains) else { return nil }
    let body = Base32.decoded(text.dropFirst(headLength))
    return Parts(kind: kind, keyID: String(decoding: keyID, as: UTF8.self), body: body)
  }
}
