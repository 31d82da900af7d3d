import COpenSSL

/// Words that only one side may know.
package enum SecretWord {
  /// A word nobody can guess: 32 bytes from the system's generator, in hexadecimal.
  package static func make() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(RAND_bytes(&bytes, Int32(bytes.count)) == 1, "the system has randomness")
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Whether two words are the same, in a time that does not tell how much of them is.
  package static func areSame(_ left: String, _ right: String) -> Bool {
    // Digests have one length, so that not even the length of a word shows.
    let (first, second) = (digest(left), digest(right))
    return CRYPTO_memcmp(first, second, first.count) == 0
  }

  private static func digest(_ word: String) -> [UInt8] {
    Array(word.utf8).withUnsafeBytes { SHA256.digest(of: $0) }
  }
}
