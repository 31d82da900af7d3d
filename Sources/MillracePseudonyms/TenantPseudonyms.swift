import MillraceCore
import MillraceCrypto
import MillraceEvents

/// Makes the pseudonyms of one tenant and remembers the latest.
///
/// Sound as `@unchecked Sendable`: `KeyedPseudonyms` lends it to one encoder at a time, and hands
/// it on under a lock.
final class TenantPseudonyms: PseudonymMaker, @unchecked Sendable {
  let tenant: [UInt8]
  private let keyID: String
  private let hasher: KeyedHasher
  private let addressHasher: KeyedHasher
  private let tenantTag: [UInt8]
  private let sealing: Sealing?
  private let permutation: AddressPermutation?
  private let revealKeyID: String
  private var slots = [Slot?](repeating: nil, count: Limits.pseudonymsRememberedMax)

  /// A pseudonym that was made lately.
  private struct Slot {
    let form: PseudonymForm
    let text: [UInt8]
    let pseudonym: [UInt8]
  }

  init(tenant: [UInt8], key: PseudonymKey, revealKey: PseudonymKey?) {
    self.tenant = tenant
    keyID = key.id
    hasher = KeyedHasher(key: key.derived(.tenant, tenant))
    addressHasher = KeyedHasher(key: key.derived(.addressHash, tenant))
    tenantTag = key.derived(.tenantTag, tenant)
    sealing = revealKey.map { Sealing($0) }
    permutation = revealKey.map { AddressPermutation($0) }
    revealKeyID = revealKey?.id ?? ""
  }

  func pseudonym(of canonical: UnsafeBufferPointer<UInt8>, form: PseudonymForm) -> [UInt8] {
    let place = Int(truncatingIfNeeded: TenantPseudonyms.hash(canonical)) & (slots.count - 1)
    if let slot = slots[place], slot.form == form, slot.text.elementsEqual(canonical) {
      return slot.pseudonym
    }
    let text = Array(canonical)
    let made = make(text, form)
    if text.count <= Limits.pseudonymBytesMax {
      slots[place] = Slot(form: form, text: text, pseudonym: made)
    }
    return made
  }

  /// Tells texts apart well enough for a table (FNV-1a).
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 32
  }

  private func make(_ text: [UInt8], _ form: PseudonymForm) -> [UInt8] {
    switch form {
    case .text: word(text)
    case .mail: PseudonymText.mail(word(text))
    case .address: address(text)
    }
  }

  /// Both kinds begin with the same hash: whoever has both sees that they mean the same.
  private func word(_ text: [UInt8]) -> [UInt8] {
    let hash = Array(hasher.digest(of: text).prefix(Sealing.hashLength))
    guard let sealing, text.count <= Limits.pseudonymBytesMax else {
      return PseudonymText.text(.oneWay, keyID: keyID, hash)
    }
    return PseudonymText.text(
      .revealable, keyID: revealKeyID, sealing.sealed(text, hash: hash))
  }

  private func address(_ text: [UInt8]) -> [UInt8] {
    if let permutation, let octets = PseudonymAddress.octets(text) {
      return PseudonymAddress.text(
        permutation.hidden(octets, tenantTag: tenantTag), isRevealable: true)
    }
    let digest = addressHasher.digest(of: text)
    return PseudonymAddress.text(Array(digest.prefix(12)), isRevealable: false)
  }
}
