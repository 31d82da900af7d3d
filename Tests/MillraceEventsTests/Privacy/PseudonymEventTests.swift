import Foundation
import MillraceCore
import MillraceEvents
import MillracePseudonyms
import Testing

/// What events with pseudonyms have in common, and what is made of them before and after.
@Suite(.timeLimit(.minutes(10))) struct `Events with pseudonyms` {
  private let ours = context(tenant: "11111111-2222-4333-8444-555555555555")
  private let theirs = context(tenant: "99999999-2222-4333-8444-555555555555")

  private func event(
    _ members: String, _ context: EventContext, isRevealable: Bool = true
  ) throws -> Event {
    try Event(
      maskedLine(
        record(members), TestKeys.pseudonyms(isRevealable: isRevealable), context: context))
  }

  @Test func `one person is one pseudonym, whatever the letter case and the field`() throws {
    let small = try event(#""UserId":"ana.ruiz@example.com""#, ours)
    let large = try event(
      #""UserId":"ANA.Ruiz@Example.com","Text":"by ana.RUIZ@example.COM""#, ours)
    let owner = try event(#""Owner":"smtp:Ana.Ruiz@example.com""#, ours)
    let name = try #require(small["actor.upn"])
    #expect(large["actor.upn"] == name && large["actor.raw_id"] == name)
    #expect(large["ext.Text"] == "by " + name)
    #expect(owner["ext.Owner"] == name)
    #expect(try event(#""UserId":"ana.ruis@example.com""#, ours)["actor.upn"] != name)
  }

  @Test func `an address has one pseudonym in all its spellings`() throws {
    let spellings = [
      "203.0.113.9", "203.0.113.9:443", "[::ffff:203.0.113.9]:1", "HOST (203.0.113.9)",
    ]
    let found = try spellings.map { try event(#""ClientIP":"\#($0)""#, ours)["source.ip"] }
    #expect(Set(found).count == 1 && found[0]?.hasPrefix("fd6d:7032:") == true)
    let six = try ["2001:db8::7", "2001:0DB8:0:0::7"].map {
      try event(#""ClientIP":"\#($0)""#, ours)["source.ip"]
    }
    #expect(six[0] == six[1] && six[0]?.hasPrefix("fd6d:7031:") == true)
  }

  @Test(arguments: [true, false])
  func `tenants have nothing in common`(_ isRevealable: Bool) throws {
    let members = #""UserId":"ana.ruiz@example.com","ClientIP":"203.0.113.9","SessionId":"s-12345""#
    let here = try event(members, ours, isRevealable: isRevealable)
    let there = try event(members, theirs, isRevealable: isRevealable)
    for path in ["actor.upn", "source.ip", "source.address", "session.id"] {
      let (one, other) = (try #require(here[path]), try #require(there[path]))
      #expect(one != other, "\(path)")
      #expect(one.hasPrefix("mp1") || one.hasPrefix("fd6d:703"), "\(path)")
    }
  }

  @Test func `one encoder takes events of several tenants in turn`() throws {
    var encoder = EventEncoder(format: .native, pseudonyms: try TestKeys.pseudonyms())
    let bytes = blob("[\(record(#""UserId":"ana.ruiz@example.com""#))]")
    let scanned = try #require(BlobScanner.scan(bytes).records.first)
    let names = try [ours, theirs, ours, theirs].map { context in
      var line: [UInt8] = []
      _ = encoder.encode(scanned, of: bytes, context: context, into: &line)
      return try #require(try Event(String(decoding: line, as: UTF8.self))["actor.upn"])
    }
    #expect(names[0] == names[2] && names[1] == names[3] && names[0] != names[1])
  }

  @Test func `filters see who it was, and sinks who it seems to be`() throws {
    var pattern = EventPattern()
    pattern.users = [TextPattern("ana.*@example.com")]
    var encoder = EventEncoder(
      format: .native, filter: EventFilter(include: [pattern], exclude: []),
      facts: [.user, .id], pseudonyms: try TestKeys.pseudonyms())
    var batch = EventBatch()
    for name in ["ana.ruiz@example.com", "li.wei@example.com"] {
      let bytes = blob("[\(record("\"UserId\":\"\(name)\""))]")
      encoder.append(
        [0], of: BlobScanner.scan(bytes), in: bytes, context: ours, to: &batch, origin: 0,
        sequence: 1)
    }
    let line = try #require(batch.lines.first)
    #expect(batch.lines.count == 1)
    let event = try Event(String(decoding: batch.bytes[line.range], as: UTF8.self))
    let user = String(decoding: batch.fact(.user, of: line), as: UTF8.self)
    #expect(user.hasSuffix("@pseudonym.invalid") && user == event["actor.upn"])
    #expect(!batch.fact(.id, of: line).isEmpty)
  }

  @Test func `records with odd values everywhere are written all the same`() throws {
    let pseudonyms = try TestKeys.pseudonyms()
    for record in FormatRecords.all {
      _ = try Event(maskedLine(record, pseudonyms))
    }
    let deep =
      String(repeating: "[", count: 90) + #""a@b.example""# + String(repeating: "]", count: 90)
    let line = try maskedLine(record("\"Deep\":\(deep)"), pseudonyms)
    #expect(!line.contains("a@b.example"))
  }
}
