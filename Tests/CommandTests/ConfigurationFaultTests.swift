import Foundation
import TestChildren
import Testing

/// Configurations that cannot be right, and what the commands say to them.
struct ConfigurationFaultTests {
  private func refused(
    _ place: Workplace, _ words: [String] = ["run", "--once"],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let result = await (try place.start(words)).end()
    #expect(result.exitCode == 78, sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(
      !FileManager.default.fileExists(atPath: place.path("store")), "nothing was begun",
      sourceLocation: sourceLocation)
    return result.complaintText
  }

  @Test(arguments: [
    ["run", "--once"], ["status"], ["check", "--offline"], ["subscriptions", "list"],
  ])
  func `an unknown key is named by its place, with a suggestion`(words: [String]) async throws {
    let place = try Workplace()
    try place.configure(more: "consol: {listen: '127.0.0.1:0'}")
    let text = try await refused(place, words)
    #expect(text.contains("millrace.yaml:12:1: "), "\(text)")
    #expect(text.contains("did you mean \"console\"?"), "\(text)")
  }

  @Test func `a missing configuration says where it was looked for, and what to do`() async throws {
    let place = try Workplace()
    let text = try await refused(place, ["run", "--config", "nowhere.yaml"])
    #expect(text.contains("nowhere.yaml") && text.contains("--config"), "\(text)")
  }

  @Test func `the environment names the configuration, and an option overrules it`() async throws {
    let place = try Workplace()
    let named = try await place.run(
      "status", environment: ["MILLRACE_CONFIG": "first.yaml"])
    #expect(named.exitCode == 78 && named.complaintText.contains("first.yaml"))
    let overruled = try await place.run(
      "status", "--config", "second.yaml", environment: ["MILLRACE_CONFIG": "first.yaml"])
    #expect(overruled.exitCode == 78 && overruled.complaintText.contains("second.yaml"))
  }

  @Test func `the same tenant twice is refused`() async throws {
    let place = try Workplace()
    try place.configure()
    var text = try place.lines(of: "millrace.yaml")
    let tenant = Array(text[2...7])
    text.insert(contentsOf: tenant, at: 8)
    try place.write(text.joined(separator: "\n"), to: "millrace.yaml")
    let complaint = try await refused(place)
    #expect(complaint.contains("millrace.yaml:9:"), "\(complaint)")
    #expect(complaint.contains("tenants[1]"), "\(complaint)")
  }

  @Test func `two sinks on one path are refused`() async throws {
    let place = try Workplace()
    try place.configure(sinks: [
      "first: {type: file, path: events.ndjson}", "second: {type: file, path: ./events.ndjson}",
    ])
    let complaint = try await refused(place)
    #expect(complaint.contains("first") && complaint.contains("second"), "\(complaint)")
  }

  @Test func `what this program was built without is refused, not ignored`() async throws {
    let place = try Workplace()
    try place.configure(sinks: ["bus: {type: kafka, brokers: ['192.0.2.7:9092'], topic: audit}"])
    let complaint = try await refused(place)
    #expect(complaint.contains("sink bus"), "\(complaint)")
    #expect(complaint.contains("make build TRAITS=Kafka"), "\(complaint)")
  }

  @Test func `a store that cannot be made names the folder`() async throws {
    let place = try Workplace()
    try place.write("a file\n", to: "occupied")
    try place.configure(store: "occupied/store")
    let complaint = try await refused(place)
    #expect(complaint.contains("occupied"), "\(complaint)")
    #expect(complaint.contains("store.path"), "\(complaint)")
    #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
  }
}
