/// A small generator whose numbers depend on its seed alone (SplitMix64; Steele, Lea, Flood,
/// "Fast Splittable Pseudorandom Number Generators", 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return scrambled(state)
  }

  /// A number from 0 up to `bound`, which is excluded. The small bias of the remainder does not
  /// matter here; the speed does.
  @inline(__always)
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
  }
}

/// A number in which every bit depends on every bit of `value`; different values stay different.
@inline(__always)
func scrambled(_ value: UInt64) -> UInt64 {
  var bits = value
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}

/// A number that depends on both parts.
@inline(__always)
func scrambled(_ first: UInt64, _ second: UInt64) -> UInt64 {
  scrambled(scrambled(first &+ 0x9E37_79B9_7F4A_7C15) ^ second)
}

/// A number that depends on a text and stays the same from run to run, unlike `hashValue`
/// (FNV-1a, 64 bits, scrambled).
func stableHash(_ text: some StringProtocol) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return scrambled(hash)
}

/// A fraction from 0 up to 1, which is excluded, made of a hash.
func fraction(_ hash: UInt64) -> Double {
  Double(hash >> 11) / Double(1 << 53)
}

/// Appends a GUID of version 4's shape that two numbers determine.
@inline(__always)
func appendGUID(_ high: UInt64, _ low: UInt64, to bytes: inout [UInt8]) {
  let versioned = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
  let varied = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  appendHex(versioned >> 32, digits: 8, to: &bytes)
  bytes.append(UInt8(ascii: "-"))
  appendHex(versioned >> 16, digits: 4, to: &bytes)
  bytes.append(UInt8(ascii: "-"))
  appendHex(versioned, digits: 4, to: &bytes)
  bytes.append(UInt8(ascii: "-"))
  appendHex(varied >> 48, digits: 4, to: &bytes)
  bytes.append(UInt8(ascii: "-"))
  appendHex(varied, digits: 12, to: &bytes)
}

/// The GUID that `seed` determines, as a text.
func guidText(_ seed: UInt64) -> String {
  var bytes: [UInt8] = []
  appendGUID(scrambled(seed, 1), scrambled(seed, 2), to: &bytes)
  return String(decoding: bytes, as: UTF8.self)
}

/// Appends the last `digits` hexadecimal digits of a number.
@inline(__always)
func appendHex(_ value: UInt64, digits: Int, to bytes: inout [UInt8]) {
  var shift = 4 * (digits - 1)
  while shift >= 0 {
    let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15
    bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    shift -= 4
  }
}

/// Appends a number in decimal, with leading zeros up to `width`.
@inline(__always)
func appendDecimal(_ value: Int, width: Int = 1, to bytes: inout [UInt8]) {
  var divisor = 1
  var digits = 1
  while digits < width || value / divisor >= 10 {
    divisor *= 10
    digits += 1
  }
  while divisor > 0 {
    bytes.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
    divisor /= 10
  }
}
