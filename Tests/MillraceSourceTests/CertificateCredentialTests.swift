import MillraceCore
import MillraceCrypto
import MillraceHTTP
import MillraceSimulator
import MillraceSource
import TestChildren
import Testing

@Suite(
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the certificates"),
  .timeLimit(.minutes(10)))
struct `A certificate` {
  let workshop: CertificateWorkshop

  init() throws {
    workshop = try CertificateWorkshop()
  }

  private func credential(
    _ path: String, key: String? = nil, password: String? = nil,
    algorithm: SignatureAlgorithm = .ps256
  ) -> CertificateCredential {
    var opener: (@Sendable () throws(CredentialError) -> String)?
    if let password { opener = { () throws(CredentialError) in password } }
    return CertificateCredential(
      files: CertificateFiles(path: path, keyPath: key, password: opener), algorithm: algorithm)
  }

  @Test func `gets a token in every form it may have`() async throws {
    let pair = try await workshop.selfSigned("app")
    let authority = try await workshop.selfSigned("authority")
    let text = try workshop.text(pair.certificate)
    let together = try workshop.write(
      workshop.text(authority.certificate) + text + workshop.text(pair.key), to: "together.pem")
    let encrypted = workshop.path("encrypted.key")
    try await workshop.run(
      "pkcs8", "-topk8", "-in", pair.key, "-out", encrypted, "-passout", "pass:op en")
    let bundle = workshop.path("bundle.pfx")
    try await workshop.run(
      "pkcs12", "-export", "-inkey", pair.key, "-in", pair.certificate, "-out", bundle, "-passout",
      "pass:op en")
    let world = try CredentialWorld(certificates: [workshop.text(authority.certificate), text])
    for algorithm in SignatureAlgorithm.allCases {
      for credential in [
        credential(pair.certificate, key: pair.key, algorithm: algorithm),
        credential(together, algorithm: algorithm),
        credential(pair.certificate, key: encrypted, password: "op en", algorithm: algorithm),
        credential(bundle, password: "op en", algorithm: algorithm),
      ] {
        let token = try await world.provider(credential).token()
        #expect(token.claims?.canReadActivity == true)
      }
    }
    #expect(world.simulator.statistics.tokensIssued == 8)
    #expect(world.simulator.statistics.tokensRefused == 0)
  }

  @Test func `names itself by the thumbprint of its algorithm`() async throws {
    let pair = try await workshop.selfSigned("app")
    let certificate = try Certificate(pem: workshop.read(pair.certificate))
    let order = ProofOrder(
      clientID: Given.client, tokenEndpoint: "https://login.example.com/t/token",
      now: moment("2026-03-04T12:00:00Z"))
    for (algorithm, name, thumbprint) in [
      (SignatureAlgorithm.ps256, "x5t#S256", certificate.thumbprintSHA256),
      (.rs256, "x5t", certificate.thumbprintSHA1),
    ] {
      let fields = try await credential(pair.certificate, key: pair.key, algorithm: algorithm)
        .formFields(order)
      #expect(fields.map(\.name) == ["client_assertion_type", "client_assertion"])
      #expect(fields.map(\.isSecret) == [false, true])
      let parts = fields[1].value.split(separator: ".").map {
        String(decoding: Base64URL.decoded($0) ?? [], as: UTF8.self)
      }
      #expect(
        parts[0] == #"{"alg":"\#(algorithm.rawValue)","typ":"JWT","#
          + #""\#(name)":"\#(Base64URL.encoded(thumbprint))"}"#)
      let start =
        #"{"aud":"https://login.example.com/t/token","iss":"\#(Given.client)","#
        + #""sub":"\#(Given.client)","jti":""#
      #expect(parts[1].hasPrefix(start))
      #expect(
        parts[1].hasSuffix(#"","nbf":1772625540,"iat":1772625540,"exp":1772626200}"#))
      #expect(isGUID(parts[1].dropFirst(start.count).prefix(36)))
      let again = try await credential(pair.certificate, key: pair.key).formFields(order)
      #expect(again[1].value != fields[1].value, "each assertion has an id of its own")
    }
  }

  @Test func `that is not registered is refused, and so is a foreign key`() async throws {
    let pair = try await workshop.selfSigned("app")
    let other = try await workshop.selfSigned("other")
    let world = try CredentialWorld(certificates: [workshop.text(other.certificate)])
    let refusal = try await world.refusal(of: credential(pair.certificate, key: pair.key))
    #expect(refusal?.code == "AADSTS700027")
    #expect(refusal?.kind == .credentialRefused)
    #expect(refusal?.hint.contains("upload") == true)
    #expect(refusal?.description.contains("eyJ") == false)
    let mixed = try await world.refusal(of: credential(pair.certificate, key: other.key))
    #expect(mixed?.kind == .credentialRefused && mixed?.code == nil)
    #expect(mixed?.message.contains("does not belong to the certificate") == true)
    #expect(world.simulator.statistics.tokensRefused == 1, "the mixed pair never went out")
  }

  @Test func `that has expired is refused, and its end is told weeks before`() async throws {
    let pair = try await workshop.selfSigned("app", days: 40)
    let world = try CredentialWorld(certificates: [workshop.text(pair.certificate)])
    let files = CertificateFiles(path: pair.certificate, keyPath: pair.key)
    let facts = try files.facts()
    #expect(facts.keyBits == 2048 && facts.subject == "/CN=app")
    #expect(facts.thumbprint.count == 40 && facts.thumbprintSHA256.count == 64)
    #expect(facts.warning(at: world.clock.now()) == nil)
    world.clock.advance(by: .seconds(20 * 86_400))
    #expect(facts.warning(at: world.clock.now())?.contains("ends in 19 days") == true)
    #expect(try await world.refusal(of: CertificateCredential(files: files)) == nil)
    world.clock.advance(by: .seconds(21 * 86_400))
    #expect(facts.warning(at: world.clock.now())?.contains("ended on") == true)
    #expect(
      try await world.refusal(of: CertificateCredential(files: files))?.code == "AADSTS700027")
    let early = facts.notBefore + .seconds(-1)
    #expect(facts.warning(at: early)?.contains("not valid before") == true)
  }

