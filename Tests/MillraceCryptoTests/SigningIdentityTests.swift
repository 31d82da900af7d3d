import MillraceCrypto
import TestChildren
import Testing

@Suite(
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes keys to compare"))
struct `A certificate and its key` {
  let workshop: CertificateWorkshop
  let message = Array("header.payload".utf8)

  init() throws {
    workshop = try CertificateWorkshop()
  }

  private func kind(of reading: () throws(CryptoError) -> SigningIdentity) -> CryptoError.Kind? {
    do throws(CryptoError) {
      _ = try reading()
      return nil
    } catch {
      #expect(!error.message.isEmpty)
      return error.kind
    }
  }

  @Test func `make signatures that the openssl command accepts`() async throws {
    let pair = try await workshop.selfSigned("app")
    let identity = try SigningIdentity(
      pem: workshop.read(pair.certificate), keyPEM: workshop.read(pair.key))
    try workshop.write(message, to: "message")
    try await workshop.run(
      "x509", "-in", pair.certificate, "-pubkey", "-noout", "-out", workshop.path("public"))
    let options: [SignatureAlgorithm: [String]] = [
      .rs256: [],
      .ps256: ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
    ]
    for algorithm in SignatureAlgorithm.allCases {
      let signature = try identity.sign(message, algorithm: algorithm)
      #expect(identity.certificate.verifies(signature, of: message, algorithm: algorithm))
      let name = try workshop.write(signature, to: "signature")
      let words = ["dgst", "-sha256", "-verify", workshop.path("public"), "-signature", name]
      try await workshop.run(
        words: words + (options[algorithm] ?? []) + [workshop.path("message")])
    }
  }

  @Test func `tell a signature from one that is not theirs`() async throws {
    let pair = try await workshop.selfSigned("app")
    let identity = try SigningIdentity(
      pem: workshop.read(pair.certificate), keyPEM: workshop.read(pair.key))
    let signature = try identity.sign(message, algorithm: .ps256)
    let certificate = identity.certificate
    #expect(!certificate.verifies(signature, of: message, algorithm: .rs256))
    #expect(!certificate.verifies(signature, of: message + [0], algorithm: .ps256))
    #expect(!certificate.verifies([], of: message, algorithm: .ps256))
    let other = EphemeralKey()
    let foreign = other.sign(message, algorithm: .ps256)
    #expect(other.verifies(foreign, of: message, algorithm: .ps256))
    #expect(!certificate.verifies(foreign, of: message, algorithm: .ps256))
  }

  @Test func `are read from one file, in either order, and from a chain`() async throws {
    let authority = try await workshop.selfSigned("authority")
    let pair = try await workshop.signed("app", by: authority)
    let own = try workshop.read(pair.certificate)
    let key = try workshop.read(pair.key)
    let chain = try workshop.read(authority.certificate)
    let expected = try Certificate(pem: own)
    for text in [own + key, key + own, chain + own + key, own + chain + key] {
      #expect(try SigningIdentity(pem: text).certificate == expected)
    }
  }

  @Test func `are opened with their password`() async throws {
    let pair = try await workshop.selfSigned("app")
    let own = try workshop.read(pair.certificate)
    let encrypted = workshop.path("encrypted.key")
    try await workshop.run(
      "pkcs8", "-topk8", "-in", pair.key, "-out", encrypted, "-passout", "pass:päss wörd")
    let key = try workshop.read(encrypted)
    #expect(throws: Never.self) {
      try SigningIdentity(pem: own, keyPEM: key, password: "päss wörd")
    }
    let traditional = workshop.path("traditional.key")
    try await workshop.run(
      "rsa", "-traditional", "-aes256", "-in", pair.key, "-out", traditional, "-passout",
      "pass:x1y2")
    let older = try workshop.read(traditional)
    #expect(throws: Never.self) { try SigningIdentity(pem: own, keyPEM: older, password: "x1y2") }
    for text in [key, older] {
      #expect(
        kind { () throws(CryptoError) in try SigningIdentity(pem: own, keyPEM: text) }
          == .passwordNeeded)
      for password in ["wrong", "", String(repeating: "x", count: 5000)] {
        #expect(
          kind { () throws(CryptoError) in
            try SigningIdentity(pem: own, keyPEM: text, password: password)
          } == .passwordWrong)
      }
    }
  }

  @Test func `are read from PKCS 12 files`() async throws {
    let pair = try await workshop.selfSigned("app")
    let expected = try Certificate(pem: workshop.read(pair.certificate))
    func export(_ name: String, _ password: String, _ more: String...) async throws -> [UInt8] {
      let file = workshop.path(name)
      let words = ["pkcs12", "-export", "-inkey", pair.key, "-in", pair.certificate]
      try await workshop.run(words: words + ["-out", file, "-passout", "pass:" + password] + more)
      return try workshop.read(file)
    }
    let protected = try await export("a.pfx", "s3cret")
    #expect(try SigningIdentity(pkcs12: protected, password: "s3cret").certificate == expected)
    let open = try await export("b.pfx", "")
    #expect(try SigningIdentity(pkcs12: open).certificate == expected)
    #expect(try SigningIdentity(pkcs12: open, password: "").certificate == expected)
    let unchecked = try await export("c.pfx", "s3cret", "-nomac")
    let certificateOnly = try await export("d.pfx", "s3cret", "-nokeys")
    let cases: [([UInt8], String?, CryptoError.Kind)] = [
      (protected, nil, .passwordNeeded), (protected, "wrong", .passwordWrong),
      (protected, "s3cret\0", .passwordWrong), (certificateOnly, "s3cret", .noPrivateKey),
      (unchecked, "s3cret", .unsupported),
      (Array(protected.dropLast(40)), "s3cret", .malformed), ([], "s3cret", .malformed),
      (Array("-----BEGIN".utf8), nil, .malformed),
    ]
    for (bytes, password, expected) in cases {
      #expect(
        kind { () throws(CryptoError) in try SigningIdentity(pkcs12: bytes, password: password) }
          == expected)
    }
  }

  @Test func `are refused when they cannot serve, each for its reason`() async throws {
    let pair = try await workshop.selfSigned("app")
    let other = try await workshop.selfSigned("other")
    let small = try await workshop.selfSigned("small", kind: "rsa:1024")
    let curve = try await workshop.selfSigned("curve", kind: "ec")
    let own = try workshop.read(pair.certificate)
    let key = try workshop.read(pair.key)
    func both(_ pair: CertificateWorkshop.Pair) throws -> [UInt8] {
      try workshop.read(pair.certificate) + workshop.read(pair.key)
    }
    let damaged = Array(String(decoding: own, as: UTF8.self).replacing("MII", with: "MIA").utf8)
    let cases: [([UInt8], [UInt8]?, CryptoError.Kind)] = [
      (own, try workshop.read(other.key), .mismatch), (try both(small), nil, .unsuitableKey),
      (try both(curve), nil, .unsuitableKey), (own, nil, .noPrivateKey), (key, nil, .noCertificate),
      ([], nil, .noCertificate), (own, own, .noPrivateKey), (damaged + key, nil, .malformed),
      (own, Array(key.prefix(400)) + Array("\n-----END PRIVATE KEY-----\n".utf8), .malformed),
    ]
    for (index, (pem, keyPEM, expected)) in cases.enumerated() {
      #expect(
        kind { () throws(CryptoError) in try SigningIdentity(pem: pem, keyPEM: keyPEM) }
          == expected, "case \(index)")
    }
  }

  @Test func `say what the openssl command says of them`() async throws {
    let pair = try await workshop.selfSigned("app", days: 10)
    let certificate = try Certificate(pem: workshop.read(pair.certificate))
    #expect(certificate.notAfter - certificate.notBefore == 10 * 86_400)
    #expect(certificate.subject == "/CN=app")
    #expect(certificate.keyBits == 2048)
    #expect(try Certificate(encoded: certificate.encoded) == certificate)
    #expect(throws: CryptoError.self) { try Certificate(encoded: certificate.encoded + [0]) }
    for (option, thumbprint) in [
      ("-sha1", certificate.thumbprintSHA1), ("-sha256", certificate.thumbprintSHA256),
    ] {
      let output = workshop.path("print")
      try await workshop.run(
        "x509", "-in", pair.certificate, "-noout", "-fingerprint", option, "-out", output)
      let hex = thumbprint.map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
      }
      let text = try workshop.text(output)
      #expect(text.contains(hex.joined(separator: ":")))
    }
  }
}

struct `A keyed digest` {
  /// RFC 4231, test cases 1 and 2.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
  ])
  func `is that of the standard`(key: [UInt8], text: String, expected: String) {
    let digest = KeyedDigest.hmacSHA256(Array(text.utf8), key: key)
    #expect(
      digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
  }
}

struct `Base64 for tokens` {
  @Test(arguments: [([], ""), ([0xFB], "-w"), ([0xFF, 0xFF, 0xFE], "___-"), ([102, 111], "Zm8")])
  func `has its own alphabet and no padding`(bytes: [UInt8], text: String) {
    #expect(Base64URL.encoded(bytes) == text)
    #expect(Base64URL.decoded(text) == bytes)
    #expect(Base64URL.decoded(text + "=") == nil)
  }
}
