import MillraceConfiguration
import Testing

/// The section `pseudonymise` of sinks.
@Suite(.timeLimit(.minutes(10))) struct PseudonymConfigurationTests {
  private func sink(_ more: String) -> String {
    oneTenant + "sinks:\n  siem: {type: file, path: /tmp/out.ndjson, \(more)}\n"
  }

  @Test func `names of people, addresses and ids are replaced unless it says what`() throws {
    let sinks = try parsed(sink("pseudonymise: {key: file:first.key}")).sinks
    let section = try #require(sinks[0].pseudonyms)
    #expect(section.fields.map(\.text) == ["users", "addresses", "ids"])
    #expect(section.revealKey == nil && section.key.filePath == "first.key")
    #expect(section.secrets.count == 1)
    #expect(try parsed(sink("batch: {events: 5}")).sinks[0].pseudonyms == nil)
  }

  @Test func `groups and fields are taken as they are, with both keys`() throws {
    let text = sink(
      "pseudonymise: {key: file:a, reveal_key: credential:b, fields: [users, actor.domain]}")
    let section = try #require(try parsed(text).sinks[0].pseudonyms)
    #expect(section.fields.map(\.text) == ["users", "actor.domain"])
    #expect(section.revealKey?.origin == .credential && section.secrets.count == 2)
    let one = try parsed(sink("pseudonymise: {key: file:a, fields: users}"))
    #expect(one.sinks[0].pseudonyms?.fields.map(\.text) == ["users"])
  }

  @Test func `a section without a key is refused`() {
    let said = complaints(sink("pseudonymise: {fields: [users]}"))
    #expect(said.count == 1 && said[0].contains(#""key" is missing"#))
    #expect(said[0].contains("openssl rand -base64 32"))
  }

  @Test(arguments: ["format: raw", "format: ecs_o365", "raw: string", "format: ecs, raw: object"])
  func `records are refused beside pseudonyms`(_ more: String) {
    let said = complaints(sink(more + ", pseudonymise: {key: file:a}"))
    #expect(said.count == 1 && said[0].contains("says what pseudonyms hide"), "\(said)")
    #expect(said[0].contains("sinks.siem.pseudonymise"))
  }

  @Test func `a key in plain text is warned about`() throws {
    let configuration = try parsed(sink("pseudonymise: {key: hunter2}"))
    #expect(configuration.warnings.map(\.path) == ["sinks.siem.pseudonymise.key"])
    #expect(!"\(configuration)".contains("hunter2"))
  }
}