  @Test func `is exchanged without a restart`() async throws {
    let old = try await workshop.selfSigned("old")
    let new = try await workshop.selfSigned("new")
    let world = try CredentialWorld(certificates: [workshop.text(new.certificate)])
    func put(_ pair: CertificateWorkshop.Pair) throws -> String {
      try workshop.write(
        workshop.text(pair.certificate) + workshop.text(pair.key), to: "current.pem")
    }
    let provider = try world.provider(credential(put(old)))
    await #expect(throws: ServiceFailure.self) { try await provider.token() }
    _ = try put(new)
    await provider.discard(try await provider.token())
    _ = try put(old)
    await #expect(throws: ServiceFailure.self) { try await provider.token() }
    #expect(world.simulator.statistics.tokensIssued == 1)
  }

  @Test func `that cannot be read is named, and nothing goes out`() async throws {
    let pair = try await workshop.selfSigned("app")
    let encrypted = workshop.path("encrypted.key")
    try await workshop.run(
      "pkcs8", "-topk8", "-in", pair.key, "-out", encrypted, "-passout", "pass:right")
    let world = try CredentialWorld(certificates: [workshop.text(pair.certificate)])
    let nothing = workshop.path("nothing.pem")
    let cases: [(CertificateCredential, file: String, words: String)] = [
      (credential(nothing), nothing, "cannot be read"),
      (credential(pair.certificate, key: nothing), nothing, "cannot be read"),
      (credential(pair.certificate), pair.certificate, "no private key"),
      (credential(pair.certificate, key: encrypted), encrypted, "no password"),
      (
        credential(pair.certificate, key: encrypted, password: "wr0ng"), encrypted,
        "does not open"
      ),
      (credential(workshop.folder), workshop.folder, "cannot be read"),
    ]
    for (credential, file, words) in cases {
      let refusal = try await world.refusal(of: credential)
      #expect(refusal?.kind == .credentialRefused)
      #expect(refusal?.message.contains(file) == true && refusal?.message.contains(words) == true)
      #expect(refusal?.description.contains("wr0ng") == false)
    }
    let statistics = world.simulator.statistics
    #expect(statistics.tokensIssued + statistics.tokensRefused == 0)
  }

  /// An assertion that is ten minutes old by its own account is within what the service forgives.
  @Test(arguments: [(-600, 0), (600, 1), (-86_400, 1), (86_400, 1)])
  func `gets a token whatever this machine's clock says`(
    seconds: Int, refusals: Int
  ) async throws {
    let pair = try await workshop.selfSigned("app")
    let clock = ShiftedClock(by: .seconds(seconds))
    let world = try CredentialWorld(
      certificates: [workshop.text(pair.certificate)], ownClock: clock)
    let provider = try world.provider(credential(pair.certificate, key: pair.key))
    for _ in 1...3 { await provider.discard(try await provider.token()) }
    let statistics = world.simulator.statistics
    #expect(statistics.tokensIssued == 3)
    #expect(statistics.tokensRefused == refusals, "the first refusal told the time")
  }

  @Test func `speaks to one endpoint, once`() async throws {
    let pair = try await workshop.selfSigned("app")
    let world = try CredentialWorld(certificates: [workshop.text(pair.certificate)])
    let endpoint =
      "\(world.simulator.loginURL)/\(CredentialWorld.tenant.tenantID)/oauth2/v2.0/token"
    func send(audience: String, times: Int = 1) async throws -> [String] {
      let proof = try await credential(pair.certificate, key: pair.key).formFields(
        ProofOrder(
          clientID: CredentialWorld.tenant.clientID, tokenEndpoint: audience,
          now: world.clock.now()))
      let form = [
        ("grant_type", "client_credentials"), ("client_id", CredentialWorld.tenant.clientID),
        ("scope", "https%3A%2F%2Fmanage.office.com%2F.default"),
        (proof[0].name, proof[0].value.replacing(":", with: "%3A")),
        (proof[1].name, proof[1].value),
      ].map { "\($0.0)=\($0.1)" }.joined(separator: "&")
      var answers: [String] = []
      for _ in 1...times {
        let response = try await sourceTestClient.send(
          HTTPRequest(
            method: "POST", url: endpoint,
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(form.utf8)))
        answers.append(String(decoding: response.body, as: UTF8.self))
      }
      return answers
    }
    let twice = try await send(audience: endpoint, times: 2)
    #expect(twice[0].contains("access_token"))
    #expect(twice[1].contains("AADSTS50013"))
    for audience in ["https://login.microsoftonline.com/common", endpoint + "/", ""] {
      #expect(try await send(audience: audience)[0].contains("AADSTS50012"))
    }
  }
}
