import MillraceCore
import Testing

struct AddressRangeTests {
  private func holds(_ range: String, _ address: String) throws -> Bool {
    try #require(AddressRange(range)).contains(try #require(AddressBits(address)))
  }

  @Test func `ranges hold what shares their first bits`() throws {
    #expect(try holds("203.0.113.0/24", "203.0.113.255"))
    #expect(try holds("203.0.113.0/24", "::ffff:203.0.113.1"))
    #expect(try !holds("203.0.113.0/24", "203.0.114.0"))
    #expect(try holds("203.0.113.7", "203.0.113.7") && !holds("203.0.113.7", "203.0.113.8"))
    #expect(try holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::"))
    #expect(try holds("0.0.0.0/0", "255.255.255.255") && !holds("0.0.0.0/0", "2001:db8::1"))
    #expect(try holds("::/0", "2001:db8::1") && holds("::/0", "203.0.113.1"))
    #expect(try holds("2001:db8::1:0:0/96", "2001:db8::1:ffff:ffff"))
  }

  @Test(arguments: [
    "", "/", "203.0.113.0/", "203.0.113.0/33", "203.0.113.1/24", "203.0.113/24", "x", "::/129",
    "203.0.113.0/24/1", "203.0.113.0/-1", "2001:db8::1/32", "fe80::1%1", "203.0.113.0/٣",
  ])
  func `what is no range is refused`(text: String) {
    #expect(AddressRange(text) == nil)
  }
}
