import MillraceEvents
import MillracePseudonyms
import Testing

@Suite(.timeLimit(.minutes(10))) struct `Revealing` {
  private static let names = [
    "ana.ruiz@example.com", "x", "o'brien+a@example.com", "ana ruiz", "müller@example.com",
    "s-1-5-21-1-2-3-4567", "a1b2c3d4-0001-4000-8000-000000000001", "li.wei\\..",
    "sixteen bytes ok", String(repeating: "long", count: 128),
  ]

  @Test(arguments: names) func `gives back what went in`(_ name: String) throws {
    let revealer = try revealer(TestKeys.second)
    for form in [PseudonymForm.text, .mail] {
      let made = try pseudonym(of: name, form)
      #expect(revealer.reveal(made) == .revealed(name))
      #expect(revealer.reveal(made.uppercased()) == .revealed(name))
    }
  }

  @Test(arguments: ["203.0.113.9", "0.0.0.1", "255.255.255.255", "10.0.0.0"])
  func `gives back IPv4 addresses out of addresses`(_ address: String) throws {
    let made = try pseudonym(of: address, .address)
    #expect(try revealer(TestKeys.third, TestKeys.second).reveal(made) == .revealed(address))
    #expect(try revealer(TestKeys.third).reveal(made) == .otherKey(nil))
    #expect(try revealer(TestKeys.second).reveal(made + "0") != .revealed(address))
  }

  @Test func `takes old keys beside the new one`() throws {
    let old = try pseudonym(of: "ana", reveal: TestKeys.third)
    let new = try pseudonym(of: "ana", reveal: TestKeys.second)
    let both = try revealer(TestKeys.second, TestKeys.third)
    #expect(both.reveal(old) == .revealed("ana") && both.reveal(new) == .revealed("ana"))
    let id = try PseudonymKey(TestKeys.third).id
    #expect(try revealer(TestKeys.second).reveal(old) == .otherKey(id))
  }

  @Test func `needs the second key; the first does not do`() throws {
    let made = try pseudonym(of: "ana")
    #expect(try revealer(TestKeys.first).reveal(made) == .otherKey("b6ky"))
  }

  @Test func `says what is one-way, and what is none`() throws {
    let revealer = try revealer(TestKeys.second)
    #expect(revealer.reveal(try pseudonym(of: "ana", reveal: nil)) == .oneWay)
    #expect(revealer.reveal(try pseudonym(of: "203.0.113.9", .address, reveal: nil)) == .oneWay)
    #expect(revealer.reveal(try pseudonym(of: "2001:db8::7", .address)) == .oneWay)
    #expect(revealer.reveal(try pseudonym(of: String(repeating: "a", count: 513))) == .oneWay)
    #expect(revealer.reveal(try pseudonym(of: "ana", reveal: nil) + "a") == .damaged)
    for text in ["", "mp1", "mp1r", "mp1rb6ky", "mp2rb6kyaaaa", "ana@example.com", "::1", "fd6d::"]
    {
      #expect(revealer.reveal(text) == .unknown)
    }
  }

  @Test func `notices every changed letter, and every cut`() throws {
    let revealer = try revealer(TestKeys.second)
    let made = Array(try pseudonym(of: "ana.ruiz@example.com").utf8)
    for index in 8..<made.count {
      var changed = made
      changed[index] = made[index] == UInt8(ascii: "b") ? UInt8(ascii: "c") : UInt8(ascii: "b")
      #expect(revealer.reveal(String(decoding: changed, as: UTF8.self)) == .damaged)
    }
    for length in 9..<made.count {
      #expect(
        revealer.reveal(String(decoding: made.prefix(length), as: UTF8.self)) == .damaged)
    }
    let text = String(decoding: made, as: UTF8.self)
    #expect(revealer.reveal(text + "a") == .damaged && revealer.reveal(text + "!") == .damaged)
  }

  @Test func `replaces pseudonyms inside lines`() throws {
    let revealer = try revealer(TestKeys.second)
    let ana = try pseudonym(of: "ana.ruiz@example.com", .mail)
    let rule = try pseudonym(of: "li\\wei \"x\"")
    let address = try pseudonym(of: "203.0.113.9", .address)
    let oneWay = try pseudonym(of: "bo", reveal: nil)
    func revealed(_ line: String) -> String {
      String(decoding: revealer.revealAll(in: Array(line.utf8)).line, as: UTF8.self)
    }
    #expect(
      revealed("suser=\(ana) c6a2=\(address) cs6=\(rule)")
        == #"suser=ana.ruiz@example.com c6a2=203.0.113.9 cs6=li\wei "x""#)
    #expect(
      revealed(#"{"a":"\#(ana)","b":"\#(rule)","c":"[\#(address)]:443, \#(address): é"}"#)
        == #"{"a":"ana.ruiz@example.com","b":"li\\wei \"x\"","c":"[203.0.113.9]:443, 203.0.113.9: é"}"#
    )
    #expect(
      revealed("x\(ana) mp1 fd6d:703 mp1rb6ky \(oneWay)!")
        == "x\(ana) mp1 fd6d:703 mp1rb6ky \(oneWay)!")
    let failures = revealer.revealAll(in: Array("a \(oneWay) b".utf8)).failures
    #expect(failures.map(\.pseudonym) == [oneWay] && failures.map(\.outcome) == [.oneWay])
  }
}
