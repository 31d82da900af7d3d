import MillraceCrypto
import Testing

/// Against the vectors that the specifications print.
@Suite(.timeLimit(.minutes(10))) struct `Derived keys and counter mode` {
  private func bytes(_ hexadecimal: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = hexadecimal.filter { !$0.isWhitespace }[...]
    while rest.count >= 2 {
      bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  @Test func `keys are those of RFC 5869, appendix A`() {
    let first = KeyDerivation.hkdfSHA256(
      key: [UInt8](repeating: 0x0B, count: 22), salt: bytes("000102030405060708090a0b0c"),
      info: bytes("f0f1f2f3f4f5f6f7f8f9"), count: 42)
    #expect(
      first
        == bytes(
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
    let third = KeyDerivation.hkdfSHA256(
      key: [UInt8](repeating: 0x0B, count: 22), salt: [], info: [], count: 42)
    #expect(
      third
        == bytes(
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
  }

  @Test func `encryption is that of SP 800-38A, F.5.5`() {
    let key = bytes("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4")
    let start = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    let plain = bytes(
      """
      6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
      30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710
      """)
    let cipher = CounterMode(key: key)
    let encrypted = cipher.apply(plain, start: start)
    #expect(
      encrypted
        == bytes(
          """
          601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5
          2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6
          """))
    #expect(cipher.apply(encrypted, start: start) == plain)
    #expect(cipher.apply([], start: start) == [])
  }

  @Test func `digests are those of RFC 4231, again and again`() {
    let hasher = KeyedHasher(key: [UInt8](repeating: 0x0B, count: 20))
    for _ in 0..<3 {
      #expect(
        hasher.digest(of: Array("Hi There".utf8))
          == bytes("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))
    }
    #expect(
      KeyedHasher(key: Array("Jefe".utf8)).digest(of: Array("what do ya want for nothing?".utf8))
        == bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    #expect(
      hasher.digest(of: []) == KeyedDigest.hmacSHA256([], key: [UInt8](repeating: 0x0B, count: 20)))
  }
}
