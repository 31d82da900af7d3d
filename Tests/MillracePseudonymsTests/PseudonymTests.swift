import MillraceEvents
import MillracePseudonyms
import Testing

@Suite(.timeLimit(.minutes(10))) struct `Pseudonyms` {
  private let name = "ana.ruiz@example.com"

  /// Made by another implementation, with HMAC and AES of other libraries.
  @Test func `are those that were made elsewhere`() throws {
    let rest = "csivokuubdzjgo453m4dlssu63yaoqkw46xp7avx2o746szjgg3yfyj74abohpvmu"
    #expect(try pseudonym(of: name, reveal: nil) == "mp1hklrarh6mcp3nc24pwour72hvv4vbma")
    #expect(try pseudonym(of: name) == "mp1rb6kyrh6mcp3nc24pwour72hvv4vbm" + rest)
    #expect(
      try pseudonym(of: name, .mail, reveal: nil)
        == "mp1hklrarh6mcp3nc24pwour72hvv4vbma@pseudonym.invalid")
    #expect(
      try pseudonym(of: "203.0.113.9", .address) == "fd6d:7032:19ca:d573:9769:f1d9:f2cf:5001")
    #expect(
      try pseudonym(of: "203.0.113.9", .address, reveal: nil)
        == "fd6d:7031:76a0:5f99:c319:762a:90e2:ed25")
    #expect(
      try pseudonym(of: "2001:db8::7", .address) == "fd6d:7031:4239:69b7:5709:4d61:12ad:a3b0")
  }

  @Test(arguments: [PseudonymForm.text, .mail, .address])
  func `differ by tenant and by key, and by nothing else`(_ form: PseudonymForm) throws {
    let text = form == .address ? "203.0.113.9" : name
    for reveal in [nil, TestKeys.second] {
      let one = try pseudonym(of: text, form, reveal: reveal)
      #expect(try pseudonym(of: text, form, reveal: reveal) == one)
      #expect(try pseudonym(of: text, form, reveal: reveal, in: otherTenant) != one)
      #expect(try pseudonym(of: text, form, key: TestKeys.third, reveal: reveal) != one)
    }
  }

  @Test func `are the same when they are remembered as when they are made`() throws {
    let pseudonyms = KeyedPseudonyms(
      key: try PseudonymKey(TestKeys.first), revealKey: nil,
      selection: PseudonymSelection(groups: [.users]))
    let maker = pseudonyms.borrow(tenant: tenant)
    func made(_ number: Int) -> [UInt8] {
      Array("user\(number)@example.com".utf8).withUnsafeBufferPointer {
        maker.pseudonym(of: $0, form: .text)
      }
    }
    // More than are remembered, so that some were forgotten in between.
    let first = (0..<5000).map(made)
    #expect(Set(first).count == 5000)
    #expect((0..<5000).map(made) == first)
    pseudonyms.giveBack(maker)
    #expect(pseudonyms.borrow(tenant: tenant) === maker)
    #expect(pseudonyms.borrow(tenant: otherTenant) !== maker)
  }

  @Test func `say little of the length of a name`() throws {
    let lengths = try Set(
      (17...31).map { try pseudonym(of: String(repeating: "x", count: $0)).count })
    #expect(lengths.count == 1)
  }
}

@Suite(.timeLimit(.minutes(10))) struct `Keys of pseudonyms` {
  @Test func `are refused when they are short, no Base64 or guessable`() throws {
    func problem(_ text: String) -> String? {
      do throws(PseudonymKey.Problem) {
        _ = try PseudonymKey(text)
        return nil
      } catch {
        #expect(error.hint.contains("openssl rand -base64 32"))
        #expect(text.isEmpty || !"\(error)".contains(text))
        return error.description
      }
    }
    #expect(problem("hunter2!")?.contains("Base64") == true)
    #expect(problem("aGVsbG8=")?.contains("5 bytes") == true)
    #expect(problem(String(repeating: "A", count: 44))?.contains("random") == true)
    #expect(
      problem("correcthorsebatterystaplecorrecthorsebatterystaple")?.contains("random") == true)
    #expect(problem("") != nil)
    #expect(problem(TestKeys.first) == nil)
    #expect(problem("  " + TestKeys.first.dropLast() + "\n") == nil)
    // openssl rand -hex 32
    #expect(problem("8f1d0c44b7a9e3526d7f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5") == nil)
  }

  @Test func `have ids that tell them apart`() throws {
    let ids = try [TestKeys.first, TestKeys.second, TestKeys.third].map { try PseudonymKey($0).id }
    #expect(ids.prefix(2) == ["klra", "b6ky"])
    #expect(Set(ids).count == 3)
    #expect(try PseudonymKey(TestKeys.first).isSame(PseudonymKey(TestKeys.first)))
    #expect(try !PseudonymKey(TestKeys.first).isSame(PseudonymKey(TestKeys.second)))
  }
}
