import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// Pseudonyms from the collector to `reveal`.
@Suite(.timeLimit(.minutes(10))) struct PseudonymCommandTests {
  private static let first = "q2Jm8z0c1X7rVnYt5uKdL4eWfGhPoAsB3iCj6xTlUvE="
  private static let second = "9wQx7LmN2pZrT5vKc8jHfD1sG4aYbE6uIo3RtVnXkMw="
  private static let third = "0BzYxW9vUtS8rQpO7nMlK6jIhG5fEdC4bA3ZyXw2VuT="

  private static let sinks = [
    "plain: {type: file, path: plain.ndjson}",
    "masked: {type: file, path: masked-all.ndjson, pseudonymise: {key: file:first.key, "
      + "reveal_key: file:second.key, fields: [users, addresses, ids, devices]}}",
  ]

  private func place(events: Int = 0, sinks: [String] = sinks) throws -> Workplace {
    let place = try Workplace(events: events)
    try place.configure(sinks: sinks)
    for (name, key) in [("first", Self.first), ("second", Self.second), ("third", Self.third)] {
      try place.write(key + "\n", to: "\(name).key")
      chmod(place.path("\(name).key"), 0o600)
    }
    return place
  }

  private func masked(in place: Workplace) throws -> [String] {
    try place.lines(of: "masked-all.ndjson")
  }

  @Test func `what a sink shows as pseudonyms, the second key reveals`() async throws {
    let place = try place(events: 60)
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 0, "\(run.complaintText)")
    var names: [String: String] = [:]
    for line in try place.lines(of: "plain.ndjson") {
      let event: [String: Any] = try json(line)
      let actor = event["actor"] as? [String: Any]
      if let id = event["id"] as? String, let upn = actor?["upn"] as? String { names[id] = upn }
    }
    #expect(names.count > 10)
    let lines = try masked(in: place)
    #expect(lines.count == 60)
    var pseudonyms: [(pseudonym: String, name: String)] = []
    for line in lines {
      let event: [String: Any] = try json(line)
      let actor = event["actor"] as? [String: Any]
      guard let id = event["id"] as? String, let name = names[id] else { continue }
      #expect(!line.lowercased().contains(name))
      pseudonyms.append((try #require(actor?["upn"] as? String), name))
    }
    #expect(pseudonyms.count == names.count)
    #expect(Set(pseudonyms.map(\.name)).count == Set(pseudonyms.map(\.pseudonym)).count)

    try place.write(pseudonyms.map(\.pseudonym).joined(separator: "\n"), to: "asked")
    let byKey = try await place.run(
      "reveal", "--key", "file:second.key", input: place.path("asked"))
    #expect(byKey.exitCode == 0, "\(byKey.complaintText)")
    #expect(byKey.outputText == pseudonyms.map { $0.name + "\n" }.joined())
    let byConfiguration = try await place.run("reveal", pseudonyms[0].pseudonym)
    #expect(byConfiguration.outputText == pseudonyms[0].name + "\n")

    let inText = try await place.run(
      "reveal", "--in-text", "--key-file", "second.key", input: place.path("masked-all.ndjson"))
    #expect(inText.exitCode == 0, "\(inText.complaintText)")
    for name in names.values { #expect(inText.outputText.contains(name)) }
    #expect(inText.outputText.split(separator: "\n").count == 60)
  }

  @Test func `why a pseudonym is not turned back is said`() async throws {
    let place = try place()
    let made =
      "mp1rb6kyrh6mcp3nc24pwour72hvv4vbmcsivokuubdzjgo453m4dlssu63yaoqkw46xp7avx2o746szjgg3yfyj74abohpvmu"
    let right = try await place.run("reveal", "--key", "file:second.key", made)
    #expect(right.outputText == "ana.ruiz@example.com\n" && right.exitCode == 0)
    let wrong = try await place.run("reveal", "--key", "file:third.key", made)
    #expect(wrong.exitCode == 77 && wrong.outputText.isEmpty)
    #expect(wrong.complaintText.contains("made with the key b6ky"), "\(wrong.complaintText)")
    let both = try await place.run(
      "reveal", "--key", "file:third.key", "--key", "file:second.key", made)
    #expect(both.exitCode == 0)
    let damaged = try await place.run(
      "reveal", "--key-file", "second.key", String(made.dropLast()) + "a")
    #expect(damaged.exitCode == 65 && damaged.complaintText.contains("damaged"))
    let oneWay = try await place.run("reveal", "mp1hklrarh6mcp3nc24pwour72hvv4vbma", "ana")
    #expect(oneWay.exitCode == 65 && oneWay.complaintText.contains("one-way"))
    #expect(oneWay.complaintText.contains("ana: it is no pseudonym"))
    let report = try await place.run("reveal", "--json", made, "ana")
    #expect(
      report.outputText.hasPrefix(
        #"{"outcome":"revealed","pseudonym":"\#(made)","value":"ana.ruiz@example.com"}"#))
    #expect(report.outputText.contains(#""outcome":"unknown""#))
  }

  @Test func `keys are never words of the command, and no weak ones are taken`() async throws {
    let place = try place()
    let plain = try await place.run("reveal", "--key", Self.second, "mp1x")
    #expect(plain.exitCode == 64 && plain.complaintText.contains("file:PATH"))
    #expect(!plain.complaintText.contains(Self.second))
    try place.write("hunter2hunter2\n", to: "weak.key")
    let weak = try await place.run("reveal", "--key-file", "weak.key", "mp1x")
    #expect(weak.exitCode == 78 && weak.complaintText.contains("openssl rand -base64 32"))
    #expect(weak.complaintText.contains("0644") && !weak.complaintText.contains("hunter2"))
    let none = try await place.run("reveal", "--key-file", "none.key", "mp1x")
    #expect(none.exitCode == 78 && none.complaintText.contains("none.key"))
  }

  @Test func `check examines keys and fields, and run does not start without`() async throws {
    let place = try place()
    let sound = try await place.check("--offline")
    #expect(sound.exitCode == 0)
    #expect(
      sound.findings.contains {
        $0.message == "pseudonyms are made with key klra; key b6ky turns them back"
      })
    try place.write("c2hvcnQ=\n", to: "first.key")
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 78)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.message.contains("the key has 5 bytes") && failure.subject == "sink masked")
    #expect(failure.message.contains("openssl rand -base64 32"))
    #expect(failure.command.isEmpty, "what is there is not made anew")
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 78, "\(run.complaintText)")
    #expect(try masked(in: place).isEmpty)

    try place.configure(sinks: [
      "a: {type: file, path: a.ndjson, pseudonymise: {key: file:second.key, fields: [actor.upm]}}"
    ])
    let misspelled = try await place.check("--offline")
    #expect(misspelled.findings.at("failure").contains { $0.message.contains("actor.upn") })
    try place.configure(sinks: [
      "a: {type: file, path: a.ndjson, pseudonymise: {key: file:third.key, reveal_key: file:third.key}}"
    ])
    let same = try await place.check("--offline")
    #expect(same.findings.at("failure").contains { $0.message.contains("is the same as") })
  }

  @Test func `a replay keeps pseudonyms, and does not send records in their place`() async throws {
    let place = try place(events: 20)
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 0, "\(run.complaintText)")
    let before = try masked(in: place)
    let refused = try await place.run("replay", "--sink", "masked", "--format", "raw")
    #expect(refused.exitCode == 64 && refused.complaintText.contains("pseudonyms"))
    let again = try await place.run("replay", "--sink", "masked", "--format", "ocsf")
    #expect(again.exitCode == 0, "\(again.complaintText)")
    let after = try masked(in: place)
    #expect(after.count == 2 * before.count)
    for name in SimulatedNames.found(in: try place.lines(of: "plain.ndjson")) {
      for line in after { #expect(!line.lowercased().contains(name)) }
    }
  }
}

/// Names of the users of a simulated tenant.
private enum SimulatedNames {
  static func found(in events: [String]) -> Set<String> {
    var names: Set<String> = []
    for line in events {
      guard let event: [String: Any] = try? json(line),
        let actor = event["actor"] as? [String: Any], let name = actor["upn"] as? String
      else { continue }
      names.insert(name)
    }
    return names
  }
}
