import MillraceCrypto

/// Hides IPv4 addresses in what an IPv6 address has room for, so that the holder of the key can
/// turn them back: a permutation of 96 bits, ten rounds of Feistel's network with AES. 32 bits of
/// what goes in are zero, which shows what was made with another key.
struct AddressPermutation {
  private static let rounds: UInt8 = 10
  private static let half = 6
  private let cipher: CounterMode
  private static let zeros = [UInt8](repeating: 0, count: 16)

  init(_ key: PseudonymKey) {
    cipher = CounterMode(key: key.derived(.addresses))
  }

  /// 12 bytes for four bytes of an address, which differ by tenant.
  func hidden(_ address: [UInt8], tenantTag: [UInt8]) -> [UInt8] {
    var (left, right) = AddressPermutation.halves(address + tenantTag.prefix(4) + [0, 0, 0, 0])
    for round in 0..<AddressPermutation.rounds {
      (left, right) = (right, mixed(left, with: right, round))
    }
    return left + right
  }

  /// The four bytes of the address; nil when these 12 bytes were not made with this key.
  func shown(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == 12 else { return nil }
    var (left, right) = AddressPermutation.halves(bytes)
    for round in (0..<AddressPermutation.rounds).reversed() {
      (left, right) = (mixed(right, with: left, round), left)
    }
    let whole = left + right
    return whole.suffix(4).allSatisfy { $0 == 0 } ? Array(whole.prefix(4)) : nil
  }

  private func mixed(_ half: [UInt8], with other: [UInt8], _ round: UInt8) -> [UInt8] {
    // Counter mode of zeros is the encrypted block it starts with.
    var block = [UInt8](repeating: 0, count: 16)
    block[0] = round
    for place in 0..<AddressPermutation.half { block[place + 1] = other[other.startIndex + place] }
    let encrypted = cipher.apply(AddressPermutation.zeros, start: block)
    return zip(half, encrypted).map { $0 ^ $1 }
  }

  private static func halves(_ bytes: [UInt8]) -> ([UInt8], [UInt8]) {
    (Array(bytes.prefix(half)), Array(bytes.dropFirst(half)))
  }
}
